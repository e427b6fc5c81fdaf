"""Failures of a state: how they are built, and which of them a Retry or Catch takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException

from localaws.account.patches import patch

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.environment import Environment
    from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

# "States.ALL can't catch the States.DataLimitExceeded terminal error or Runtime error types":
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
TERMINAL = frozenset({"States.Runtime", "States.DataLimitExceeded"})


def failure(
    env: Environment,
    error: str,
    cause: str | None = None,
    *,
    event_type: HistoryEventType = HistoryEventType.TaskFailed,
    **details: Any,
) -> FailureEventException:
    """A failure of the state that ``env`` is in, to be raised.

    Parameters
    ----------
    error, cause
        What a Catch sees as ``Error`` and ``Cause``.
    event_type
        The history event that reports it.
    details
        Further fields of that event.
    """
    name = event_type.value[0].lower() + event_type.value[1:] + "EventDetails"
    fields = {"error": error, **({} if cause is None else {"cause": cause}), **details}
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=ErrorName(error),
            event_type=event_type,
            event_details=cast("EventDetails", {name: fields}),
        )
    )


def matches(error: str | None, listed: list[str | None]) -> bool:
    """Whether an ``ErrorEquals`` list takes an error.

    ``States.Runtime`` is never taken; ``States.DataLimitExceeded`` only by its own name; an expired heartbeat
    goes by ``States.HeartbeatTimeout`` and by ``States.Timeout``.
    """
    if error == "States.Runtime":
        return False
    if error in listed:
        return True
    if error == "States.HeartbeatTimeout" and "States.Timeout" in listed:
        return True
    if error in TERMINAL:
        return False
    return "States.ALL" in listed or ("States.TaskFailed" in listed and error != "States.Timeout")


@patch(
    ErrorEqualsDecl,
    "_eval_body",
    fault="`States.ALL` also takes `States.Runtime`, and `States.TaskFailed` no error named `States.…`",
    gaps=(
        "stepfunctions/catches_runtime_errors_with_all",
        "stepfunctions/keeps_the_interpreters_errors_from_task_failed",
    ),
)
def _eval_error_equals(self: ErrorEqualsDecl, env: Environment) -> None:
    raised: ErrorName | None = env.stack.pop()
    error = raised.error_name if raised is not None else None
    env.stack.append(matches(error, [name.error_name for name in self.error_names]))


@patch(
    CustomErrorName,
    "__init__",
    fault="a Fail state that passes on an error named `States.…` ends the execution with `States.Runtime`",
    gaps=("stepfunctions/cannot_pass_on_an_interpreters_error",),
)
def _init_custom_error_name(self: CustomErrorName, error_name: str | None) -> None:
    ErrorName.__init__(self, error_name=error_name)
