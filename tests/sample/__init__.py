"""A corpus of this project's own making: Japanese reviews put together from a small grammar.

Words of one kind (meals, rooms, baths, fruits, colors, ...) fill the same slots, so that word vectors have something to
learn, and what is praised or blamed depends on the stars, so that a classifier has, too.
"""

from __future__ import annotations

from sample.generator import COLUMNS, reviews, write_csv

__all__ = ["COLUMNS", "reviews", "write_csv"]
