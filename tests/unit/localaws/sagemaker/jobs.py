"""Training jobs for tests: a corpus in a bucket, a role that may do exactly what a job needs, requests, waiting."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Any

from unit.localaws.conftest import allow

if TYPE_CHECKING:
    from localaws import LocalAWS

BUCKET = "corpora"
IMAGE = "811284229777.dkr.ecr.us-east-1.amazonaws.com/blazingtext:1"
REPOSITORY = "arn:aws:ecr:us-east-1:811284229777:repository/blazingtext"
LOG_GROUP = "/aws/sagemaker/TrainingJobs"
LOGS = f"arn:aws:logs:us-east-1:123456789012:log-group:{LOG_GROUP}"
_NUMBERS = itertools.count(1)
ENDED = ("Completed", "Failed", "Stopped")

BASE_PERMISSIONS = {
    "ecr:GetAuthorizationToken": "*",
    "ecr:BatchGetImage": REPOSITORY,
    "ecr:BatchCheckLayerAvailability": REPOSITORY,
    "ecr:GetDownloadUrlForLayer": REPOSITORY,
    "s3:ListBucket": f"arn:aws:s3:::{BUCKET}",
    "s3:GetObject": f"arn:aws:s3:::{BUCKET}/*",
    "s3:PutObject": f"arn:aws:s3:::{BUCKET}/*",
    "logs:CreateLogGroup": f"{LOGS}:*",
    "logs:CreateLogStream": f"{LOGS}:*",
    "logs:DescribeLogStreams": f"{LOGS}:*",
    "logs:PutLogEvents": f"{LOGS}:*",
    "cloudwatch:PutMetricData": "*",
}
VPC_PERMISSIONS = dict.fromkeys(
    (
        "ec2:CreateNetworkInterface",
        "ec2:CreateNetworkInterfacePermission",
        "ec2:DeleteNetworkInterface",
        "ec2:DeleteNetworkInterfacePermission",
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
    ),
    "*",
)


def statements(permissions: dict[str, str]) -> list[dict[str, Any]]:
    """One statement an action."""
    return [allow(action, resource) for action, resource in permissions.items()]


def labeled_lines(count: int = 400) -> str:
    """A corpus that is easy to tell apart."""
    good, bad = "__label__1 部屋 が 綺麗 で 満足", "__label__0 部屋 が 汚い ので 不満"
    return "".join(f"{good if number % 2 else bad}\n" for number in range(count))


def put_corpus(aws: LocalAWS, text: str, name: str = "train") -> None:
    """Put a channel's file where :func:`request` says it is."""
    aws.client("s3").put_object(Bucket=BUCKET, Key=f"runs/1/{name}/{name}.txt", Body=text.encode())


def channel(name: str = "train", **changes: Any) -> dict[str, Any]:
    """A channel as the module asks for it."""
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": f"s3://{BUCKET}/runs/1/{name}/",
        "S3DataDistributionType": "FullyReplicated",
    }
    return {
        "ChannelName": name,
        "ContentType": "text/plain",
        "InputMode": "File",
        "DataSource": {"S3DataSource": source},
    } | changes


def request(role: str, name: str | None = None, **changes: Any) -> dict[str, Any]:
    """Parameters of ``CreateTrainingJob``, with a name that is free unless one is given."""
    return {
        "TrainingJobName": name or f"job-{next(_NUMBERS)}",
        "RoleArn": role,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "HyperParameters": {"mode": "supervised", "vector_dim": "4", "buckets": "100"},
        "InputDataConfig": [channel()],
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/models/"},
        "ResourceConfig": {"InstanceType": "ml.c5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    } | changes


def wait(aws: LocalAWS, name: str, statuses: tuple[str, ...] = ENDED) -> dict[str, Any]:
    """Wait until a job is in one of the statuses, and describe it."""
    client = aws.client("sagemaker")
    deadline = time.monotonic() + 30
    while True:
        job: dict[str, Any] = client.describe_training_job(TrainingJobName=name)
        if job["TrainingJobStatus"] in statuses or job["SecondaryStatus"] in statuses:
            return job
        assert time.monotonic() < deadline, job["SecondaryStatus"]
        time.sleep(0.03)


def start(aws: LocalAWS, role: str, **changes: Any) -> str:
    """Create a job, and give its name."""
    parameters = request(role, **changes)
    aws.client("sagemaker").create_training_job(**parameters)
    return str(parameters["TrainingJobName"])


def train(aws: LocalAWS, role: str, **changes: Any) -> dict[str, Any]:
    """Create a job and wait until it has ended."""
    return wait(aws, start(aws, role, **changes))
