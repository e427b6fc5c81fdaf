"""Dictionary, tokens and lines."""
