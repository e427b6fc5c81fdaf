"""Requests that leave nothing behind, and tell what AWS takes."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from on_aws.account import Account

#: Key patterns by their complexity on event-ruler's scale.
RULES = {
    "rule of complexity 4": [{"wildcard": "daily/*.csv"}, {"wildcard": "daily/*.CSV"}],
    "rule of complexity 10": [{"wildcard": "daily/*aaaaaaaa"}, {"wildcard": "daily/*AAAAAAAA"}],
}
ACCEPTED = "accepted"


def all_probes(account: Account, name: str) -> dict[str, str]:
    """What becomes of each request: ``accepted``, or the refusal.

    Parameters
    ----------
    name
        Start of the name of a rule that is made and removed.
    """
    found = {probe: _rule(account, f"{name}-probe", keys) for probe, keys in RULES.items()}
    return found | {"training job with every field": _training_job(account)}


def _rule(account: Account, name: str, keys: list[dict[str, str]]) -> str:
    events = account.client("events")
    pattern = {"source": ["aws.s3"], "detail": {"object": {"key": keys}}}
    try:
        # Disabled, without a target, and gone at once.
        events.put_rule(Name=name, EventPattern=json.dumps(pattern), State="DISABLED")
        return ACCEPTED
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    finally:
        with suppress(ClientError):
            events.delete_rule(Name=name)


def _training_job(account: Account) -> str:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync",
        "Arguments": job(account.region),
        "End": True,
    }
    definition = {"QueryLanguage": "JSONata", "StartAt": "Train", "States": {"Train": task}}
    try:
        answer = account.client("stepfunctions").validate_state_machine_definition(definition=json.dumps(definition))
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    problems = [diagnostic["message"] for diagnostic in answer["diagnostics"] if diagnostic["severity"] == "ERROR"]
    return ACCEPTED if answer["result"] == "OK" else "; ".join(problems)


def job(region: str) -> dict[str, Any]:
    """A training job with every field that the module can render; nothing that it names is there."""
    key = f"arn:aws:kms:{region}:123456789012:key/00000000-0000-0000-0000-000000000000"
    return {
        "TrainingJobName": "validated",
        "AlgorithmSpecification": {
            "TrainingImage": f"123456789012.dkr.ecr.{region}.amazonaws.com/blazingtext:1",
            "TrainingInputMode": "File",
        },
        "EnableInterContainerTrafficEncryption": True,
        "EnableManagedSpotTraining": True,
        "EnableNetworkIsolation": True,
        "HyperParameters": {"mode": "skipgram"},
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "ContentType": "text/plain",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataDistributionType": "FullyReplicated",
                        "S3DataType": "S3Prefix",
                        "S3Uri": "s3://bucket/train/",
                    }
                },
                "InputMode": "File",
            }
        ],
        "OutputDataConfig": {"KmsKeyId": key, "S3OutputPath": "s3://bucket/models/"},
        "ResourceConfig": {
            "InstanceCount": 1,
            "InstanceType": "ml.c5.xlarge",
            "VolumeKmsKeyId": key,
            "VolumeSizeInGB": 10,
        },
        "RoleArn": "arn:aws:iam::123456789012:role/training",
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 3600},
        "Tags": [{"Key": "made-by", "Value": "on-aws"}],
        "VpcConfig": {"SecurityGroupIds": ["sg-00000000"], "Subnets": ["subnet-00000000"]},
    }
