"""Decoding, records and the columns of a table."""
