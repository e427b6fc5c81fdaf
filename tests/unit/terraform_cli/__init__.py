"""Tests of the Terraform runner."""
