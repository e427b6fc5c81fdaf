"""``arn:aws:states:::sagemaker:createTrainingJob``, alone and with ``.sync``.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
"""

from __future__ import annotations

import contextlib
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.stepfunctions.parser.api import HistoryEventType

from localaws.services.stepfunctions.integrations import arguments
from localaws.services.stepfunctions.integrations.task import SYNC, Integration, with_sdk_metadata
from localaws.services.stepfunctions.language import payloads
from localaws.services.stepfunctions.machine import clock

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.environment import Environment

# How often a job is looked at, in seconds: soon at first, since a test's job takes no time.
_FIRST_LOOK, _LAST_LOOK = 0.05, 1.0

# Step Functions tags the jobs it starts, which needs sagemaker:AddTags (aws-cdk #26012).
_TAG = {"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}


#: Inferred, as AWS documents neither: a job that was stopped ends the task with an error, or with its description.
STOPPED_IS_AN_ERROR = True


class TrainingJob(Integration):
    """Start a training job and, with ``.sync``, wait until it has ended."""

    boto_service = "sagemaker"
    prefix = "SageMaker"
    base_error = "AmazonSageMakerException"
    service_name = "AmazonSageMaker"
    actions = frozenset({"createTrainingJob"})
    conditions = frozenset({None, SYNC})
    # The integration has its own, older model of the API: newer fields are "not supported by Step Functions".
    supported = frozenset(
        {
            "AlgorithmSpecification",
            "CheckpointConfig",
            "DebugHookConfig",
            "DebugRuleConfigurations",
            "EnableInterContainerTrafficEncryption",
            "EnableManagedSpotTraining",
            "EnableNetworkIsolation",
            "Environment",
            "ExperimentConfig",
            "HyperParameters",
            "InputDataConfig",
            "OutputDataConfig",
            "ProfilerConfig",
            "ProfilerRuleConfigurations",
            "ResourceConfig",
            "RetryStrategy",
            "RoleArn",
            "StoppingCondition",
            "Tags",
            "TensorBoardOutputConfig",
            "TrainingJobName",
            "VpcConfig",
        }
    )

    def perform(self, env: Environment, client: Any, values: dict[str, Any]) -> Any:
        self._check_constraints(values)
        response = client.create_training_job(**{**values, "Tags": [*values.get("Tags", []), _TAG]})
        # What for is not documented; AWS's policy for this integration has it.
        # https://docs.aws.amazon.com/step-functions/latest/dg/sagemaker-iam.html
        client.list_tags(ResourceArn=response["TrainingJobArn"])
        submitted = with_sdk_metadata(response)
        if self.resource.condition != SYNC:
            return submitted
        self.publish(
            env,
            HistoryEventType.TaskSubmitted,
            "taskSubmittedEventDetails",
            output=payloads.dump(submitted),
            outputDetails={"truncated": False},
        )
        return self._wait_for(env, client, values["TrainingJobName"])

    def _check_constraints(self, values: dict[str, Any]) -> None:
        shape = arguments.operation_model("sagemaker", "createTrainingJob").input_shape
        broken = list(arguments.violations(values, shape))
        if broken:
            message = f"{len(broken)} validation error{'s'[: len(broken) - 1]} detected: {'; '.join(broken)}"
            raise ClientError(
                {
                    "Error": {"Code": "ValidationException", "Message": message},
                    "ResponseMetadata": {"HTTPStatusCode": 400},
                },
                "CreateTrainingJob",
            )

    def _wait_for(self, env: Environment, client: Any, name: str) -> Any:
        look = _FIRST_LOOK
        try:
            while env.is_running():
                job = _as_output(client.describe_training_job(TrainingJobName=name))
                status = job["TrainingJobStatus"]
                if status == "Completed" or (status == "Stopped" and not STOPPED_IS_AN_ERROR):
                    return job
                if status in ("Failed", "Stopped"):
                    raise self.failed(env, "States.TaskFailed", payloads.dump(job))
                deadline = time.monotonic() + look
                while env.is_running() and time.monotonic() < deadline:
                    time.sleep(min(clock.POLL, look))
                look = min(look * 1.5, _LAST_LOOK)
        finally:
            if not env.is_running():
                _stop(client, name)
        return None


def _stop(client: Any, name: str) -> None:
    """Stop the job of an execution that was stopped or a task that ran out of time."""
    # The execution has ended already: a job that cannot be stopped goes on by itself, as on AWS.
    with contextlib.suppress(ClientError, BotoCoreError):
        client.stop_training_job(TrainingJobName=name)


def _as_output(value: Any) -> Any:
    """A response as the SDK for Java, version 1, writes it: moments are milliseconds since 1970."""
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, dict):
        return {key: _as_output(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [_as_output(item) for item in value]
    return value
