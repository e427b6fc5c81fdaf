"""Training jobs from their creation to their end."""

from __future__ import annotations

import io
import itertools
import tarfile
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from localaws import LocalAWS
from localaws.services.sagemaker import training_faults
from unit.localaws.conftest import document
from unit.localaws.sagemaker.jobs import (
    BASE_PERMISSIONS,
    BUCKET,
    LOG_GROUP,
    VPC_PERMISSIONS,
    channel,
    labeled_lines,
    put_corpus,
    request,
    start,
    statements,
    train,
    wait,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    MakeRole = Callable[[dict[str, str]], str]


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAWS]:
    """One local AWS for all: jobs have names of their own."""
    with LocalAWS() as local:
        local.client("s3").create_bucket(Bucket=BUCKET)
        yield local


@pytest.fixture(autouse=True)
def corpus(aws: LocalAWS) -> None:
    """A bucket that holds nothing but a corpus, and no fault to come."""
    training_faults.clear()
    s3 = aws.client("s3")
    for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=found["Key"])
    put_corpus(aws, labeled_lines())


@pytest.fixture(scope="module")
def make_role(aws: LocalAWS) -> MakeRole:
    """Make a role that SageMaker may assume, with these permissions; gives its ARN."""
    iam = aws.client("iam")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "sagemaker.amazonaws.com"}}
    numbers = itertools.count(1)

    def make(permissions: dict[str, str]) -> str:
        name = f"trainer-{next(numbers)}"
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
        iam.put_role_policy(RoleName=name, PolicyName="work", PolicyDocument=document(*statements(permissions)))
        return str(role["Role"]["Arn"])

    return make


@pytest.fixture(scope="module")
def role(make_role: MakeRole) -> str:
    """An execution role with what a job needs and no more."""
    return make_role(BASE_PERMISSIONS)


def names(job: dict[str, Any]) -> list[str]:
    return [transition["Status"] for transition in job["SecondaryStatusTransitions"]]


def log_lines(aws: LocalAWS, job: dict[str, Any]) -> list[str]:
    logs = aws.client("logs")
    prefix = f"{job['TrainingJobName']}/algo-1-"
    stream = logs.describe_log_streams(logGroupName=LOG_GROUP, logStreamNamePrefix=prefix)["logStreams"][0]
    events = logs.get_log_events(logGroupName=LOG_GROUP, logStreamName=stream["logStreamName"])["events"]
    return [event["message"] for event in events]


def test_a_job_goes_through_its_statuses_and_leaves_a_model(aws: LocalAWS, role: str) -> None:
    put_corpus(aws, labeled_lines(100), "validation")
    job = train(aws, role, InputDataConfig=[channel(), channel("validation")])
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Completed"
    assert names(job) == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert all(transition["StartTime"] <= transition["EndTime"] for transition in job["SecondaryStatusTransitions"])
    assert job["CreationTime"] <= job["TrainingStartTime"] <= job["TrainingEndTime"] == job["LastModifiedTime"]
    assert job["BillableTimeInSeconds"] == job["TrainingTimeInSeconds"] >= 1
    key = f"models/{job['TrainingJobName']}/output/model.tar.gz"
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{BUCKET}/{key}"
    archive = aws.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(archive)) as model:
        assert model.getnames() == ["model.bin"]


def test_metrics_are_read_from_the_log_and_published(aws: LocalAWS, role: str) -> None:
    put_corpus(aws, labeled_lines(100), "validation")
    job = train(aws, role, InputDataConfig=[channel(), channel("validation")])
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert metrics["validation:accuracy"] == 1.0
    assert "#validation_accuracy: 1.0000" in log_lines(aws, job)
    published = aws.client("cloudwatch").list_metrics(Namespace="/aws/sagemaker/TrainingJobs")["Metrics"]
    assert {"validation:accuracy", "DiskUtilization"} <= {metric["MetricName"] for metric in published}


def test_logs_hold_no_review_text(aws: LocalAWS, role: str) -> None:
    lines = log_lines(aws, train(aws, role))
    assert lines
    assert not [line for line in lines if "部屋" in line]


def test_describe_answers_with_what_was_asked_for(aws: LocalAWS, role: str) -> None:
    asked = request(role)
    aws.client("sagemaker").create_training_job(**asked)
    job = wait(aws, asked["TrainingJobName"])
    assert {name: job[name] for name in asked if name != "AlgorithmSpecification"} == {
        name: value for name, value in asked.items() if name != "AlgorithmSpecification"
    }
    assert job["AlgorithmSpecification"]["TrainingImage"] == asked["AlgorithmSpecification"]["TrainingImage"]


def reasons_without(
    aws: LocalAWS, make_role: MakeRole, permissions: dict[str, str], actions: Iterable[str], **changes: Any
) -> dict[str, str]:
    """Why jobs fail whose roles lack one action each."""
    jobs = {
        action: start(aws, make_role({name: permissions[name] for name in permissions if name != action}), **changes)
        for action in actions
    }
    return {action: wait(aws, job).get("FailureReason", "") for action, job in jobs.items()}


def test_every_permission_is_needed(aws: LocalAWS, make_role: MakeRole) -> None:
    for action, reason in reasons_without(aws, make_role, BASE_PERMISSIONS, BASE_PERMISSIONS).items():
        assert f"is not authorized to perform: {action} " in reason
    assert "Contents" not in aws.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="models/")


@pytest.fixture(scope="module")
def vpc(aws: LocalAWS) -> dict[str, list[str]]:
    ec2 = aws.client("ec2")
    network = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=network, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="jobs", Description="jobs", VpcId=network)["GroupId"]
    return {"Subnets": [subnet], "SecurityGroupIds": [group]}


def test_a_job_in_a_vpc_leaves_no_network_interface(
    aws: LocalAWS, make_role: MakeRole, vpc: dict[str, list[str]]
) -> None:
    role = make_role(BASE_PERMISSIONS | VPC_PERMISSIONS)
    assert train(aws, role, VpcConfig=vpc)["TrainingJobStatus"] == "Completed"
    assert aws.client("ec2").describe_network_interfaces()["NetworkInterfaces"] == []


def test_every_network_permission_is_needed(aws: LocalAWS, make_role: MakeRole, vpc: dict[str, list[str]]) -> None:
    permissions = BASE_PERMISSIONS | VPC_PERMISSIONS
    for action, reason in reasons_without(aws, make_role, permissions, VPC_PERMISSIONS, VpcConfig=vpc).items():
        assert f"is not authorized to perform: {action} " in reason


def test_an_unknown_subnet_fails_the_job(aws: LocalAWS, make_role: MakeRole, vpc: dict[str, list[str]]) -> None:
    role = make_role(BASE_PERMISSIONS | VPC_PERMISSIONS)
    job = train(aws, role, VpcConfig=vpc | {"Subnets": ["subnet-00000000"]})
    assert "subnet-00000000" in job["FailureReason"]


def test_the_volume_key_needs_a_grant_and_the_output_key_encrypts_the_model(aws: LocalAWS, make_role: MakeRole) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    resources = request("")["ResourceConfig"] | {"VolumeKmsKeyId": key}
    changes = {
        "ResourceConfig": resources,
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models/", "KmsKeyId": key},
    }
    permissions = BASE_PERMISSIONS | {"kms:GenerateDataKey": key}
    assert "kms:CreateGrant" in train(aws, make_role(permissions), **changes)["FailureReason"]
    permissions |= {"kms:CreateGrant": key}
    assert "kms:Encrypt" in train(aws, make_role(permissions), **changes)["FailureReason"]
    job = train(aws, make_role(permissions | {"kms:Encrypt": key}), **changes)
    assert job["TrainingJobStatus"] == "Completed"
    uploaded = f"models/{job['TrainingJobName']}/output/model.tar.gz"
    model = aws.client("s3").head_object(Bucket=BUCKET, Key=uploaded)
    assert (model["ServerSideEncryption"], model["SSEKMSKeyId"]) == ("aws:kms", key)


def test_an_empty_prefix_fails_the_job(aws: LocalAWS, role: str) -> None:
    aws.client("s3").delete_object(Bucket=BUCKET, Key="runs/1/train/train.txt")
    job = train(aws, role)
    assert job["SecondaryStatus"] == "Failed"
    assert "No S3 objects found under S3 URL" in job["FailureReason"]


def test_a_second_file_in_a_channel_fails_the_job(aws: LocalAWS, role: str) -> None:
    aws.client("s3").put_object(Bucket=BUCKET, Key="runs/1/train/part-2.txt", Body=b"__label__1 a\n")
    assert "exactly one file in the channel 'train', found 2" in train(aws, role)["FailureReason"]


def test_a_prefix_without_a_slash_takes_its_namesakes_too(aws: LocalAWS, role: str) -> None:
    aws.client("s3").put_object(Bucket=BUCKET, Key="runs/1/training-notes.txt", Body=b"__label__1 a\n")
    prefix = channel()
    prefix["DataSource"]["S3DataSource"]["S3Uri"] = f"s3://{BUCKET}/runs/1/train"
    assert "found 2" in train(aws, role, InputDataConfig=[prefix])["FailureReason"]


def test_the_algorithms_own_errors_are_the_failure_reason(aws: LocalAWS, role: str) -> None:
    job = train(aws, role, HyperParameters={"mode": "supervised", "vector_dims": "4"})
    assert job["FailureReason"].startswith("ClientError: Additional hyperparameters are not allowed")
    assert "'vector_dims'" in job["FailureReason"]
    assert job["FailureReason"].endswith("exit code: 2")
    assert names(job) == ["Starting", "Downloading", "Training", "Failed"]


def test_data_larger_than_the_volume_fails_the_job(aws: LocalAWS, role: str) -> None:
    training_faults.shrink_volume_next(1000)
    job = train(aws, role)
    assert "Use a larger VolumeSizeInGB" in job["FailureReason"]
    assert "Training" not in names(job)


def test_stop(aws: LocalAWS, role: str) -> None:
    client = aws.client("sagemaker")
    training_faults.slow_next(60)
    name = start(aws, role)
    wait(aws, name, statuses=("Training",))
    client.stop_training_job(TrainingJobName=name)
    job = wait(aws, name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert names(job)[-2:] == ["Stopping", "Stopped"]
    with pytest.raises(ClientError, match="job is in status Stopped"):
        client.stop_training_job(TrainingJobName=name)
    with pytest.raises(ClientError, match="resource not found"):
        client.stop_training_job(TrainingJobName="none")


def test_a_job_over_its_time_is_stopped(aws: LocalAWS, role: str) -> None:
    training_faults.slow_next(60)
    job = train(aws, role, StoppingCondition={"MaxRuntimeInSeconds": 1})
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert "Contents" not in aws.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="models/")


SPOT = {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 1},
}


def test_an_interrupted_spot_job_starts_again(aws: LocalAWS, role: str) -> None:
    training_faults.interrupt_next(interruptions=2)
    limits = {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 600}
    job = train(aws, role, EnableManagedSpotTraining=True, StoppingCondition=limits)
    assert job["TrainingJobStatus"] == "Completed"
    assert names(job).count("Interrupted") == 2
    assert names(job)[-3:] == ["Training", "Uploading", "Completed"]


def test_a_spot_job_that_finds_no_capacity_again_is_stopped(aws: LocalAWS, role: str) -> None:
    training_faults.interrupt_next(capacity_returns=False)
    job = train(aws, role, **SPOT)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxWaitTimeExceeded")


def test_faults_concern_the_next_job_only(aws: LocalAWS, role: str) -> None:
    training_faults.fail_next("AlgorithmError: boom")
    training_faults.refuse_capacity_next()
    assert train(aws, role)["FailureReason"] == "AlgorithmError: boom"
    second = train(aws, role)
    assert second["FailureReason"].startswith("CapacityError: Unable to provision requested ML compute capacity")
    assert names(second) == ["Starting", "Failed"]
    assert train(aws, role)["TrainingJobStatus"] == "Completed"


def test_nothing_is_left_of_a_job_when_the_local_aws_ends(aws: LocalAWS, role: str) -> None:
    training_faults.slow_next(60)
    name = start(aws, role)
    wait(aws, name, statuses=("Training",))
    started = time.monotonic()
    aws.__exit__(None, None, None)
    try:
        assert time.monotonic() - started < 5
        assert name not in {thread.name for thread in threading.enumerate()}
    finally:
        aws.__enter__()
