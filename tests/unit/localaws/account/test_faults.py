"""Faults on demand, in every protocol and against boto3 itself."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ResponseStreamingError

from localaws import LocalAWS
from localaws.access import credentials

if TYPE_CHECKING:
    from unit.localaws.conftest import MakeRole

JOB = {
    "TrainingJobName": "job",
    "RoleArn": "arn:aws:iam::123456789012:role/training",
    "AlgorithmSpecification": {"TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/models/"},
    "ResourceConfig": {"VolumeSizeInGB": 1},
    "StoppingCondition": {},
}


@pytest.mark.parametrize(
    ("service", "operation", "method", "parameters"),
    [
        ("s3", "PutObject", "put_object", {"Bucket": "bucket", "Key": "a", "Body": b"x" * 5_000_000}),
        ("sns", "Publish", "publish", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:runs", "Message": "m"}),
        ("sqs", "ListQueues", "list_queues", {}),
        ("lambda", "Invoke", "invoke", {"FunctionName": "preprocess", "Payload": b"{}"}),
        ("sagemaker", "CreateTrainingJob", "create_training_job", JOB),
        ("stepfunctions", "ListStateMachines", "list_state_machines", {}),
        ("cloudwatch", "PutMetricData", "put_metric_data", {"Namespace": "n", "MetricData": []}),
    ],
)
def test_an_error_reaches_boto3_in_the_services_protocol(
    aws: LocalAWS, service: str, operation: str, method: str, parameters: dict[str, Any]
) -> None:
    aws.faults.fail(service, operation, error="ThrottlingException", message='Rate <exceeded> & "more"', status=429)
    with pytest.raises(ClientError) as refusal:
        getattr(aws.client(service), method)(**parameters)
    response = refusal.value.response
    assert response["Error"]["Code"] == "ThrottlingException"
    assert response["Error"]["Message"] == 'Rate <exceeded> & "more"'
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 429


def test_faults_are_used_up(aws: LocalAWS) -> None:
    aws.faults.fail("s3", "ListBuckets", error="SlowDown", status=503, times=2)
    s3 = aws.client("s3")
    for _ in range(2):
        with pytest.raises(ClientError, match="SlowDown"):
            s3.list_buckets()
    assert s3.list_buckets()["Buckets"] == []


def test_faults_can_last_until_cleared(aws: LocalAWS) -> None:
    aws.faults.fail("s3", "*", error="SlowDown", status=503, times=None)
    s3 = aws.client("s3")
    for _ in range(3):
        with pytest.raises(ClientError, match="SlowDown"):
            s3.list_buckets()
    aws.faults.clear()
    s3.list_buckets()


def test_a_fault_strikes_only_the_calls_it_is_meant_for(aws: LocalAWS, make_role: MakeRole) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="bucket")
    aws.faults.fail(
        "s3",
        "PutObject",
        error="SlowDown",
        times=None,
        match=lambda call: call.parameters["Key"].endswith("report.json"),
    )
    s3.put_object(Bucket="bucket", Key="train.txt", Body=b"")
    with pytest.raises(ClientError, match="SlowDown"):
        s3.put_object(Bucket="bucket", Key="runs/1/report.json", Body=b"")

    aws.faults.fail("sts", "GetCallerIdentity", error="Throttling", principal="role/worker")
    aws.client("sts").get_caller_identity()
    with pytest.raises(ClientError, match="Throttling"):
        credentials.client("sts", make_role()).get_caller_identity()


def test_a_failing_call_changes_nothing(aws: LocalAWS) -> None:
    aws.faults.fail("s3", "CreateBucket", error="InternalError", status=500)
    with pytest.raises(ClientError, match="InternalError"):
        aws.client("s3").create_bucket(Bucket="bucket")
    assert aws.client("s3").list_buckets()["Buckets"] == []


def test_a_body_breaks_off(aws: LocalAWS) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="a", Body=b"x" * 100_000)
    aws.faults.truncate("s3", "GetObject", after_bytes=1000)
    body = s3.get_object(Bucket="bucket", Key="a")["Body"]
    with pytest.raises(ResponseStreamingError, match="1000 bytes read, 99000 more expected"):
        body.read()
    assert len(s3.get_object(Bucket="bucket", Key="a")["Body"].read()) == 100_000


def test_a_delay_serves_the_call_late(aws: LocalAWS) -> None:
    aws.faults.delay("s3", "ListBuckets", seconds=0.3)
    start = time.monotonic()
    aws.client("s3").list_buckets()
    assert time.monotonic() - start >= 0.3


def test_a_broken_answer_does_not_let_a_role_do_more(aws: LocalAWS, make_role: MakeRole) -> None:
    aws.client("s3").create_bucket(Bucket="bucket")
    aws.faults.delay("s3", "ListObjectsV2", seconds=0)
    with pytest.raises(ClientError, match="not authorized to perform: s3:ListBucket"):
        credentials.client("s3", make_role()).list_objects_v2(Bucket="bucket")
