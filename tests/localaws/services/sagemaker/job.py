"""A training job that trains: its state as ``DescribeTrainingJob`` shows it, and the thread that drives it."""

from __future__ import annotations

import logging
import math
import tempfile
import threading
import time
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.core.utils import utcnow
from moto.sagemaker.models import FakeTrainingJob

from localaws.services.sagemaker.container import METRIC_DEFINITIONS, Container
from localaws.services.sagemaker.images import IMAGE
from localaws.services.sagemaker.log import JobLog
from localaws.services.sagemaker.role import ExecutionRole, JobFailedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from localaws.services.sagemaker.faults import Fault

MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Interrupted": "Spot capacity was interrupted",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "MaxWaitTimeExceeded": "Training job wait time exceeded MaxWaitTimeInSeconds provided",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
}
POLL_SECONDS = 0.05
FAILURE_REASON_LENGTH = 1024
_DESCRIBED = (
    "TrainingJobName",
    "HyperParameters",
    "RoleArn",
    "InputDataConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "VpcConfig",
    "StoppingCondition",
    "CheckpointConfig",
    "DebugHookConfig",
    "ExperimentConfig",
    "Environment",
    "RetryStrategy",
)
_SWITCHES = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining")


class _StoppedError(Exception):
    """The job ends without a model; the argument is its secondary status."""


class _InterruptedError(Exception):
    """The spot instance is gone."""


class TrainingJob(FakeTrainingJob):
    """One training job, in moto's place.

    Parameters
    ----------
    request
        Parameters of ``CreateTrainingJob``, already checked.
    account_id, region
        Where it runs.
    role
        Its execution role.
    fault
        What is to go wrong.
    """

    def __init__(
        self, request: Mapping[str, Any], account_id: str, region: str, role: ExecutionRole, fault: Fault
    ) -> None:
        self._request = deepcopy(dict(request))
        super().__init__(
            account_id=account_id,
            region_name=region,
            training_job_name=request["TrainingJobName"],
            hyper_parameters=request.get("HyperParameters", {}),
            algorithm_specification=dict(request["AlgorithmSpecification"]),
            role_arn=request["RoleArn"],
            input_data_config=request["InputDataConfig"],
            output_data_config=request["OutputDataConfig"],
            resource_config=request["ResourceConfig"],
            vpc_config=request.get("VpcConfig", {}),
            stopping_condition=request["StoppingCondition"],
            tags=list(request.get("Tags", [])),
            enable_network_isolation=request.get("EnableNetworkIsolation", False),
            enable_inter_container_traffic_encryption=request.get("EnableInterContainerTrafficEncryption", False),
            enable_managed_spot_training=request.get("EnableManagedSpotTraining", False),
            checkpoint_config=request.get("CheckpointConfig", {}),
            debug_hook_config={},
            debug_rule_configurations=[],
            tensor_board_output_config={},
            experiment_config={},
        )
        self._role = role
        self._fault = fault
        self._interruptions = fault.interruptions
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=self.training_job_name, daemon=True)
        self._log = JobLog(role.client("logs"), self.training_job_name)
        self._created = time.monotonic()
        self._trained = 0.0
        self._attempt_started: float | None = None
        self.failure_reason: str | None = None
        # moto's jobs have started and ended when they are made.
        self.training_start_time: datetime | None = None  # type: ignore[assignment]
        self.training_end_time: datetime | None = None  # type: ignore[assignment]
        self.training_job_status = "InProgress"
        self.secondary_status_transitions: list[dict[str, Any]] = []
        self.final_metric_data_list: list[dict[str, Any]] = []
        self._enter("Starting")

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the job to stop, as ``StopTrainingJob`` does."""
        with self._lock:
            if self.training_job_status == "InProgress":
                self.training_job_status = "Stopping"
                self._enter("Stopping")
        self._stop.set()

    def abandon(self) -> None:
        """End the job's thread and process now."""
        self._stop.set()
        self._thread.join()

    @property
    def response_object(self) -> dict[str, Any]:
        """The answer of ``DescribeTrainingJob``."""
        with self._lock:
            seconds = math.ceil(self._trained)
            optional: dict[str, Any] = {
                "FailureReason": self.failure_reason,
                "TrainingStartTime": self.training_start_time,
                "TrainingEndTime": self.training_end_time,
                "FinalMetricDataList": self.final_metric_data_list or None,
            }
            if self.training_end_time is not None and self.training_start_time is not None:
                optional |= {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}
            described = {name: self._request[name] for name in _DESCRIBED if self._request.get(name)}
            specification = self._request["AlgorithmSpecification"] | {"MetricDefinitions": METRIC_DEFINITIONS}
            return deepcopy(
                described
                | {
                    "TrainingJobArn": self.arn,
                    "ModelArtifacts": self.model_artifacts,
                    "AlgorithmSpecification": specification,
                    "TrainingJobStatus": self.training_job_status,
                    "SecondaryStatus": self.secondary_status,
                    "SecondaryStatusTransitions": self.secondary_status_transitions,
                    "CreationTime": self.creation_time,
                    "LastModifiedTime": self.last_modified_time,
                }
                | {name: self._request.get(name, False) for name in _SWITCHES}
                | {name: value for name, value in optional.items() if value is not None}
            )

    def _enter(self, secondary_status: str, message: str | None = None) -> None:
        with self._lock:
            now = utcnow()
            if self.secondary_status_transitions:
                self.secondary_status_transitions[-1].setdefault("EndTime", now)
            self.secondary_status_transitions.append(
                {
                    "Status": secondary_status,
                    "StartTime": now,
                    "StatusMessage": message or MESSAGES[secondary_status],
                }
            )
            self.secondary_status = secondary_status
            self.last_modified_time = now

    def _end(self, status: str, secondary_status: str, failure_reason: str | None = None) -> None:
        with self._lock:
            self._pause_clock()
            self.failure_reason = failure_reason and failure_reason[:FAILURE_REASON_LENGTH]
            self._enter(secondary_status, self.failure_reason)
            self.training_end_time = self.secondary_status_transitions[-1]["EndTime"] = self.last_modified_time
            self.training_job_status = status

    def _run(self) -> None:
        try:
            while not self._attempt():
                self._enter("Interrupted")
                if not self._fault.capacity_returns:
                    self._wait_for_capacity()
                self._enter("Starting")
            self._end("Completed", "Completed")
        except _StoppedError as stopped:
            self._end("Stopped", str(stopped))
        except JobFailedError as failure:
            self._end("Failed", "Failed", str(failure))
        except ClientError as error:
            # The failed call's own words: for a denied one they name the role, the action and the resource.
            self._end("Failed", "Failed", f"ClientError: {error.response['Error']['Message'] or error}")
        except Exception:
            logging.getLogger(__name__).exception("training job %s", self.training_job_name)
            self._end("Failed", "Failed", "InternalServerError: We encountered an internal error. Please try again.")

    def _attempt(self) -> bool:
        """Go through a whole training; false where the spot instance was taken away."""
        interfaces: list[str] = []
        with tempfile.TemporaryDirectory(prefix="training-job-") as folder:
            try:
                self._prepare(interfaces)
                container = Container(Path(folder), self._request)
                self._download(container)
                self._train(container)
                self._upload(container)
            except _InterruptedError:
                self._pause_clock()
                return False
            finally:
                if interfaces:
                    self._role.leave_network(interfaces)
        return True

    def _prepare(self, interfaces: list[str]) -> None:
        if self._fault.no_capacity:
            raise JobFailedError(
                "CapacityError: Unable to provision requested ML compute capacity. "
                "Please retry using a different ML instance type."
            )
        self._log.open()
        image = IMAGE.fullmatch(self._request["AlgorithmSpecification"]["TrainingImage"])
        assert image is not None
        self._role.pull_image(image)
        if key := self._request["ResourceConfig"].get("VolumeKmsKeyId"):
            self._role.grant_volume_key(key)
        self._check_time()
        if vpc := self._request.get("VpcConfig"):
            self._role.join_network(vpc, interfaces)

    def _download(self, container: Container) -> None:
        self._enter("Downloading")
        self._attempt_started = time.monotonic()
        if self.training_start_time is None:
            self.training_start_time = utcnow()
        channels = {
            channel["ChannelName"]: channel["DataSource"]["S3DataSource"]["S3Uri"]
            for channel in self._request["InputDataConfig"]
        }
        listed = {name: self._role.list_channel(uri) for name, uri in channels.items()}
        needed = sum(size for objects in listed.values() for _, size in objects)
        gigabytes = self._request["ResourceConfig"]["VolumeSizeInGB"]
        self._volume = self._fault.volume_bytes or gigabytes * 1024**3
        if needed > self._volume:
            raise JobFailedError(
                f"ClientError: Data download failed: the channels hold {needed} bytes, more than the training volume "
                f"of {gigabytes} GB. Use a larger VolumeSizeInGB."
            )
        for name, objects in listed.items():
            for key, _ in objects:
                self._check_time()
                self._role.download(channels[name], key, container.channel(name))

    def _train(self, container: Container) -> None:
        self._enter("Training")
        ready = time.monotonic() + self._fault.seconds
        while time.monotonic() < ready:
            self._check_time()
            time.sleep(POLL_SECONDS)
        if self._fault.failure:
            raise JobFailedError(self._fault.failure)
        container.start()
        try:
            while container.running():
                self._check_time()
                self._write_log(container)
                if self._interruptions:
                    self._interruptions -= 1
                    raise _InterruptedError
                time.sleep(POLL_SECONDS)
        finally:
            container.end()
            self._write_log(container)
        if reason := container.failure():
            raise JobFailedError(reason)

    def _upload(self, container: Container) -> None:
        self._enter("Uploading")
        metrics = container.metrics
        now = utcnow()
        with self._lock:
            self.final_metric_data_list = [
                {"MetricName": name, "Value": value, "Timestamp": now} for name, value in metrics.items()
            ]
        disk = 100 * container.size() / self._volume
        self._role.put_metrics(self.training_job_name, metrics | {"DiskUtilization": disk})
        archive = container.archive()
        self._check_time()
        self._role.upload(
            archive,
            self.model_artifacts["S3ModelArtifacts"],
            self._request["OutputDataConfig"].get("KmsKeyId"),
        )

    def _write_log(self, container: Container) -> None:
        for line in container.output():
            self._log.write(line)
        self._log.flush()

    def _wait_for_capacity(self) -> None:
        while True:
            self._check_time()
            time.sleep(POLL_SECONDS)

    def _pause_clock(self) -> None:
        if self._attempt_started is not None:
            self._trained += time.monotonic() - self._attempt_started
            self._attempt_started = None

    def _check_time(self) -> None:
        """Stop where the user asked for it or the time is over."""
        if self._stop.is_set():
            raise _StoppedError("Stopped")
        limits = self._request["StoppingCondition"]
        running = time.monotonic() - self._attempt_started if self._attempt_started is not None else 0.0
        if self._trained + running > limits.get("MaxRuntimeInSeconds", 86400):
            raise _StoppedError("MaxRuntimeExceeded")
        if time.monotonic() - self._created > limits.get("MaxWaitTimeInSeconds", float("inf")):
            raise _StoppedError("MaxWaitTimeExceeded")
