"""BlazingText's line format: an optional ``__label__<label>``, then tokens, each after one space."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LABEL_PREFIX = "__label__"


def text_line(tokens: Iterable[str]) -> str:
    """Join tokens so that none of them means anything but itself to BlazingText.

    A token that starts with ``__label__`` would be one more label, and ``</s>`` would end the line (fastText's
    ``Dictionary::readWord``). Both are broken in two, which keeps every character.
    """
    line = " ".join(tokens)
    if LABEL_PREFIX in line:
        line = line.replace(LABEL_PREFIX, "__ label__")
    if "</s>" in line:
        line = line.replace("</s>", "< /s>")
    return line


def labeled_line(label: str, line: str) -> str:
    """Put a label before a line that :func:`text_line` made."""
    return f"{LABEL_PREFIX}{label} {line}"
