"""moto 5.2.1's SageMaker, with training jobs replaced."""

from __future__ import annotations

import functools
import json
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.ecr.responses import ECRResponse
from moto.sagemaker.exceptions import ResourceInUseException, ValidationError
from moto.sagemaker.models import FakeTrainingJob
from moto.sagemaker.responses import SageMakerResponse

from localaws.account.current import current
from localaws.account.errors import AwsError
from localaws.services.sagemaker.faults import training_faults
from localaws.services.sagemaker.job import TrainingJob
from localaws.services.sagemaker.role import ExecutionRole
from localaws.services.sagemaker.validation import check_request


def install() -> None:
    """Put training jobs that train in the place of moto 5.2.1's, which are born completed and write no model."""
    training_faults.clear()
    _add(SageMakerResponse, _create_training_job, _stop_training_job)
    # moto 5.2.1 answers HTTP 500 to these two calls of every image pull.
    _add(ECRResponse, _batch_check_layer_availability, _get_download_url_for_layer)


@functools.cache
def _install_ec2() -> None:
    """Add what moto 5.2.1 lacks for a job in a VPC; not before there is one, since to import moto's EC2 takes 1.5 s."""
    from moto.ec2.responses import EC2Response

    _add(EC2Response, _create_network_interface_permission, _delete_network_interface_permission)


def _add(responses: type, *handlers: Any) -> None:
    for handler in handlers:
        setattr(responses, handler.__name__.removeprefix("_"), handler)


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
        _install_ec2()
    job = TrainingJob(request, account_id, region, role, training_faults.take())
    if jobs.setdefault(name, job) is not job:
        raise ResourceInUseException("Training job names must be unique within an AWS account and region")
    current().on_exit(job.abandon)
    job.start()
    return ActionResult({"TrainingJobArn": job.arn})


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


def _batch_check_layer_availability(self: ECRResponse) -> ActionResult:
    layers = [{"layerDigest": digest, "layerAvailability": "AVAILABLE"} for digest in self._get_param("layerDigests")]
    return ActionResult({"layers": layers, "failures": []})


def _get_download_url_for_layer(self: ECRResponse) -> ActionResult:
    digest = self._get_param("layerDigest")
    return ActionResult({"layerDigest": digest, "downloadUrl": f"{current().endpoint}/layers/{digest}"})


def _create_network_interface_permission(self: Any) -> ActionResult:
    interface = self._get_param("NetworkInterfaceId")
    permission = {
        "NetworkInterfacePermissionId": interface.replace("eni-", "eni-perm-"),
        "NetworkInterfaceId": interface,
        "Permission": self._get_param("Permission"),
        "PermissionState": {"State": "granted"},
    }
    return ActionResult({"InterfacePermission": permission})


def _delete_network_interface_permission(self: Any) -> ActionResult:
    return ActionResult({"Return": True})
