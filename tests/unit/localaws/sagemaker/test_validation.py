"""What CreateTrainingJob refuses."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from localaws import LocalAWS
from unit.localaws.conftest import document
from unit.localaws.sagemaker.jobs import channel, request

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a name with a blank": ({"TrainingJobName": "a b"}, "'trainingJobName' failed to satisfy constraint: Member must"),
    "a name of 64 characters": ({"TrainingJobName": "a" * 64}, "length less than or equal to 63"),
    "an unknown instance type": ({"ResourceConfig.InstanceType": "ml.c5.tiny"}, "satisfy enum value set"),
    "no instance at all": ({"ResourceConfig.InstanceCount": 0}, "greater than or equal to"),
    "no volume size": ({"ResourceConfig.VolumeSizeInGB": None}, "must hold VolumeSizeInGB"),
    "no channels": ({"InputDataConfig": None}, "InputDataConfig is required"),
    "an empty list of channels": ({"InputDataConfig": []}, "greater than or equal to 1"),
    "an output that is no URI": ({"OutputDataConfig.S3OutputPath": "models"}, "regular expression pattern"),
    "a parameter that does not exist": ({"HyperParams": {}}, "Unknown parameter 'HyperParams'"),
    "a channel without data": ({"InputDataConfig": [{"ChannelName": "train"}]}, "must not be null"),
    "another region's image": (
        {"AlgorithmSpecification.TrainingImage": "811284229777.dkr.ecr.eu-west-1.amazonaws.com/blazingtext:1"},
        "must be the same",
    ),
    "an image that is none": ({"AlgorithmSpecification.TrainingImage": "blazingtext"}, "must be an Amazon ECR image"),
    "another algorithm": (
        {"AlgorithmSpecification.TrainingImage": "811284229777.dkr.ecr.us-east-1.amazonaws.com/xgboost:1"},
        "runs blazingtext",
    ),
    "a wait without spot": (
        {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}},
        "only when EnableManagedSpotTraining",
    ),
    "spot without a wait": ({"EnableManagedSpotTraining": True}, "must be present"),
    "a wait shorter than the run": (
        {
            "EnableManagedSpotTraining": True,
            "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59},
        },
        "greater than or equal to MaxRuntimeInSeconds",
    ),
    "a wait of more than an hour": (
        {
            "EnableManagedSpotTraining": True,
            "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 3601},
        },
        "less than or equal to 3600",
    ),
    "a key for a volume that is local storage": (
        {"ResourceConfig.InstanceType": "ml.g4dn.xlarge", "ResourceConfig.VolumeKmsKeyId": KEY},
        "VolumeKmsKeyId can't be set",
    ),
    "a channel twice": ({"InputDataConfig": [channel(), channel()]}, "must be unique"),
    "a gzipped channel": ({"InputDataConfig": [channel(CompressionType="Gzip")]}, "CompressionType must be None"),
    "a role of nobody": ({"RoleArn": "arn:aws:iam::123456789012:role/nobody"}, "Could not assume role"),
}


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAWS]:
    """One local AWS for all: a refused request leaves nothing behind."""
    with LocalAWS() as local:
        yield local


@pytest.fixture(scope="module")
def role(aws: LocalAWS) -> str:
    """A role that SageMaker may assume and that may do nothing: enough for a request to be accepted."""
    return _role(aws, "trainer", "sagemaker.amazonaws.com")


def _role(aws: LocalAWS, name: str, service: str) -> str:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document(trust))
    return str(role["Role"]["Arn"])


def changed(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    result = copy.deepcopy(base)
    for path, value in changes.items():
        *parents, name = path.split(".")
        target = result
        for parent in parents:
            target = target[parent]
        if value is None:
            del target[name]
        else:
            target[name] = value
    return result


def create(aws: LocalAWS, parameters: dict[str, Any]) -> None:
    """Send a request as it is: the client's own checks would keep some of it back."""
    client = aws.client("sagemaker")

    def write(request: Any, **_: Any) -> None:
        request.data = json.dumps(parameters).encode()

    client.meta.events.register("before-sign.sagemaker.CreateTrainingJob", write)
    client.create_training_job(**request(parameters["RoleArn"]))


@pytest.mark.parametrize("case", REFUSED)
def test_refused(aws: LocalAWS, role: str, case: str) -> None:
    changes, message = REFUSED[case]
    with pytest.raises(ClientError, match=message) as refusal:
        create(aws, changed(request(role), changes))
    assert refusal.value.response["Error"]["Code"] == "ValidationException"
    assert aws.client("sagemaker").list_training_jobs()["TrainingJobSummaries"] == []


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"HyperParameters": {"epochs": 5}}, "hyperParameters.epochs.value"),
        ({"ResourceConfig.InstanceCount": "1"}, "resourceConfig.instanceCount"),
        ({"EnableNetworkIsolation": 1}, "enableNetworkIsolation"),
        ({"ResourceConfig.InstanceCount": True}, "resourceConfig.instanceCount"),
        ({"InputDataConfig": {}}, "inputDataConfig"),
    ],
)
def test_a_value_of_the_wrong_type(aws: LocalAWS, role: str, changes: dict[str, Any], place: str) -> None:
    with pytest.raises(ClientError, match=f"value at '{place}' can not be converted"):
        create(aws, changed(request(role), changes))


def test_a_role_that_sagemaker_may_not_assume(aws: LocalAWS) -> None:
    with pytest.raises(ClientError, match="Could not assume role"):
        create(aws, request(_role(aws, "function", "lambda.amazonaws.com")))


def test_a_name_can_be_used_once(aws: LocalAWS, role: str) -> None:
    parameters = request(role)
    create(aws, parameters)
    with pytest.raises(ClientError, match="Training job names must be unique within an AWS account and region") as used:
        create(aws, parameters)
    assert used.value.response["Error"]["Code"] == "ResourceInUse"
