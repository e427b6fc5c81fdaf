"""moto's S3 by itself."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3
from botocore.exceptions import ClientError
from moto.events.models import Rule

from unit.localaws.gaps import fault, main

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
