"""Conditional requests, and what versions leave behind; as recorded on AWS."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from localaws import LocalAWS

YESTERDAY, TOMORROW = (datetime.now(UTC) + timedelta(days=days) for days in (-1, 1))


@pytest.fixture
def s3(aws: LocalAWS) -> Any:
    client = aws.client("s3")
    client.create_bucket(Bucket="reviews")
    return client


def status(call: Any, **parameters: Any) -> int:
    try:
        return int(call(Bucket="reviews", Key="a", **parameters)["ResponseMetadata"]["HTTPStatusCode"])
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])


@pytest.mark.parametrize("operation", ["get_object", "head_object"])
@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"IfMatch": "etag"}, 200),
        ({"IfMatch": '"x"'}, 412),
        ({"IfNoneMatch": "etag"}, 304),
        ({"IfNoneMatch": '"x"'}, 200),
        ({"IfModifiedSince": YESTERDAY}, 200),
        ({"IfModifiedSince": "now"}, 304),
        ({"IfModifiedSince": TOMORROW}, 200),
        ({"IfUnmodifiedSince": YESTERDAY}, 412),
        ({"IfUnmodifiedSince": TOMORROW}, 200),
        # A match beats a time.
        ({"IfMatch": "etag", "IfUnmodifiedSince": YESTERDAY}, 200),
        ({"IfNoneMatch": '"x"', "IfModifiedSince": "now"}, 200),
        ({"IfMatch": '"x"', "IfNoneMatch": "etag"}, 412),
    ],
)
def test_reads(s3: Any, operation: str, conditions: dict[str, Any], expected: int) -> None:
    etag = s3.put_object(Bucket="reviews", Key="a", Body=b"1")["ETag"]
    now = s3.head_object(Bucket="reviews", Key="a")["LastModified"]
    given = {name: {"etag": etag, "now": now}.get(value, value) for name, value in conditions.items()}

    assert status(getattr(s3, operation), **given) == expected


@pytest.mark.parametrize("operation", ["put_object", "copy_object"])
@pytest.mark.parametrize(
    ("there", "conditions", "expected"),
    [
        (True, {"IfMatch": "etag"}, 200),
        (True, {"IfMatch": '"x"'}, 412),
        (False, {"IfMatch": '"x"'}, 404),
        (True, {"IfNoneMatch": "*"}, 412),
        (False, {"IfNoneMatch": "*"}, 200),
        (True, {"IfNoneMatch": "etag"}, 501),
        (True, {"IfMatch": "*"}, 501),
        (True, {"IfMatch": "etag", "IfNoneMatch": "*"}, 501),
    ],
)
def test_writes(s3: Any, operation: str, there: bool, conditions: dict[str, str], expected: int) -> None:
    s3.put_object(Bucket="reviews", Key="source", Body=b"1")
    etag = s3.put_object(Bucket="reviews", Key="a", Body=b"2")["ETag"] if there else ""
    given = {name: {"etag": etag}.get(value, value) for name, value in conditions.items()}
    data = {"Body": b"3"} if operation == "put_object" else {"CopySource": "reviews/source"}

    assert status(getattr(s3, operation), **data, **given) == expected


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"CopySourceIfMatch": '"x"'}, 412),
        ({"CopySourceIfNoneMatch": "etag"}, 412),
        ({"CopySourceIfModifiedSince": TOMORROW}, 200),
        ({"CopySourceIfUnmodifiedSince": YESTERDAY}, 412),
        ({"CopySourceIfMatch": "etag", "CopySourceIfUnmodifiedSince": YESTERDAY}, 200),
        ({"CopySourceIfNoneMatch": '"x"', "CopySourceIfUnmodifiedSince": YESTERDAY}, 412),
    ],
)
def test_copies(s3: Any, conditions: dict[str, Any], expected: int) -> None:
    etag = s3.put_object(Bucket="reviews", Key="source", Body=b"1")["ETag"]
    given = {name: {"etag": etag}.get(value, value) for name, value in conditions.items()}

    assert status(s3.copy_object, CopySource="reviews/source", **given) == expected


def test_deletes(s3: Any) -> None:
    etag = s3.put_object(Bucket="reviews", Key="a", Body=b"1")["ETag"]

    assert status(s3.delete_object, IfMatch='"x"') == 412
    assert status(s3.delete_object, IfMatchSize=1) == 501
    assert status(s3.delete_object, VersionId="HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD") == 400
    assert status(s3.delete_object, IfMatch=etag) == 204
    assert status(s3.delete_object) == 204
    assert status(s3.delete_object, IfMatch=etag) == 404


def test_deletes_of_several(s3: Any) -> None:
    s3.put_object(Bucket="reviews", Key="a", Body=b"1")
    version = "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"

    answer = s3.delete_objects(
        Bucket="reviews", Delete={"Objects": [{"Key": "a", "VersionId": version}, {"Key": "none"}]}
    )

    [error] = answer["Errors"]
    assert (error["Code"], error["Key"], error["VersionId"]) == ("NoSuchVersion", "a", version)
    assert [each["Key"] for each in answer["Deleted"]] == ["none"]
    assert s3.get_object(Bucket="reviews", Key="a")["Body"].read() == b"1"


def _versioning(s3: Any, state: str) -> None:
    s3.put_bucket_versioning(Bucket="reviews", VersioningConfiguration={"Status": state})


def test_suspended_versioning_keeps_what_there_was(s3: Any) -> None:
    _versioning(s3, "Enabled")
    first = s3.put_object(Bucket="reviews", Key="a", Body=b"1")["VersionId"]
    _versioning(s3, "Suspended")

    assert "VersionId" not in s3.put_object(Bucket="reviews", Key="a", Body=b"2")
    s3.put_object(Bucket="reviews", Key="a", Body=b"3")
    assert s3.get_object(Bucket="reviews", Key="a")["Body"].read() == b"3"
    marker = s3.delete_object(Bucket="reviews", Key="a")

    assert (marker["DeleteMarker"], marker["VersionId"]) == (True, "null")
    listed = s3.list_object_versions(Bucket="reviews")
    assert [version["VersionId"] for version in listed["Versions"]] == [first]
    assert [version["VersionId"] for version in listed["DeleteMarkers"]] == ["null"]
    assert s3.get_object(Bucket="reviews", Key="a", VersionId=first)["Body"].read() == b"1"


def test_delete_markers(s3: Any) -> None:
    _versioning(s3, "Enabled")
    version = s3.put_object(Bucket="reviews", Key="a", Body=b"1")["VersionId"]
    marker = s3.delete_object(Bucket="reviews", Key="a")["VersionId"]

    gone = s3.delete_object(Bucket="reviews", Key="a", VersionId=marker)

    assert (gone["DeleteMarker"], gone["VersionId"]) == (True, marker)
    assert s3.get_object(Bucket="reviews", Key="a")["Body"].read() == b"1"
    assert "DeleteMarker" not in s3.delete_object(Bucket="reviews", Key="a", VersionId=version)
    assert s3.delete_object(Bucket="reviews", Key="never")["DeleteMarker"]
