from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from preprocess.config import OutputPrefix
from preprocess.s3 import output as s3_output
from preprocess.s3.output import Outputs
from unit.preprocess.faults import fail
from unit.preprocess.runs import ARTIFACTS, PREFIX, assert_nothing_left, written

TARGET = OutputPrefix(ARTIFACTS, PREFIX)
PART = 5 * 2**20


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_output, "PART_BYTES", PART)


def write(s3: Any, sizes: dict[str, int]) -> None:
    with Outputs(s3, TARGET) as outputs:
        objects = []
        for name, size in sizes.items():
            output = outputs.open(name, "text/plain")
            for offset in range(0, size, 2**20):
                output.write(bytes([offset >> 20]) * min(2**20, size - offset))
            objects.append(output)
        outputs.publish(*objects)


def content(size: int) -> bytes:
    return b"".join(bytes([n]) * 2**20 for n in range(size // 2**20 + 1))[:size]


@pytest.mark.parametrize("size", [1, PART - 1, PART, PART + 1, 3 * PART, 3 * PART + 7])
def test_every_size(s3: Any, size: int) -> None:
    write(s3, {"a.txt": size})

    assert written(s3) == {"a.txt": content(size)}
    assert s3.head_object(Bucket=ARTIFACTS, Key=PREFIX + "a.txt")["ContentType"] == "text/plain"
    assert s3.list_multipart_uploads(Bucket=ARTIFACTS).get("Uploads", []) == []


def test_nothing_appears_before_publishing(s3: Any) -> None:
    with Outputs(s3, TARGET) as outputs:
        for name, size in (("small", 10), ("large", 2 * PART)):
            outputs.open(name, "text/plain").write(b"x" * size)
        assert written(s3) == {}
    assert_nothing_left(s3)


def test_what_is_not_published_is_given_up(s3: Any) -> None:
    with Outputs(s3, TARGET) as outputs:
        kept = outputs.open("kept", "text/plain")
        kept.write(b"x")
        outputs.open("other", "text/plain").write(b"x" * 2 * PART)
        outputs.publish(kept)

    assert written(s3) == {"kept": b"x"}
    assert s3.list_multipart_uploads(Bucket=ARTIFACTS).get("Uploads", []) == []


def test_an_error_leaves_nothing(s3: Any) -> None:
    with pytest.raises(ZeroDivisionError), Outputs(s3, TARGET) as outputs:
        outputs.open("large", "text/plain").write(b"x" * 2 * PART)
        raise ZeroDivisionError
    assert_nothing_left(s3)


@pytest.mark.parametrize(
    ("operation", "after"),
    [
        ("CreateMultipartUpload", 0),
        ("CreateMultipartUpload", 1),
        ("UploadPart", 0),
        ("UploadPart", 3),
        ("CompleteMultipartUpload", 0),
        ("CompleteMultipartUpload", 1),
        ("PutObject", 0),
    ],
)
def test_a_failing_call_leaves_nothing(s3: Any, operation: str, after: int) -> None:
    fail(s3, operation, after=after)

    with pytest.raises(ClientError, match="injected"):
        write(s3, {"train": 3 * PART, "validation": 2 * PART, "report": 10})
    assert_nothing_left(s3)


@pytest.mark.parametrize("operation", ["CompleteMultipartUpload", "PutObject"])
def test_an_answer_that_gets_lost_leaves_nothing(s3: Any, versions: str | None, operation: str) -> None:
    fail(s3, operation, lost=True)

    with pytest.raises(ClientError, match="injected"):
        write(s3, {"train": 2 * PART, "report": 10})
    assert_nothing_left(s3)


def test_a_failing_clean_up_hides_no_error(s3: Any, caplog: pytest.LogCaptureFixture) -> None:
    fail(s3, "UploadPart", after=1)
    fail(s3, "AbortMultipartUpload", code="AccessDenied")

    with pytest.raises(ClientError, match="UploadPart"):
        write(s3, {"train": 3 * PART})
    assert f"could not clean up s3://{ARTIFACTS}/{PREFIX}train" in caplog.text


def test_memory_holds_two_parts_at_most(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with Outputs(s3, TARGET) as outputs:
        output = outputs.open("a", "text/plain")
        for _ in range(30):
            output.write(b"x" * 2**20)
            assert len(output._buffer) < PART
        assert len(output._parts) >= 30 * 2**20 // PART - 2


def test_an_upload_is_aborted_only_after_its_last_part_has_arrived(s3: Any) -> None:
    """A part that arrives later would stay on S3, invisible and paid for."""
    calls = []

    def slow(**_: Any) -> None:
        time.sleep(0.2)

    s3.meta.events.register("before-call.s3.UploadPart", slow)
    s3.meta.events.register("after-call.s3", lambda model, **_: calls.append(model.name))

    with pytest.raises(ZeroDivisionError), Outputs(s3, TARGET) as outputs:
        outputs.open("large", "text/plain").write(b"x" * PART)
        raise ZeroDivisionError
    assert calls == ["CreateMultipartUpload", "UploadPart", "AbortMultipartUpload"]


@pytest.fixture(params=["Enabled", "Suspended", None])
def versions(s3: Any, request: pytest.FixtureRequest) -> str | None:
    """What becomes of versions in the bucket; ``None`` where there never were any."""
    status: str | None = request.param
    if status:
        s3.put_bucket_versioning(Bucket=ARTIFACTS, VersioningConfiguration={"Status": status})
    return status


@pytest.mark.parametrize("size", [10, 2 * PART])
def test_what_an_overlapping_invocation_has_written_stays(s3: Any, versions: str | None, size: int) -> None:
    """The first is slow and then fails; the second, of equal content, has finished meanwhile."""

    def meanwhile(params: dict[str, Any], **_: Any) -> None:
        if params["url"].endswith("report"):
            s3.meta.events.unregister("before-call.s3.PutObject", meanwhile)
            write(s3, {"train": size, "report": 3})
            raise ClientError({"Error": {"Code": "InternalError", "Message": "injected"}}, "PutObject")

    s3.meta.events.register("before-call.s3.PutObject", meanwhile)

    with pytest.raises(ClientError, match="injected"):
        write(s3, {"train": size, "report": 3})
    assert written(s3) == {"train": content(size), "report": content(3)}


@pytest.mark.parametrize("size", [10, 2 * PART])
def test_two_invocations_that_fail_leave_nothing(s3: Any, size: int) -> None:
    """Where versions are kept, the second one's must not uncover the first one's."""
    s3.put_bucket_versioning(Bucket=ARTIFACTS, VersioningConfiguration={"Status": "Enabled"})
    error = ClientError({"Error": {"Code": "InternalError", "Message": "injected"}}, "PutObject")

    def meanwhile(params: dict[str, Any], **_: Any) -> None:
        if not params["url"].endswith("report"):
            return
        if not again:
            again.append(True)
            with pytest.raises(ClientError, match="injected"):
                write(s3, {"train": size, "report": 3})
        raise error

    again: list[bool] = []
    s3.meta.events.register("before-call.s3.PutObject", meanwhile)

    with pytest.raises(ClientError, match="injected"):
        write(s3, {"train": size, "report": 3})
    assert_nothing_left(s3)


def test_withdrawing_takes_the_version_and_leaves_no_marker(s3: Any) -> None:
    s3.put_bucket_versioning(Bucket=ARTIFACTS, VersioningConfiguration={"Status": "Enabled"})
    fail(s3, "PutObject")

    with pytest.raises(ClientError, match="injected"):
        write(s3, {"train": 2 * PART, "report": 10})
    listed = s3.list_object_versions(Bucket=ARTIFACTS)
    assert (listed.get("Versions", []), listed.get("DeleteMarkers", [])) == ([], [])


def test_a_role_that_may_not_look_leaves_what_was_not_answered(s3: Any) -> None:
    fail(s3, "PutObject", lost=True)
    fail(s3, "HeadObject", code="403")

    with pytest.raises(ClientError, match="PutObject"):
        write(s3, {"report": 10})
    assert set(written(s3)) == {"report"}


def test_nobody_looks_for_what_was_refused(s3: Any) -> None:
    """The role that writes may not read, and an answer of S3's is enough."""
    fail(s3, "PutObject", code="AccessDenied")
    looked: list[str] = []
    s3.meta.events.register("before-call.s3.HeadObject", lambda model, **_: looked.append(model.name))

    with pytest.raises(ClientError, match="AccessDenied"):
        write(s3, {"train": 2 * PART, "report": 10})
    assert looked == ["HeadObject"], "of the train object, whose bucket keeps no versions"
    assert_nothing_left(s3)
