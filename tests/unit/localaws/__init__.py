"""Tests of the local AWS: what it does as AWS does, and that moto still needs each workaround."""
