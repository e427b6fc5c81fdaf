"""The one reading of a delimited table: RFC 4180's grammar as regular expressions.

They run through a batch in one call, and where they stop is the first record that is wrong. The same pattern then
gives the columns, so nothing can read a table in another way than it was checked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..config import TableFormat

#: What follows an escape character, other than itself, as MySQL and PostgreSQL write control characters.
ESCAPES = {"0": " ", "b": " ", "n": "\n", "r": "\r", "t": "\t", "Z": " "}

#: With an escape character, what stands for no value.
NO_VALUE = "N"


class Grammar:
    """The lines of a table as compiled patterns.

    Parameters
    ----------
    table
        Delimiter, quoting and escape character.
    columns
        Number of fields of a record.
    returns_end_lines
        Whether a lone carriage return ends a line. In other files it is a blank: Python's ``csv`` and pandas write it
        without quotes.

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
        self._delimiter = delimiter = re.escape(table.delimiter)
        self._table = table
        self._line_end = line_end = r"(?:\r\n?|\n)" if returns_end_lines else r"\r?\n"
        self._field = field = _field(table, delimiter, returns_end_lines)
        record = rf"{field}(?:{delimiter}{field}){{{columns - 1}}}{line_end}"
        self.columns = columns
        self.returns_end_lines = returns_end_lines
        self.line_end = re.compile(line_end)
        self.field = re.compile(field)
        self.fields = re.compile(rf"{field}(?:{delimiter}{field})*+")
        self.record = re.compile(record)
        self.records = re.compile(rf"(?:{record}|{line_end})*+")
        self._quoted = re.compile(_quoted(table))
        self._unescape = None if table.escape is None else re.compile(rf'{re.escape(table.escape)}(.)|""', re.DOTALL)

    def without_quoted(self, data: str) -> str:
        """Return data without what stands in quotes."""
        return self._quoted.sub("", data) if self._table.quoting else data

    def selecting(self, wanted: Sequence[int]) -> re.Pattern[str]:
        """Return the pattern of a record with groups for the wanted columns, in the order of the table."""
        fields = [f"({self._field})" if column in wanted else self._field for column in range(max(wanted) + 1)]
        rest = rf"(?:{self._delimiter}{self._field}){{{self.columns - len(fields)}}}"
        return re.compile(self._delimiter.join(fields) + rest + self._line_end)

    def value(self, field: str) -> str:
        """Return what a field stands for: without its quotes and escapes."""
        quoted = self._table.quoting and field.startswith('"')
        if self._unescape is None:
            return field[1:-1].replace('""', '"') if quoted else field
        bare = field[1:-1] if quoted else field
        if bare == f"{self._table.escape}{NO_VALUE}":
            return ""
        return self._unescape.sub(lambda match: self._escaped(match, quoted), bare)

    def values(self, line: str) -> list[str]:
        """Return what the fields of a line, or of a record with its line end, stand for."""
        return [self.value(field) for field in self.each_field(line)]

    def count_fields(self, line: str) -> int:
        """Count the fields of a line that ``fields`` matches."""
        return sum(1 for _ in self.each_field(line))

    def count_lines(self, data: str) -> int:
        """Count the physical line ends, those in quoted fields among them."""
        count = data.count("\n")
        if self.returns_end_lines and "\r" in data:
            count += data.count("\r") - data.count("\r\n")
        return count

    def each_record(self, data: str) -> Iterator[re.Match[str]]:
        """Yield the records of a batch, without the empty lines among them."""
        end = 0
        while end < len(data):
            match = self.record.match(data, end)
            if match:
                yield match
            else:
                match = self.line_end.match(data, end)
            end = match.end()  # type: ignore[union-attr]

    def each_field(self, line: str) -> Iterator[str]:
        """Yield the fields of a line, or of a record with its line end, as they are written."""
        end = -1
        while end < len(line):
            match = self.field.match(line, end + 1)
            assert match is not None
            yield match.group()
            end = match.end()
            if line[end : end + 1] != self._table.delimiter:
                return

    def _escaped(self, match: re.Match[str], quoted: bool) -> str:
        character: str | None = match.group(1)
        if character is None:
            return '"' if quoted else '""'
        if character in ESCAPES:
            return ESCAPES[character]
        if character.isalnum():  # which nobody escapes: Spark writes a lone backslash as it is
            return match.group()
        return character


def _field(table: TableFormat, delimiter: str, returns_end_lines: bool) -> str:
    """Return the pattern of a field."""
    ordinary = rf"[^{delimiter}\r\n]"
    special = [] if returns_end_lines else [r"\r(?!\n)"]
    if table.escape:
        escape = re.escape(table.escape)
        ordinary = rf"[^{delimiter}\r\n{escape}]"
        special.append(rf"{escape}(?s:.)")
    bare = ordinary + "*+" + (rf"(?:(?:{'|'.join(special)}){ordinary}*+)*+" if special else "")
    if not table.quoting:
        return f"(?:{bare})"
    return rf'(?:(?!"){bare}|{_quoted(table)}|)'


def _quoted(table: TableFormat) -> str:
    """Return the pattern of a field in quotes."""
    if not table.escape:
        return r'"[^"]*+(?:""[^"]*+)*+"'
    escape = re.escape(table.escape)
    return rf'"[^"{escape}]*+(?:(?:""|{escape}(?s:.))[^"{escape}]*+)*+"'
