"""The events by which Step Functions tells EventBridge that an execution's status has changed.

https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html; the fields were recorded on AWS by
localstack's test ``test_event_bridge_events_base``.
"""

from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING, Any

from moto.events.models import events_backends

if TYPE_CHECKING:
    from datetime import datetime

    from localaws.services.stepfunctions.machine.executions import LocalExecution

DETAIL_TYPE = "Step Functions Execution Status Change"

# "If the combined escaped input and escaped output sent to EventBridge exceeds 248KB, then the input will be excluded.
# Similarly, if the escaped output exceeds 248KB, then the output will be excluded."
MAX_BYTES = 248 * 1024


class Announcer:
    """Tells of one execution's changes, in their order and without keeping it waiting."""

    def __init__(self) -> None:
        self._last: threading.Thread | None = None

    def announce(self, execution: LocalExecution) -> None:
        """Send an execution's status as it is now to the rules of the account's default bus."""
        event, before = status_change(execution), self._last

        def deliver() -> None:
            if before is not None:
                before.join()
            backend = events_backends[event["account"]][event["region"]]
            # Events of AWS's services come on the default bus only.
            for rule in list(backend.event_buses["default"].rules.values()):
                rule.send_to_targets(event, transform_input=False)  # type: ignore[arg-type]

        self._last = threading.Thread(target=deliver, name="localaws-states-event", daemon=True)
        self._last.start()


def status_change(execution: LocalExecution) -> dict[str, Any]:
    """The event of an execution in its present status."""
    machine: Any = execution.state_machine
    version_of = getattr(machine, "source_arn", None)
    redrive_status, reason = execution.redrive_status
    shown_input, shown_output = _shown(execution.execution_input, execution.output)
    moment: datetime = execution.stop_date or execution.redrive_date or execution.start_date
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": DETAIL_TYPE,
        "source": "aws.states",
        "account": execution.exec_arn.split(":")[4],
        "time": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": execution.exec_arn.split(":")[3],
        "resources": [execution.exec_arn],
        "detail": {
            "executionArn": execution.exec_arn,
            "stateMachineArn": version_of or machine.arn,
            "name": execution.name,
            "status": str(execution.status),
            "startDate": _milliseconds(execution.start_date),
            "stopDate": _milliseconds(execution.stop_date),
            "input": shown_input,
            "output": shown_output,
            "stateMachineVersionArn": machine.arn if version_of else None,
            "stateMachineAliasArn": None,
            "redriveCount": execution.redrive_count,
            "redriveDate": _milliseconds(execution.redrive_date),
            "redriveStatus": redrive_status,
            "redriveStatusReason": reason,
            "inputDetails": {"included": shown_input is not None},
            "outputDetails": None if execution.output is None else {"included": shown_output is not None},
            "error": execution.error,
            "cause": execution.cause,
        },
    }


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


def _shown(given: str, made: str | None) -> tuple[str | None, str | None]:
    """Input and output as far as an event has room for them."""
    if _escaped_size(given) + _escaped_size(made or "") > MAX_BYTES:
        return None, made if _escaped_size(made or "") <= MAX_BYTES else None
    return given, made


def _escaped_size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass")) + text.count('"') + text.count("\\") + text.count("\n")
