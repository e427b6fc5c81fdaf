"""Which state refers to which variables, as DescribeStateMachine tells.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html; recorded on AWS by
localstack's test_base_variable_references_in_assign_templates for JSONPath, inferred for JSONata.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from moto.stepfunctions.parser.asl.static_analyser.variable_references_static_analyser import (
    VariableReferencesStaticAnalyser,
)

from localaws.services.stepfunctions.language import expressions, templates

if TYPE_CHECKING:
    from collections.abc import Iterator

_INNER = frozenset({"Branches", "ItemProcessor", "Iterator"})


@functools.lru_cache(maxsize=64)
def variable_references(definition: str) -> dict[str, list[str]]:
    """Sorted names of the variables that each state refers to, by the state's name.

    Parameters
    ----------
    definition
        JSON text of a definition that can be created.
    """
    machine = json.loads(definition)
    found: dict[str, set[str]] = {}
    for name, state in _states(machine):
        for expression in _expressions({key: value for key, value in state.items() if key not in _INNER}):
            found.setdefault(name, set()).update(expressions.variables(expression))
    if machine.get("QueryLanguage") != "JSONata":
        for name, names in VariableReferencesStaticAnalyser.process_and_get(definition).items():
            found.setdefault(name, set()).update(names)
    return {name: sorted(names) for name, names in found.items() if names}


def _states(flow: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every state of a flow and of the flows inside of it, by name."""
    for name, state in flow.get("States", {}).items():
        yield name, state
        for inner in (*state.get("Branches", ()), state.get("ItemProcessor", {}), state.get("Iterator", {})):
            yield from _states(inner)


def _expressions(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _expressions(item)
    elif templates.is_expression(value):
        yield templates.expression_of(value)
