"""moto's S3 by itself."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3
from botocore.exceptions import ClientError
from moto.core.utils import convert_to_flask_response
from moto.events.models import Rule
from moto.s3.models import S3Backend
from moto.s3.utils import compute_checksum

from unit.localaws.gaps import fault, main, names, raises

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def _announced(bucket: str) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """A client, and the events of objects created in a new bucket that EventBridge gets."""
    s3, seen = boto3.client("s3"), list[dict[str, Any]]()
    s3.create_bucket(Bucket=bucket)
    boto3.client("events").put_rule(Name="rule", EventPattern='{"source": ["aws.s3"]}')

    def take(rule: Any, event: dict[str, Any], transform_input: bool = True) -> None:
        if event["detail-type"] == "Object Created":
            seen.append(event)

    with mock.patch.object(Rule, "send_to_targets", take):
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        yield s3, seen


@fault
def leaves_event_bridge_out() -> bool:
    with _announced("notified") as (s3, _):
        return "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket="notified")


@fault
def announces_a_multipart_upload_twice() -> bool:
    with _announced("uploads") as (s3, seen):
        upload = {"Bucket": "uploads", "Key": "a"}
        upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
        part = s3.upload_part(**upload, PartNumber=1, Body=b"x")
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    return [event["detail"]["reason"] for event in seen] == ["ObjectCreated", "ObjectCreated"]


@fault
def writes_other_events_than_s3() -> bool:
    with _announced("objects") as (s3, seen):
        for key in "ab":
            s3.put_object(Bucket="objects", Key=key, Body=key.encode())
    first, second = seen
    described = first["detail"]["object"]
    return (
        first["id"] == second["id"]
        and described["sequencer"] == second["detail"]["object"]["sequencer"]
        and "etag" not in described
        and "version-id" in described
        and first["detail"]["reason"] != "PutObject"
    )


@fault
def ignores_conditions_of_bucket_policies() -> bool:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="policies")
    tls_only = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::policies/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(Bucket="policies", Policy=json.dumps({"Version": "2012-10-17", "Statement": [tls_only]}))
    try:
        s3.put_object(Bucket="policies", Key="a", Body=b"1")
    except ClientError as error:
        return bool(error.response["ResponseMetadata"]["HTTPStatusCode"] == 403)
    return False


class _Bucket:
    """A new bucket, with its name and keys filled in."""

    def __init__(self, name: str, versioning: str | None = None) -> None:
        self.client = boto3.client("s3")
        self.name = name
        self.client.create_bucket(Bucket=name)
        if versioning:
            self.client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": versioning})

    def call(self, operation: str, key: str = "a", **parameters: Any) -> Any:
        return getattr(self.client, operation)(Bucket=self.name, Key=key, **parameters)

    def succeeds(self, operation: str, key: str = "a", **parameters: Any) -> bool:
        return not raises(ClientError, lambda: self.call(operation, key, **parameters))

    def uploaded(self, key: str = "a", **options: Any) -> tuple[str, Any]:
        """An upload's id, and its one part."""
        upload: str = self.call("create_multipart_upload", key, **options)["UploadId"]
        return upload, self.call("upload_part", key, UploadId=upload, PartNumber=1, Body=b"part")


def _parts(part: Any, **checksums: str) -> dict[str, Any]:
    return {"Parts": [{"PartNumber": 1, "ETag": part["ETag"], **checksums}]}


@fault
def takes_part_checksums_of_uploads_without() -> bool:
    bucket = _Bucket("part-checksums")
    upload, part = bucket.uploaded()
    parts = _parts(part, ChecksumCRC32="AAAAAA==")
    return bucket.succeeds("complete_multipart_upload", UploadId=upload, MultipartUpload=parts)


@fault
def takes_any_checksum_type() -> bool:
    return _Bucket("types").succeeds("create_multipart_upload", ChecksumType="FULL_OBJECT", ChecksumAlgorithm="SHA256")


@fault
def completes_against_conditions() -> bool:
    bucket = _Bucket("completions")
    bucket.call("put_object", Body=b"1")
    upload, part = bucket.uploaded()
    return bucket.succeeds("complete_multipart_upload", UploadId=upload, MultipartUpload=_parts(part), IfMatch='"x"')


@fault
def checks_no_checksum() -> bool:
    bucket = _Bucket("checks")
    upload, _ = bucket.uploaded()
    wrong: dict[str, Any] = {"Body": b"1", "ChecksumCRC32": "AAAAAA=="}
    return bucket.succeeds("put_object", **wrong) and bucket.succeeds(
        "upload_part", UploadId=upload, PartNumber=1, **wrong
    )


@fault
def forgets_the_checksums_of_parts() -> bool:
    bucket = _Bucket("forgotten")
    upload, _ = bucket.uploaded(ChecksumAlgorithm="CRC32")
    return "ChecksumCRC32" not in bucket.call("list_parts", UploadId=upload)["Parts"][0]


def _copies_part(bucket: str, **parameters: Any) -> bool:
    made = _Bucket(bucket)
    made.call("put_object", Body=b"12345")
    upload, _ = made.uploaded("b")
    return made.succeeds("upload_part_copy", "b", UploadId=upload, PartNumber=1, CopySource=f"{bucket}/a", **parameters)


@fault
def copies_parts_against_conditions() -> bool:
    return _copies_part("copied-parts", CopySourceIfMatch="another")


@fault
def copies_any_range() -> bool:
    return _copies_part("copied-ranges", CopySourceRange="bytes=0-100")


@fault
def computes_another_checksum() -> bool:
    return compute_checksum(b"abc", "CRC32C") == compute_checksum(b"abc", "CRC32")


@fault
def lists_uploads_otherwise() -> bool:
    bucket = _Bucket("listed")
    bucket.uploaded()
    return "NextKeyMarker" not in bucket.client.list_multipart_uploads(Bucket="listed")


@fault
def has_no_default_checksum() -> bool:
    return "ChecksumType" not in _Bucket("defaults").call("put_object", Body=b"1")


@fault
def takes_conditions_that_s3_does_not_have() -> bool:
    bucket = _Bucket("conditions")
    return bucket.succeeds("put_object", Body=b"1", IfNoneMatch='"x"') and bucket.succeeds(
        "delete_object", IfMatchSize=3
    )


@fault
def takes_times_in_the_future() -> bool:
    bucket = _Bucket("times")
    bucket.call("put_object", Body=b"1")
    return not bucket.succeeds("get_object", IfModifiedSince=datetime(2100, 1, 1))


@fault
def reads_all_for_a_part() -> bool:
    bucket = _Bucket("parts")
    upload, part = bucket.uploaded()
    bucket.call("complete_multipart_upload", UploadId=upload, MultipartUpload=_parts(part))
    attributes = bucket.call("get_object_attributes", ObjectAttributes=["ObjectParts"])
    return "ContentRange" not in bucket.call("get_object", PartNumber=1) and "ObjectParts" not in attributes


@fault
def copies_against_conditions() -> bool:
    bucket = _Bucket("copies")
    bucket.call("put_object", Body=b"1")
    bucket.call("put_object", "b", Body=b"1")
    return bucket.succeeds("copy_object", "b", CopySource="copies/a", IfNoneMatch="*")


@fault
def copies_the_checksum_of_parts() -> bool:
    bucket = _Bucket("copied")
    upload, part = bucket.uploaded(ChecksumAlgorithm="SHA256")
    bucket.call("complete_multipart_upload", UploadId=upload, MultipartUpload=_parts(part))
    copied = bucket.call("copy_object", "b", CopySource="copied/a")["CopyObjectResult"]
    whole: str = compute_checksum(b"part", "SHA256").decode()
    return bool(copied["ChecksumSHA256"] != whole)


@fault
def answers_messages_for_errors() -> bool:
    return "ClientError" in names(convert_to_flask_response.__call__)


@fault
def loses_versions_while_suspended() -> bool:
    bucket = _Bucket("suspended-puts", "Enabled")
    version = bucket.call("put_object", Body=b"1")["VersionId"]
    bucket.client.put_bucket_versioning(Bucket="suspended-puts", VersioningConfiguration={"Status": "Suspended"})
    bucket.call("put_object", Body=b"2")
    return not bucket.succeeds("get_object", VersionId=version)


@fault
def deletes_versions_without_versioning() -> bool:
    return _Bucket("unversioned").succeeds("delete_object", VersionId="HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD")


@fault
def makes_no_marker_while_suspended() -> bool:
    bucket = _Bucket("suspended-deletes", "Suspended")
    bucket.call("put_object", Body=b"1")
    return "DeleteMarker" not in bucket.call("delete_object")


@fault
def announces_no_delete_marker() -> bool:
    return "OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT" not in names(S3Backend.delete_object)


@fault
def takes_any_bucket_policy() -> bool:
    bucket = _Bucket("any-policy")
    return not raises(ClientError, lambda: bucket.client.put_bucket_policy(Bucket="any-policy", Policy="x"))


@fault
def keeps_delete_markers_for_ever() -> bool:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="versioned")
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="versioned", Key="a", Body=b"1")
    marker = s3.delete_object(Bucket="versioned", Key="a")["VersionId"]
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Suspended"})
    try:
        s3.delete_object(Bucket="versioned", Key="a", VersionId=marker)
    except AttributeError:
        return True
    return False


if __name__ == "__main__":
    main()
