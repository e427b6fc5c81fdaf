"""Runs too large for every day: ``make test-scale``."""
