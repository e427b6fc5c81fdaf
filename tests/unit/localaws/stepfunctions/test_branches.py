"""Parallel and inline Map states that fail: what their history says, and what becomes of what still ran."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from unit.localaws.stepfunctions.runner import FunctionError

if TYPE_CHECKING:
    from unit.localaws.stepfunctions.runner import Functions, Runner

END = {"Type": "Succeed"}
BROKEN = '{"errorMessage": "m", "errorType": "Broken"}'


def invoke(name: str, **fields: Any) -> dict[str, Any]:
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": name}}
    return {**task, "End": True, **fields}


def parallel(*states: dict[str, Any], **fields: Any) -> dict[str, Any]:
    branches = [{"StartAt": f"S{index}", "States": {f"S{index}": state}} for index, state in enumerate(states)]
    return {"Type": "Parallel", "Branches": branches, "End": True, **fields}


def each(state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": {"StartAt": "S", "States": {"S": state}}, "End": True, **fields}


@pytest.fixture
def broken(functions: Functions) -> Functions:
    def fail(_: Any) -> Any:
        raise FunctionError(BROKEN)

    functions.known["broken"] = fail
    return functions


def test_a_failed_branch_aborts_its_task(runner: Runner, broken: Functions) -> None:
    """Recorded on AWS by localstack's test_sqs_failure_in_wait_for_task_tok_no_error_field."""
    execution = runner.start(runner.create({"Both": parallel(invoke("broken"))}))
    assert runner.end(execution)["error"] == "Broken"
    events = {event["type"]: event for event in runner.events(execution)}
    assert list(events) == [
        "ExecutionStarted",
        "ParallelStateEntered",
        "ParallelStateStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskFailed",
        "TaskStateAborted",
        "ParallelStateFailed",
        "ExecutionFailed",
    ]
    failed = events["TaskFailed"]["id"]
    assert events["TaskStateAborted"]["previousEventId"] == failed
    assert events["ParallelStateFailed"]["previousEventId"] == failed


def test_each_try_of_a_parallel_state_aborts_its_tasks(runner: Runner, broken: Functions) -> None:
    """Recorded on AWS by localstack's test_parallel_catch_error, PARALLEL_CATCH_ERROR_OUTPUT_WITH_RETRY."""
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "End"}]
    state = parallel(invoke("broken"), Retry=retry, Catch=catch)
    execution = runner.start(runner.create({"Both": state, "End": END}))
    assert runner.end(execution)["status"] == "SUCCEEDED"
    types = runner.types(execution)
    assert [name for name in types if name.startswith("Parallel") or "Aborted" in name] == [
        "ParallelStateEntered",
        "ParallelStateStarted",
        "TaskStateAborted",
        "ParallelStateStarted",
        "TaskStateAborted",
        "ParallelStateFailed",
        "ParallelStateExited",
    ]


def test_a_fail_state_in_a_branch_aborts_nothing(runner: Runner) -> None:
    """Recorded on AWS by localstack's test_parallel_state_fail."""
    execution = runner.start(runner.create({"Both": parallel({"Type": "Fail", "Error": "FailureType"})}))
    assert runner.end(execution)["error"] == "FailureType"
    assert runner.types(execution)[3:] == ["FailStateEntered", "ParallelStateFailed", "ExecutionFailed"]


def test_what_runs_beside_a_failed_branch_is_given_up(runner: Runner, broken: Functions) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow(_: Any) -> str:
        started.set()
        go_on.wait(10)
        return "late"

    def fail(_: Any) -> Any:
        started.wait(10)
        raise FunctionError(BROKEN)

    broken.known |= {"slow": slow, "fail": fail}
    wait = {"Type": "Wait", "Seconds": 10_000, "End": True}
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "After"}]
    state = parallel(wait, each(invoke("slow"), Items=[1]), invoke("fail"), Catch=catch)
    after = {"Type": "Wait", "Seconds": 4, "Next": "End"}
    execution = runner.start(runner.create({"Both": state, "After": after, "End": END}))
    while "ParallelStateFailed" not in runner.types(execution):
        time.sleep(0.01)
    go_on.set()
    assert runner.end(execution)["status"] == "SUCCEEDED"
    types = runner.types(execution)
    aborted = {"WaitStateAborted", "TaskStateAborted", "MapIterationAborted", "MapStateAborted"}
    assert {name for name in types if "Aborted" in name} == aborted
    over = types.index("ParallelStateFailed")
    assert types[over + 1 :] == [
        "ParallelStateExited",
        "WaitStateEntered",
        "WaitStateExited",
        "SucceedStateEntered",
        "SucceedStateExited",
        "ExecutionSucceeded",
    ]


def test_iterations_beside_a_failed_one_are_given_up(runner: Runner, broken: Functions) -> None:
    started, go_on = threading.Event(), threading.Event()

    def some(event: Any) -> Any:
        if event["n"] == 1:
            started.wait(10)
            raise FunctionError(BROKEN)
        started.set()
        go_on.wait(10)
        return "late"

    broken.known["some"] = some
    task = invoke("some")
    task["Arguments"]["Payload"] = {"n": "{% $states.input %}"}
    catch = [{"ErrorEquals": ["Broken"], "Next": "After"}]
    after = {"Type": "Wait", "Seconds": 4, "Next": "End"}
    execution = runner.start(runner.create({"All": each(task, Items=[0, 1], Catch=catch), "After": after, "End": END}))
    while "MapStateFailed" not in runner.types(execution):
        time.sleep(0.01)
    go_on.set()
    assert runner.end(execution)["status"] == "SUCCEEDED"
    types = runner.types(execution)
    assert types[types.index("TaskFailed") : types.index("MapStateExited")] == [
        "TaskFailed",
        "MapIterationFailed",
        "TaskStateAborted",
        "MapIterationAborted",
        "MapStateFailed",
    ]
    [aborted] = [event for event in runner.events(execution) if event["type"] == "MapIterationAborted"]
    assert aborted["mapIterationAbortedEventDetails"] == {"name": "All", "index": 0}
    assert "MapIterationSucceeded" not in types


def test_results_are_in_the_order_of_the_branches(runner: Runner) -> None:
    slow = {"Type": "Wait", "Seconds": 4, "Output": "first", "End": True}
    fast = {"Type": "Pass", "Output": "second", "End": True}
    assert runner.run({"Both": parallel(slow, fast)})["output"] == ["first", "second"]
