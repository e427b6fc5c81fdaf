"""S3's events, bucket policies and conditional reads as on AWS."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.events.models import Rule

from localaws import LocalAWS
from localaws.access import credentials
from unit.localaws.conftest import MakeRole, allow, document

Events = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def events(aws: LocalAWS, monkeypatch: pytest.MonkeyPatch) -> Events:
    """Collect the events that reach a rule of the default bus."""
    seen: queue.Queue[dict[str, Any]] = queue.Queue()
    monkeypatch.setattr(Rule, "send_to_targets", lambda self, event, transform_input=True: seen.put(event))
    aws.client("events").put_rule(Name="uploads", EventPattern='{"source": ["aws.s3"]}')

    def collect(count: int) -> list[dict[str, Any]]:
        collected = [seen.get(timeout=5) for _ in range(count)]
        with pytest.raises(queue.Empty):
            seen.get(timeout=0.2)
        return collected

    return collect


def watched_bucket(aws: LocalAWS, name: str = "reviews", *, versioned: bool = False, on: bool = True) -> Any:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=name)
    if versioned:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    if on:
        configuration: dict[str, Any] = {"EventBridgeConfiguration": {}}
        s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=configuration)
    return s3


def test_the_notification_configuration_says_what_was_put(aws: LocalAWS) -> None:
    s3 = watched_bucket(aws)
    assert s3.get_bucket_notification_configuration(Bucket="reviews")["EventBridgeConfiguration"] == {}
    s3.put_bucket_notification_configuration(Bucket="reviews", NotificationConfiguration={})
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket="reviews")


def test_a_put_sends_one_event_as_documented(aws: LocalAWS, events: Events) -> None:
    s3 = watched_bucket(aws)
    etag = s3.put_object(Bucket="reviews", Key="in/日本 a+b%20.csv", Body=b"a,b\n")["ETag"]
    (event,) = events(1)
    assert event["detail"].pop("request-id")
    assert event.pop("id") != "17793124-05d4-b198-2fde-7ededc63b103"
    assert event.pop("time").endswith("Z")
    assert len(event["detail"]["object"].pop("sequencer")) == 18
    assert event == {
        "version": "0",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "123456789012",
        "region": "us-east-1",
        "resources": ["arn:aws:s3:::reviews"],
        "detail": {
            "version": "0",
            "bucket": {"name": "reviews"},
            "object": {"key": "in/日本 a+b%20.csv", "size": 4, "etag": etag.strip('"')},
            "requester": "123456789012",
            "source-ip-address": "127.0.0.1",
            "reason": "PutObject",
        },
    }


def test_each_way_to_make_an_object_sends_one_event_with_its_reason(aws: LocalAWS, events: Events) -> None:
    s3 = watched_bucket(aws)
    s3.put_object(Bucket="reviews", Key="a", Body=b"x")
    s3.copy_object(Bucket="reviews", Key="b", CopySource="reviews/a")
    upload = s3.create_multipart_upload(Bucket="reviews", Key="c")["UploadId"]
    part = s3.upload_part(Bucket="reviews", Key="c", UploadId=upload, PartNumber=1, Body=b"xyz")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket="reviews", Key="c", UploadId=upload, MultipartUpload=parts)
    seen = {event["detail"]["object"]["key"]: event["detail"] for event in events(3)}
    assert [seen[key]["reason"] for key in "abc"] == ["PutObject", "CopyObject", "CompleteMultipartUpload"]
    assert seen["c"]["object"]["etag"].endswith("-1")
    sequencers = [int(seen[key]["object"]["sequencer"], 16) for key in "abc"]
    assert sequencers == sorted(set(sequencers))


def test_a_versioned_bucket_names_the_version(aws: LocalAWS, events: Events) -> None:
    s3 = watched_bucket(aws, versioned=True)
    version = s3.put_object(Bucket="reviews", Key="a", Body=b"x")["VersionId"]
    (event,) = events(1)
    assert event["detail"]["object"]["version-id"] == version


def test_a_delete_is_an_event_too(aws: LocalAWS, events: Events) -> None:
    s3 = watched_bucket(aws)
    s3.put_object(Bucket="reviews", Key="a", Body=b"x")
    s3.delete_object(Bucket="reviews", Key="a")
    deleted = next(event for event in events(2) if event["detail-type"] == "Object Deleted")
    assert deleted["detail"]["reason"] == "DeleteObject"
    assert deleted["detail"]["deletion-type"] == "Permanently Deleted"


def test_a_delete_marker_is_told_from_a_delete(aws: LocalAWS, events: Events) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html, `deletion-type`."""
    s3 = watched_bucket(aws, versioned=True)
    s3.put_object(Bucket="reviews", Key="a", Body=b"x")
    marker = s3.delete_object(Bucket="reviews", Key="a")["VersionId"]
    deleted = next(event for event in events(2) if event["detail-type"] == "Object Deleted")
    assert deleted["detail"]["deletion-type"] == "Delete Marker Created"
    assert deleted["detail"]["object"]["version-id"] == marker


def test_a_restore_is_announced(aws: LocalAWS, events: Events) -> None:
    """Recorded."""
    s3 = watched_bucket(aws)
    s3.put_object(Bucket="reviews", Key="a", Body=b"x", StorageClass="GLACIER")
    s3.restore_object(Bucket="reviews", Key="a", RestoreRequest={"Days": 1})
    restored = next(event for event in events(2) if event["detail-type"] == "Object Restore Initiated")
    assert restored["detail"]["source-storage-class"] == "GLACIER"
    assert not {"reason", "sequencer"} & {*restored["detail"], *restored["detail"]["object"]}


def test_nothing_is_sent_while_event_bridge_is_off(aws: LocalAWS, events: Events) -> None:
    s3 = watched_bucket(aws, on=False)
    s3.put_object(Bucket="reviews", Key="a", Body=b"x")
    assert events(0) == []


def test_a_failing_put_sends_nothing(aws: LocalAWS, events: Events, make_role: MakeRole) -> None:
    watched_bucket(aws)
    with pytest.raises(ClientError):
        credentials.client("s3", make_role()).put_object(Bucket="reviews", Key="a", Body=b"x")
    assert events(0) == []


def plain_http(client: Any) -> Any:
    """Let a client's calls count as sent without TLS."""
    client.meta.events.register(
        "before-sign.s3", lambda request, **_: request.headers.add_header("x-localaws-plain-http", "1")
    )
    return client


def test_a_bucket_policy_can_insist_on_tls(aws: LocalAWS, make_role: MakeRole) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="reviews")
    tls_only = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::reviews", "arn:aws:s3:::reviews/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(Bucket="reviews", Policy=document(tls_only))
    s3.put_object(Bucket="reviews", Key="a", Body=b"x")
    role = make_role(allow("s3:*"))
    assert credentials.client("s3", role).get_object(Bucket="reviews", Key="a")["Body"].read() == b"x"
    for client in (aws.client("s3"), credentials.client("s3", role)):
        with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
            plain_http(client).get_object(Bucket="reviews", Key="a")
        with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
            client.list_objects_v2(Bucket="reviews")


def test_a_bucket_policy_can_keep_foreign_principals_out(aws: LocalAWS, make_role: MakeRole) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="reviews")
    reader, other = make_role(allow("s3:*"), name="reader"), make_role(allow("s3:*"), name="other")
    foreign = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::reviews/*",
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": reader}},
    }
    s3.put_bucket_policy(Bucket="reviews", Policy=document(foreign))
    credentials.client("s3", reader).put_object(Bucket="reviews", Key="a", Body=b"")
    with pytest.raises(ClientError, match="explicit deny"):
        credentials.client("s3", other).put_object(Bucket="reviews", Key="a", Body=b"")


def test_an_unknown_condition_is_an_error_not_a_guess(aws: LocalAWS) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="reviews")
    dated = allow("s3:*", "arn:aws:s3:::reviews/*", DateLessThan={"aws:CurrentTime": "2030-01-01T00:00:00Z"})
    s3.put_bucket_policy(Bucket="reviews", Policy=document(dated | {"Principal": "*"}))
    with pytest.raises(ClientError, match="Unknown condition operator 'DateLessThan'"):
        s3.get_object(Bucket="reviews", Key="a")


def test_reads_can_be_bound_to_an_etag_or_a_version(aws: LocalAWS) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="reviews")
    first = s3.put_object(Bucket="reviews", Key="a", Body=b"1")
    assert s3.get_object(Bucket="reviews", Key="a", IfMatch=first["ETag"])["Body"].read() == b"1"
    s3.put_object(Bucket="reviews", Key="a", Body=b"2")
    with pytest.raises(ClientError) as refusal:
        s3.get_object(Bucket="reviews", Key="a", IfMatch=first["ETag"])
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    s3.put_bucket_versioning(Bucket="reviews", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="reviews", Key="a", Body=b"3")["VersionId"]
    s3.delete_object(Bucket="reviews", Key="a")
    assert s3.get_object(Bucket="reviews", Key="a", VersionId=version)["Body"].read() == b"3"
    s3.delete_object(Bucket="reviews", Key="a", VersionId=version)
    with pytest.raises(ClientError, match="NoSuchVersion"):
        s3.get_object(Bucket="reviews", Key="a", VersionId=version)


@pytest.mark.parametrize(
    "key", ["a b", "a+b", "100%", "a%20b", "レビュー.csv", "😀.csv", "a//b", "?x=1", "#", "k" * 1024, "<&>\"'"]
)
def test_any_key_goes_through(aws: LocalAWS, make_role: MakeRole, key: str) -> None:
    aws.client("s3").create_bucket(Bucket="reviews")
    s3 = credentials.client("s3", make_role(allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::reviews/{key}")))
    s3.put_object(Bucket="reviews", Key=key, Body=b"x")
    assert s3.get_object(Bucket="reviews", Key=key)["Body"].read() == b"x"
    assert aws.client("s3").list_objects_v2(Bucket="reviews")["Contents"][0]["Key"] == key


def test_a_bucket_is_emptied_of_versions_and_delete_markers_after_its_versioning(aws: LocalAWS) -> None:
    """Terraform destroys a bucket's versioning, which suspends it, before the bucket that it empties."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="emptied")
    s3.put_bucket_versioning(Bucket="emptied", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="emptied", Key="a", Body=b"1")
    s3.delete_object(Bucket="emptied", Key="a")
    s3.put_bucket_versioning(Bucket="emptied", VersioningConfiguration={"Status": "Suspended"})
    listed = s3.list_object_versions(Bucket="emptied")
    found = [{"Key": "a", "VersionId": item["VersionId"]} for item in listed["Versions"] + listed["DeleteMarkers"]]
    assert len(found) == 2

    answer = s3.delete_objects(Bucket="emptied", Delete={"Objects": found})

    assert "Errors" not in answer
    s3.delete_bucket(Bucket="emptied")
