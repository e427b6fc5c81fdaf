"""Cutting a table into batches of whole records, each record checked to have every field."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ..errors import InvalidInputError
from .batches import MAX_RECORD_CHARACTERS, Batch, Buffer
from .columns import Header
from .grammar import Grammar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..config import TableFormat

LONE_RETURN = re.compile(r"\r(?!\n)")

#: By so much of the rows it is decided what ends them.
SIGHT_CHARACTERS = 2**16

#: What Excel takes for the delimiter, on a line before the header.
DELIMITER_LINE = re.compile(r'"?sep=(.)"?\r?\n?')

QUOTING_ADVICE = "set corpus.quoting = false if the file does not quote"
ESCAPE_ADVICE = 'set corpus.escape = "\\\\" if the file escapes by backslashes'


class RecordReader:
    """Reads a delimited table: first :meth:`header`, then :meth:`batches`.

    Parameters
    ----------
    blocks
        The text, in blocks that end inside no line end.
    table
        How it is written.

    Attributes
    ----------
    grammar
        Of the records, once the header is read.
    """

    def __init__(self, blocks: Iterator[str], table: TableFormat) -> None:
        self.grammar = Grammar(table)
        self._buffer = Buffer(blocks)
        self._table = table
        self._before = ""  # the record before the buffer

    def header(self) -> Header:
        """Read the names of the columns from the first line that is not empty, unless they are configured.

        Raises
        ------
        InvalidInputError
            There is none, or it is not well formed.
        """
        self._skip_empty_lines()
        self._skip_delimiter_line()
        if self._table.columns is not None:
            header, returns = Header(self._table.columns, None), False
        else:
            header, returns = self._named_columns()
        returns = returns or self._returns_end_rows(len(header.names))
        self.grammar = Grammar(self._table, len(header.names), returns_end_lines=returns)
        return header

    def batches(self) -> Iterator[Batch]:
        """Yield the records after the header, in order.

        Raises
        ------
        InvalidInputError
            A record has too few or too many fields, an unclosed quote or text after a closing one, or is too long.
        """
        while True:
            end = _end(self.grammar.records, self._buffer.text)
            if end:
                line = self._buffer.line
                yield Batch(self._take(end), line)
            if self._buffer.text:
                self._complete_record()
            elif not self._fill():
                return

    def _skip_empty_lines(self) -> None:
        while True:
            self._take(len(self._buffer.text) - len(self._buffer.text.lstrip("\r\n")))
            if self._buffer.text:
                return
            if not self._fill():
                raise InvalidInputError("it is empty: a table has a header and at least one row")

    def _skip_delimiter_line(self) -> None:
        self._buffer.look_ahead(len('"sep=,"\r\n'))
        match = DELIMITER_LINE.match(self._buffer.text)
        if match is None or self._buffer.text[match.end() - 1] not in "\r\n":
            return
        if match.group(1) != self._table.delimiter:
            raise InvalidInputError(
                f"its first line says that {match.group(1)!r} is the delimiter: "
                f"set corpus.delimiter = {json.dumps(match.group(1))}",
                self._buffer.line,
            )
        self._take(match.end())
        self._skip_empty_lines()

    def _named_columns(self) -> tuple[Header, bool]:
        """Return the header, and whether a carriage return ends it."""
        while True:
            text = self._buffer.text
            end = _end(self.grammar.fields, text)
            line_end = self.grammar.line_end.match(text, end)
            if line_end:
                header = Header(tuple(self.grammar.values(text[:end])), self._buffer.line)
                self._take(line_end.end())
                return header, line_end.group() == "\r"
            self._complete_record()

    def _returns_end_rows(self, columns: int) -> bool:
        """Tell whether the rows end in carriage returns, though the header does not.

        Raises
        ------
        InvalidInputError
            They may do so or not.
        """
        self._buffer.look_ahead(SIGHT_CHARACTERS)
        text = self._buffer.text
        bare = self.grammar.without_quoted(text)
        feeds = bare.count("\n") - self._buffer.completed
        returns = len(LONE_RETURN.findall(bare))
        if not returns or returns < feeds:
            return False
        with_returns = Grammar(self._table, columns, returns_end_lines=True)
        if not feeds or (columns > 1 and _end(with_returns.records, text) > text.rfind("\r")):
            return True
        raise InvalidInputError(
            "some lines end in carriage returns and some in line feeds: end all in line feeds, and quote the fields "
            "that hold carriage returns",
            self._buffer.line,
        )

    def _complete_record(self) -> None:
        """Read on if the first record of the buffer is incomplete. If it is wrong, say how."""
        text = self._buffer.text
        end = _end(self.grammar.fields, text)
        line = self._buffer.line + self.grammar.count_lines(text[:end])
        if self.grammar.line_end.match(text, end):
            raise InvalidInputError(self._ragged(text[:end]), self._buffer.line)
        if text[end : end + 1] not in ("", '"', self._table.escape):
            advice = "double the quotes inside a quoted field, or "
            escaped = self._table.escape is None and text[end - 2 : end] == '\\"'
            raise InvalidInputError(
                f"text follows a closing quote: {advice}{ESCAPE_ADVICE if escaped else QUOTING_ADVICE}", line
            )
        if len(text) > MAX_RECORD_CHARACTERS:
            raise InvalidInputError(
                f"the record is longer than {MAX_RECORD_CHARACTERS:,} characters: "
                "a quote is never closed, or the file is no table",
                self._buffer.line,
            )
        if not self._fill():
            if text[end : end + 1] != '"':
                raise InvalidInputError("the file ends with an escape character: it is cut off", self._buffer.line)
            raise InvalidInputError(f"a quote is opened and never closed: close it, or {QUOTING_ADVICE}", line)

    def _ragged(self, line: str) -> str:
        found, columns, delimiter = self.grammar.count_fields(line), self.grammar.columns, self._table.delimiter
        names = "the header has" if self._table.columns is None else "corpus.columns has"
        return (
            f"the row has {found} field{'s' * (found != 1)} where {names} {columns}: "
            f"{self._advice(line, found, columns, delimiter)}"
        )

    def _advice(self, line: str, found: int, columns: int, delimiter: str) -> str:
        blank_before_quote = re.compile(rf'(?:^|{re.escape(delimiter)})[ \t\u3000]+"')
        if found == columns + 1 and line.endswith(delimiter):
            return f"it ends with {delimiter!r} and the header does not: end both alike"
        if self._table.quoting and any(map(blank_before_quote.search, (line, self._before))):
            return "a quote after a blank quotes nothing: leave out the blanks between delimiters and quotes"
        if "\r" in line:
            return "it holds a carriage return that ends no line: write line feeds, or quote the field that holds it"
        if self._table.escape is None and f"\\{delimiter}" in line:
            return ESCAPE_ADVICE
        advice = "quote the fields that hold" if self._table.quoting else "without quoting, no field may hold"
        return f"{advice} {delimiter!r} or a line end"

    def _take(self, end: int) -> str:
        taken = self._buffer.take(end, self.grammar.count_lines(self._buffer.text[:end]))
        self._before = taken[taken.rfind("\n", 0, -1) + 1 :]
        return taken

    def _fill(self) -> bool:
        try:
            return self._buffer.fill()
        except InvalidInputError as error:
            raise error.located(line=self._buffer.line + self.grammar.count_lines(self._buffer.text)) from None


def _end(pattern: re.Pattern[str], data: str) -> int:
    """Return where the match of a pattern that always matches ends."""
    match = pattern.match(data)
    assert match is not None
    return match.end()
