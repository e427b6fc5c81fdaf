"""From the bytes of a table to blocks of its text: byte order mark, encoding, NUL, end-of-file mark."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, BinaryIO

from ..errors import InvalidInputError
from .containers import gzip_errors
from .encodings import CODECS, ISO_2022_JP, VENDOR_ROWS, fitting

if TYPE_CHECKING:
    from collections.abc import Iterator

UTF16_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}

#: How UTF-16 without its mark starts, where a table starts with the name of a column in ASCII.
UTF16_UNMARKED = re.compile(rb"[^\0]\0[^\0]\0|\0[^\0]\0[^\0]", re.DOTALL)

#: DOS ended text files with it, and some exports still do.
END_OF_FILE = "\x1a"

#: More marks than that are no end of a file.
MAX_HELD = 1024


def text_blocks(stream: BinaryIO, encoding: str, block_bytes: int) -> Iterator[str]:
    """Yield the text, without byte order mark, with NULs turned into spaces, in blocks that end inside no line end.

    Raises
    ------
    InvalidInputError
        A byte can't be decoded, or gzip's data is damaged or cut off. What is good before it has been yielded, so the
        line is the one the reader of the blocks has come to.
    """
    held = ""  # of the end of the text so far, what may be the first half of a line end, or the end-of-file mark
    for text in _decoded(stream, encoding, block_bytes):
        block = held + text
        end = len(block.rstrip(END_OF_FILE)) if block.endswith(END_OF_FILE) else len(block)
        end -= block.endswith("\r", 0, end)
        if len(block) - end > MAX_HELD:
            end = len(block)
        block, held = block[:end], block[end:]
        if block:
            # BlazingText takes a NUL for the end of a word.
            yield block.replace("\0", " ") if "\0" in block else block
    if held := held.rstrip(END_OF_FILE):
        yield held


def _decoded(stream: BinaryIO, encoding: str, block_bytes: int) -> Iterator[str]:
    start = _read(stream, 4)
    encoding, mark = _without_mark(start, encoding)
    decoder = codecs.getincrementaldecoder(CODECS.get(encoding, encoding))(
        VENDOR_ROWS if encoding in ("euc_jp", "iso2022_jp") else "strict"
    )
    offset = len(mark)  # of the byte that the decoder gets next
    block = start[len(mark) :] + _read(stream, block_bytes)
    if encoding in ("cp932", "euc_jp"):
        _check_fit(block, encoding)
    while True:
        state = decoder.getstate()
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            good = error.start - (len(error.object) - len(block))  # negative in a character of the block before
            decoder.setstate(state)
            yield decoder.decode(block[: max(good, 0)])
            raise _undecodable(error, offset + good, encoding) from None
        if "\x1b" in text and encoding != "iso2022_jp" and ISO_2022_JP.search(text):
            raise InvalidInputError('it is ISO-2022-JP: set corpus.encoding = "iso2022_jp"')
        yield text
        if not block:
            return
        offset += len(block)
        block = _read(stream, block_bytes)


def _read(stream: BinaryIO, size: int) -> bytes:
    """Read ``size`` bytes, fewer only at the end: blocks must not depend on the network's packets."""
    pieces = []
    with gzip_errors():
        while size and (piece := stream.read(size)):
            pieces.append(piece)
            size -= len(piece)
    return b"".join(pieces)


def _without_mark(start: bytes, encoding: str) -> tuple[str, bytes]:
    """Return the encoding with its byte order, and the mark to leave out."""
    if encoding == "utf-16":
        if start and start[:2] not in UTF16_MARKS:
            raise InvalidInputError("it does not start with UTF-16's byte order mark: is the encoding right?", line=1)
        return UTF16_MARKS.get(start[:2], "utf-16-le"), start[:2]
    if start[:2] in UTF16_MARKS:
        raise InvalidInputError('it is UTF-16: set corpus.encoding = "utf-16"', line=1)
    if UTF16_UNMARKED.match(start):
        raise InvalidInputError(
            'it is UTF-16 without its byte order mark: save it with one and set corpus.encoding = "utf-16", '
            "or save it as UTF-8",
            line=1,
        )
    if start.startswith(codecs.BOM_UTF8):
        if encoding != "utf-8":
            raise InvalidInputError('it is UTF-8: set corpus.encoding = "utf-8"', line=1)
        return encoding, codecs.BOM_UTF8
    return encoding, b""


def _check_fit(sample: bytes, encoding: str) -> None:
    """Refuse what is valid in an encoding, and makes no sense: EUC-JP in cp932 is half-width katakana."""
    fits = fitting(sample)
    if fits not in (None, encoding):
        raise InvalidInputError(f'it is {fits}, not {encoding}: set corpus.encoding = "{fits}"', line=1)


def _undecodable(error: UnicodeDecodeError, position: int, encoding: str) -> InvalidInputError:
    value = " ".join(f"0x{byte:02X}" for byte in error.object[error.start : error.end][:4])
    fits = fitting(error.object, encoding)
    advice = (
        f'set corpus.encoding = "{fits}", which it fits'
        if fits
        else "repair it, or set corpus.encoding to the file's own"
    )
    return InvalidInputError(f"byte {position} of the file ({value}) is not {encoding}: {advice}")
