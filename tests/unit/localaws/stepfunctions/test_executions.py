"""Executions: names, sizes, history, stops, time-outs, redrives, logs."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from localaws.services import events
from localaws.services.stepfunctions.machine import clock, history, tracing
from unit.localaws.stepfunctions.runner import FunctionError, make_role

if TYPE_CHECKING:
    from localaws import LocalAWS
    from unit.localaws.stepfunctions.runner import Functions, Jobs, Runner

PASS = {"Only": {"Type": "Pass", "End": True}}
WAIT = {"Only": {"Type": "Wait", "Seconds": 1000, "End": True}}
INVOKE = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Arguments": {"FunctionName": "f", "Payload": "{% $states.input %}"},
    "End": True,
}


def error_code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_the_same_name_and_input_is_the_same_execution_while_it_runs(runner: Runner) -> None:
    machine = runner.create(WAIT)
    with ThreadPoolExecutor(8) as pool:
        arns = set(pool.map(lambda _: runner.start(machine, {"a": 1}, name="once"), range(8)))
    assert len(arns) == 1
    with pytest.raises(ClientError) as error:
        runner.start(machine, {"a": 2}, name="once")
    assert error_code(error) == "ExecutionAlreadyExists"
    runner.client.stop_execution(executionArn=arns.pop())
    with pytest.raises(ClientError) as error:
        runner.start(machine, {"a": 1}, name="once")
    assert error_code(error) == "ExecutionAlreadyExists"


def test_many_executions_at_once(runner: Runner) -> None:
    machine = runner.create({"Only": {"Type": "Pass", "Output": "{% $states.input.n %}", "End": True}})
    with ThreadPoolExecutor(8) as pool:
        arns = list(pool.map(lambda n: runner.start(machine, {"n": n}), range(40)))
    assert [runner.end(arn)["output"] for arn in arns] == list(range(40))
    pages = runner.client.get_paginator("list_executions").paginate(
        stateMachineArn=machine, statusFilter="SUCCEEDED", PaginationConfig={"PageSize": 7}
    )
    assert {shown["executionArn"] for page in pages for shown in page["executions"]} == set(arns)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"name": "x" * 81}, "ValidationException"),
        ({"name": "a b"}, "InvalidName"),
        ({"input": "{"}, "InvalidExecutionInput"),
        ({"input": json.dumps("あ" * 87_381, ensure_ascii=False)}, "ValidationException"),
    ],
)
def test_refused_starts(runner: Runner, options: dict[str, str], code: str) -> None:
    machine = runner.create(PASS)
    with pytest.raises(ClientError) as error:
        runner.client.start_execution(stateMachineArn=machine, **options)
    assert error_code(error) == code


def test_the_largest_input_passes(runner: Runner) -> None:
    text = json.dumps("a" * (262_144 - 2))
    machine = runner.create(PASS)
    arn = runner.client.start_execution(stateMachineArn=machine, input=text, name="n" * 80)["executionArn"]
    assert runner.end(arn)["status"] == "SUCCEEDED"


def test_an_output_too_large(runner: Runner) -> None:
    ended = runner.run(
        {"Only": {"Type": "Pass", "Output": "{% $states.input & $states.input %}", "End": True}}, "a" * 200_000
    )
    assert ended["error"] == "States.DataLimitExceeded"
    assert ended["cause"].startswith("The state/task 'Only' returned a result with a size exceeding")


def test_an_update_does_not_touch_a_running_execution(runner: Runner) -> None:
    states: dict[str, Any] = {
        "Wait": {**WAIT["Only"], "Seconds": 6, "Next": "Old"},
        "Old": {"Type": "Pass", "Output": "old", "End": True},
    }
    del states["Wait"]["End"]
    machine = runner.create(states)
    execution = runner.start(machine)
    new = {
        "QueryLanguage": "JSONata",
        "StartAt": "New",
        "States": {"New": {"Type": "Pass", "Output": "new", "End": True}},
    }
    runner.client.update_state_machine(stateMachineArn=machine, definition=json.dumps(new))
    assert runner.end(runner.start(machine))["output"] == "new"
    assert runner.end(execution)["output"] == "old"
    shown = runner.client.describe_state_machine_for_execution(executionArn=execution)
    assert "Old" in json.loads(shown["definition"])["States"]


def test_the_history_comes_in_pages_and_in_both_orders(runner: Runner) -> None:
    states: dict[str, Any] = {f"S{n}": {"Type": "Pass", "Next": f"S{n + 1}"} for n in range(4)}
    states["S4"] = {"Type": "Succeed"}
    execution = runner.start(runner.create(states))
    ended = runner.end(execution)
    first = runner.client.get_execution_history(executionArn=execution, maxResults=5)
    assert [event["id"] for event in first["events"]] == [1, 2, 3, 4, 5]
    second = runner.client.get_execution_history(executionArn=execution, maxResults=50, nextToken=first["nextToken"])
    assert [event["id"] for event in second["events"]] == list(range(6, 13))
    assert "nextToken" not in second
    events = [*first["events"], *second["events"]]
    assert [event["previousEventId"] for event in events] == [0, 0, *range(2, 12)]
    times = [event["timestamp"] for event in events]
    assert times == sorted(times)
    assert ended["startDate"] <= times[0] <= times[-1] <= ended["stopDate"]
    backwards = runner.client.get_execution_history(executionArn=execution, reverseOrder=True)["events"]
    assert [event["id"] for event in backwards] == list(range(12, 0, -1))
    bare = runner.client.get_execution_history(executionArn=execution, includeExecutionData=False)["events"]
    assert bare[1]["stateEnteredEventDetails"] == {"name": "S0"}


def test_a_history_is_finite(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MAX_EVENTS", 50)
    loop: dict[str, Any] = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Choice", "Choices": [], "Default": "A"}}
    loop["B"]["Choices"] = [{"Condition": "{% $states.context.Execution.Name = '' %}", "Next": "End"}]
    execution = runner.start(runner.create({**loop, "End": {"Type": "Succeed"}}))
    assert runner.end(execution)["error"] == "States.Runtime"
    assert len(runner.events(execution)) == 50


def test_a_stopped_execution(runner: Runner) -> None:
    execution = runner.start(runner.create(WAIT))
    stopped = runner.client.stop_execution(executionArn=execution, error="E", cause="C")
    described = runner.client.describe_execution(executionArn=execution)
    assert (described["status"], described["error"], described["cause"]) == ("ABORTED", "E", "C")
    assert described["stopDate"] == stopped["stopDate"]
    last = runner.events(execution)[-1]
    assert (last["type"], last["previousEventId"]) == ("ExecutionAborted", 0)
    assert last["executionAbortedEventDetails"] == {"error": "E", "cause": "C"}


def test_an_execution_out_of_time(runner: Runner) -> None:
    execution = runner.start(runner.create(WAIT, TimeoutSeconds=1))
    ended = runner.end(execution)
    assert ended["status"] == "TIMED_OUT"
    assert ended["stopDate"]
    assert "error" not in ended
    last = runner.events(execution)[-1]
    assert (last["type"], last["executionTimedOutEventDetails"]["error"]) == ("ExecutionTimedOut", "States.Timeout")


def test_a_wait_that_outlasts_its_execution(runner: Runner) -> None:
    """Although waits are shortened and time-outs are not."""
    states = {"Only": {"Type": "Wait", "Seconds": 100, "End": True}}
    assert runner.run(states, TimeoutSeconds=20)["status"] == "TIMED_OUT"
    assert runner.run(states, TimeoutSeconds=200)["status"] == "SUCCEEDED"


def test_an_execution_out_of_time_stops_its_training_job(runner: Runner, jobs: Jobs) -> None:
    jobs.statuses = ["InProgress"]
    arguments = {
        "TrainingJobName": "late",
        "RoleArn": "arn:aws:iam::123456789012:role/training",
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://artifacts/models/"},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }
    resource = "arn:aws:states:::sagemaker:createTrainingJob.sync"
    task = {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True}
    assert runner.run({"Train": task}, TimeoutSeconds=1)["status"] == "TIMED_OUT"
    waited = threading.Event()
    for _ in range(100):
        if jobs.stopped or waited.wait(0.02):
            break
    assert jobs.stopped == ["late"]


def test_a_wait_is_shortened(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "SCALE", 0.0001)
    assert runner.run(WAIT)["status"] == "SUCCEEDED"


def test_a_redrive_goes_on_where_it_failed(runner: Runner, functions: Functions) -> None:
    calls: list[Any] = []

    def call(event: Any) -> Any:
        calls.append(event)
        if len(calls) == 1:
            raise FunctionError('{"errorType": "Once"}')
        return event

    functions.known["f"] = call
    payload = {"n": "{% $n %}", "redrives": "{% $states.context.Execution.RedriveCount %}"}
    arguments = {"FunctionName": "f", "Payload": payload}
    machine = runner.create(
        {
            "Set": {"Type": "Pass", "Assign": {"n": "{% $states.input.n %}"}, "Next": "Call"},
            "Call": {**INVOKE, "Arguments": arguments, "Output": "{% $states.result.Payload %}"},
        }
    )
    execution = runner.start(machine, {"n": 5})
    assert runner.end(execution)["redriveStatus"] == "REDRIVABLE"
    runner.client.redrive_execution(executionArn=execution)
    ended = runner.end(execution)
    assert (ended["output"], ended["redriveCount"]) == ({"n": 5, "redrives": 1}, 1)
    assert calls == [{"n": 5, "redrives": 0}, {"n": 5, "redrives": 1}]
    types = runner.types(execution)
    assert types.count("PassStateEntered") == 1
    assert types[types.index("ExecutionFailed") + 1] == "ExecutionRedriven"
    with pytest.raises(ClientError) as error:
        runner.client.redrive_execution(executionArn=execution)
    assert error_code(error) == "ExecutionNotRedrivable"


def test_the_log_group_has_the_events(aws: LocalAWS, runner: Runner) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="/aws/vendedlogs/states/logged")
    arn = f"arn:aws:logs:us-east-1:{aws.account_id}:log-group:/aws/vendedlogs/states/logged:*"
    configuration = {
        "level": "ALL",
        "includeExecutionData": True,
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}],
    }
    machine = runner.create(
        {"Only": {"Type": "Pass", "Output": "{% $states.input.a %}", "End": True}}, loggingConfiguration=configuration
    )
    execution = runner.start(machine, {"a": "語"})
    runner.end(execution)
    events = logs.filter_log_events(logGroupName="/aws/vendedlogs/states/logged")["events"]
    messages = [json.loads(event["message"]) for event in events]
    assert [message["type"] for message in messages] == runner.types(execution)
    assert [message["id"] for message in messages] == ["1", "2", "3", "4"]
    assert {message["execution_arn"] for message in messages} == {execution}
    assert messages[2]["details"]["output"] == '"語"'
    assert messages[2].keys() == {
        "id", "type", "details", "previous_event_id", "event_timestamp", "execution_arn", "redrive_count"
    }  # fmt: skip
    assert int(messages[0]["event_timestamp"]) == events[0]["timestamp"]


def test_logs_without_execution_data(aws: LocalAWS, runner: Runner) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="quiet")
    arn = f"arn:aws:logs:us-east-1:{aws.account_id}:log-group:quiet:*"
    configuration = {
        "level": "ERROR",
        "includeExecutionData": False,
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}],
    }
    fail = {"Only": {"Type": "Fail", "Error": "E", "Cause": "C"}}
    runner.end(runner.start(runner.create(fail, loggingConfiguration=configuration), {"secret": 1}))
    messages = [json.loads(event["message"]) for event in logs.filter_log_events(logGroupName="quiet")["events"]]
    assert [message["type"] for message in messages] == ["FailStateEntered", "ExecutionFailed"]
    assert "secret" not in json.dumps(messages)


def test_tracing_takes_the_permissions_of_the_guide_and_is_lost_without_them(runner: Runner, aws: LocalAWS) -> None:
    role = make_role(aws, "untraced")
    aws.denied.clear()
    assert runner.run(PASS, role=role)["status"] == "SUCCEEDED"
    assert aws.denied == []
    assert runner.run(PASS, role=role, tracingConfiguration={"enabled": True})["status"] == "SUCCEEDED"
    assert {denied.action for denied in aws.denied} == set(tracing.ACTIONS)


# --- status changes -----------------------------------------------------------------------


def status_changes(execution: str, count: int, seconds: float = 10) -> list[dict[str, Any]]:
    """The details of the events that EventBridge was sent about an execution."""
    deadline = time.monotonic() + seconds
    while True:
        found = [event for event in events.sent() if event["resources"] == [execution]]
        if len(found) >= count or time.monotonic() > deadline:
            assert {(event["source"], event["detail-type"]) for event in found} == {
                ("aws.states", "Step Functions Execution Status Change")
            }
            return [event["detail"] for event in found]
        time.sleep(0.01)


def test_status_changes_are_told(aws: LocalAWS, runner: Runner) -> None:
    """The fields of DescribeExecution, recorded on AWS by localstack's test_event_bridge_events_base."""
    aws.client("events").put_rule(Name="any-event", EventPattern='{"source": ["aws.states"]}')
    machine = runner.create({"Only": {"Type": "Pass", "Output": {"語": 1}, "End": True}})
    execution = runner.start(machine, {"a": 1})
    ended = runner.end(execution)
    milliseconds = {name: int(ended[name].timestamp() * 1000) for name in ("startDate", "stopDate")}
    running, succeeded = status_changes(execution, 2)
    common = {
        "executionArn": execution,
        "stateMachineArn": machine,
        "name": ended["name"],
        "startDate": milliseconds["startDate"],
        "input": '{"a": 1}',
        "stateMachineVersionArn": None,
        "stateMachineAliasArn": None,
        "redriveCount": 0,
        "redriveDate": None,
        "redriveStatus": "NOT_REDRIVABLE",
        "inputDetails": {"included": True},
        "error": None,
        "cause": None,
    }
    assert running == common | {
        "status": "RUNNING",
        "stopDate": None,
        "output": None,
        "outputDetails": None,
        "redriveStatusReason": "Execution is RUNNING and cannot be redriven",
    }
    assert succeeded == common | {
        "status": "SUCCEEDED",
        "stopDate": milliseconds["stopDate"],
        "output": '{"語":1}',
        "outputDetails": {"included": True},
        "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
    }


@pytest.mark.parametrize("end", ["FAILED", "ABORTED", "TIMED_OUT"])
def test_a_bad_end_is_told_with_its_cause(aws: LocalAWS, runner: Runner, end: str) -> None:
    aws.client("events").put_rule(Name="any-event", EventPattern='{"source": ["aws.states"]}')
    states = {"Only": {"Type": "Fail", "Error": "Broken", "Cause": "why"}} if end == "FAILED" else WAIT
    fields: dict[str, Any] = {"TimeoutSeconds": 1} if end == "TIMED_OUT" else {}
    machine = runner.create(states, **fields)
    execution = runner.start(machine)
    if end == "ABORTED":
        runner.client.stop_execution(executionArn=execution, error="Stopped", cause="by hand")
    runner.end(execution)
    _, detail = status_changes(execution, 2)
    told = {"FAILED": ("Broken", "why"), "ABORTED": ("Stopped", "by hand"), "TIMED_OUT": (None, None)}
    assert (detail["status"], (detail["error"], detail["cause"])) == (end, told[end])
    assert detail["redriveStatus"] == "REDRIVABLE"


def test_a_status_change_leaves_out_what_is_too_large(aws: LocalAWS, runner: Runner) -> None:
    """248 KB, of input and output together: the guide's "EventBridge payloads"."""
    aws.client("events").put_rule(Name="any-event", EventPattern='{"source": ["aws.states"]}')
    machine = runner.create({"Only": {"Type": "Pass", "Output": "small", "End": True}})
    execution = runner.start(machine, "a" * 255_000)
    runner.end(execution)
    _, detail = status_changes(execution, 2)
    assert (detail["input"], detail["inputDetails"]) == (None, {"included": False})
    assert (detail["output"], detail["outputDetails"]) == ('"small"', {"included": True})


def test_children_of_a_map_run_tell_of_themselves(aws: LocalAWS, runner: Runner) -> None:
    """Under the state machine's ARN with the state's label."""
    aws.client("events").put_rule(Name="any-event", EventPattern='{"source": ["aws.states"]}')
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "A", "States": {}}
    each = {"Type": "Map", "Label": "Each", "Items": [1], "End": True}
    each["ItemProcessor"] = {**processor, "States": {"A": {"Type": "Pass", "End": True}}}
    machine = runner.create({"Each": each})
    runner.end(runner.start(machine))
    run = runner.client.list_executions(stateMachineArn=machine)["executions"][0]
    [map_run] = runner.client.list_map_runs(executionArn=run["executionArn"])["mapRuns"]
    [child] = runner.client.list_executions(mapRunArn=map_run["mapRunArn"])["executions"]
    details = status_changes(child["executionArn"], 2)
    assert [(detail["stateMachineArn"], detail["status"]) for detail in details] == [
        (f"{machine}/Each", "RUNNING"),
        (f"{machine}/Each", "SUCCEEDED"),
    ]
