"""States without attempts: Pass, Choice and Fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison import ConditionStringJSONata
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice
from moto.stepfunctions.parser.asl.component.state.fail.state_fail import StateFail
from moto.stepfunctions.parser.asl.component.state.state_pass.state_pass import StatePass

from localaws.account.patches import patch
from localaws.services.stepfunctions.language import failures, templates

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.environment import Environment


@patch(
    ConditionStringJSONata,
    "_eval_body",
    fault="a Condition that is no boolean fails with Python's own words",
    gaps=("stepfunctions/fails_conditions_with_pythons_words",),
)
def _eval_condition(self: ConditionStringJSONata, env: Environment) -> None:
    self.string_jsonata.eval(env=env)
    if not isinstance(env.stack[-1], bool):
        expression = "{% " + self.string_jsonata.expression.strip() + " %}"
        location = getattr(self.string_jsonata, "location", "Condition")
        raise templates.unexpected_type(env, expression, location, "boolean", env.stack.pop())


@patch(
    StatePass,
    "_eval_state",
    fault="a Pass state has a `$states.result`",
    gaps=("stepfunctions/has_a_result_in_pass_states",),
)
def _eval_pass(self: StatePass, env: Environment) -> None:
    for part in (self.parameters, self.result, self.assign_decl, self.result_path):
        if part:
            part.eval(env=env)


_moto_eval_choice = StateChoice._eval_state


@patch(
    StateChoice,
    "_eval_state",
    fault="a Choice without a match fails with Python's own words",
    gaps=("stepfunctions/fails_a_choice_with_pythons_words",),
)
def _eval_choice(self: StateChoice, env: Environment) -> None:
    try:
        _moto_eval_choice(self, env)
    except RuntimeError as error:
        raise failures.failure(
            env,
            "States.Runtime",
            f"Failed to transition out of the state '{self.name}'. The state does not point to a next state.",
            event_type=HistoryEventType.ExecutionFailed,
        ) from error


@patch(
    StateFail,
    "_eval_state",
    fault="a Fail state takes an Error that is no string, and passes on no error of the interpreter's",
    gaps=("stepfunctions/fails_with_what_is_no_string", "stepfunctions/cannot_pass_on_an_interpreters_error"),
)
def _eval_fail(self: StateFail, env: Environment) -> None:
    values: list[str | None] = []
    for declaration, location in ((self.error, "Error"), (self.cause, "Cause")):
        if declaration is None:
            values.append(None)
            continue
        declaration.eval(env=env)
        value = env.stack.pop()
        if not isinstance(value, str):
            expression = getattr(getattr(declaration, "string_expression", None), "expression", "")
            raise templates.unexpected_type(env, "{%" + expression + "%}", location, "string", value)
        values.append(value)
    error, cause = values
    # The error passes as it is, also one that the interpreter reserves for itself.
    raise failures.failure(env, error or "", cause, event_type=HistoryEventType.ExecutionFailed)
