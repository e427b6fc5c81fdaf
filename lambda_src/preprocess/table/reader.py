"""The columns of a table: where they are, and what a batch of records holds in them."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ..errors import InvalidInputError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..config import TableFormat
    from .records import Batch, Grammar, Header

#: ``int()`` would take full-width digits, ``1_0`` and blanks too; pandas would take ``5.0`` for a column of floats.
INTEGER = re.compile(r"-?[0-9]{1,20}")
INT64 = range(-(2**63), 2**63)

#: Most batches hold none of these, and so no empty line. One that does may still have it in a quoted field only.
EMPTY_LINE_HINTS = (b"\n\n", b"\n\r", b"\r\r")

LONE_RETURN = re.compile(rb"\r(?!\n)")


@dataclass(frozen=True)
class Columns:
    """Positions of the configured columns. ``label`` is ``None`` where lines get no label."""

    text: int
    label: int | None

    @classmethod
    def find(cls, header: Header, table: TableFormat) -> Columns:
        """Look the configured names up.

        Raises
        ------
        InvalidInputError
            A name is missing, or stands there twice.
        """
        text = _position(header, table.text_column, table)
        return cls(text, None if table.label_column is None else _position(header, table.label_column, table))


@dataclass(frozen=True)
class Rows:
    """The rows of one batch, as lists of equal length.

    ``labels`` holds int64 values in their canonical spelling, or is ``None`` where there is no label column.
    """

    texts: list[str]
    labels: list[str] | None

    def relabeled(self, label_map: Mapping[str, str]) -> Rows:
        """Return the rows that have a label and whose label the map has, with what it maps to."""
        kept = [
            (text, label_map[label])
            for text, label in zip(self.texts, self.labels or (), strict=True)
            if label in label_map
        ]
        return Rows([text for text, _ in kept], [label for _, label in kept])


class BatchReader:
    """Reads the configured columns of batches with pandas."""

    def __init__(self, table: TableFormat, grammar: Grammar, columns: Columns) -> None:
        self._table = table
        self._grammar = grammar
        self._columns = columns

    def __call__(self, batch: Batch) -> Rows:
        """Read one batch.

        Raises
        ------
        InvalidInputError
            A label is not an integer of 64 bits. Names its line.
        """
        data = self._without_empty_lines(batch.data)
        if not self._grammar.returns_end_lines and b"\r" in data:
            data = LONE_RETURN.sub(b" ", data)  # pandas would end the line
        if not data:
            return Rows([], None if self._columns.label is None else [])
        wanted = [self._columns.text] if self._columns.label is None else [self._columns.text, self._columns.label]
        frame = pd.read_csv(
            io.BytesIO(data),
            sep=self._table.delimiter,
            quoting=csv.QUOTE_MINIMAL if self._table.quoting else csv.QUOTE_NONE,
            header=None,
            usecols=wanted,
            low_memory=False,  # a batch is small: pandas need not take it in pieces
            dtype=object,  # text stays text: no guessing of types, and the labels' spelling is checked below
            na_filter=False,  # "NA" and "null" are reviews too
            skip_blank_lines=False,  # pandas would skip lines of blanks along with the empty ones
        )
        texts = frame[self._columns.text].tolist()
        if self._columns.label is None:
            return Rows(texts, None)
        return Rows(texts, self._labels(frame[self._columns.label], batch))

    def _labels(self, values: pd.Series, batch: Batch) -> list[str]:
        canonical = {value: _integer(value) for value in values.unique()}
        if None in canonical.values():
            row, value = next((i, value) for i, value in enumerate(values) if canonical[value] is None)
            raise InvalidInputError(
                f"column {self._table.label_column!r} holds {shown(value)}, which is not a whole number of 64 bits "
                "in plain digits: a label is written as 5, not as 5.0, and never left empty",
                self._line(batch, row),
            )
        return [canonical[value] for value in values]  # type: ignore[misc]

    def _without_empty_lines(self, data: bytes) -> bytes:
        """Drop empty lines, which are no records unless a record is one field."""
        if data[0] not in b"\r\n" and not any(hint in data for hint in EMPTY_LINE_HINTS):
            return data
        return b"".join(match.group() for match in self._records(data))

    def _line(self, batch: Batch, row: int) -> int:
        """Return the line on which a row starts."""
        for index, match in enumerate(self._records(batch.data)):
            if index == row:
                return batch.line + self._grammar.count_lines(batch.data[: match.start()])
        raise IndexError(row)

    def _records(self, data: bytes) -> list[re.Match[bytes]]:
        records, end = [], 0
        while end < len(data):
            match = self._grammar.record.match(data, end)
            if match:
                records.append(match)
            else:
                match = self._grammar.line_end.match(data, end)
            end = match.end()  # type: ignore[union-attr]
        return records


def _integer(value: str) -> str | None:
    """Return an int64 in its canonical spelling, or ``None``."""
    if INTEGER.fullmatch(value) and int(value) in INT64:
        return str(int(value))
    return None


def _position(header: Header, name: str, table: TableFormat) -> int:
    count = header.names.count(name)
    if count == 1:
        return header.names.index(name)
    if count > 1:
        raise InvalidInputError(f"column {name!r} stands in the header {count} times: rename all but one", header.line)
    # The names that are there may be a review, where a file has no header: only one that is meant may be shown.
    similar = next((other for other in header.names if other.strip().casefold() == name.strip().casefold()), None)
    if similar is not None:
        advice = f"there is {shown(similar)}, which is spelled differently"
    elif len(header.names) == 1:
        advice = f"the header has only one column: is {table.delimiter!r} the delimiter?"
    else:
        advice = f"the first line must name the columns, and has {len(header.names)} others"
    raise InvalidInputError(f"column {name!r} is missing: {advice}", header.line)
