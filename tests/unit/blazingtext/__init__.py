"""Tests of the stand-in for BlazingText."""
