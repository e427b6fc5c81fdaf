"""The operations on training jobs, and those of other services that a job needs and moto lacks."""

from __future__ import annotations

import json
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.ecr.responses import ECRResponse
from moto.sagemaker.exceptions import ResourceInUseException, ValidationError
from moto.sagemaker.models import FakeTrainingJob
from moto.sagemaker.responses import SageMakerResponse

from localaws.account.current import current
from localaws.account.errors import AwsError
from localaws.account.patches import load, patch
from localaws.services.sagemaker.faults import training_faults
from localaws.services.sagemaker.job import TrainingJob
from localaws.services.sagemaker.role import ExecutionRole
from localaws.services.sagemaker.validation import check_request

# Not loaded before there is a job in a VPC: that takes 1.5 s.
_EC2_RESPONSE = "moto.ec2.responses.EC2Response"


@patch(
    SageMakerResponse,
    "create_training_job",
    fault="a job is completed when it is created, leaves no model, and its request is not checked",
    gaps=("sagemaker/completes_jobs_when_they_are_created", "sagemaker/checks_no_request"),
)
def _create_training_job(self: SageMakerResponse) -> ActionResult:
    request = json.loads(self.body)
    region, account_id = self.region, self.current_account
    check_request(request, region)
    name = request["TrainingJobName"]
    jobs = self.sagemaker_backend.training_jobs
    if name in jobs:
        raise ResourceInUseException("Training job names must be unique within an AWS account and region")
    try:
        role = ExecutionRole(request["RoleArn"], FakeTrainingJob.arn_formatter(name, account_id, region), region)
    except AwsError:
        raise ValidationError(
            f"Could not assume role {request['RoleArn']}. Please ensure that the role exists and allows principal "
            "'sagemaker.amazonaws.com' to assume the role."
        ) from None
    if request.get("VpcConfig"):
        load("moto.ec2.responses")
    job = TrainingJob(request, account_id, region, role, training_faults.take())
    if jobs.setdefault(name, job) is not job:
        raise ResourceInUseException("Training job names must be unique within an AWS account and region")
    current().on_exit(job.abandon)
    job.start()
    return ActionResult({"TrainingJobArn": job.arn})


@patch(
    SageMakerResponse,
    "stop_training_job",
    fault="not implemented",
    gaps=("sagemaker/stops_no_job",),
)
def _stop_training_job(self: SageMakerResponse) -> ActionResult:
    job = self.sagemaker_backend.training_jobs.get(self._get_param("TrainingJobName"))
    if job is None:
        raise ValidationError("Requested resource not found.")
    if job.training_job_status not in ("InProgress", "Stopping"):
        raise ValidationError(
            f"The request was rejected because the training job is in status {job.training_job_status}."
        )
    assert isinstance(job, TrainingJob)
    job.stop()
    return EmptyResult()


@patch(
    ECRResponse,
    "get_download_url_for_layer",
    fault="not implemented; every image pull calls it",
    gaps=("sagemaker/offers_no_layer",),
)
def _get_download_url_for_layer(self: ECRResponse) -> ActionResult:
    digest = self._get_param("layerDigest")
    return ActionResult({"layerDigest": digest, "downloadUrl": f"{current().endpoint}/layers/{digest}"})


@patch(
    _EC2_RESPONSE,
    "create_network_interface_permission",
    fault="not implemented; a job in a VPC calls it",
    gaps=("sagemaker/permits_no_interface",),
)
def _create_network_interface_permission(self: Any) -> ActionResult:
    interface = self._get_param("NetworkInterfaceId")
    permission = {
        "NetworkInterfacePermissionId": interface.replace("eni-", "eni-perm-"),
        "NetworkInterfaceId": interface,
        "Permission": self._get_param("Permission"),
        "PermissionState": {"State": "granted"},
    }
    return ActionResult({"InterfacePermission": permission})


@patch(
    _EC2_RESPONSE,
    "delete_network_interface_permission",
    fault="not implemented; a job in a VPC calls it",
    gaps=("sagemaker/withdraws_no_permission",),
)
def _delete_network_interface_permission(self: Any) -> ActionResult:
    return ActionResult({"Return": True})
