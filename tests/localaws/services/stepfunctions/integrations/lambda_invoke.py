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
            values = {**values, "Payload": as_event(values["Payload"])}
        response = client.invoke(**values)
        text = response["Payload"].read().decode()
        if response.pop("FunctionError", None):
            raise self.failed(env, *function_error(text))
        response["Payload"] = as_result(text)
        return with_sdk_metadata(response)

    def _from_error(self, env: Environment, ex: Exception) -> FailureEvent:
        if isinstance(ex, ReadTimeoutError):
            ex = self.failed(env, "Lambda.ClientExecutionTimeoutException", str(ex))
        return super()._from_error(env=env, ex=ex)


def as_event(payload: Any) -> bytes:
    """The event that a function is given: a payload's JSON, ``{}`` for null; a text that is JSON already is no text.

    Recorded on AWS by localstack's tests test_invoke and test_invoke_json_values.
    """
    if payload is None:
        return b"{}"
    if isinstance(payload, str):
        try:
            json.loads(payload)
        except ValueError:
            return payloads.dump(payload).encode()
        return payload.encode()
    return payloads.dump(payload).encode()


def as_result(text: str) -> Any:
    """What a function gave: its JSON, or the text that is none."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


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
