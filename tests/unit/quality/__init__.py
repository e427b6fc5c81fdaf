"""Tests of the measuring of quality."""
