"""Definitions that CreateStateMachine refuses, and the API of state machines."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from localaws.services.stepfunctions.api import definitions

if TYPE_CHECKING:
    from localaws import LocalAWS
    from unit.localaws.stepfunctions.runner import Runner

END = {"Type": "Succeed"}
TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sns:publish",
    "Arguments": {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Message": "m"},
    "End": True,
}
MACHINE: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    "StartAt": "Set",
    "States": {
        "Set": {"Type": "Pass", "Assign": {"run": "{% $states.input.id %}"}, "Next": "Choose"},
        "Choose": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $exists($run) %}", "Next": "Call", "Output": {"a": "{% $run %}"}}],
            "Default": "End",
        },
        "Call": {
            **TASK,
            "Output": "{% $states.result.MessageId %}",
            "TimeoutSeconds": 60,
            "Retry": [{"ErrorEquals": ["SNS.ThrottledException"], "IntervalSeconds": 1, "MaxDelaySeconds": 5}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Assign": {"e": "{% $states.errorOutput %}"}, "Next": "Fail"}],
        },
        "Fail": {"Type": "Fail", "Error": "{% $e.Error %}", "Cause": "{% $e.Cause %}"},
        "End": END,
    },
}


def messages(machine: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(found.code, found.message, found.location) for found in definitions.problems(machine, unassigned=True)]


def test_a_sound_definition() -> None:
    assert messages(MACHINE) == []


@pytest.mark.parametrize(
    ("path", "value", "code", "message", "location"),
    [
        ("StartAt", "Nowhere", "MISSING_TRANSITION_TARGET", "Missing 'Next' target: Nowhere", "/StartAt"),
        ("Timeout", 5, "SCHEMA_VALIDATION_FAILED", "Field 'Timeout' is not supported", "/"),
        ("States.Call.Foo", 1, "SCHEMA_VALIDATION_FAILED", "Field 'Foo' is not supported", "/States/Call"),
        ("States.Call.Retries", [], "SCHEMA_VALIDATION_FAILED", "Field 'Retries' is not supported", "/States/Call"),
        ("States.Set.Next", "Gone", "MISSING_TRANSITION_TARGET", "Missing 'Next' target: Gone", "/States/Set/Next"),
        ("States.Set.End", True, "SCHEMA_VALIDATION_FAILED", "Exactly one of", "/States/Set"),
        ("States.Call.Type", "Taks", "SCHEMA_VALIDATION_FAILED", "The field 'Type' should have", "/States/Call/Type"),
        ("States.Extra", END, "MISSING_TRANSITION_TARGET", 'State "Extra" is not reachable.', "/States/Extra"),
        (
            "States.Set.ResultPath",
            "$.x",
            "SCHEMA_VALIDATION_FAILED",
            "field 'ResultPath' is only supported for the 'JSONPath'",
            "/States/Set",
        ),
        ("States.Set.QueryLanguage", "JSONPath", "SCHEMA_VALIDATION_FAILED", "can not be 'JSONPath'", "/States/Set"),
        (
            "States.Call.Resource",
            "arn:aws:states:::sns:send",
            "SCHEMA_VALIDATION_FAILED",
            "The resource provided arn:aws:states:::sns:send is not recognized.",
            "/States/Call/Resource",
        ),
        (
            "States.Call.Resource",
            "arn:aws:states:::aws-sdk:s3:getObjekt",
            "SCHEMA_VALIDATION_FAILED",
            "is not recognized",
            "/States/Call/Resource",
        ),
        (
            "States.Call.Resource",
            "arn:aws:states:::aws-sdk:sqs:sendMessage",
            "SCHEMA_VALIDATION_FAILED",
            "(The local AWS runs aws-sdk:s3:getObject, aws-sdk:s3:putObject, events:putEvents, lambda:invoke, "
            "sagemaker:createTrainingJob, sagemaker:createTrainingJob.sync, sns:publish and functions by their ARNs.)",
            "/States/Call/Resource",
        ),
        (
            "States.Call.Arguments.Topic",
            "x",
            "SCHEMA_VALIDATION_FAILED",
            'The field "Topic" is not supported by Step Functions',
            "/States/Call/Arguments",
        ),
        (
            "States.Call.Arguments.Subject",
            5,
            "SCHEMA_VALIDATION_FAILED",
            "The value for the field 'Subject' must be a STRING",
            "/States/Call/Arguments",
        ),
        ("States.Call.HeartbeatSeconds", 60, "SCHEMA_VALIDATION_FAILED", "smaller than TimeoutSeconds", None),
        ("States.Call.TimeoutSeconds", 0, "SCHEMA_VALIDATION_FAILED", "between 1 and", "/States/Call/TimeoutSeconds"),
        ("States.Call.Retry.0.MaxDelaySeconds", 1, "SCHEMA_VALIDATION_FAILED", "greater than IntervalSeconds", None),
        ("States.Call.Retry.0.BackoffRate", 0.5, "SCHEMA_VALIDATION_FAILED", "number between 1", None),
        ("States.Call.Retry.0.Jitter", "FULL", "SCHEMA_VALIDATION_FAILED", "Field 'Jitter'", "/States/Call/Retry[0]"),
        ("States.Call.Retry.0.ErrorEquals", ["States.Taskfailed"], "SCHEMA_VALIDATION_FAILED", "not an error", None),
        ("States.Call.Catch.0.ErrorEquals", ["States.ALL", "x"], "SCHEMA_VALIDATION_FAILED", "appear alone", None),
        ("States.Call.Catch.0.ResultPath", "$", "SCHEMA_VALIDATION_FAILED", "Field 'ResultPath'", None),
        (
            "States.Set.Output",
            "{% phone %}",
            "UNSUPPORTED_JSONATA_EXPRESSION",
            "Reference to 'phone' at the top level is not supported.",
            "/States/Set/Output",
        ),
        (
            "States.Set.Output",
            {"a": ["{% $$.x %}"]},
            "UNSUPPORTED_JSONATA_EXPRESSION",
            "'$$'",
            "/States/Set/Output/a[0]",
        ),
        ("States.Set.Output", "{% $eval('1') %}", "UNSUPPORTED_JSONATA_EXPRESSION", "$eval", "/States/Set/Output"),
        ("States.Set.Output", "{% $states.result %}", "UNSUPPORTED_JSONATA_EXPRESSION", "$states.result", None),
        ("States.Call.Arguments.Message", "{% $states.result %}", "UNSUPPORTED_JSONATA_EXPRESSION", "result", None),
        ("States.Call.Output", "{% $states.errorOutput %}", "UNSUPPORTED_JSONATA_EXPRESSION", "errorOutput", None),
        ("States.Set.Output", "{% $rum %}", "UNSUPPORTED_JSONATA_EXPRESSION", "'$rum' is never assigned", None),
        ("States.Set.Output", "{% $uid() %}", "UNSUPPORTED_JSONATA_EXPRESSION", "'$uid' is never assigned", None),
        ("States.Set.Output", "{% $states.input.[ %}", "INVALID_JSONATA_EXPRESSION", "S0", "/States/Set/Output"),
        ("States.Choose.Choices.0.Next", "Gone", "MISSING_TRANSITION_TARGET", "Gone", "/States/Choose/Choices[0]/Next"),
        ("States.Choose.Choices.0.Variable", "$", "SCHEMA_VALIDATION_FAILED", "Field 'Variable'", None),
    ],
)
def test_faults(path: str, value: Any, code: str, message: str, location: str | None) -> None:
    machine = copy.deepcopy(MACHINE)
    *parents, name = path.split(".")
    target: Any = machine
    for parent in parents:
        target = target[int(parent) if parent.isdigit() else parent]
    target[name] = value
    found = messages(machine)
    assert [entry for entry in found if entry[0] == code and message in entry[1] and location in (None, entry[2])], (
        found
    )


@pytest.mark.parametrize(
    "expression",
    [
        "$states.input.items[value > 3].name",
        "$map($states.input.a, function($v, $i){ $v.name & $i })",
        "($n := $count($states.input.a); $n > 0 ? $n : 0)",
        "$states.input.a^(>price).name",
        "$states.input.a{kind: $sum(price)}",
        "$states.input ~> |items|{'seen': true}|",
        "$merge([$states.input, {'at': $now(), 'id': $uuid()}])",
        "$states.input.a.{'x': y, 'z': $.w}",
        "$states.input.a#$i[$i < 3]",
        "$reduce([1..3], function($x, $y){ $x + $y })",
    ],
)
def test_expressions_that_are_fine(expression: str) -> None:
    machine = {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Output": "{% " + expression + " %}", "End": True}},
    }
    assert messages(machine) == []


def test_required_arguments() -> None:
    machine = copy.deepcopy(MACHINE)
    machine["States"]["Call"] |= {"Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"Payload": 1}}
    assert ("The field 'FunctionName' is required but was missing", "/States/Call/Arguments") in [
        found[1:] for found in messages(machine)
    ]


def test_a_machine_without_an_end() -> None:
    machine = {"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}}
    assert [found[0] for found in messages(machine)] == ["MISSING_END_STATE"]


@pytest.mark.parametrize(
    ("definition", "code"),
    [("", "INVALID_JSON_DESCRIPTION"), ("[]", "SCHEMA_VALIDATION_FAILED"), ("{}", "SCHEMA_VALIDATION_FAILED")],
)
def test_no_definition_at_all(definition: str, code: str) -> None:
    assert [found.code for found in definitions.problems(definition)] == [code]


def test_the_same_state_twice() -> None:
    text = '{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Succeed"},"A":{"Type":"Succeed"}}}'
    assert [found.message for found in definitions.problems(text)] == ["Duplicate field 'A'"]


def test_create_and_update_refuse_what_validate_refuses(runner: Runner) -> None:
    broken = copy.deepcopy(MACHINE)
    broken["States"]["Call"]["Foo"] = 1
    text = json.dumps(broken)
    answer = runner.client.validate_state_machine_definition(definition=text, type="STANDARD")
    assert (answer["result"], answer["truncated"]) == ("FAIL", False)
    assert answer["diagnostics"] == [
        {
            "severity": "ERROR",
            "code": "SCHEMA_VALIDATION_FAILED",
            "message": "Field 'Foo' is not supported",
            "location": "/States/Call",
        }
    ]
    machine = runner.create({"End": END})
    client = runner.client
    for refused, where in (
        (client.create_state_machine, {"name": "broken", "roleArn": runner.role}),
        (client.update_state_machine, {"stateMachineArn": machine}),
    ):
        with pytest.raises(ClientError) as error:
            refused(definition=text, **where)
        assert error.value.response["Error"]["Code"] == "InvalidDefinition"
        assert "SCHEMA_VALIDATION_FAILED: Field 'Foo' is not supported at /States/Call" in str(error.value)


def test_a_name_is_taken_by_one_definition(runner: Runner) -> None:
    text = json.dumps({"QueryLanguage": "JSONata", "StartAt": "End", "States": {"End": END}})
    first = runner.client.create_state_machine(name="taken", definition=text, roleArn=runner.role)
    again = runner.client.create_state_machine(name="taken", definition=text, roleArn=runner.role)
    assert again["stateMachineArn"] == first["stateMachineArn"]
    with pytest.raises(ClientError) as error:
        runner.client.create_state_machine(name="taken", definition=json.dumps(MACHINE), roleArn=runner.role)
    assert error.value.response["Error"]["Code"] == "StateMachineAlreadyExists"


def test_versions_and_configuration_come_back(runner: Runner) -> None:
    machine = runner.create({"End": END}, tracingConfiguration={"enabled": True})
    described = runner.client.describe_state_machine(stateMachineArn=machine)
    assert described["tracingConfiguration"] == {"enabled": True}
    assert described["type"] == "STANDARD"
    updated = runner.client.update_state_machine(
        stateMachineArn=machine, definition=json.dumps(MACHINE), publish=True, versionDescription="v"
    )
    (version,) = runner.client.list_state_machine_versions(stateMachineArn=machine)["stateMachineVersions"]
    assert version["stateMachineVersionArn"] == updated["stateMachineVersionArn"] == f"{machine}:1"
    assert runner.client.describe_state_machine(stateMachineArn=machine)["revisionId"] == updated["revisionId"]


def test_a_version_is_not_updated(runner: Runner) -> None:
    """Recorded on AWS by localstack's test_update_state_machine."""
    machine = runner.create({"End": END})
    runner.client.update_state_machine(stateMachineArn=machine, definition=json.dumps(MACHINE), publish=True)
    with pytest.raises(ClientError) as error:
        runner.client.update_state_machine(stateMachineArn=f"{machine}:1", definition=json.dumps(MACHINE))
    assert error.value.response["Error"]["Code"] == "StateMachineDoesNotExist"


def test_a_log_group_that_is_gone_is_refused(aws: LocalAWS, runner: Runner) -> None:
    """Recorded on AWS by localstack's test_deleted_log_group."""
    arn = f"arn:aws:logs:us-east-1:{aws.account_id}:log-group:gone:*"
    logging = {"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}]}
    with pytest.raises(ClientError) as error:
        runner.create({"End": END}, loggingConfiguration=logging)
    assert error.value.response["Error"]["Code"] == "InvalidLoggingConfiguration"
    assert "Log Destination not found." in str(error.value)


def test_logging_is_off_where_no_level_is_given(runner: Runner) -> None:
    """Recorded on AWS by localstack's test_incomplete_logging_configuration."""
    machine = runner.create({"End": END}, loggingConfiguration={"destinations": []})
    described = runner.client.describe_state_machine(stateMachineArn=machine)
    assert described["loggingConfiguration"] == {"destinations": [], "includeExecutionData": False, "level": "OFF"}


def test_variables_are_told_by_the_state_that_refers_to_them(runner: Runner) -> None:
    """Recorded on AWS by localstack's test_base_variable_references_in_assign_templates; inferred for JSONata."""
    each = {"Type": "Pass", "QueryLanguage": "JSONPath", "OutputPath": "$a", "End": True}
    local = "{% ($own := $b; $map([1], function($x) { $x + $own + $count($a) })) %}"
    states: dict[str, dict[str, Any]] = {
        "Set": {"Type": "Pass", "Assign": {"a": [1], "b": 2}, "Next": "All"},
        "All": {
            "Type": "Map",
            "Items": local,
            "ItemProcessor": {"StartAt": "Each", "States": {"Each": each}},
            "End": True,
        },
    }
    for state in states.values():
        state["QueryLanguage"] = "JSONata"
    machine = runner.create(states, QueryLanguage="JSONPath")
    described = runner.client.describe_state_machine(stateMachineArn=machine)
    assert described["variableReferences"] == {"All": ["a", "b"], "Each": ["a"]}


@pytest.mark.parametrize(
    ("change", "location"),
    [
        ({"ItemReader": {"Resource": "arn:aws:states:::s3:getObjekt"}}, "/States/All/ItemReader/Resource"),
        (
            {"ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {}}},
            "/States/All/ResultWriter/Arguments",
        ),
        ({"ToleratedFailurePercentage": 101}, "/States/All/ToleratedFailurePercentage"),
        ({"Label": "a b"}, "/States/All/Label"),
        ({"ItemsPath": "$"}, "/States/All"),
    ],
)
def test_distributed_maps(change: dict[str, Any], location: str) -> None:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Each",
        "States": {"Each": END},
    }
    state = {"Type": "Map", "Items": [1], "ItemProcessor": processor, "End": True}
    machine = {"QueryLanguage": "JSONata", "StartAt": "All", "States": {"All": state}}
    assert messages(machine) == []
    state |= change
    assert location in [found[2] for found in messages(machine)]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("ItemBatcher", {"MaxItemsPerBatch": 2}, "The local AWS has no ItemBatcher: it gives each child one item"),
        (
            "ItemProcessor/ProcessorConfig/ExecutionType",
            "EXPRESS",
            "The local AWS runs children of type STANDARD, no EXPRESS",
        ),
        (
            "ResultWriter/WriterConfig",
            {"OutputType": "JSONL"},
            "The local AWS has no WriterConfig: it writes what is written without one",
        ),
    ],
)
def test_what_the_module_does_not_use_is_refused_by_name(path: str, value: Any, message: str) -> None:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Each",
        "States": {"Each": END},
    }
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": "b"}}
    state: Any = {"Type": "Map", "Items": [1], "ItemProcessor": processor, "ResultWriter": writer, "End": True}
    machine = {"QueryLanguage": "JSONata", "StartAt": "All", "States": {"All": state}}
    assert messages(machine) == []
    *parents, last = path.split("/")
    for parent in parents:
        state = state[parent]
    state[last] = value
    assert messages(machine) == [("SCHEMA_VALIDATION_FAILED", message, f"/States/All/{path}")]


# --- machines in JSONPath -----------------------------------------------------------------


def test_a_jsonpath_machine_without_a_start() -> None:
    """Recorded on AWS by localstack's test_validate_state_machine_definition_type_standard."""
    assert messages({"States": {"End": {"Type": "Pass", "End": True}}}) == [
        ("SCHEMA_VALIDATION_FAILED", "These fields are required: [StartAt]", "/")
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": True}, "(The local AWS runs "),
        (
            {
                "Type": "Map",
                "ItemProcessor": {"StartAt": "E", "States": {"E": END}},
                "ItemBatcher": {"MaxItemsPerBatch": 2},
                "End": True,
            },
            "The local AWS has no ItemBatcher",
        ),
    ],
)
def test_a_jsonpath_machine_is_refused_what_is_not_here_by_name(change: dict[str, Any], message: str) -> None:
    found = messages({"StartAt": "S", "States": {"S": change}})
    assert message in found[0][1]
    assert found[0][2].startswith("/States/S/")


@pytest.mark.parametrize(
    ("expression", "message"),
    [("$$.x", "'$$'"), ("phone", "'phone' at the top level"), ("$states.errorOutput", "errorOutput")],
)
@pytest.mark.parametrize("nested", [False, True])
def test_jsonata_states_of_a_jsonpath_machine_are_checked(expression: str, message: str, nested: bool) -> None:
    states: dict[str, Any] = {
        "S": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% " + expression + " %}", "End": True}
    }
    if nested:
        states = {"All": {"Type": "Map", "ItemProcessor": {"StartAt": "S", "States": states}, "End": True}}
    [found] = messages({"StartAt": next(iter(states)), "States": states})
    assert found[0] == "UNSUPPORTED_JSONATA_EXPRESSION"
    assert message in found[1]


def test_a_jsonpath_state_inside_of_a_jsonata_state_of_a_jsonpath_machine() -> None:
    """Recorded on AWS by localstack's VALID_QUERY_LANGUAGE_PASS."""
    inner = {"Pass": {"QueryLanguage": "JSONPath", "Type": "Pass", "End": True}}
    outer = {"Type": "Map", "QueryLanguage": "JSONata", "ItemProcessor": {"StartAt": "Pass", "States": inner}}
    machine = {"StartAt": "Map", "QueryLanguage": "JSONPath", "States": {"Map": {**outer, "End": True}}}
    assert messages(machine) == []
    found = messages({**machine, "QueryLanguage": "JSONata"})
    assert "can not be 'JSONPath' if set to 'JSONata' for whole state machine" in found[0][1]


def test_tolerated_failures_are_taken_by_an_inline_map() -> None:
    """Recorded on AWS by localstack's test_base_map."""
    processor = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
    state = {"Type": "Map", "Items": [1], "ItemProcessor": processor, "ToleratedFailureCount": 1, "End": True}
    states = {"All": {**state, "ToleratedFailurePercentage": "{% $variable := 1 %}"}}
    assert messages({"QueryLanguage": "JSONata", "StartAt": "All", "States": states}) == []
