"""The files of a trial, of the sample corpus."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from sample import COLUMNS, reviews, write_csv

if TYPE_CHECKING:
    from pathlib import Path

SMALL_ROWS = 2_000
ENOUGH_ROWS = 10**9


def small(path: Path) -> Path:
    """A file of less than a MB."""
    write_csv(path, rows=SMALL_ROWS)
    return path


def large(path: Path, megabytes: float) -> Path:
    """A file of at least so many MB."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number, row in enumerate(reviews(rows=ENOUGH_ROWS, seed=2)):
            if number % 1000 == 0 and path.stat().st_size >= megabytes * 1e6:
                break
            writer.writerow(row)
    return path


def bad() -> bytes:
    """A file without the column that has the texts."""
    return b"review_id,stars\nR1,5\n"


def parts(count: int) -> dict[str, bytes]:
    """The small file, as a folder of so many."""
    rows = list(reviews(rows=SMALL_ROWS))
    found = {}
    for number in range(count):
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows[number::count])
        found[f"part-{number:05}.csv"] = text.getvalue().encode()
    return found
