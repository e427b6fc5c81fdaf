"""The life of a state: entered, tried, retried, caught, left."""

from __future__ import annotations

import copy
import threading
import time
from typing import TYPE_CHECKING, Any, cast

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.catch.catch_outcome import CatchOutcome
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.retry.retry_outcome import RetryOutcome
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import EvalTimeoutError
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.state_parallel import StateParallel
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField

from localaws.account.patches import patch
from localaws.services.stepfunctions.language import failures, payloads, variables
from localaws.services.stepfunctions.machine import branches, clock, context, history

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.environment import Environment

_PREFIX = "An error occurred while executing the state"
_TASK_EVENTS = (
    HistoryEventType.LambdaFunctionFailed,
    HistoryEventType.LambdaFunctionTimedOut,
    HistoryEventType.TaskFailed,
    HistoryEventType.TaskTimedOut,
)


@patch(
    CommonStateField,
    "_eval_body",
    fault="the time a state is entered has microseconds, and its output is measured in escaped ASCII",
    gaps=(
        "stepfunctions/enters_states_at_microseconds",
        "stepfunctions/counts_escaped_ascii",
        "stepfunctions/refuses_the_largest_payload",
    ),
)
def _eval_state_body(self: CommonStateField, env: Any) -> None:
    env.entered = {
        "state": self.name,
        "input": env.states.get_input(),
        "variables": variables.snapshot(env),
        "exited_event_type": self.state_exited_event_type,
        "follows_id": env.event_history_context.source_event_id,
        "left": False,
    }
    history.record(
        env,
        self.state_entered_event_type,
        "stateEnteredEventDetails",
        name=self.name,
        input=payloads.dump(env.states.get_input()),
        inputDetails={"truncated": False},
    )
    env.entered["event_id"] = env.event_history_context.source_event_id
    env.states.context_object.context_object_data["State"] = {"Name": self.name, "EnteredTime": context.timestamp()}
    self._eval_state_input(env=env)
    if isinstance(self, ExecutionState):
        self._eval_state(env)
    else:
        try:
            self._eval_state(env)
            if env.is_running():
                self._eval_state_output(env=env)
                _check_size(self, env, env.states.get_input())
        except FailureEventException as failure:
            if failure.failure_event.event_type == HistoryEventType.EvaluationFailed:
                _publish(env, failure.failure_event)
            raise
    if not env.is_running():
        return
    env.entered["left"] = True
    self._set_next(env)
    assigned = variables.commit(env)
    if self.state_exited_event_type is not None:
        details: dict[str, Any] = {
            "name": self.name,
            "output": payloads.dump(env.states.get_input()),
            "outputDetails": {"truncated": False},
        }
        if assigned:
            details |= {"assignedVariables": assigned, "assignedVariablesDetails": {"truncated": False}}
        history.record(env, self.state_exited_event_type, "stateExitedEventDetails", **details)


@patch(
    (ExecutionState, StateMap, StateParallel),
    "_eval_state",
    fault="an error in a Task's Output or Assign is not one of the Task; a stopped execution waits for its task",
    gaps=(
        "stepfunctions/does_not_catch_errors_of_a_tasks_output",
        "stepfunctions/waits_for_the_task_of_a_stopped_execution",
    ),
)
def _eval_execution_state(self: ExecutionState, env: Any) -> None:
    """Try a Task, Map or Parallel state until it succeeds, its error is caught, or neither."""
    env.states.context_object.context_object_data["State"]["RetryCount"] = 0
    if isinstance(self, StateParallel) and self.parargs is not None:
        self.parargs.eval(env=env)
    stack = list(env.stack)
    while env.is_running():
        try:
            _evaluate_with_timeout(self, env)
            if env.is_running():
                CommonStateField._eval_state_output(self, env=env)
                _check_size(self, env, env.states.get_input())
            return
        except Exception as error:
            failure = self._from_error(env=env, ex=error)
        variables.discard(env)
        env.stack[:] = stack
        if failure.event_type == HistoryEventType.EvaluationFailed or _is_task_event(self, failure):
            _publish(env, failure)
        if self.retry and self._handle_retry(env=env, failure_event=failure) == RetryOutcome.CanRetry:
            continue
        if not env.is_running():
            return
        _publish_end(self, env, failure)
        if self.catch:
            env.states.set_error_output(self._construct_error_output_value(failure_event=failure))
            self._handle_catch(env=env, failure_event=failure)
            if env.stack[-1] == CatchOutcome.Caught:
                return
        raise FailureEventException(failure)


def _evaluate_with_timeout(self: ExecutionState, env: Any) -> None:
    self.timeout.eval(env=env)
    deadline = time.monotonic() + env.stack.pop()
    frame = env.open_frame()
    frame.states.reset(input_value=env.states.get_input())
    frame.stack = copy.deepcopy(env.stack)
    frame.entered = env.entered
    data = env.states.context_object.context_object_data
    if "Map" in data:
        frame.states.context_object.context_object_data["Map"] = data["Map"]
    outcome: list[Any] = []
    error: list[Exception] = []
    done = threading.Event()

    def work() -> None:
        try:
            self._eval_execution(frame)
            outcome.append(frame.stack[-1])
        except Exception as raised:
            error.append(raised)
        finally:
            done.set()

    threading.Thread(target=work, name=f"state {self.name}", daemon=True).start()
    # An execution that is stopped or out of time does not wait for its task.
    while not done.wait(clock.POLL) and env.is_running() and time.monotonic() < deadline:
        pass
    in_time = done.is_set()
    if env.is_running() and (error or not in_time):
        branches.give_up(frame)
    frame.set_ended()
    env.close_frame(frame)
    if not env.is_running():
        return
    if error:
        raise error[0]
    if not in_time:
        raise EvalTimeoutError
    env.stack.append(outcome[0])
    if not self._is_language_query_jsonpath():
        env.states.set_result(outcome[0])
    if self.assign_decl:
        self.assign_decl.eval(env=env)
    if self.result_selector:
        self.result_selector.eval(env=env)
    if self.result_path:
        self.result_path.eval(env)


def _is_task_event(self: ExecutionState, failure: FailureEvent) -> bool:
    """Whether a failure is written as an event of its own; that of a Map or Parallel state is told by its end."""
    is_task = self.state_exited_event_type == HistoryEventType.TaskStateExited
    # An error of the interpreter's own is none of the task, recorded on AWS by localstack's test_catch_states_runtime.
    return is_task and failure.event_type in _TASK_EVENTS and _details(failure).get("error") != "States.Runtime"


def _publish(env: Any, failure: FailureEvent) -> None:
    _decorate(failure)
    entered, history_context = env.entered, env.event_history_context
    if (
        failure.event_type == HistoryEventType.EvaluationFailed
        and entered["exited_event_type"] != HistoryEventType.WaitStateExited
        and history_context.source_event_id == entered["event_id"]
    ):
        # Recorded on AWS: where a state has done nothing yet, what it follows is not that it was entered.
        history_context.source_event_id = entered["follows_id"]
    env.event_manager.add_event(
        context=env.event_history_context, event_type=failure.event_type, event_details=failure.event_details
    )


def _publish_end(self: ExecutionState, env: Environment, failure: FailureEvent) -> None:
    if self.state_exited_event_type == HistoryEventType.MapStateExited:
        if failure.event_type == HistoryEventType.ExecutionFailed:
            # The interpreter's own error is all that is told, recorded on AWS by localstack's
            # test_map_state_tolerated_failure_percentage_path.
            return
        ended = HistoryEventType.MapStateFailed
    elif self.state_exited_event_type == HistoryEventType.ParallelStateExited:
        ended = HistoryEventType.ParallelStateFailed
    else:
        return
    history.record(env, ended)


def _details(failure: FailureEvent) -> dict[str, Any]:
    (details,) = cast("dict[str, dict[str, Any]]", failure.event_details or {"": {}}).values()
    return details


def _decorate(failure: FailureEvent) -> None:
    """Name the state in the cause of a failure that the interpreter itself raised, as AWS does, once."""
    details = _details(failure)
    cause = details.get("cause", "")
    if details.get("error") in ("States.Runtime", "States.QueryEvaluationError") and not cause.startswith(_PREFIX):
        entered = getattr(failure, "entered_event_id", failure.source_event_id)
        details["cause"] = f"{_PREFIX} '{failure.state_name}' (entered at the event id #{entered}). {cause}"


@patch(
    FailureEventException,
    "get_execution_failed_event_details",
    fault="the state is named twice in some causes",
    gaps=("stepfunctions/decorates_causes_again",),
)
def _execution_failed_details(self: FailureEventException) -> dict[str, str]:
    """Error and cause that the execution ends with."""
    _decorate(self.failure_event)
    details = _details(self.failure_event)
    return {key: details[key] for key in ("error", "cause") if details.get(key) is not None}


_moto_init_failure = FailureEvent.__init__


@patch(
    FailureEvent,
    "__init__",
    fault="a failure does not know the event at which its state was entered, and causes name another",
    gaps=("stepfunctions/decorates_causes_again",),
)
def _init_failure(self: Any, env: Environment, *args: Any, **kwargs: Any) -> None:
    _moto_init_failure(self, env, *args, **kwargs)
    self.entered_event_id = getattr(env, "entered", {}).get("event_id", self.source_event_id)


def _check_size(self: CommonStateField, env: Environment, value: Any) -> None:
    if not payloads.fits(value):
        raise failures.failure(
            env,
            "States.DataLimitExceeded",
            f"The state/task '{self.name}' returned a result with a size exceeding the maximum number of bytes "
            "service limit.",
        )
