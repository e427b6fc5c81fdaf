"""What was read of a batch: texts and labels, whatever the format."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import compress
from typing import TYPE_CHECKING

import pandas as pd

from ..errors import InvalidInputError, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..config import TableFormat

#: Reasons for dropping a row, as the report names them.
EMPTY_ROW = "empty_row"
LABEL_NOT_MAPPED = "label_not_mapped"
REPEATED_HEADER = "repeated_header"
TEXT_COLUMN_MISSING = "text_column_missing"

#: ``int()`` would take full-width digits, ``1_0`` and blanks too; pandas would take ``5.0`` for a column of floats.
INTEGER = re.compile(r"-?[0-9]{1,20}")
DECIMAL = re.compile(r"(-?[0-9]+)\.0*")
INT64 = range(-(2**63), 2**63)


@dataclass(frozen=True)
class Rows:
    """The rows of one batch that are left, as lists of equal length, and how many were dropped for which reason.

    ``labels`` holds what the lines get, or is ``None`` where there is no label column.
    """

    texts: list[str]
    labels: list[str] | None
    dropped: dict[str, int] = field(default_factory=dict)


class Labels:
    """What becomes of the values of the label column.

    Parameters
    ----------
    table
        Name of the column, the map, and how much of a value may be shown.
    """

    def __init__(self, table: TableFormat) -> None:
        self._table = table
        self._map = None if table.label_map is None else {_spelled(k): v for k, v in table.label_map.items()}
        self._parse: Callable[[str], str | None] = _spelled if table.has_text_labels else integer

    def knows(self, value: str) -> bool:
        """Tell whether a value is a label."""
        label = self._parse(value)
        return label is not None and (self._map is None or not self._table.has_text_labels or label in self._map)

    def select(self, rows: Rows, line_of: Callable[[int], int]) -> Rows:
        """Return the rows that have a label, with what it becomes.

        Parameters
        ----------
        rows
            With the values of the label column as they are written.
        line_of
            Returns the line of the row of an index.

        Raises
        ------
        InvalidInputError
            A value is no label. Names its line.
        """
        if rows.labels is None or not rows.texts:
            return rows
        values = pd.Series(rows.labels, dtype=object)
        parsed = {value: self._parse(value) for value in values.unique()}
        if None in parsed.values():
            index = next(i for i, value in enumerate(rows.labels) if parsed[value] is None)
            raise InvalidInputError(self._reason(rows.labels[index]), line_of(index))
        labels = values.map(parsed)
        if self._map is None:
            return Rows(rows.texts, labels.tolist(), rows.dropped)
        mapped = labels.isin(self._map.keys())
        unmapped = len(labels) - int(mapped.sum())
        dropped = {**rows.dropped, LABEL_NOT_MAPPED: unmapped} if unmapped else rows.dropped
        texts = list(compress(rows.texts, mapped))
        return Rows(texts, labels[mapped].map(self._map).tolist(), dropped)

    def _reason(self, value: str) -> str:
        written = shown(value, self._table.show_values)
        reason = f"column {self._table.label_column!r} holds {written}, which is not a whole number of 64 bits"
        if decimal := DECIMAL.fullmatch(value):
            return f"{reason}: write {decimal[1]}, without a decimal point, or map it as a text with corpus.label_map"
        if not value.strip():
            return f"{reason}: a label is never left empty"
        return f"{reason} in plain digits: write labels like 5, or say what becomes of each text with corpus.label_map"


def integer(value: str) -> str | None:
    """Return an int64 in its canonical spelling, or ``None``."""
    if INTEGER.fullmatch(value) and int(value) in INT64:
        return str(int(value))
    return None


def _spelled(value: str) -> str:
    """Return a label that is text in the one spelling that is compared."""
    return unicodedata.normalize("NFC", value).strip()
