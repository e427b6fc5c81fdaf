"""The module applied to the local AWS, and run."""
