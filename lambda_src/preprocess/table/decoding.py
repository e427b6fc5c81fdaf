"""From the bytes of the object to blocks of valid UTF-8: gzip, byte order mark, encoding, NUL."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from typing import TYPE_CHECKING, BinaryIO, cast

from ..errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

GZIP_MAGIC = b"\x1f\x8b"

UTF16_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def decompressed(stream: io.BufferedReader) -> BinaryIO:
    """Return the stream, decompressed if it starts as gzip does. The name of the object says nothing about it."""
    if stream.peek(len(GZIP_MAGIC))[: len(GZIP_MAGIC)] == GZIP_MAGIC:
        return cast("BinaryIO", io.BufferedReader(gzip.GzipFile(fileobj=stream)))
    return stream


def utf8_blocks(stream: BinaryIO, encoding: str, block_bytes: int) -> Iterator[bytes]:
    """Yield the stream as UTF-8, without byte order mark and with NULs turned into spaces.

    A block may end inside a character; together they are valid.

    Raises
    ------
    InvalidInputError
        A byte can't be decoded, or gzip's data is damaged or cut off. What is good before it has been yielded, so the
        line is the one the reader of the blocks has come to.
    """
    start = _read(stream, len(codecs.BOM_UTF8))
    encoding, mark = _without_mark(start, encoding)
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset = len(mark)  # of the byte that the decoder gets next
    block = start[len(mark) :] + _read(stream, block_bytes)
    while True:
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            position = offset - (len(error.object) - len(block)) + error.start
            yield _clean(error.object[: error.start].decode(encoding).encode())
            raise _undecodable(error, position, encoding) from None
        if not block:
            return
        offset += len(block)
        # Bytes that are UTF-8 already were decoded only to prove it.
        yield _clean(block if encoding == "utf-8" else text.encode())
        block = _read(stream, block_bytes)


def _read(stream: BinaryIO, size: int) -> bytes:
    """Read ``size`` bytes, fewer only at the end: blocks must not depend on the network's packets."""
    pieces = []
    try:
        while size and (piece := stream.read(size)):
            pieces.append(piece)
            size -= len(piece)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise InvalidInputError(
            f"its gzip data is damaged or cut off ({error}): compress and upload it again"
        ) from None
    return b"".join(pieces)


def _without_mark(start: bytes, encoding: str) -> tuple[str, bytes]:
    if encoding == "utf-8":
        if start[:2] in UTF16_MARKS:
            raise InvalidInputError("it is UTF-16, not UTF-8: set the encoding to 'utf-16'", line=1)
        return encoding, codecs.BOM_UTF8 if start.startswith(codecs.BOM_UTF8) else b""
    if encoding == "utf-16" and start:
        mark = start[:2]
        if mark not in UTF16_MARKS:
            raise InvalidInputError("it does not start with UTF-16's byte order mark: is the encoding right?", line=1)
        return UTF16_MARKS[mark], mark
    return encoding, b""


def _clean(block: bytes) -> bytes:
    # BlazingText takes a NUL for the end of a word.
    return block.replace(b"\0", b" ") if b"\0" in block else block


def _undecodable(error: UnicodeDecodeError, position: int, encoding: str) -> InvalidInputError:
    value = " ".join(f"0x{byte:02X}" for byte in error.object[error.start : error.end][:4])
    return InvalidInputError(
        f"byte {position} of the file ({value}) is not {encoding}: "
        "set the encoding to the file's own, or save it as UTF-8"
    )
