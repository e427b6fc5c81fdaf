"""What moto 5.2.1 lacks in S3. A failure here means that moto no longer needs the workaround."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from typing import Any

HEAD = """
    import json
    import boto3
    from moto import mock_aws

    mock = mock_aws()
    mock.start()
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.create_bucket(Bucket="reviews")

    def upload():
        upload = s3.create_multipart_upload(Bucket="reviews", Key="a")["UploadId"]
        part = s3.upload_part(Bucket="reviews", Key="a", UploadId=upload, PartNumber=1, Body=b"x")
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        s3.complete_multipart_upload(Bucket="reviews", Key="a", UploadId=upload, MultipartUpload=parts)

    def watch():
        from moto.events.models import Rule

        seen = []
        Rule.send_to_targets = lambda self, event, transform_input=True: seen.append(event)
        boto3.client("events", region_name="us-east-1").put_rule(Name="r", EventPattern='{"source": ["aws.s3"]}')
        s3.put_bucket_notification_configuration(
            Bucket="reviews", NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        return seen
"""


def unpatched(code: str) -> Any:
    """Run code on moto as it comes; gives what it prints as JSON."""
    script = textwrap.dedent(HEAD) + textwrap.dedent(code)
    environment = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_notification_configuration_leaves_event_bridge_out() -> None:
    answer = unpatched("""
        watch()
        print(json.dumps(sorted(s3.get_bucket_notification_configuration(Bucket="reviews"))))
    """)
    assert "EventBridgeConfiguration" not in answer


def test_a_multipart_upload_is_announced_twice() -> None:
    reasons = unpatched("""
        seen = watch()
        upload()
        print(json.dumps([e["detail"]["reason"] for e in seen if e["detail-type"] == "Object Created"]))
    """)
    assert reasons == ["ObjectCreated", "ObjectCreated"]


def test_events_are_not_as_s3_sends_them() -> None:
    first, second = unpatched("""
        seen = watch()
        s3.put_object(Bucket="reviews", Key="a", Body=b"1")
        s3.put_object(Bucket="reviews", Key="b", Body=b"2")
        print(json.dumps([e for e in seen if e["detail-type"] == "Object Created"]))
    """)
    assert first["id"] == second["id"]
    assert first["detail"]["object"]["sequencer"] == second["detail"]["object"]["sequencer"]
    assert "etag" not in first["detail"]["object"]
    assert "version-id" in first["detail"]["object"]
    assert first["detail"]["reason"] != "PutObject"


def test_conditions_of_bucket_policies_are_ignored() -> None:
    status = unpatched("""
        tls_only = {
            "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::reviews/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        s3.put_bucket_policy(Bucket="reviews", Policy=json.dumps({"Version": "2012-10-17", "Statement": [tls_only]}))
        try:
            s3.put_object(Bucket="reviews", Key="a", Body=b"1")
            print(200)
        except s3.exceptions.ClientError as error:
            print(error.response["ResponseMetadata"]["HTTPStatusCode"])
    """)
    assert status == 403
