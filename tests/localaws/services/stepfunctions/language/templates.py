"""Fields with ``{% %}`` expressions in them, evaluated in the state an execution is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.string.string_expression import (
    StringJSONata,
    StringVariableSample,
)

from localaws.account.patches import patch
from localaws.services.stepfunctions.language import failures, jsonata, payloads

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
    from moto.stepfunctions.parser.asl.eval.environment import Environment

_TYPES: dict[type, str] = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def is_expression(value: Any) -> bool:
    """Whether a string of a definition is an expression; blanks outside the delimiters make it a plain string."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")


def expression_of(value: str) -> str:
    return value[2:-2].strip()


def evaluate(template: Any, env: Environment, location: str, *, context: dict[str, Any] | None = None) -> Any:
    """Fill in every expression of a JSON template.

    Parameters
    ----------
    template
        JSON, as the definition has it.
    env
        The state whose input, context and variables the expressions see.
    location
        Where the template stands, ``Arguments``; an error names the very field below it.
    context
        More of the context object, such as ``Map``.

    Raises
    ------
    FailureEventException
        ``States.QueryEvaluationError``.
    """
    if is_expression(template):
        return evaluate_expression(expression_of(template), env, location, context)
    if isinstance(template, dict):
        return {key: evaluate(value, env, f"{location}/{key}", context=context) for key, value in template.items()}
    if isinstance(template, list):
        return [evaluate(value, env, f"{location}[{i}]", context=context) for i, value in enumerate(template)]
    return template


def evaluate_typed(template: Any, env: Environment, location: str, expected: type | tuple[type, ...]) -> Any:
    """Like :func:`evaluate`, for a field of one JSON type."""
    value = evaluate(template, env, location)
    kinds = expected if isinstance(expected, tuple) else (expected,)
    if type(value) not in kinds:
        raise unexpected_type(env, template, location, _TYPES[kinds[0]], value)
    return value


def evaluate_expression(expression: str, env: Environment, location: str, context: dict[str, Any] | None = None) -> Any:
    try:
        return jsonata.evaluate(expression, variables(env, context))
    except jsonata.UndefinedError:
        problem = "returned nothing (undefined)."
    except jsonata.UnsupportedResultError:
        problem = "returned an unsupported result type."
    except jsonata.ExpressionError as error:
        problem = f"threw an error during evaluation. {error}"
    raise query_failure(
        env, f"The JSONata expression '{expression}' specified for the field '{location}' {problem}", location
    )


def unexpected_type(env: Environment, template: Any, location: str, expected: str, value: Any) -> FailureEventException:
    """The failure of a field whose expression gave another type than the field takes."""
    expression = expression_of(template) if is_expression(template) else template
    actual = "null" if value is None else _TYPES[type(value)]
    return query_failure(
        env,
        f"The JSONata expression '{expression}' specified for the field '{location}' returned an unexpected result "
        f"type. Expected '{expected}', but was '{actual}' for value: {payloads.dump(value)}",
        location,
    )


def unexpected_result(env: Environment, expression: Any, expected: str, value: Any) -> FailureEventException:
    """The failure of one of moto's expressions that gave another type than its field takes."""
    return unexpected_type(env, "{%" + expression.expression + "%}", expression.location, expected, value)


def query_failure(env: Environment, cause: str, location: str | None = None) -> FailureEventException:
    """The failure of an expression; of a whole state where it names no field."""
    where = {} if location is None else {"location": location}
    return failures.failure(
        env,
        "States.QueryEvaluationError",
        cause,
        event_type=HistoryEventType.EvaluationFailed,
        **where,
        state=env.next_state_name,
    )


def variables(env: Environment, context: dict[str, Any] | None = None) -> dict[str, Any]:
    """What an expression sees: the variables in scope and ``$states``."""
    store = env.variable_store
    states: dict[str, Any] = dict(env.states._states_data)
    if context:
        states["context"] = states["context"] | context
    return {**store._outer_scope, **store._inner_scope, "states": states}


@patch(
    StringJSONata,
    "_eval_body",
    fault="there is no JSONata evaluator, and values are written into expressions unescaped",
    gaps=("stepfunctions/has_no_jsonata", "stepfunctions/writes_values_unescaped_into_expressions"),
)
def _eval_string_jsonata(self: StringJSONata, env: Environment) -> None:
    location = getattr(self, "location", None) or str(env.next_field_name)
    env.stack.append(evaluate_expression(self.expression.strip(), env, location))


@patch(
    StringVariableSample,
    "_eval_body",
    fault="there is no JSONata evaluator, by which the variables of JSONPath states are found",
    gaps=("stepfunctions/has_no_jsonata",),
)
def _eval_variable(self: StringVariableSample, env: Environment) -> None:
    env.stack.append(evaluate_expression(self.expression, env, str(env.next_field_name)))
