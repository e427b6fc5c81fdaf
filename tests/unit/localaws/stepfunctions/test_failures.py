"""How states fail: by which names, with which causes, and what catches them; each as recorded on AWS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from localaws.services.stepfunctions.language.timestamps import moment_of
from unit.localaws.stepfunctions.runner import FunctionError, make_role

if TYPE_CHECKING:
    from localaws import LocalAWS
    from unit.localaws.stepfunctions.runner import Functions, Runner

END = {"Type": "Succeed"}
EACH = {"StartAt": "Each", "States": {"Each": {"Type": "Pass", "End": True}}}


def evaluation_failed(runner: Runner, states: dict[str, Any], value: Any = None) -> dict[str, Any]:
    """The details of the event that tells of a failed evaluation, by which the execution fails."""
    execution = runner.start(runner.create(states), value)
    ended = runner.end(execution)
    [event] = [event for event in runner.events(execution) if event["type"] == "EvaluationFailed"]
    details: dict[str, Any] = event["evaluationFailedEventDetails"]
    assert (ended["error"], ended["cause"]) == (details["error"], details["cause"])
    assert details["error"] == "States.QueryEvaluationError"
    prefix = f"An error occurred while executing the state '{details['state']}' (entered at the event id #2). "
    return details | {"cause": details["cause"].removeprefix(prefix), "follows": event["previousEventId"]}


@pytest.mark.parametrize(
    ("field", "value"),
    [("Arguments", "{% $doesNotExist %}"), ("Arguments/FunctionName", {"FunctionName": "{% $doesNotExist %}"})],
)
def test_a_variable_that_nothing_assigns(runner: Runner, field: str, value: Any) -> None:
    """Created, and undefined when it runs: localstack's test_undefined_reference."""
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": value, "End": True}
    assert evaluation_failed(runner, {"State0": task}) == {
        "error": "States.QueryEvaluationError",
        "cause": f"The JSONata expression '$doesNotExist' specified for the field '{field}' returned nothing "
        "(undefined).",
        "location": field,
        "state": "State0",
        "follows": 0,
    }


def test_a_function_that_nothing_defines(runner: Runner) -> None:
    """Created, too: localstack's test_math_random_seeded."""
    state = {"Type": "Pass", "Output": {"r": "{% $randomSeeded($states.input) %}"}, "End": True}
    assert evaluation_failed(runner, {"Only": state})["cause"] == (
        "The JSONata expression '$randomSeeded($states.input)' specified for the field 'Output/r' threw an error "
        "during evaluation. T1006: Attempted to invoke a non-function"
    )


@pytest.mark.parametrize(
    ("value", "kind"),
    [(True, "boolean"), (5, "number"), ("a", "string"), ({"foo": "bar"}, "object")],
)
def test_items_that_are_no_array(runner: Runner, value: Any, kind: str) -> None:
    """localstack's test_map_state_items_eval_jsonata_fail and test_map_state_items_input_types."""
    text = json.dumps(value, separators=(",", ":"))
    state = {"Type": "Map", "Items": "{% $states.input %}", "ItemProcessor": EACH, "End": True}
    assert evaluation_failed(runner, {"All": state}, value) == {
        "error": "States.QueryEvaluationError",
        "cause": "The JSONata expression '$states.input' specified for the field 'Items' returned an unexpected result "
        f"type. Expected 'array', but was '{kind}' for value: {text}",
        "location": "Items",
        "state": "All",
        "follows": 0,
    }
    del state["Items"]
    found = evaluation_failed(runner, {"All": state}, value)
    assert found["cause"] == f"Map state input must be an array but was: {text}"
    assert "location" not in found


def test_items_that_are_null(runner: Runner) -> None:
    state = {"Type": "Map", "Items": "{% null %}", "ItemProcessor": EACH, "End": True}
    assert evaluation_failed(runner, {"All": state})["cause"].endswith(
        "Expected 'array', but was 'null' for value: null"
    )


@pytest.mark.parametrize(
    "moment", ["2016-13-05T21:29:29Z", "05-12-2016T21:29:29Z", "2016-12-05T25:29:29Z", "2016-12-05 21:29:29Z"]
)
def test_a_timestamp_that_is_none(runner: Runner, moment: str) -> None:
    """localstack's test_wait_timestamp_jsonata."""
    state = {"Type": "Wait", "Timestamp": "{% $states.input %}", "End": True}
    found = evaluation_failed(runner, {"Wait": state}, moment)
    assert found["cause"] == (
        f"The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: {moment}"
    )
    assert (found["location"], found["follows"]) == ("Timestamp", 2)


def test_timestamps() -> None:
    instant = moment_of("2016-03-05T21:29:29.243167252Z")
    assert instant is not None
    assert instant.isoformat() == "2016-03-05T21:29:29.243167+00:00"
    east = moment_of("2016-03-06T06:29:29+09:00")
    assert east is not None
    assert east.isoformat() == "2016-03-05T21:29:29+00:00"


@pytest.mark.parametrize(
    ("state", "location"),
    [
        ({"Type": "Wait", "Seconds": "{% $states.input %}"}, "Seconds"),
        ({"Type": "Map", "Items": [1], "ItemProcessor": EACH, "MaxConcurrency": "{% $states.input %}"}, None),
        ({"Type": "Map", "Items": [1], "ItemProcessor": EACH, "ToleratedFailureCount": "{% $states.input %}"}, None),
        (
            {"Type": "Map", "Items": [1], "ItemProcessor": EACH, "ToleratedFailurePercentage": "{% $states.input %}"},
            None,
        ),
        (
            {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Arguments": {"FunctionName": "f"},
                "TimeoutSeconds": "{% $states.input %}",
            },
            None,
        ),
    ],
)
@pytest.mark.parametrize("value", ["5", True, [5]])
def test_numbers_that_are_none(runner: Runner, state: dict[str, Any], location: str | None, value: Any) -> None:
    """Inferred from what the fields for arrays do."""
    field = location or next(name for name in state if state[name] == "{% $states.input %}")
    found = evaluation_failed(runner, {"State": {**state, "End": True}}, value)
    assert "returned an unexpected result type. Expected 'number', but was " in found["cause"]
    assert found["location"] == field


def test_all_takes_a_payload_that_is_too_large(runner: Runner, functions: Functions) -> None:
    """localstack's test_task_lambda_catch_state_all_data_limit_exceeded_on_large_utf8_response."""
    functions.known["large"] = lambda event: "a" * 263_168
    arn = "arn:aws:lambda:us-east-1:123456789012:function:large"
    catch = [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput %}", "Next": "End"}]
    execution = runner.start(
        runner.create({"Call": {"Type": "Task", "Resource": arn, "Catch": catch, "End": True}, "End": END})
    )
    assert runner.end(execution)["output"] == {
        "Error": "States.DataLimitExceeded",
        "Cause": f"The state/task '{arn}' returned a result with a size exceeding the maximum number of bytes service "
        "limit.",
    }
    assert runner.types(execution)[2:6] == [
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionFailed",
        "TaskStateExited",
    ]


def test_task_failed_takes_no_payload_that_is_too_large(runner: Runner, functions: Functions) -> None:
    functions.known["large"] = lambda event: "a" * 263_168
    arn = "arn:aws:lambda:us-east-1:123456789012:function:large"
    catch = [{"ErrorEquals": ["States.TaskFailed"], "Next": "End"}]
    states = {"Call": {"Type": "Task", "Resource": arn, "Catch": catch, "End": True}, "End": END}
    assert runner.run(states)["error"] == "States.DataLimitExceeded"


def test_variables_are_no_larger_than_a_payload_together(runner: Runner) -> None:
    """256 KiB in one Assign: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html."""
    double = {"one": "{% $states.input %}", "two": "{% $states.input %}"}
    states: dict[str, Any] = {"Set": {"Type": "Pass", "Assign": double, "End": True}}
    machine = runner.create(states)
    assert runner.end(runner.start(machine, "a" * 130_000))["status"] == "SUCCEEDED"
    ended = runner.end(runner.start(machine, "a" * 132_000))
    assert ended["error"] == "States.DataLimitExceeded"
    assert "assigned variables" in ended["cause"]


def test_variables_of_an_execution_are_limited(runner: Runner) -> None:
    """10 MiB: https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html."""
    states: dict[str, Any] = {
        f"S{n}": {"Type": "Pass", "Assign": {f"v{n}": "{% $states.input %}"}, "Next": f"S{n + 1}"} for n in range(41)
    }
    states["S41"] = END
    execution = runner.start(runner.create(states), "a" * 260_000)
    assert runner.end(execution)["error"] == "States.DataLimitExceeded"
    assert runner.types(execution).count("PassStateExited") == 40


# --- functions by their ARNs --------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "given"), [({}, {"a": 1}), ({"Arguments": {"b": "{% $states.input.a %}"}}, {"b": 1})]
)
def test_a_function_by_its_arn(runner: Runner, functions: Functions, fields: Any, given: Any) -> None:
    """localstack's tests TestTaskLambda: the input is the event, what it returns the result."""
    functions.known["echo"] = lambda event: event
    arn = "arn:aws:lambda:us-east-1:123456789012:function:echo"
    execution = runner.start(
        runner.create({"Call": {"Type": "Task", "Resource": arn, "End": True, **fields}}), {"a": 1}
    )
    assert runner.end(execution)["output"] == given
    events = runner.events(execution)
    assert [event["type"] for event in events[2:5]] == [
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
    ]
    scheduled = events[2]["lambdaFunctionScheduledEventDetails"]
    assert (scheduled["resource"], json.loads(scheduled["input"])) == (arn, given)


def test_an_error_of_a_function_by_its_arn(runner: Runner, functions: Functions) -> None:
    def fail(event: Any) -> Any:
        raise FunctionError('{"errorMessage": "m", "errorType": "CustomException"}')

    functions.known["fail"] = fail
    arn = "arn:aws:lambda:us-east-1:123456789012:function:fail"
    execution = runner.start(runner.create({"Call": {"Type": "Task", "Resource": arn, "End": True}}))
    ended = runner.end(execution)
    assert (ended["error"], json.loads(ended["cause"])["errorMessage"]) == ("CustomException", "m")
    assert runner.types(execution)[-2:] == ["LambdaFunctionFailed", "ExecutionFailed"]


def test_a_function_by_its_arn_is_called_with_the_machines_role(aws: LocalAWS, runner: Runner) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:guarded"
    role = make_role(aws, "no-function")
    states = {"Call": {"Type": "Task", "Resource": arn, "End": True}}
    ended = runner.end(runner.start(runner.create(states, role=role)))
    assert ended["error"] == "Lambda.AWSLambdaException"
    assert [denied.action for denied in aws.denied] == ["lambda:InvokeFunction"]


# --- two languages in one machine ---------------------------------------------------------


def test_a_jsonpath_state_reads_what_a_jsonata_state_assigned(aws: LocalAWS, runner: Runner) -> None:
    """localstack's test_catch_error_variable_sampling, TASK_CATCH_ERROR_VARIABLE_SAMPLING_TO_JSONPATH."""
    states = {
        "Set": {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {"v": {"a": ["語", 1]}}, "Next": "Get"},
        "Get": {"Type": "Pass", "OutputPath": "$v", "Next": "Each"},
        "Each": {
            "Type": "Map",
            "QueryLanguage": "JSONata",
            "Items": "{% $v.a %}",
            "ItemProcessor": {
                "StartAt": "Inner",
                "States": {
                    "Inner": {"Type": "Pass", "QueryLanguage": "JSONPath", "OutputPath": "$v.a[0]", "End": True}
                },
            },
            "End": True,
        },
    }
    created = runner.create(states, QueryLanguage="JSONPath")
    assert runner.end(runner.start(created))["output"] == ["語", "語"]
