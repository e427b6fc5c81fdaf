"""Tests of the sample corpus."""
