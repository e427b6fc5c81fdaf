"""Distributed Map: listings, children, tolerated failures, exported results, redrives."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from moto.s3.models import s3_backends

from localaws.services.stepfunctions.api import definitions
from localaws.services.stepfunctions.map import item_reader
from unit.localaws.stepfunctions.runner import ANYTHING, FunctionError, make_role

if TYPE_CHECKING:
    from localaws import LocalAWS
    from unit.localaws.stepfunctions.runner import Functions, Runner

INVOKE = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Arguments": {"FunctionName": "each", "Payload": "{% $states.input %}"},
    "Output": "{% $states.result.Payload %}",
    "End": True,
}


def distributed(**fields: Any) -> dict[str, Any]:
    return {
        "Type": "Map",
        "Label": "Files",
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Each",
            "States": {"Each": INVOKE},
        },
        "End": True,
        **fields,
    }


@pytest.fixture
def bucket(aws: LocalAWS) -> str:
    name = f"bucket-{time.monotonic_ns()}"
    aws.client("s3").create_bucket(Bucket=name)
    return name


def fail_on(*bad: Any) -> Any:
    def each(event: Any) -> Any:
        if event in bad:
            raise FunctionError(json.dumps({"errorType": "InvalidInputError", "errorMessage": f"bad: {event}"}))
        return {"of": event}

    return each


def test_children_give_their_outputs_in_order(runner: Runner, functions: Functions) -> None:
    functions.known["each"] = fail_on()
    execution = runner.start(runner.create({"All": distributed(Items="{% [1..30] %}", MaxConcurrency=8)}))
    assert runner.end(execution)["output"] == [{"of": number} for number in range(1, 31)]
    assert runner.types(execution) == [
        "ExecutionStarted",
        "MapStateEntered",
        "MapStateStarted",
        "MapRunStarted",
        "MapRunSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]


def test_a_listing_of_several_pages(aws: LocalAWS, runner: Runner, functions: Functions, bucket: str) -> None:
    functions.known["each"] = lambda event: event
    s3 = aws.client("s3")
    for number in range(5):
        s3.put_object(Bucket=bucket, Key=f"in/日本 {number}.csv", Body=b"x" * number)
    reader = {
        "Resource": "arn:aws:states:::s3:listObjectsV2",
        "Arguments": {"Bucket": bucket, "Prefix": "{% $states.input.prefix %}"},
    }
    selector = {
        "key": "{% $states.context.Map.Item.Value.Key %}",
        "index": "{% $states.context.Map.Item.Index %}",
        "item": "{% $states.context.Map.Item.Value %}",
        "run": "{% $states.context.Execution.Name %}",
    }
    machine = runner.create({"All": distributed(ItemReader=reader, ItemSelector=selector)})
    ended = runner.end(runner.start(machine, {"prefix": "in/"}, name="listing"))
    assert [item["key"] for item in ended["output"]] == [f"in/日本 {number}.csv" for number in range(5)]
    assert [item["index"] for item in ended["output"]] == list(range(5))
    item = ended["output"][3]["item"]
    assert item.keys() == {"Etag", "Key", "LastModified", "Size", "StorageClass"}
    assert item["Size"] == 3
    assert item["Etag"].startswith('"')
    assert isinstance(item["LastModified"], int)


def test_a_listing_larger_than_a_page(aws: LocalAWS, runner: Runner, bucket: str) -> None:
    backend = s3_backends[aws.account_id]["aws"]
    for number in range(1001):
        backend.put_object(bucket, f"{number:04}", b"")
    reader = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Arguments": {"Bucket": bucket}}
    state = distributed(ItemReader=reader, ItemSelector="{% $states.context.Map.Item.Value.Key %}")
    state["ItemProcessor"]["States"]["Each"] = {"Type": "Succeed"}
    execution = runner.start(runner.create({"All": state}))
    assert runner.end(execution, 60)["output"] == [f"{number:04}" for number in range(1001)]


def test_an_empty_listing(runner: Runner, functions: Functions, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Arguments": {"Bucket": bucket, "Prefix": "none/"}}
    machine = runner.create({"All": distributed(ItemReader=reader)})
    assert runner.end(runner.start(machine))["output"] == []
    monkeypatch.setattr(item_reader, "EMPTY_FAILS", True)
    execution = runner.start(machine)
    ended = runner.end(execution)
    assert (ended["error"], ended["cause"]) == (
        "States.ItemReaderFailed",
        f"No object was found in bucket {bucket} with prefix 'none/'.",
    )
    assert runner.types(execution)[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]


def test_a_listing_that_fails(runner: Runner) -> None:
    reader = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Arguments": {"Bucket": "no-such-bucket-here"}}
    ended = runner.run({"All": distributed(ItemReader=reader)})
    assert ended["error"] == "States.ItemReaderFailed"
    assert "NoSuchBucket" in ended["cause"]


def test_concurrency_is_limited(runner: Runner, functions: Functions) -> None:
    lock, running, most = threading.Lock(), 0, 0

    def each(event: Any) -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        with lock:
            running -= 1

    functions.known["each"] = each
    runner.run({"All": distributed(Items="{% [1..9] %}", MaxConcurrency="{% 3 %}")})
    assert most == 3


@pytest.mark.parametrize(
    ("tolerated", "status"),
    [
        ({}, "FAILED"),
        ({"ToleratedFailurePercentage": 20}, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": "{% 19.5 %}"}, "FAILED"),
        ({"ToleratedFailureCount": 2}, "SUCCEEDED"),
        ({"ToleratedFailureCount": 1}, "FAILED"),
        ({"ToleratedFailureCount": 1, "ToleratedFailurePercentage": 50}, "FAILED"),
    ],
)
def test_tolerated_failures(runner: Runner, functions: Functions, tolerated: dict[str, Any], status: str) -> None:
    functions.known["each"] = fail_on(3, 7)
    execution = runner.start(runner.create({"All": distributed(Items="{% [1..10] %}", **tolerated)}))
    ended = runner.end(execution)
    assert ended["status"] == status
    if status == "FAILED":
        assert ended["error"] == "States.ExceedToleratedFailureThreshold"
        assert runner.types(execution)[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]
    else:
        assert [shown.get("of", shown.get("Error")) for shown in ended["output"]][2:4] == ["InvalidInputError", 4]


def test_results_are_exported(aws: LocalAWS, runner: Runner, functions: Functions, bucket: str) -> None:
    functions.known["each"] = fail_on(2)
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": bucket, "Prefix": "runs/1/results"}}
    state = distributed(Items="{% [1..3] %}", ToleratedFailureCount=1, ResultWriter=writer)
    output = runner.run({"All": state})["output"]
    assert output.keys() == {"MapRunArn", "ResultWriterDetails"}
    folder = f"runs/1/results/{output['MapRunArn'].rpartition(':')[2]}/"
    assert output["ResultWriterDetails"] == {"Bucket": bucket, "Key": f"{folder}manifest.json"}

    def read(key: str) -> Any:
        return json.loads(aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())

    manifest = read(f"{folder}manifest.json")
    assert manifest["DestinationBucket"] == bucket
    assert manifest["MapRunArn"] == output["MapRunArn"]
    files = manifest["ResultFiles"]
    assert [entry["Key"] for entry in files["SUCCEEDED"]] == [f"{folder}SUCCEEDED_0.json"]
    assert [entry["Key"] for entry in files["FAILED"]] == [f"{folder}FAILED_0.json"]
    assert files["PENDING"] == []
    first, third = read(f"{folder}SUCCEEDED_0.json")
    assert (json.loads(first["Input"]), json.loads(first["Output"]), first["Status"]) == (1, {"of": 1}, "SUCCEEDED")
    assert json.loads(third["Input"]) == 3
    assert ":execution:" in first["ExecutionArn"]
    assert first["StateMachineArn"].endswith("/Files")
    (failed,) = read(f"{folder}FAILED_0.json")
    assert (failed["Error"], failed["Status"], "Output" in failed) == ("InvalidInputError", "FAILED", False)


def test_results_that_cannot_be_written(runner: Runner, functions: Functions) -> None:
    functions.known["each"] = fail_on()
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": "no-such-bucket-here"}}
    assert runner.run({"All": distributed(Items=[1], ResultWriter=writer)})["error"] == "States.ResultWriterFailed"


@pytest.mark.parametrize(
    "action", ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
)
def test_results_take_the_permissions_of_the_guide(
    runner: Runner, functions: Functions, aws: LocalAWS, action: str
) -> None:
    functions.known["each"] = fail_on()
    aws.client("s3").create_bucket(Bucket="results")
    deny = {"Effect": "Deny", "Action": action, "Resource": "arn:aws:s3:::results/*"}
    role = make_role(aws, f"without-{action[3:]}", ANYTHING, deny)
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": "results"}}
    ended = runner.run({"All": distributed(Items=[1], ResultWriter=writer)}, role=role)
    assert ended["error"] == "States.ResultWriterFailed"
    assert f"not authorized to perform: {action}" in ended["cause"]


def test_children_are_executions(runner: Runner, functions: Functions) -> None:
    functions.known["each"] = lambda event: event
    state = distributed(Items=["a"])
    state["ItemProcessor"]["States"]["Each"] = {"Type": "Pass", "Output": "{% $states.context %}", "End": True}
    execution = runner.start(runner.create({"All": state}))
    (context,) = runner.end(execution)["output"]
    child = runner.client.describe_execution(executionArn=context["Execution"]["Id"])
    (run,) = runner.client.list_map_runs(executionArn=execution)["mapRuns"]
    assert child["mapRunArn"] == run["mapRunArn"]
    assert child["stateMachineArn"].endswith("/Files")
    assert context["StateMachine"]["Id"] == child["stateMachineArn"]
    described = runner.client.describe_map_run(mapRunArn=run["mapRunArn"])
    assert (described["status"], described["executionArn"]) == ("SUCCEEDED", execution)
    assert described["itemCounts"]["succeeded"] == described["executionCounts"]["total"] == 1


def test_a_redrive_runs_only_the_children_that_failed(runner: Runner, functions: Functions) -> None:
    seen: list[Any] = []

    def each(event: Any) -> Any:
        seen.append(event)
        return fail_on(2)(event) if seen.count(2) == 1 else {"of": event}

    functions.known["each"] = each
    machine = runner.create({"All": distributed(Items=[1, 2, 3], MaxConcurrency=1, ToleratedFailureCount=0)})
    execution = runner.start(machine)
    assert runner.end(execution)["status"] == "FAILED"
    before = list(seen)
    runner.client.redrive_execution(executionArn=execution)
    ended = runner.end(execution)
    assert ended["output"] == [{"of": 1}, {"of": 2}, {"of": 3}]
    assert before.count(1) == seen.count(1) == 1
    assert "MapRunRedriven" in runner.types(execution)
    assert len(runner.client.list_map_runs(executionArn=execution)["mapRuns"]) == 1


def test_stopping_the_parent_stops_the_children(runner: Runner, functions: Functions) -> None:
    release = threading.Event()
    functions.known["each"] = lambda event: release.wait(5)
    execution = runner.start(runner.create({"All": distributed(Items="{% [1..4] %}")}))
    deadline = time.monotonic() + 5
    while not (runs := runner.client.list_map_runs(executionArn=execution)["mapRuns"]):
        assert time.monotonic() < deadline
    time.sleep(0.2)
    runner.client.stop_execution(executionArn=execution)
    described: dict[str, Any] = {"status": "RUNNING"}
    while described["status"] == "RUNNING":
        assert time.monotonic() < deadline
        described = runner.client.describe_map_run(mapRunArn=runs[0]["mapRunArn"])
    assert described["status"] == "ABORTED"
    release.set()
    assert described["executionCounts"]["aborted"] == 4


@pytest.mark.parametrize("missing", ["states:StartExecution", "states:DescribeExecution", "states:StopExecution"])
def test_the_role_must_be_allowed_to_run_children(
    aws: LocalAWS, runner: Runner, functions: Functions, missing: str
) -> None:
    functions.known["each"] = fail_on()
    allowed = {"states:StartExecution", "states:DescribeExecution", "states:StopExecution", "lambda:InvokeFunction"}
    statement = {"Effect": "Allow", "Action": sorted(allowed - {missing}), "Resource": "*"}
    role = make_role(aws, f"without-{missing.rpartition(':')[2]}", statement)
    ended = runner.end(runner.start(runner.create({"All": distributed(Items=[1])}, role=role)))
    assert ended["error"] == "StepFunctions.AWSStepFunctionsException"
    assert missing in ended["cause"]
    assert [denied.action for denied in aws.denied] == [missing]


def test_variables_of_the_parent_are_not_the_childrens(runner: Runner) -> None:
    state = distributed(Items=[1])
    state["ItemProcessor"]["States"]["Each"] = {"Type": "Pass", "Output": "{% $outer %}", "End": True}
    states = {"Set": {"Type": "Pass", "Assign": {"outer": 1}, "Next": "All"}, "All": state}
    definition = {"QueryLanguage": "JSONata", "StartAt": "Set", "States": states}
    [found] = definitions.problems(definition, unassigned=True)
    assert found.message == "Variable '$outer' is never assigned."
    # AWS finds it out when the child runs, recorded by localstack's test_undefined_reference.
    assert definitions.problems(definition) == []
    assert runner.run(states)["error"] == "States.ExceedToleratedFailureThreshold"
