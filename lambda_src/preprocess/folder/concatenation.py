"""One S3 object made of many by S3 itself: multipart uploads whose parts are copies.

S3 takes no part under 5 MiB but the last, so objects under that are joined first; only they pass through memory.
It takes 10,000 parts, so more than that are first copied into objects in between.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import InvalidInputError
from ..s3.output import Output

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from botocore.client import BaseClient

    from ..s3.multipart import MultipartUpload, Part

MIN_PART_BYTES = 5 * 2**20
MAX_PARTS = 10_000
MAX_COPY_BYTES = 5 * 2**30

#: Copied at once where the object is not too large for it. Smaller than S3 allows, since copies run side by side.
COPY_BYTES = 2**30

#: A copy is S3's work: a thread only waits for it.
COPIES_AT_ONCE = 256

#: Each holds up to 5 MiB.
JOINS_AT_ONCE = 8
READS_AT_ONCE = 32

#: Connections that all of these need.
CONNECTIONS = COPIES_AT_ONCE + JOINS_AT_ONCE + READS_AT_ONCE

TICK_SECONDS = 0.5


@dataclass(frozen=True)
class Source:
    """An object to copy from, which is not empty."""

    key: str
    bytes: int


@dataclass(frozen=True)
class Range:
    """Bytes of a source, from ``start`` to before ``end``."""

    source: Source
    start: int
    end: int

    @property
    def bytes(self) -> int:
        return self.end - self.start

    @property
    def whole(self) -> bool:
        return self.bytes == self.source.bytes

    @property
    def header(self) -> str:
        """The range as HTTP writes it, the last byte included."""
        return f"bytes={self.start}-{self.end - 1}"


#: What one part is made of: one range that S3 copies, or more that are joined.
Piece = tuple[Range, ...]


def plan(sources: Sequence[Source]) -> Iterator[Piece]:
    """Cut sources into parts, in order: every one but the last has 5 MiB or more.

    What is too small waits for what comes after it, of which as little as possible is taken to fill the part.
    """
    total = sum(source.bytes for source in sources)
    most = min(MAX_COPY_BYTES, max(COPY_BYTES, 2 * total // MAX_PARTS))
    waiting: list[Range] = []
    missing = MIN_PART_BYTES
    for source in sources:
        start = 0
        while left := source.bytes - start:
            if not waiting and left >= MIN_PART_BYTES:
                # A rest that would be too small for a part of its own is copied along.
                end = source.bytes if left < min(most + MIN_PART_BYTES, MAX_COPY_BYTES) else start + most
                yield (Range(source, start, end),)
            else:
                end = start + min(missing, left)
                waiting.append(Range(source, start, end))
                missing -= end - start
                if not missing:
                    yield tuple(waiting)
                    waiting, missing = [], MIN_PART_BYTES
            start = end
    if waiting:
        yield tuple(waiting)


class Copier:
    """Threads that copy and join. To be closed, which waits for what they do.

    Parameters
    ----------
    client
        S3 client with :data:`CONNECTIONS` connections. Its role needs ``s3:GetObject``, ``s3:PutObject`` and
        ``s3:AbortMultipartUpload``.
    bucket
        Of the sources and of what is made of them.
    tick
        Called at least twice a second with the bytes copied so far and in all; may raise to stop.
    """

    def __init__(self, client: BaseClient, bucket: str, tick: Callable[[int, int], None]) -> None:
        self.client = client
        self.bucket = bucket
        self.tick = tick
        self.reads = ThreadPoolExecutor(READS_AT_ONCE, thread_name_prefix="read")
        self.copies = ThreadPoolExecutor(COPIES_AT_ONCE, thread_name_prefix="copy")
        self.joins = ThreadPoolExecutor(JOINS_AT_ONCE, thread_name_prefix="join")

    def read(self, read_range: Range) -> bytes:
        """Read a range of a source."""
        limits = {} if read_range.whole else {"Range": read_range.header}
        response = self.client.get_object(Bucket=self.bucket, Key=read_range.source.key, **limits)
        body: bytes = response["Body"].read()
        return body

    def close(self) -> None:
        for pool in (self.joins, self.copies, self.reads):
            pool.shutdown(cancel_futures=True)


class ConcatenatedObject(Output):
    """The object that the sources, one after the other, make.

    Parameters
    ----------
    copier
        Does the work.
    key
        Of the object.
    sources
        What it is made of: at least one.
    intermediate
        Prefix for objects in between; whoever calls removes them.
    """

    def __init__(
        self, copier: Copier, key: str, content_type: str, sources: Sequence[Source], intermediate: str
    ) -> None:
        super().__init__(copier.client, copier.bucket, key, content_type)
        self.bytes = sum(source.bytes for source in sources)
        self._copier = copier
        self._content_type = content_type
        self._sources = sources
        self._intermediate = intermediate

    def finish(self) -> None:
        """Copy everything, so that :meth:`publish` has only to say so.

        Raises
        ------
        InvalidInputError
            It is more than fits into parts, however large.
        """
        if self.bytes > MAX_PARTS * MAX_COPY_BYTES:
            raise InvalidInputError(
                f"its lines are {self.bytes / 1e12:,.1f} TB, more than one S3 object holds: train on fewer files"
            )
        sources, level = self._sources, 0
        while len(pieces := list(plan(sources))) > MAX_PARTS:
            groups = [pieces[start : start + MAX_PARTS] for start in range(0, len(pieces), MAX_PARTS)]
            sources = [self._in_between(group, f"{level}-{number:04}") for number, group in enumerate(groups)]
            level += 1
        self._copy(pieces)

    def _in_between(self, pieces: list[Piece], name: str) -> Source:
        between = ConcatenatedObject(self._copier, self._intermediate + name, self._content_type, (), "")
        try:
            between._copy(pieces)
            between.publish()
        finally:
            between.abort()
        return Source(self._intermediate + name, sum(r.bytes for piece in pieces for r in piece))

    def _copy(self, pieces: list[Piece]) -> None:
        upload = self._begin()
        parts = [self._submit(upload, number, piece) for number, piece in enumerate(pieces, start=1)]
        done, total = 0, sum(r.bytes for piece in pieces for r in piece)
        try:
            for piece, part in zip(pieces, parts, strict=True):
                while not part.done():
                    wait([part], timeout=TICK_SECONDS)
                    self._copier.tick(done, total)
                self._parts.append(part.result())
                done += sum(r.bytes for r in piece)
        finally:
            # A part that arrives after the upload was aborted would stay, and be paid for.
            for part in parts:
                part.cancel()
            wait(parts)

    def _submit(self, upload: MultipartUpload, number: int, piece: Piece) -> Future[Part]:
        first = piece[0]
        if len(piece) == 1 and (first.whole or first.bytes >= MIN_PART_BYTES):
            return self._copier.copies.submit(self._copy_part, upload, number, first)
        return self._copier.joins.submit(self._join_part, upload, number, piece)

    def _copy_part(self, upload: MultipartUpload, number: int, source: Range) -> Part:
        # S3 takes a range only of objects over 5 MiB.
        limits = {} if source.whole else {"CopySourceRange": source.header}
        copied = {"Bucket": self._copier.bucket, "Key": source.source.key}
        return upload.copy_part(number, CopySource=copied, **limits)

    def _join_part(self, upload: MultipartUpload, number: int, piece: Piece) -> Part:
        return upload.upload_part(number, b"".join(self._copier.reads.map(self._copier.read, piece)))
