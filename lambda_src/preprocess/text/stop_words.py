"""The list of words that ships with the package."""

from __future__ import annotations

from functools import cache
from pathlib import Path

DEFAULT_LIST = Path(__file__).with_name("stop_words_ja.txt")


@cache
def default_stop_words() -> frozenset[str]:
    """Return the shipped list: one word a line, ``#`` starts a comment line."""
    lines = DEFAULT_LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in map(str.strip, lines) if line and not line.startswith("#"))
