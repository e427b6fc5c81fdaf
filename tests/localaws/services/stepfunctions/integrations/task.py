"""Tasks that call a service: what every integration has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    ResourceCondition,
    ServiceResource,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService

from localaws.services.stepfunctions.integrations import arguments, clients
from localaws.services.stepfunctions.language import failures, payloads
from localaws.services.stepfunctions.machine import history

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent
    from moto.stepfunctions.parser.asl.eval.environment import Environment

SYNC = ResourceCondition.Sync


class UnsupportedResourceError(ValueError):
    """A Resource that Step Functions, or this local copy of it, does not run."""


class Integration(StateTaskService):
    """One call of one service.

    Attributes
    ----------
    boto_service
        boto3's name of the service.
    prefix
        What its error names begin with, ``Lambda``.
    base_error
        Class of the errors that the service's model does not list, ``AWSLambdaException``.
    service_name
        The service's name in causes, ``AWSLambda``.
    supported
        The fields that the integration takes; ``None`` for all of the operation's.
    """

    boto_service: str = ""
    prefix: str = ""
    base_error: str = ""
    service_name: str = ""
    supported: frozenset[str] | None = None
    actions: frozenset[str] = frozenset()
    conditions: frozenset[str | None] = frozenset({None})

    def _validate_service_integration_is_supported(self) -> None:
        self.check_resource(self.resource)

    @classmethod
    def check_resource(cls, resource: ServiceResource) -> None:
        """Refuse a resource that this integration is not for.

        Raises
        ------
        UnsupportedResourceError
        """
        if resource.api_action not in cls.actions or resource.condition not in cls.conditions:
            raise UnsupportedResourceError(resource.resource_arn)

    @classmethod
    def names(cls, service_name: str) -> list[str]:
        """What can stand behind ``arn:aws:states:::``."""
        return [
            f"{service_name}:{action}" + (f".{condition}" if condition else "")
            for action in cls.actions
            for condition in cls.conditions
        ]

    def bind(self, resource: ServiceResource) -> None:
        """Say which action of the service this task calls."""
        self.resource = resource

    def argument_problems(self, values: Any) -> Iterator[str]:
        """What of the arguments Step Functions refuses; expressions among them pass."""
        operation = arguments.operation_model(self.boto_service, self.resource.api_action)
        yield from arguments.problems(values, operation.input_shape, self.supported)

    def perform(self, env: Environment, client: Any, values: dict[str, Any]) -> Any:
        """Make the call; what it gives is the task's result."""
        raise NotImplementedError

    def sdk_error(self, error: ClientError) -> str:
        """The name of the AWS SDK's exception class for an error."""
        code = error.response["Error"]["Code"]
        shape = arguments.service_model(self.boto_service).shape_for_error_code(code)
        if shape is None:
            return self.base_error
        return shape.name if shape.name.endswith("Exception") else f"{shape.name}Exception"

    def cause(self, error: ClientError) -> str:
        """An error as the AWS SDK for Java, version 1, prints it."""
        metadata = error.response["ResponseMetadata"]
        return (
            f"{error.response['Error'].get('Message', '')} (Service: {self.service_name}; "
            f"Status Code: {metadata['HTTPStatusCode']}; Error Code: {error.response['Error']['Code']}; "
            f"Request ID: {metadata.get('RequestId', '')}; Proxy: null)"
        )

    def failed(self, env: Environment, error: str, cause: str) -> Exception:
        return failures.failure(
            env, error, cause, resource=self._get_sfn_resource(), resourceType=self._get_sfn_resource_type()
        )

    def _get_sfn_resource(self) -> str:
        action = self.resource.api_action
        return f"{action}.{self.resource.condition}" if self.resource.condition else action

    def _from_error(self, env: Environment, ex: Exception) -> FailureEvent:
        if isinstance(ex, ClientError):
            ex = self.failed(env, f"{self.prefix}.{self.sdk_error(ex)}", self.cause(ex))
        elif isinstance(ex, BotoCoreError):
            ex = self.failed(env, f"{self.prefix}.SdkClientException", str(ex))
        return super()._from_error(env=env, ex=ex)

    def _eval_service_task(self, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError("perform() does it")

    def _eval_execution(self, env: Environment) -> None:
        self.resource.eval(env=env)
        part = env.stack.pop()
        values = self._eval_parameters(env=env)
        refused = list(self.argument_problems(values))
        if refused:
            raise failures.failure(
                env,
                "States.Runtime",
                f"The Parameters '{payloads.dump(values)}' could not be used to start the Task: [{', '.join(refused)}]",
                event_type=HistoryEventType.ExecutionFailed,
            )
        credentials = self._eval_state_credentials(env=env)
        self._before_eval_execution(env, part, values, credentials)
        client = clients.for_environment(self.boto_service, env, credentials.role_arn)
        result = self.perform(env, client, values)
        if not env.is_running():
            # The execution went on without this task: stopped, or out of time.
            return
        if not payloads.fits(result):
            raise self.failed(
                env,
                "States.DataLimitExceeded",
                f"The state/task '{self._get_sfn_resource_type()}' returned a result with a size exceeding the maximum "
                "number of bytes service limit.",
            )
        self.publish(
            env,
            HistoryEventType.TaskSucceeded,
            "taskSucceededEventDetails",
            output=payloads.dump(result),
            outputDetails={"truncated": False},
        )
        env.stack.append(result)

    def publish(self, env: Environment, event_type: HistoryEventType, details: str, **fields: Any) -> None:
        """Write an event about the task into the execution's history."""
        fields |= {"resource": self._get_sfn_resource(), "resourceType": self._get_sfn_resource_type()}
        history.record(env, event_type, details, **fields)


def with_sdk_metadata(response: dict[str, Any]) -> dict[str, Any]:
    """A response as an optimized integration gives it, its HTTP metadata in the SDK's names."""
    metadata = response.pop("ResponseMetadata")
    headers = metadata.get("HTTPHeaders", {})
    return {
        **response,
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": metadata["HTTPStatusCode"],
        },
        "SdkResponseMetadata": {"RequestId": metadata.get("RequestId", "")},
    }
