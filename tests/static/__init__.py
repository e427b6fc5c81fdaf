"""Checks of the source that need no AWS, local or other."""
