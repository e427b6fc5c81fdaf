"""Cutting a table into batches of whole records, each record checked to have every field.

RFC 4180's grammar as a regular expression: it runs through a batch in one call, and where it stops is the first
record that is wrong. What it passes, pandas reads without repairing anything: pandas pads short rows, shifts the
columns after one comma too many in the first row, and swallows the rest of the file after an unclosed quote.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..config import TableFormat

#: A longer record is an unclosed quote, or no review. It bounds the memory.
MAX_RECORD_BYTES = 8 * 2**20

QUOTED = rb'"[^"]*+(?:""[^"]*+)*+"'


class Grammar:
    """The lines of a table as compiled patterns.

    Parameters
    ----------
    table
        Delimiter and quoting.
    columns
        Number of fields of a record.
    returns_end_lines
        Whether a lone carriage return ends a line, as it does where one ends the header. In other files it is a blank:
        Python's ``csv`` and pandas write it without quotes.

    Attributes
    ----------
    line_end
        The end of a line.
    field
        One field. What follows is a delimiter or a line end, or else the field is wrong.
    fields
        As many fields as the line has.
    record
        One record with its line end.
    records
        As many records as there are, and the empty lines among them.
    """

    def __init__(self, table: TableFormat, columns: int = 1, *, returns_end_lines: bool = True) -> None:
        delimiter = re.escape(table.delimiter.encode())
        line_end = rb"(?:\r\n?|\n)" if returns_end_lines else rb"\r?\n"
        bare = rb"[^" + delimiter + (rb"\r\n]*+" if returns_end_lines else rb"\n]*+")
        field = rb'(?:(?!")' + bare + rb"|" + QUOTED + rb"|)" if table.quoting else bare
        following = rb"(?:" + delimiter + field + rb")"
        record = field + following + rb"{%d}" % (columns - 1) + line_end
        self.columns = columns
        self.returns_end_lines = returns_end_lines
        self.line_end = re.compile(line_end)
        self.field = re.compile(field)
        self.fields = re.compile(field + following + rb"*+")
        self.record = re.compile(record)
        self.records = re.compile(rb"(?:" + record + rb"|" + line_end + rb")*+")

    def count_fields(self, line: bytes) -> int:
        """Count the fields of a line that ``fields`` matches."""
        count, end = 1, _end(self.field, line)
        while end < len(line):
            count, end = count + 1, _end(self.field, line, end + 1)
        return count

    def count_lines(self, data: bytes) -> int:
        """Count the physical line ends, those in quoted fields among them."""
        count = data.count(b"\n")
        if self.returns_end_lines and b"\r" in data:
            count += data.count(b"\r") - data.count(b"\r\n")
        return count


@dataclass(frozen=True)
class Header:
    """The names of a table's columns, and the line they stand on."""

    names: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Batch:
    """Whole records, each with its line end, and the number of their first line."""

    data: bytes
    line: int


class RecordReader:
    """Reads a table from blocks of UTF-8: first :meth:`header`, then :meth:`batches`.

    Attributes
    ----------
    grammar
        Of the records, once the header is read.
    """

    def __init__(self, blocks: Iterator[bytes], table: TableFormat) -> None:
        self.grammar = Grammar(table)
        self._blocks = blocks
        self._table = table
        self._buffer = b""
        self._line = 1  # of the first byte in the buffer
        self._ended = False
        self._failure: InvalidInputError | None = None

    def header(self) -> Header:
        """Read the names of the columns from the first line that is not empty.

        Raises
        ------
        InvalidInputError
            There is none, or it is not well formed.
        """
        while True:
            self._take(len(self._buffer) - len(self._buffer.lstrip(b"\r\n")))
            if not self._buffer:
                if not self._fill():
                    raise InvalidInputError("it is empty: a table has a header and at least one row")
                continue
            end = _end(self.grammar.fields, self._buffer)
            line_end = self.grammar.line_end.match(self._buffer, end)
            if line_end:
                header = Header(self._names(self._buffer[:end]), self._line)
                self._take(line_end.end())
                returns = line_end.group() == b"\r"
                self.grammar = Grammar(self._table, len(header.names), returns_end_lines=returns)
                return header
            self._complete_record()

    def batches(self) -> Iterator[Batch]:
        """Yield the records after the header, in order.

        Raises
        ------
        InvalidInputError
            A record has too few or too many fields, an unclosed quote or text after a closing one, or is too long.
        """
        while True:
            end = _end(self.grammar.records, self._buffer)
            if end:
                line = self._line
                yield Batch(self._take(end), line)
            if self._buffer:
                self._complete_record()
            elif not self._fill():
                return

    def _complete_record(self) -> None:
        """Read on if the first record of the buffer is incomplete. If it is wrong, say how."""
        end = _end(self.grammar.fields, self._buffer)
        line = self._line + self.grammar.count_lines(self._buffer[:end])
        if self.grammar.line_end.match(self._buffer, end):
            raise InvalidInputError(self._ragged(self._buffer[:end]), self._line)
        if self._buffer[end : end + 1] not in (b"", b'"'):
            raise InvalidInputError(
                "text follows a closing quote: double the quotes inside a quoted field, "
                "or set quoting to false if the file does not quote",
                line,
            )
        if len(self._buffer) > MAX_RECORD_BYTES:
            raise InvalidInputError(
                f"the record is longer than {MAX_RECORD_BYTES:,} bytes: "
                "a quote is never closed, or the file is no table",
                self._line,
            )
        if not self._fill():
            raise InvalidInputError(
                "a quote is opened and never closed: close it, or set quoting to false if the file does not quote",
                line,
            )

    def _ragged(self, line: bytes) -> str:
        found = self.grammar.count_fields(line)
        advice = "quote the fields that hold" if self._table.quoting else "without quoting, no field may hold"
        return (
            f"the row has {found} field{'s' * (found != 1)} where the header has {self.grammar.columns}: "
            f"{advice} {self._table.delimiter!r} or a line end"
        )

    def _names(self, line: bytes) -> tuple[str, ...]:
        try:
            rows = csv.reader(
                [line.decode()],
                delimiter=self._table.delimiter,
                quoting=csv.QUOTE_MINIMAL if self._table.quoting else csv.QUOTE_NONE,
                strict=True,
            )
            return tuple(next(rows))
        except csv.Error as error:
            raise InvalidInputError(f"the header can't be read: {error}", self._line) from None

    def _take(self, end: int) -> bytes:
        """Remove and return the start of the buffer."""
        taken, self._buffer = self._buffer[:end], self._buffer[end:]
        self._line += self.grammar.count_lines(taken)
        return taken

    def _fill(self) -> bool:
        """Read as much as the buffer holds, or a block: a record of many blocks is then scanned only a few times.

        Returns
        -------
        bool
            Whether there was more.
        """
        if self._failure:
            raise self._failure.located(line=self._line + self.grammar.count_lines(self._buffer))
        if self._ended:
            return False
        pieces = [self._buffer]
        wanted = max(1, len(self._buffer))
        try:
            # A carriage return at the end may be the first half of a line end.
            while wanted > 0 or pieces[-1].endswith(b"\r"):
                pieces.append(next(self._blocks))
                wanted -= len(pieces[-1])
        except StopIteration:
            self._ended = True
            if any(pieces) and not pieces[-1].endswith(b"\n"):
                pieces.append(b"\n")
        except InvalidInputError as error:  # comes after what is wrong with the records before it
            self._failure = error
        self._buffer = b"".join(pieces)
        return True


def _end(pattern: re.Pattern[bytes], data: bytes, start: int = 0) -> int:
    """Return where the match of a pattern that always matches ends."""
    match = pattern.match(data, start)
    assert match is not None
    return match.end()
