"""Policies, roles and keys."""
