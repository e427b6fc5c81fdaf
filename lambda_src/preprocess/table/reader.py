"""The configured columns of a batch of a delimited table."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from ..errors import InvalidInputError
from .columns import BYTE_ORDER_MARK, Columns, Header
from .records import LONE_RETURN
from .rows import EMPTY_ROW, REPEATED_HEADER, Labels, Rows

if TYPE_CHECKING:
    from ..config import TableFormat
    from .batches import Batch
    from .grammar import Grammar

NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")

#: Delimiters that stand in sentences too.
PUNCTUATION = ",;"


class BatchReader:
    """Reads the configured columns of batches.

    Parameters
    ----------
    table
        How it is written, and what its labels are.
    grammar
        Of its records, which the batches passed.
    header
        Names of its columns.

    Raises
    ------
    InvalidInputError
        A configured column is missing.
    """

    def __init__(self, table: TableFormat, grammar: Grammar, header: Header) -> None:
        self._table = table
        self._grammar = grammar
        self._names = [_name(name) for name in header.names]
        self._columns = Columns.find(header, table)
        text, label = self._columns.text, self._columns.label
        self._pattern = grammar.selecting([text] if label is None else [text, label])
        self._labels = Labels(table)

    def __call__(self, batch: Batch) -> Rows:
        """Read one batch.

        Raises
        ------
        InvalidInputError
            A label is none, or quotes pair up that quote nothing. Names the line.
        """
        data = batch.data
        if not self._grammar.returns_end_lines and "\r" in data:
            data = LONE_RETURN.sub(" ", data)
        texts, labels = self._selected(data)
        if self._table.quoting and '"' in data and self._grammar.count_lines(data) > len(texts):
            self._check_quotes(batch, len(texts))
        dropped = self._dropped(data, texts, labels)
        kept = range(len(texts))
        if dropped:
            kept = [index for index in kept if index not in dropped]  # type: ignore[assignment]
            texts = [texts[index] for index in kept]
            labels = labels and [labels[index] for index in kept]
        counts = dict(Counter(dropped.values()))
        return self._labels.select(Rows(texts, labels, counts), lambda index: self._line(batch, kept[index]))

    def _selected(self, data: str) -> tuple[list[str], list[str] | None]:
        fields = self._pattern.findall(data)
        if self._columns.label is None:
            return self._values(fields, data), None
        if not fields:
            return [], []
        first, second = zip(*fields, strict=True)
        texts, labels = (first, second) if self._columns.text < self._columns.label else (second, first)
        return self._values(texts, data), self._values(labels, data)

    def _values(self, fields: list[str] | tuple[str, ...], data: str) -> list[str]:
        escape = self._table.escape
        if (self._table.quoting and '"' in data) or (escape is not None and escape in data):
            return list(map(self._grammar.value, fields))
        return list(fields)

    def _dropped(self, data: str, texts: list[str], labels: list[str] | None) -> dict[int, str]:
        """Return the rows that are none, by their index, with the reason."""
        found: set[int] = set()
        if labels is None or not all(map(str.strip, set(labels))):
            for index, text in enumerate(texts):
                if (not text or text.isspace()) and (labels is None or not labels[index].strip()):
                    found.add(index)
        if len(self._names) == 1:
            reasons = dict.fromkeys(found, EMPTY_ROW)
            found.clear()
        else:
            reasons = {}
        if self._names[self._columns.text] in data:
            found |= {index for index, text in enumerate(texts) if _name(text) == self._names[self._columns.text]}
        if found:
            for index, match in enumerate(self._grammar.each_record(data)):
                if index in found:
                    values = self._grammar.values(match.group())
                    if not any(value.strip() for value in values):
                        reasons[index] = EMPTY_ROW
                    elif [_name(value) for value in values] == self._names:
                        reasons[index] = REPEATED_HEADER
        return reasons

    def _check_quotes(self, batch: Batch, rows: int) -> None:
        """Refuse a field that holds whole records: its quotes are text, of a file that does not quote.

        A record with another field in quotes is of one that does.
        """
        delimiter, width = self._table.delimiter, self._grammar.columns - 1
        if not width or batch.data.count(delimiter) < width * (rows + 1):  # as many as one row more would have
            return
        for match in self._grammar.each_record(batch.data):
            lines = match.group().replace("\r\n", "\n").replace("\r", "\n").split("\n")[:-1]
            if (
                len(lines) > 1
                and all(line.count(delimiter) == width for line in lines)
                and sum(field.startswith('"') for field in self._grammar.each_field(match.group())) == 1
            ):
                self._check_lines(lines, batch.line + self._grammar.count_lines(batch.data[: match.start()]))

    def _check_lines(self, lines: list[str], line: int) -> None:
        table = [[field.strip(' "') for field in line.split(self._table.delimiter)] for line in lines]
        if self._columns.label is not None:
            records = all(self._labels.knows(row[self._columns.label]) for row in table)
        elif self._table.delimiter in PUNCTUATION:
            # A sentence may hold as many as a record: only a column of numbers tells.
            records = any(all(map(NUMBER.fullmatch, column)) for column in zip(*table, strict=True))
        else:
            records = True
        if records:
            raise InvalidInputError(
                f"a quoted field holds {len(lines) - 1:,} line ends, and each of these lines is a row of "
                f"{self._grammar.columns} fields: set corpus.quoting = false if the file does not quote",
                line,
            )

    def _line(self, batch: Batch, row: int) -> int:
        """Return the line on which a row starts."""
        for index, match in enumerate(self._grammar.each_record(batch.data)):
            if index == row:
                return batch.line + self._grammar.count_lines(batch.data[: match.start()])
        raise IndexError(row)


def _name(value: str) -> str:
    """Return a name without byte order mark, after which quotes are no quotes: it starts a file put after another."""
    if not value.startswith(BYTE_ORDER_MARK):
        return value
    return value.lstrip(BYTE_ORDER_MARK).strip('"')
