"""The format of a file, by its name, and what reads it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .containers import table_bytes
from .decoding import text_blocks
from .json_lines import JsonBatchReader, JsonReader
from .reader import BatchReader
from .records import RecordReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..config import TableFormat
    from .batches import Batch
    from .rows import Rows

JSON_SUFFIXES = (".jsonl", ".ndjson")


@dataclass(frozen=True)
class Table:
    """A table to read.

    Attributes
    ----------
    batches
        Whole records, in order.
    read
        Reads the configured columns of a batch. Any number of threads may call it.
    """

    batches: Iterator[Batch]
    read: Callable[[Batch], Rows]


def open_table(raw: io.RawIOBase, key: str, table: TableFormat, block_bytes: int) -> Table:
    """Open a table.

    Parameters
    ----------
    raw
        Bytes of the file.
    key
        Name of the file: ``.jsonl`` and ``.ndjson``, with ``.gz`` after it or not, are JSON Lines.
    table
        How it is written, and which columns are wanted.
    block_bytes
        Bytes to read at a time.

    Raises
    ------
    InvalidInputError
        It is a file of another kind, or has not the columns.
    """
    blocks = text_blocks(table_bytes(io.BufferedReader(raw, block_bytes)), table.encoding, block_bytes)
    if key.lower().removesuffix(".gz").endswith(JSON_SUFFIXES):
        return Table(JsonReader(blocks).batches(), JsonBatchReader(table))
    records = RecordReader(blocks, table)
    header = records.header()
    return Table(records.batches(), BatchReader(table, records.grammar, header))
