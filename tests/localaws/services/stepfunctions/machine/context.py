"""The context object, ``$states.context``.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from moto.stepfunctions.parser.asl.eval.states import States

from localaws.account.patches import patch


def timestamp(moment: datetime | None = None) -> str:
    """A moment as the context object writes it, ``2026-01-02T03:04:05.678Z``; now by default."""
    return (moment or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def for_execution(execution: Any) -> dict[str, Any]:
    """The context object that an execution starts with."""
    return {
        "Execution": {
            "Id": execution.exec_arn,
            "Input": execution.input_data,
            "Name": execution.name,
            "RoleArn": execution.role_arn,
            "StartTime": timestamp(execution.start_date),
            "RedriveCount": execution.redrive_count,
        },
        "StateMachine": {"Id": execution.state_machine.arn, "Name": execution.state_machine.name},
    }


_moto_reset = States.reset


@patch(
    States,
    "reset",
    fault="`$states.result` and `$states.errorOutput` are null in every state, where AWS has none",
    gaps=("stepfunctions/has_a_null_result_in_every_state",),
)
def _reset(self: States, input_value: Any) -> None:
    _moto_reset(self, input_value)
    data = cast("dict[str, Any]", self._states_data)
    del data["result"], data["errorOutput"]
