"""A few kilobytes of gzip can hold anything: memory stays flat whatever it is."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

import pytest

from preprocess.config import TableFormat
from preprocess.errors import InvalidInputError
from preprocess.table.batches import MAX_RECORD_CHARACTERS, Buffer
from preprocess.table.opening import open_table

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK = 2**18
REPEATED = 3 * MAX_RECORD_CHARACTERS


class Raw(io.BytesIO, io.RawIOBase):
    """A file's bytes, as S3 gives them."""


@pytest.mark.parametrize(
    ("head", "unit", "key"),
    [
        (b"text\n", b"\r", "a.csv"),
        (b"", b"\r", "a.csv"),
        (b"text\r", b"\r", "a.csv"),
        (b"text\n", b"\n", "a.csv"),
        (b"", b"\n", "a.csv"),
        (b"text,x\n", b"\n", "a.csv"),
        (b"text,x\n", b"\0", "a.csv"),
        (b"text,x\n", b",", "a.csv"),
        (b'text,x\n"', b"a", "a.csv"),
        (b"text,x\n", b'"', "a.csv"),
        (b"text,x\n", b"\\", "a.csv"),
        (b"text\n", b"\x1a", "a.csv"),
        (b"text,x\na", b"\xf0\x9f\x98\x80", "a.csv"),
        (b"", b"a", "a.csv"),
        (b"", b"{}", "a.jsonl"),
        (b"", b" ", "a.jsonl"),
        (b'{"text": "', b"a", "a.jsonl"),
        (b'{"text": ', b"[", "a.jsonl"),
    ],
)
def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch, head: bytes, unit: bytes, key: str) -> None:
    data = gzip.compress(head + unit * (REPEATED // len(unit)), 1)
    held = [0]
    fill: Callable[[Buffer], bool] = Buffer.fill

    def measured(buffer: Buffer) -> bool:
        more = fill(buffer)
        held.append(len(buffer.text))
        return more

    monkeypatch.setattr(Buffer, "fill", measured)
    try:
        table = open_table(Raw(data), key, TableFormat("text", escape="\\" if unit == b"\\" else None), BLOCK)
        held.extend(len(batch.data) for batch in table.batches)
    except InvalidInputError:
        pass
    assert 0 < max(held) <= 2 * MAX_RECORD_CHARACTERS + BLOCK
