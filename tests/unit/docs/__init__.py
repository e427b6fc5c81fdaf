"""Tests of the documents: that they agree with each other, the code and the examples."""
