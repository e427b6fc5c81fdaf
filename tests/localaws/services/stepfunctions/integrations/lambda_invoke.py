"""``arn:aws:states:::lambda:invoke``.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ReadTimeoutError

from localaws.services.stepfunctions.integrations.task import Integration, with_sdk_metadata
from localaws.services.stepfunctions.language import payloads

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent
    from moto.stepfunctions.parser.asl.eval.environment import Environment


class LambdaInvoke(Integration):
    """Invoke a function and wait for what it returns."""

    boto_service = "lambda"
    prefix = "Lambda"
    base_error = "AWSLambdaException"
    service_name = "AWSLambda"
    actions = frozenset({"invoke"})
    supported = frozenset({"ClientContext", "FunctionName", "InvocationType", "LogType", "Payload", "Qualifier"})

    def perform(self, env: Environment, client: Any, values: dict[str, Any]) -> Any:
        if "Payload" in values:
            values = {**values, "Payload": payloads.dump(values["Payload"]).encode()}
        response = client.invoke(**values)
        text = response["Payload"].read().decode()
        if response.pop("FunctionError", None):
            raise self.failed(env, *function_error(text))
        response["Payload"] = json.loads(text) if text else None
        return with_sdk_metadata(response)

    def _from_error(self, env: Environment, ex: Exception) -> FailureEvent:
        if isinstance(ex, ReadTimeoutError):
            ex = self.failed(env, "Lambda.ClientExecutionTimeoutException", str(ex))
        return super()._from_error(env=env, ex=ex)


def function_error(text: str) -> tuple[str, str]:
    """The error that a function raised, from the payload that tells of it: its type, and the payload as cause."""
    try:
        error = json.loads(text).get("errorType")
    except (ValueError, AttributeError):
        error = None
    if error:
        return error, text
    unknown = "The cause could not be determined because Lambda did not return an error type. Returned payload: "
    return "Lambda.Unknown", unknown + text
