"""What kind of file it is, whatever its name says: a table, gzipped or not, or something that is no table."""

from __future__ import annotations

import contextlib
import gzip
import io
import re
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from ..errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

GZIP = b"\x1f\x8b"

#: Enough to tell an Excel workbook from another zip archive.
PEEKED_BYTES = 4096

UNPACK = "unpack it, and upload the table in it, as it is or compressed with gzip"
EXPORT = "export it as CSV in UTF-8, or as JSON Lines"

#: How other files start, what they are, and what to do.
SIGNATURES = (
    (rb"PK\x03\x04.{0,4092}?(?:\[Content_Types\]\.xml|xl/)", "an Excel workbook", 'save it as "CSV UTF-8"'),
    (rb"PK\x03\x04|PK\x05\x06", "a zip archive", UNPACK),
    (rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", "compressed with bzip2", UNPACK),
    (rb"\xfd7zXZ\0", "compressed with xz", UNPACK),
    (rb"\x28\xb5\x2f\xfd", "compressed with Zstandard", UNPACK),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (rb"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook of the old kind", 'save it as "CSV UTF-8"'),
    (rb"PAR1", "a Parquet file", EXPORT),
    (rb"ORC[\0-\x08\x0e-\x1f]", "an ORC file", EXPORT),
    (rb"Obj\x01", "an Avro file", EXPORT),
    (rb"SQLite format 3\0", "an SQLite database", EXPORT),
    (rb"%PDF-", "a PDF", EXPORT),
    (rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a", "an image", "upload the table"),
    (rb"(?i)\s*<(?:!doctype\s+html|html[\s>])", "an HTML page", "perhaps a download failed: upload the table itself"),
    (rb"(?i)\s*<\?xml\s", "an XML file", EXPORT),
)


def table_bytes(stream: io.BufferedReader) -> BinaryIO:
    """Return the bytes of the table, decompressed if the stream starts as gzip does.

    Raises
    ------
    InvalidInputError
        It is a file of another kind, or gzip in gzip, or its gzip data is damaged. Says what to do.
    """
    if not _start(stream).startswith(GZIP):
        return cast("BinaryIO", stream)
    unpacked = io.BufferedReader(gzip.GzipFile(fileobj=stream))
    if _start(unpacked).startswith(GZIP):
        raise InvalidInputError("it is gzip in gzip: decompress it once, and upload that")
    return cast("BinaryIO", unpacked)


@contextlib.contextmanager
def gzip_errors() -> Iterator[None]:
    """Make what the gzip module raises on damaged data an :class:`InvalidInputError`."""
    try:
        yield
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise InvalidInputError(
            f"its gzip data is damaged or cut off ({error}): compress and upload it again"
        ) from None


def _start(stream: io.BufferedReader[Any]) -> bytes:
    with gzip_errors():
        start = stream.peek(PEEKED_BYTES)[:PEEKED_BYTES]
    for signature, kind, advice in SIGNATURES:
        if re.match(signature, start, re.DOTALL):
            raise InvalidInputError(f"it is {kind}: {advice}")
    return start
