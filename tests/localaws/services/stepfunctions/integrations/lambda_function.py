"""A Lambda function's ARN as a Task's Resource.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html; its events were recorded on AWS by
localstack's tests ``TestTaskLambda``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task_lambda import StateTaskLambda

from localaws.account.patches import patch
from localaws.services.stepfunctions.integrations import clients
from localaws.services.stepfunctions.integrations.lambda_invoke import LambdaInvoke, as_event, as_result, function_error
from localaws.services.stepfunctions.language import failures, payloads
from localaws.services.stepfunctions.machine import history

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent
    from moto.stepfunctions.parser.asl.eval.environment import Environment

    from localaws.services.stepfunctions.integrations.task import Integration

_ERRORS: Integration = LambdaInvoke()  # type: ignore[no-untyped-call]


@patch(
    state_task_factory,
    "StateTaskLambda",
    fault="functions are called as a user whose permissions nobody checks, and Lambda's own errors are all `Exception`",
    gaps=("stepfunctions/calls_functions_as_nobody",),
)
class LambdaFunction(StateTaskLambda):
    """The state's input, or its ``Arguments``, is the function's event; what it returns is the result."""

    def _eval_execution(self, env: Environment) -> None:
        event = self._eval_parameters(env=env)["Payload"]
        role_arn = self._eval_state_credentials(env=env).role_arn
        arn = self.resource.resource_arn
        scheduled: dict[str, Any] = {
            "resource": arn,
            "input": payloads.dump(event),
            "inputDetails": {"truncated": False},
        }
        if not self.timeout.is_default_value():
            self.timeout.eval(env=env)
            scheduled["timeoutInSeconds"] = env.stack.pop()
        if self.credentials:
            scheduled["taskCredentials"] = {"roleArn": role_arn}
        history.record(
            env, HistoryEventType.LambdaFunctionScheduled, "lambdaFunctionScheduledEventDetails", **scheduled
        )
        history.record(env, HistoryEventType.LambdaFunctionStarted)
        client = clients.for_environment("lambda", env, role_arn)
        response = client.invoke(FunctionName=arn, Payload=as_event(event))
        text = response["Payload"].read().decode()
        if response.get("FunctionError"):
            raise _failed(env, *function_error(text))
        result = as_result(text)
        if not env.is_running():
            return
        if not payloads.fits(result):
            cause = f"The state/task '{arn}' returned a result with a size exceeding the maximum number of bytes "
            raise _failed(env, "States.DataLimitExceeded", cause + "service limit.")
        history.record(
            env,
            HistoryEventType.LambdaFunctionSucceeded,
            "lambdaFunctionSucceededEventDetails",
            output=payloads.dump(result),
            outputDetails={"truncated": False},
        )
        env.stack.append(result)

    def _from_error(self, env: Environment, ex: Exception) -> FailureEvent:
        if isinstance(ex, ClientError):
            ex = _failed(env, f"Lambda.{_ERRORS.sdk_error(ex)}", _ERRORS.cause(ex))
        elif isinstance(ex, BotoCoreError):
            ex = _failed(env, "Lambda.SdkClientException", str(ex))
        return super()._from_error(env=env, ex=ex)


def _failed(env: Environment, error: str, cause: str) -> Exception:
    return failures.failure(env, error, cause, event_type=HistoryEventType.LambdaFunctionFailed)
