"""Expressions: bound values, AWS's functions, null and undefined, errors."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from localaws.services.stepfunctions.language import jsonata

if TYPE_CHECKING:
    from unit.localaws.stepfunctions.runner import Runner

HOSTILE = ['"', "\\", "'", '"; $x := "', "{% 1 %}", "日本\n語", "${x}", "\u2028", "a\\u0022b", "/*", "😀"]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_never_becomes_program(runner: Runner, text: str) -> None:
    ended = runner.run(
        {
            "Keep": {"Type": "Pass", "Assign": {"kept": "{% $states.input.key %}"}, "Next": "Show"},
            "Show": {
                "Type": "Pass",
                "Output": {"variable": "{% $kept %}", "input": "{% $states.input.key & '!' %}"},
                "End": True,
            },
        },
        {"key": text},
    )
    assert ended["output"] == {"variable": text, "input": text + "!"}


def test_variable_that_is_null_is_not_undefined() -> None:
    assert jsonata.evaluate("$folder = null ? 'none' : $folder", {"folder": None}) == "none"
    assert jsonata.evaluate("$folder", {"folder": None}) is None


def test_literals_of_the_definition_keep_their_characters(runner: Runner) -> None:
    literal = {"text": '日本\n"語"\\ <&>', "number": 1.5, "list": [None, True, {"a": []}]}
    assert runner.output(literal) == literal


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$partition([1,2,3,4,5], 2)", [[1, 2], [3, 4], [5]]),
        ("$partition([1,2,3], 2.9)", [[1, 2], [3]]),
        ("$range(0, 10, 5)", [0, 5, 10]),
        ("$range(5, 1, -2)", [5, 3, 1]),
        ("$range(1, 1, 1)", 1),
        ("$hash('日本', 'MD5')", hashlib.md5("日本".encode()).hexdigest()),
        ("$parse('{\"a\": [null, 1.0]}')", {"a": [None, 1]}),
        ("$random(7) = $random(7)", True),
        ("null", None),
        ("$exists(null)", True),
        ("[null, 1]", [None, 1]),
        ("{'a': null}", {"a": None}),
        ("4 / 2", 2),
        ("$length('𠮷野家')", 3),
        ("$substring('𠮷野家', 1)", "野家"),
        ("[1..3]", [1, 2, 3]),
        ("$count([1..3]) & ''", "3"),
        ("$merge([{'a': 1}, {'b': [1]}])", {"a": 1, "b": [1]}),
        ("$sum([0.1, 0.2]) < 0.4 ? 'small' : 'large'", "small"),
    ],
)
def test_values(expression: str, value: Any) -> None:
    assert jsonata.evaluate(expression, {}) == value


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("1e300 * 10", "1e+301"),
        ("1e21", "1e+21"),
        ("1e20", "100000000000000000000"),
        ("-0.0", "0"),
        ("0.1 + 0.2", None),
    ],
)
def test_numbers_are_written_as_javascript_does(expression: str, text: str | None) -> None:
    assert json.dumps(jsonata.evaluate(expression, {})) == (text or "0.30000000000000004")


def test_numbers_that_json_cannot_hold() -> None:
    with pytest.raises(jsonata.ExpressionError):
        jsonata.evaluate("$n", {"n": 10**400})


def test_characters_outside_of_the_basic_plane_are_one(runner: Runner) -> None:
    """Also where the definition has them."""
    assert runner.output("{% $substring('𠮷野家', 0, 1) & $length('𠮷') %}") == "𠮷1"


def test_a_function_is_no_result(runner: Runner) -> None:
    ended = runner.run({"Only": {"Type": "Pass", "Output": "{% $sum %}", "End": True}})
    assert ended["cause"].endswith("specified for the field 'Output' returned an unsupported result type.")


def test_uuid_is_a_new_version_4_uuid() -> None:
    first, second = (uuid.UUID(jsonata.evaluate("$uuid()", {})) for _ in range(2))
    assert first.version == second.version == 4
    assert first != second


@pytest.mark.parametrize(
    "expression",
    [
        "$nothing",
        "$x.absent",
        "$partition([], 2)",
        "$partition([1], 0)",
        "$range(1, 2)",
        "$hash('a')",
        "$filter([1], function($v){$v > 1})",
    ],
)
def test_undefined(expression: str) -> None:
    with pytest.raises(jsonata.UndefinedError):
        jsonata.evaluate(expression, {"x": {}})


@pytest.mark.parametrize(
    "expression",
    [
        "1 +",
        "$sum('a')",
        "$error('no')",
        "$hash('a', 'md5')",
        "$eval('1')",
        "$sum",
        "function($x){$x}",
        "1/0",
        "$parse('{')",
    ],
)
def test_errors(expression: str) -> None:
    with pytest.raises(jsonata.ExpressionError) as raised:
        jsonata.evaluate(expression, {})
    assert not isinstance(raised.value, jsonata.UndefinedError)


def test_an_endless_expression_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonata, "TIMEOUT_MILLISECONDS", 100)
    with pytest.raises(jsonata.ExpressionError):
        jsonata.evaluate("($f := function($n){$f($n + 1)}; $f(0))", {})


@pytest.mark.parametrize(
    ("output", "location", "problem"),
    [
        ({"a": {"b": ["{% $states.input.absent %}"]}}, "Output/a/b[0]", "returned nothing (undefined)."),
        ({"a": "{% $sum('x') %}"}, "Output/a", "threw an error during evaluation. T0412"),
    ],
)
def test_a_failing_expression_names_its_field(runner: Runner, output: Any, location: str, problem: str) -> None:
    machine = runner.create({"Only": {"Type": "Pass", "Output": output, "End": True}})
    execution = runner.start(machine)
    ended = runner.end(execution)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.QueryEvaluationError")
    assert ended["cause"].startswith(
        "An error occurred while executing the state 'Only' (entered at the event id #2). The JSONata expression '"
    )
    assert f"specified for the field '{location}' {problem}" in ended["cause"]
    assert runner.types(execution) == ["ExecutionStarted", "PassStateEntered", "EvaluationFailed", "ExecutionFailed"]


def test_results_exist_only_where_there_is_one(runner: Runner) -> None:
    assert runner.output("{% $keys($states) %}") == ["input", "context"]


def test_the_context_object(runner: Runner) -> None:
    machine = runner.create({"Only": {"Type": "Pass", "Output": "{% $states.context %}", "End": True}})
    execution = runner.start(machine, {"a": 1}, name="named")
    context = runner.end(execution)["output"]
    assert context["Execution"] == {
        "Id": execution,
        "Input": {"a": 1},
        "Name": "named",
        "RoleArn": runner.role,
        "StartTime": context["Execution"]["StartTime"],
        "RedriveCount": 0,
    }
    assert context["StateMachine"] == {"Id": machine, "Name": machine.rpartition(":")[2]}
    assert context["State"].keys() == {"Name", "EnteredTime"}
    for moment in (context["Execution"]["StartTime"], context["State"]["EnteredTime"]):
        assert len(moment) == len("2026-01-02T03:04:05.678Z")
        assert moment.endswith("Z")


def test_an_execution_without_a_name_has_one_in_its_context(runner: Runner) -> None:
    name = runner.output("{% $states.context.Execution.Name %}")
    assert uuid.UUID(name)


def test_variables_change_from_the_next_state_on(runner: Runner) -> None:
    ended = runner.run(
        {
            "First": {"Type": "Pass", "Assign": {"n": 1}, "Next": "Second"},
            "Second": {
                "Type": "Pass",
                "Assign": {"n": "{% $n + 1 %}", "old": "{% $n %}"},
                "Output": "{% $n %}",
                "Next": "Third",
            },
            "Third": {"Type": "Pass", "Output": "{% [$states.input, $n, $old] %}", "End": True},
        }
    )
    assert ended["output"] == [1, 2, 1]


def test_variables_of_a_map_iteration_stay_inside(runner: Runner) -> None:
    step = {"Type": "Pass", "Assign": {"inner": "{% $states.input %}"}, "Next": "Use"}
    use = {"Type": "Pass", "Output": "{% $outer & $inner %}", "End": True}
    ended = runner.run(
        {
            "Set": {"Type": "Pass", "Assign": {"outer": "x"}, "Next": "Each"},
            "Each": {
                "Type": "Map",
                "Items": "{% ['a', 'b'] %}",
                "ItemProcessor": {"StartAt": "Keep", "States": {"Keep": step, "Use": use}},
                "End": True,
            },
        }
    )
    assert ended["output"] == ["xa", "xb"]
