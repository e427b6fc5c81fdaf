"""JSON Lines: one object a line, or one right after the other as Firehose puts them."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from ..errors import InvalidInputError
from .batches import MAX_RECORD_CHARACTERS, Batch, Buffer
from .rows import EMPTY_ROW, TEXT_COLUMN_MISSING, Labels, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..config import TableFormat

BLANKS = re.compile(r"[ \t\r\n]*")

#: What stands between two objects of one line.
BETWEEN = re.compile(r"[ \t\r]*,?[ \t\r]*")

LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonReader:
    """Cuts JSON Lines into batches of whole objects.

    Parameters
    ----------
    blocks
        The text, in pieces.
    """

    def __init__(self, blocks: Iterator[str]) -> None:
        self._buffer = Buffer(blocks)

    def batches(self) -> Iterator[Batch]:
        """Yield the objects, in order.

        Raises
        ------
        InvalidInputError
            There is none, or one is too long.
        """
        empty = True
        while self._fill():
            if empty and (start := BLANKS.match(self._buffer.text).end()) < len(self._buffer.text):  # type: ignore[union-attr]
                empty = False
                if self._buffer.text[start] == "[":
                    raise InvalidInputError("it is a JSON array: write one object a line", self._buffer.line)
            end = self._buffer.text.rfind("\n") + 1 or _last_object(self._buffer.text)
            if end:
                line = self._buffer.line
                data = self._buffer.take(end, self._buffer.text.count("\n", 0, end))
                yield Batch(data, line)
            elif len(self._buffer.text) > MAX_RECORD_CHARACTERS:
                raise InvalidInputError(
                    f"the object is longer than {MAX_RECORD_CHARACTERS:,} characters, or is none", self._buffer.line
                )
        if empty:
            raise InvalidInputError("it is empty: it needs at least one JSON object")

    def _fill(self) -> bool:
        try:
            return self._buffer.fill()
        except InvalidInputError as error:
            raise error.located(line=self._buffer.line + self._buffer.text.count("\n")) from None


class JsonBatchReader:
    """Reads the configured columns, which are keys of the objects.

    A number is read as it is written. A key that is not there, or is null, has no value: BigQuery leaves it out.

    Parameters
    ----------
    table
        Names of the columns, and what the labels are.
    """

    def __init__(self, table: TableFormat) -> None:
        self._text = table.text_column
        self._label = table.label_column
        self._labels = Labels(table)
        # Numbers as they are written: a label 5.0 is not 5, and none is too long to convert.
        self._decode = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).raw_decode

    def __call__(self, batch: Batch) -> Rows:
        """Read one batch.

        Raises
        ------
        InvalidInputError
            A line is no object, a value is no text, or a label is none. Names the line.
        """
        texts: list[str] = []
        labels: list[str] = []
        lines: list[int] = []
        dropped: Counter[str] = Counter()
        for line, row in self._objects(batch):
            if all(value is None or value == "" for value in row.values()):
                dropped[EMPTY_ROW] += 1
            elif self._text not in row:
                dropped[TEXT_COLUMN_MISSING] += 1
            else:
                texts.append(self._value(row, self._text, line))
                lines.append(line)
                if self._label is not None:
                    labels.append(self._value(row, self._label, line))
        return self._labels.select(
            Rows(texts, None if self._label is None else labels, dict(dropped)), lines.__getitem__
        )

    def _objects(self, batch: Batch) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, line in enumerate(batch.data.split("\n"), start=batch.line):
            end = BETWEEN.match(line).end()  # type: ignore[union-attr]
            while end < len(line):
                try:
                    value, end = self._decode(line, end)
                except json.JSONDecodeError as error:
                    raise InvalidInputError(
                        f"it is no JSON object: {error.msg} at character {error.pos + 1}", number
                    ) from None
                except RecursionError:
                    raise InvalidInputError("its JSON is nested too deeply", number) from None
                if not isinstance(value, dict):
                    raise InvalidInputError("it is JSON, and no object: write one object a line", number)
                yield number, value
                end = BETWEEN.match(line, end).end()  # type: ignore[union-attr]

    def _value(self, row: dict[str, Any], column: str, line: int) -> str:
        value = row.get(column)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if not isinstance(value, str):
            kind = "list" if isinstance(value, list) else "object"
            raise InvalidInputError(f"column {column!r} holds a JSON {kind}: it must be a text or a number", line)
        # JSON can write half of a character by its code.
        return LONE_SURROGATE.sub("\ufffd", value) if not value.isascii() else value


def _last_object(text: str) -> int:
    """Return where the last whole object of a text without line ends ends."""
    decode = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).raw_decode
    end = 0
    try:
        while (start := BETWEEN.match(text, end).end()) < len(text):  # type: ignore[union-attr]
            _, end = decode(text, start)
    except (json.JSONDecodeError, RecursionError):
        pass
    return end
