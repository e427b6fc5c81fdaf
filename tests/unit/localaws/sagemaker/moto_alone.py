"""moto's training jobs by themselves, and what a job needs of other services."""

from __future__ import annotations

import functools
from typing import Any

import boto3

from unit.localaws.gaps import fault, main, raises

JOB = {
    "TrainingJobName": "job",
    "RoleArn": "arn:aws:iam::123456789012:role/nobody",
    "AlgorithmSpecification": {"TrainingImage": "blazingtext", "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://corpora/models/"},
    "ResourceConfig": {"InstanceType": "ml.c5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
}
DIGEST = "sha256:" + "0" * 64


@functools.cache
def _with_job() -> Any:
    """A client of an account with a job."""
    boto3.client("s3").create_bucket(Bucket="corpora")
    client = boto3.client("sagemaker")
    client.create_training_job(**JOB)
    return client


@fault
def completes_jobs_when_they_are_created() -> bool:
    """And leaves no model."""
    status = _with_job().describe_training_job(TrainingJobName="job")["TrainingJobStatus"]
    return status == "Completed" and "Contents" not in boto3.client("s3").list_objects_v2(Bucket="corpora")


@fault
def checks_no_request() -> bool:
    """Neither is the image one, nor does the role exist, nor is the name free the second time."""
    return not raises(Exception, lambda: _with_job().create_training_job(**JOB))


@fault
def stops_no_job() -> bool:
    return raises(NotImplementedError, lambda: _with_job().stop_training_job(TrainingJobName="job"))


@fault
def offers_no_layer() -> bool:
    repository = {"registryId": "811284229777", "repositoryName": "blazingtext"}
    ecr = boto3.client("ecr")
    return raises(NotImplementedError, lambda: ecr.get_download_url_for_layer(layerDigest=DIGEST, **repository))


@fault
def permits_no_interface() -> bool:
    permission = {"NetworkInterfaceId": "eni-1", "Permission": "INSTANCE-ATTACH"}
    ec2 = boto3.client("ec2")
    return raises(NotImplementedError, lambda: ec2.create_network_interface_permission(**permission))


@fault
def withdraws_no_permission() -> bool:
    permission = {"NetworkInterfacePermissionId": "eni-perm-1"}
    ec2 = boto3.client("ec2")
    return raises(NotImplementedError, lambda: ec2.delete_network_interface_permission(**permission))


if __name__ == "__main__":
    main()
