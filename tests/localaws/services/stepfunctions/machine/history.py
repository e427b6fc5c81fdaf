"""An execution's history."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext, EventManager

from localaws.account.patches import patch

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.environment import Environment
    from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
MAX_EVENTS = 25_000

_ENDS = frozenset(
    {
        HistoryEventType.ExecutionAborted,
        HistoryEventType.ExecutionFailed,
        HistoryEventType.ExecutionSucceeded,
        HistoryEventType.ExecutionTimedOut,
    }
)
# These two follow no event: they come from outside the chain of states.
_UNCHAINED = frozenset({HistoryEventType.ExecutionAborted, HistoryEventType.ExecutionTimedOut})


class HistoryFull(FailureEventException):
    """An execution has no room for another event."""

    def __init__(self) -> None:
        Exception.__init__(self, f"The execution reached the maximum number of history events ({MAX_EVENTS}).")

    def get_execution_failed_event_details(self) -> Any:
        return {"error": "States.Runtime", "cause": str(self)}


@patch(
    EventManager,
    "add_event",
    fault="the history grows without limit, its times are text, and ExecutionTimedOut lacks its error",
    gaps=("stepfunctions/writes_times_as_text", "stepfunctions/keeps_a_history_without_end"),
)
def _add_event(
    self: EventManager,
    context: EventHistoryContext,
    event_type: HistoryEventType,
    event_details: Any = None,
    timestamp: datetime | None = None,
    update_source_event_id: bool = True,
) -> int:
    with self._mutex:
        if len(self._history_event_list) >= MAX_EVENTS - 1 and event_type not in _ENDS:
            raise HistoryFull
        event_id = self._event_id_gen.get()
        if event_type == HistoryEventType.ExecutionTimedOut:
            event_details = {"executionTimedOutEventDetails": {"error": "States.Timeout"}}
        event: dict[str, Any] = {
            **(event_details or {}),
            "id": event_id,
            "previousEventId": 0 if event_type in _UNCHAINED else context.source_event_id,
            "type": event_type.value,
            "timestamp": timestamp or datetime.now(UTC),
        }
        context.last_published_event_id = event_id
        # The first state's event follows none, as if it and the execution's start were one.
        if update_source_event_id and event_type != HistoryEventType.ExecutionStarted:
            context.source_event_id = event_id
        self._history_event_list.append(event)  # type: ignore[arg-type]
        if self._cloud_watch_logging_session is not None:
            self._cloud_watch_logging_session.publish_history_log(event)  # type: ignore[arg-type]
        return event_id


def record(env: Environment, event_type: HistoryEventType, name: str = "", /, **details: Any) -> None:
    """Write an event into an execution's history.

    Parameters
    ----------
    name
        What the event calls its details, ``stateEnteredEventDetails``; none where it has none.
    details
        Their fields.
    """
    event_details = cast("EventDetails", {name: details}) if name else None
    env.event_manager.add_event(context=env.event_history_context, event_type=event_type, event_details=event_details)


def without_data(event: dict[str, Any]) -> dict[str, Any]:
    """An event without the data that passed through the execution, for ``includeExecutionData: false``."""
    hidden = ("input", "inputDetails", "output", "outputDetails")
    return {
        key: {name: item for name, item in value.items() if name not in hidden} if isinstance(value, dict) else value
        for key, value in event.items()
    }
