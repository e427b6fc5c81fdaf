"""The labeled texts that classifiers are compared on: the project's sample, the user's table, public reviews."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sample

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

#: As the notebook has it for two classes, with the reviews between them as a third.
THREE_CLASSES = {"1": "negative", "2": "negative", "3": "neutral", "4": "positive", "5": "positive"}

#: Rows of the sample, as many as the public reviews have.
SAMPLE_ROWS = 6_000

HOTEL_REVIEWS = "hotel_reviews_ja.csv"


class CorpusError(Exception):
    """A table can't be measured with; the message says what to do."""


@dataclass(frozen=True)
class Corpus:
    """Texts and their labels, row by row, with what is to be said of them."""

    name: str
    source: str
    texts: list[str]
    labels: list[str]

    @property
    def classes(self) -> list[str]:
        """The different labels, sorted."""
        return sorted(set(self.labels))


def generated() -> Corpus:
    """Return the project's own sample in three classes."""
    rows = [(text, THREE_CLASSES[str(stars)]) for _, _, stars, text in sample.reviews(rows=SAMPLE_ROWS) if text]
    return Corpus("sample", "this project's generated reviews", *_columns(rows))


def hotel_reviews(data: Path) -> Corpus:
    """Return the public hotel reviews in three classes, from the folder that holds them."""
    source = "megagonlabs/jrte-corpus, CC BY-NC-SA 4.0"
    return Corpus("hotel reviews", source, *_columns(_rows(data / HOTEL_REVIEWS, "review_body", "star_rating")))


def table(path: Path, text_column: str, label_column: str, most_rows: int) -> Corpus:
    """Return a user's table: labels as they are, and of many rows ``most_rows`` drawn by chance.

    Raises
    ------
    CorpusError
        The table lacks a column, or has too few rows of a class.
    """
    rows = _rows(path, text_column, label_column)
    if len(rows) > most_rows:
        rows = random.Random(1).sample(rows, most_rows)
    return Corpus(path.name, f"{path.name}, column {text_column}", *_columns(rows))


def _rows(path: Path, text_column: str, label_column: str) -> list[tuple[str, str]]:
    csv.field_size_limit(2**24)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in (text_column, label_column) if name not in (reader.fieldnames or ())]
            if missing:
                raise CorpusError(
                    f"{path} has no column {' and no column '.join(map(repr, missing))}: name its columns with "
                    "TEXT_COLUMN=... and LABEL_COLUMN=... (--text-column, --label-column)"
                )
            rows = [(row[text_column] or "", row[label_column] or "") for row in reader]
    except FileNotFoundError:
        raise CorpusError(f"there is no file {path}") from None
    except UnicodeDecodeError:
        raise CorpusError(f"{path} is not UTF-8: convert it first (iconv -f cp932 -t utf-8)") from None
    kept = [(text, label) for text, label in rows if text.strip() and label.strip()]
    if not kept:
        raise CorpusError(f"{path} has no row with a text and a label")
    return kept


def _columns(rows: Iterable[tuple[str, str]]) -> tuple[list[str], list[str]]:
    texts, labels = zip(*rows, strict=True)
    return list(texts), ["".join(label.split()) for label in labels]
