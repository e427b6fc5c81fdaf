from __future__ import annotations

import io
from typing import Any

import pytest

from preprocess.config import InputObject
from preprocess.errors import InvalidInputError
from preprocess.s3 import input as s3_input
from preprocess.s3.input import S3Object
from unit.preprocess.faults import BREAKS, Flaky, fail
from unit.preprocess.runs import INPUT

BODY = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)


def read(client: Any, **source: Any) -> bytes:
    with S3Object(client, InputObject(INPUT, "k", **source)) as stream:
        return io.BufferedReader(stream, 1000).read()


def test_reads_and_knows_what_it_read(s3: Any) -> None:
    put = s3.put_object(Bucket=INPUT, Key="k", Body=BODY)

    with S3Object(s3, InputObject(INPUT, "k")) as stream:
        assert io.BufferedReader(stream).read() == BODY
        assert (stream.etag, stream.version_id) == (put["ETag"].strip('"'), put["VersionId"])
        assert (stream.size, stream.position) == (len(BODY), len(BODY))


def test_reads_the_version_of_the_event(s3: Any) -> None:
    old = s3.put_object(Bucket=INPUT, Key="k", Body=b"old")
    s3.put_object(Bucket=INPUT, Key="k", Body=b"new")

    assert read(s3, version_id=old["VersionId"], etag=old["ETag"].strip('"')) == b"old"


def test_refuses_what_was_overwritten(s3: Any) -> None:
    old = s3.put_object(Bucket=INPUT, Key="k", Body=b"old")
    s3.put_object(Bucket=INPUT, Key="k", Body=b"new")

    with pytest.raises(InvalidInputError, match="overwritten after its event"):
        read(s3, etag=old["ETag"].strip('"'))


def test_refuses_what_was_deleted(s3: Any) -> None:
    with pytest.raises(InvalidInputError, match="deleted after its event, or never existed"):
        read(s3)
    put = s3.put_object(Bucket=INPUT, Key="k", Body=b"old")
    s3.delete_object(Bucket=INPUT, Key="k", VersionId=put["VersionId"])
    with pytest.raises(InvalidInputError, match="this version of it was deleted"):
        read(s3, version_id=put["VersionId"])


@pytest.mark.parametrize(("code", "words"), [("MethodNotAllowed", "delete marker"), ("InvalidObjectState", "archived")])
def test_refuses_what_holds_no_data(s3: Any, code: str, words: str) -> None:
    fail(s3, "GetObject", code=code)

    with pytest.raises(InvalidInputError, match=words):
        read(s3)


def test_other_errors_of_s3_stay_what_they_are(s3: Any) -> None:
    with pytest.raises(s3.exceptions.NoSuchBucket):
        S3Object(s3, InputObject("other", "k"))


@pytest.mark.parametrize("error", BREAKS, ids=lambda error: type(error).__name__)
def test_a_broken_download_goes_on_where_it_broke(s3: Any, error: Exception | None) -> None:
    etag = s3.put_object(Bucket=INPUT, Key="k", Body=BODY)["ETag"]
    client = Flaky(s3, [(2500, error), (1, error), (0, error)])

    assert read(client) == BODY
    assert [request.get("Range") for request in client.requests] == [None, "bytes=2500-", "bytes=2501-", "bytes=2501-"]
    assert all(request["IfMatch"] == etag for request in client.requests[1:])


def test_a_broken_download_of_a_version_goes_on_in_that_version(s3: Any) -> None:
    old = s3.put_object(Bucket=INPUT, Key="k", Body=BODY)
    s3.put_object(Bucket=INPUT, Key="k", Body=b"new")

    assert read(Flaky(s3, [(2500, None)]), version_id=old["VersionId"]) == BODY


def test_a_broken_download_never_goes_on_in_another_object(s3: Any) -> None:
    s3.put_object(Bucket=INPUT, Key="k", Body=BODY)

    class Overwritten(Flaky):
        def get_object(self, **request: Any) -> Any:
            response = super().get_object(**request)
            s3.put_object(Bucket=INPUT, Key="k", Body=BODY[::-1])
            return response

    with pytest.raises(InvalidInputError, match="overwritten"):
        read(Overwritten(s3, [(2500, None)]))


@pytest.mark.parametrize("error", BREAKS, ids=lambda error: type(error).__name__)
def test_it_gives_up_in_the_end(s3: Any, error: Exception | None) -> None:
    s3.put_object(Bucket=INPUT, Key="k", Body=BODY)
    client = Flaky(s3, [(100, error)] * 50)

    with pytest.raises(type(error or ConnectionError())):
        read(client)
    assert len(client.requests) == 1 + s3_input.MAX_RESUMPTIONS
