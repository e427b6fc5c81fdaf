"""From a text to a line of training data."""
