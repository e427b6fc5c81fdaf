"""What training needs of a corpus, be it one file's or many files'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_lines(
    rows: int, dropped: Mapping[str, int], train: int, validation: int, fraction: float, labels: Mapping[str, int]
) -> None:
    """Refuse a corpus that training could not start from.

    Parameters
    ----------
    rows
        Rows read.
    dropped
        Rows that were dropped, by reason.
    train, validation
        Lines of the two channels.
    fraction
        Share of the lines that is meant for validation.
    labels
        Lines for each label of the training channel, none where lines get no label.

    Raises
    ------
    InvalidInputError
        No line is left, or none in a channel that is wanted, or there is one label only.
    """
    if not rows:
        raise InvalidInputError("it has a header and no rows")
    if not train + validation:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(dropped.items()))
        raise InvalidInputError(f"none of its {rows:,} rows is left after filtering ({reasons})")
    for name, lines in (("training", train), ("validation", validation)):
        if not lines and (name == "training" or fraction):
            raise InvalidInputError(
                f"none of the {train + validation:,} rows that are left falls into the {name} channel with a "
                f"validation fraction of {fraction:g}: use more rows, or another fraction"
            )
    if len(labels) == 1:
        (label,) = labels
        raise InvalidInputError(
            f"all {train:,} lines for training have the label {label!r}, and there is nothing to tell apart: "
            "use rows of two classes or more, or another label column"
        )
