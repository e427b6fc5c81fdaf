"""Where in a table the configured columns are."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import InvalidInputError, shown_name

if TYPE_CHECKING:
    from ..config import TableFormat

#: What may be meant where the configured delimiter parts nothing.
DELIMITERS = (",", "\t", ";", "|")

BYTE_ORDER_MARK = "\ufeff"

NO_HEADER = "if the file has no header, name its columns with corpus.columns"

#: How equal two names must be, the most equal first.
SPELLINGS: tuple[Callable[[str], str], ...] = (
    lambda name: name,
    lambda name: unicodedata.normalize("NFC", name.strip(BYTE_ORDER_MARK)),
    lambda name: unicodedata.normalize("NFKC", name.strip(BYTE_ORDER_MARK)),
)


@dataclass(frozen=True)
class Header:
    """The names of a table's columns, and the line they stand on: ``None`` where they are configured."""

    names: tuple[str, ...]
    line: int | None


@dataclass(frozen=True)
class Columns:
    """Positions of the configured columns. ``label`` is ``None`` where lines get no label."""

    text: int
    label: int | None

    @classmethod
    def find(cls, header: Header, table: TableFormat) -> Columns:
        """Look the configured names up. Names that differ in nothing but their Unicode normal form are the same.

        Raises
        ------
        InvalidInputError
            A name is missing, or stands there twice.
        """
        text = _position(header, table.text_column, table)
        return cls(text, None if table.label_column is None else _position(header, table.label_column, table))


def _position(header: Header, name: str, table: TableFormat) -> int:
    for spelling in SPELLINGS:
        names = [spelling(other) for other in header.names]
        count = names.count(spelling(name))
        if count == 1:
            return names.index(spelling(name))
        if count > 1:
            raise InvalidInputError(
                f"column {name!r} stands in the header {count} times: rename all but one", header.line
            )
    raise InvalidInputError(f"column {name!r} is missing: {_advice(header, name, table)}", header.line)


def _advice(header: Header, name: str, table: TableFormat) -> str:
    # The names that are there may be a review, where a file has no header: only one that is meant may be shown.
    similar = next((other for other in header.names if _loosely(other) == _loosely(name)), None)
    if similar is not None:
        return f"there is {shown_name(similar)}, which is spelled differently"
    if len(header.names) > 1:
        return f"the first line must name the columns, and has {len(header.names)} others; {NO_HEADER}"
    for delimiter in DELIMITERS:
        if delimiter != table.delimiter and name in [other.strip('" ') for other in header.names[0].split(delimiter)]:
            return f"the delimiter is {delimiter!r}: set corpus.delimiter = {json.dumps(delimiter)}"
    return f"the header has only one column: is {table.delimiter!r} the delimiter? {NO_HEADER.capitalize()}"


def _loosely(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip(f"\"' \t{BYTE_ORDER_MARK}").casefold()
