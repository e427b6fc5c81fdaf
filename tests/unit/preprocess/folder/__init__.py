"""Shards put together."""
