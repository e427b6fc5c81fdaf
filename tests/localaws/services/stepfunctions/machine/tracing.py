"""What Step Functions asks of X-Ray with the state machine's role.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from localaws.access import iam
from localaws.account.errors import AwsError

ACTIONS = (
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)


def trace(role_arn: str, tracing_configuration: dict[str, Any] | None) -> None:
    """Ask for what tracing an execution takes.

    There is no X-Ray here to send a segment to. As on AWS, a role that may not loses its traces and nothing else; the
    refusal is in ``LocalAWS.denied``.
    """
    if not (tracing_configuration or {}).get("enabled"):
        return
    for action in ACTIONS:
        with suppress(AwsError):
            iam.require(role_arn, action, "*", session_name="states")
