"""Events of an execution in the state machine's log group.

https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.logs.models import logs_backends
from moto.stepfunctions.parser.api import HistoryEventType, LogLevel
from moto.stepfunctions.parser.asl.eval.event.logging import is_logging_enabled_for

from localaws.services.stepfunctions.machine.history import without_data

if TYPE_CHECKING:
    from datetime import datetime


class LogSession:
    """Writes an execution's events to a log group, one JSON object a line.

    Parameters
    ----------
    execution
        The execution.
    group_arn
        ARN of the log group, ``…:*`` at its end as in a logging configuration.
    level
        ``ALL``, ``ERROR`` or ``FATAL``.
    include_data
        Whether inputs and outputs are logged.
    """

    def __init__(self, execution: Any, group_arn: str, level: str, include_data: bool) -> None:
        self._execution = execution
        self._level = LogLevel(level)
        self._include_data = include_data
        self._logs, self._group = _backend(group_arn), group_arn.split(":")[6]
        started: datetime = execution.start_date
        name = execution.state_machine.name
        self._stream = f"states/{name}/{started:%Y-%m-%d-%H-%M}/{execution.exec_arn[-8:]}"

    def publish_history_log(self, event: dict[str, Any]) -> None:
        """Write one event; a log group that is gone loses it, and the execution goes on."""
        if not is_logging_enabled_for(self._level, HistoryEventType(event["type"])):
            return
        shown = event if self._include_data else without_data(event)
        details: dict[str, Any] = next((value for value in shown.values() if isinstance(value, dict)), {})
        moment = int(event["timestamp"].timestamp() * 1000)
        message = {
            "id": str(event["id"]),
            "type": event["type"],
            "details": details,
            "previous_event_id": str(event["previousEventId"]),
            "event_timestamp": str(moment),
            "execution_arn": self._execution.exec_arn,
            "redrive_count": str(self._execution.redrive_count),
        }
        group = self._logs.groups.get(self._group)
        if group is None:
            return
        if self._stream not in group.streams:
            group.create_log_stream(self._stream)
        self._logs.put_log_events(
            self._group, self._stream, [{"timestamp": moment, "message": json.dumps(message, ensure_ascii=False)}]
        )


def exists(group_arn: str) -> bool:
    """Whether there is the log group of an ARN, ``…:*`` at its end."""
    return group_arn.split(":")[6] in _backend(group_arn).groups


def _backend(group_arn: str) -> Any:
    parts = group_arn.split(":")
    return logs_backends[parts[4]][parts[3]]


def session_for(execution: Any, logging_configuration: dict[str, Any] | None) -> LogSession | None:
    """The session of an execution, ``None`` where nothing is logged."""
    configuration = logging_configuration or {}
    level = configuration.get("level", "OFF")
    destinations = configuration.get("destinations") or []
    if level == "OFF" or not destinations:
        return None
    arn = destinations[0]["cloudWatchLogsLogGroup"]["logGroupArn"]
    return LogSession(execution, arn, level, bool(configuration.get("includeExecutionData")))
