from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from preprocess.errors import InvalidInputError
from preprocess.folder import concatenation
from preprocess.folder.concatenation import MIN_PART_BYTES, ConcatenatedObject, Copier, Range, Source, plan
from unit.preprocess.faults import fail
from unit.preprocess.runs import ARTIFACTS, assert_nothing_left

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 2**20
GIB = 2**30


@pytest.fixture
def copier(s3: Any) -> Iterator[Copier]:
    copier = Copier(s3, ARTIFACTS, lambda done, total: None)
    yield copier
    copier.close()


def sources(*sizes: int) -> list[Source]:
    return [Source(f"{number:05}", size) for number, size in enumerate(sizes)]


def upload(s3: Any, *sizes: int) -> tuple[list[Source], bytes]:
    """Upload sources of these sizes; gives them and what they make together."""
    bodies = [bytes([number % 251]) * (size - 1) + b"\n" for number, size in enumerate(sizes)]
    for source, body in zip(sources(*sizes), bodies, strict=True):
        s3.put_object(Bucket=ARTIFACTS, Key=source.key, Body=body)
    return sources(*sizes), b"".join(bodies)


def concatenate(copier: Copier, parts: list[Source]) -> ConcatenatedObject:
    target = ConcatenatedObject(copier, "all.txt", "text/plain", parts, "between/")
    try:
        target.finish()
        target.publish()
    finally:
        target.abort()
    return target


def read(s3: Any) -> bytes:
    body: bytes = s3.get_object(Bucket=ARTIFACTS, Key="all.txt")["Body"].read()
    return body


def operations(s3: Any) -> list[str]:
    """Record the names of the calls that a client makes from now on."""
    made: list[str] = []
    s3.meta.events.register("before-call.s3", lambda model, **_: made.append(model.name))
    return made


SIZES = [
    pytest.param((1,), id="one byte"),
    pytest.param((1, 2, 3), id="all small"),
    pytest.param((MIN_PART_BYTES,), id="exactly the least"),
    pytest.param((MIN_PART_BYTES - 1, 1), id="exactly the least together"),
    pytest.param((MIN_PART_BYTES, MIN_PART_BYTES, 1), id="large ones and a rest"),
    pytest.param((6 * MIB, 1, 6 * MIB, 2 * MIB, 3 * MIB + 1, 12 * MIB, 7), id="mixed"),
    pytest.param((1, 5 * MIB, 5 * MIB, 5 * MIB), id="a small one first"),
    pytest.param(tuple([3 * MIB + 11] * 9), id="medium"),
]


@pytest.mark.parametrize("sizes", SIZES)
def test_every_byte_once_and_in_order(s3: Any, copier: Copier, sizes: tuple[int, ...]) -> None:
    parts, whole = upload(s3, *sizes)

    target = concatenate(copier, parts)

    assert read(s3) == whole
    assert target.bytes == len(whole)
    assert s3.head_object(Bucket=ARTIFACTS, Key="all.txt")["ContentType"] == "text/plain"


@pytest.mark.parametrize("sizes", [*SIZES, pytest.param((1, GIB + 7, 5 * GIB, 3, 40 * GIB + 1), id="huge")])
def test_parts_are_of_the_sizes_that_s3_takes(sizes: tuple[int, ...]) -> None:
    pieces = list(plan(sources(*sizes)))

    ranges = [r for piece in pieces for r in piece]
    covered = {source: [(r.start, r.end) for r in ranges if r.source == source] for source in sources(*sizes)}
    for source, spans in covered.items():
        assert [start for start, _ in spans] == [0, *(end for _, end in spans[:-1])]
        assert spans[-1][1] == source.bytes
    assert [r.source.key for r in ranges] == sorted(r.source.key for r in ranges)
    lengths = [sum(r.bytes for r in piece) for piece in pieces]
    assert all(MIN_PART_BYTES <= length <= 5 * GIB for length in lengths[:-1])
    assert all(len(piece) == 1 or length <= MIN_PART_BYTES for piece, length in zip(pieces, lengths, strict=True))


def test_five_terabytes_of_large_objects_need_no_objects_in_between() -> None:
    assert len(list(plan(sources(*[7 * GIB] * 731)))) <= 10_000


def test_what_no_object_holds_is_refused(copier: Copier) -> None:
    target = ConcatenatedObject(copier, "all.txt", "text/plain", sources(*[5 * GIB] * 10_001), "between/")

    with pytest.raises(InvalidInputError, match=r"53\.7 TB"):
        target.finish()


def test_large_ones_do_not_pass_through_memory(s3: Any, copier: Copier) -> None:
    parts, _ = upload(s3, 6 * MIB, 7 * MIB, 8 * MIB)
    made = operations(s3)

    concatenate(copier, parts)

    assert sorted(made) == ["CompleteMultipartUpload", "CreateMultipartUpload", *["UploadPartCopy"] * 3]


def test_only_what_fills_a_part_is_read(s3: Any, copier: Copier, monkeypatch: pytest.MonkeyPatch) -> None:
    parts, whole = upload(s3, 1 * MIB, 20 * MIB)
    read_ranges: list[Range] = []
    read_range = copier.read

    def recording(r: Range) -> bytes:
        read_ranges.append(r)
        return read_range(r)

    monkeypatch.setattr(copier, "read", recording)

    concatenate(copier, parts)

    assert sum(r.bytes for r in read_ranges) == MIN_PART_BYTES
    assert read(s3) == whole


def test_more_parts_than_s3_takes(s3: Any, copier: Copier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concatenation, "MAX_PARTS", 3)
    parts, whole = upload(s3, *[5 * MIB + number for number in range(10)], 3)
    made = operations(s3)

    concatenate(copier, parts)

    assert read(s3) == whole
    # Ten parts and a rest in four objects, these in two, and these in one.
    assert made.count("CompleteMultipartUpload") == 4 + 2 + 1
    assert s3.list_multipart_uploads(Bucket=ARTIFACTS).get("Uploads", []) == []


def test_ten_thousand_parts_and_more(s3: Any, copier: Copier, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit as S3 has it, on parts too small for it."""
    monkeypatch.setattr(concatenation, "MIN_PART_BYTES", 4)
    numbers: list[list[int]] = []

    def pretend(self: ConcatenatedObject, pieces: list[Any]) -> None:
        numbers.append([r.bytes for piece in pieces for r in piece])
        self._parts = []

    monkeypatch.setattr(ConcatenatedObject, "_copy", pretend)
    monkeypatch.setattr(ConcatenatedObject, "publish", lambda self: None)
    ConcatenatedObject(copier, "all.txt", "text/plain", sources(*[5] * 10_001), "between/").finish()

    assert [len(pieces) for pieces in numbers] == [10_000, 1, 2]
    assert numbers[-1] == [50_000, 5]


@pytest.mark.parametrize(
    ("operation", "after"),
    [
        ("CreateMultipartUpload", 0),
        ("UploadPartCopy", 0),
        ("UploadPartCopy", 2),
        ("UploadPart", 0),
        ("GetObject", 1),
        ("CompleteMultipartUpload", 0),
    ],
)
def test_a_failing_call_leaves_no_upload(s3: Any, copier: Copier, operation: str, after: int) -> None:
    parts, _ = upload(s3, 6 * MIB, 6 * MIB, 6 * MIB, 1 * MIB, 2 * MIB)
    fail(s3, operation, after=after)

    with pytest.raises(ClientError, match="injected"):
        concatenate(copier, parts)
    for part in parts:
        s3.delete_object(Bucket=ARTIFACTS, Key=part.key)
    assert_nothing_left(s3)


def test_an_object_in_between_that_fails_leaves_no_upload(
    s3: Any, copier: Copier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(concatenation, "MAX_PARTS", 2)
    parts, _ = upload(s3, *[5 * MIB] * 5)
    fail(s3, "UploadPartCopy", after=3)

    with pytest.raises(ClientError, match="injected"):
        concatenate(copier, parts)
    assert s3.list_multipart_uploads(Bucket=ARTIFACTS).get("Uploads", []) == []


def test_stopping_waits_for_the_copies_that_run(s3: Any) -> None:
    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        assert (done, total) == (0, 10 * MIB)
        raise StopError

    copier = Copier(s3, ARTIFACTS, stop)
    parts, _ = upload(s3, 5 * MIB, 5 * MIB)
    started, finished = threading.Event(), []
    copy = s3.upload_part_copy

    def slow(**request: Any) -> Any:
        started.set()
        threading.Event().wait(0.2)
        finished.append(request["PartNumber"])
        return copy(**request)

    s3.upload_part_copy = slow
    with pytest.raises(StopError):
        concatenate(copier, parts)
    count = len(finished)
    assert started.is_set()
    copier.close()
    assert len(finished) == count
    assert s3.list_multipart_uploads(Bucket=ARTIFACTS).get("Uploads", []) == []


def test_memory_does_not_grow_with_the_number_of_joins(copier: Copier, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred joined parts of 5 MiB: the bodies that exist at one time are those of the joining threads."""
    held, most = 0, 0
    lock = threading.Lock()

    def read(r: Range) -> bytes:
        nonlocal held, most
        with lock:
            held += r.bytes
            most = max(most, held)
        return bytes(r.bytes)

    class Client:
        def create_multipart_upload(self, **_: Any) -> dict[str, str]:
            return {"UploadId": "1"}

        def upload_part(self, Body: bytes, **_: Any) -> dict[str, str]:  # noqa: N803
            nonlocal held
            with lock:
                held -= len(Body)
            return {"ETag": "e"}

    monkeypatch.setattr(copier, "read", read)
    monkeypatch.setattr(copier, "client", Client())
    target = ConcatenatedObject(copier, "all.txt", "text/plain", sources(*[MIB] * 500), "between/")
    target.finish()

    assert len(target._parts) == 100
    assert most <= concatenation.JOINS_AT_ONCE * MIN_PART_BYTES
