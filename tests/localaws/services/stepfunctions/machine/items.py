"""The items of a Map state whose iterations are part of its own execution.

The failures were recorded on AWS by localstack's tests test_map_state_items_input_types and
test_map_state_items_eval_jsonata_fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.stepfunctions.parser.asl.component.state.exec.state_map.items.items import ItemsJSONata
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap

from localaws.account.patches import patch
from localaws.services.stepfunctions.language import payloads, templates

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.environment import Environment

_FAULT = "items that are no array fail without the state's name, and the input in Python's own words"
_GAPS = ("stepfunctions/fails_items_without_the_states_name",)

_moto_eval_map = StateMap._eval_execution


@patch(StateMap, "_eval_execution", fault=_FAULT, gaps=_GAPS)
def _eval_map(self: StateMap, env: Environment) -> None:
    value = env.states.get_input()
    if not self._is_language_query_jsonpath() and self.items is None and not isinstance(value, list):
        raise templates.query_failure(env, f"Map state input must be an array but was: {payloads.dump(value)}")
    _moto_eval_map(self, env)


@patch(ItemsJSONata, "_eval_body", fault=_FAULT, gaps=_GAPS)
def _eval_items(self: ItemsJSONata, env: Environment) -> None:
    self.string_jsonata.eval(env=env)
    if not isinstance(env.stack[-1], list):
        raise templates.unexpected_result(env, self.string_jsonata, "array", env.stack.pop())
