"""From a definition's text to moto's components, once for each text."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata
from moto.stepfunctions.parser.asl.component.component import Component
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

from localaws.account.patches import patch
from localaws.services.stepfunctions.language.distributed import take_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.stepfunctions.parser.asl.component.program.program import Program
    from moto.stepfunctions.parser.asl.component.state.state import CommonStateField

_FIELDS = {
    "output": "Output",
    "parargs": "Arguments",
    "assign_decl": "Assign",
    "assign": "Assign",
    "timeout": "TimeoutSeconds",
    "heartbeat": "HeartbeatSeconds",
    "error": "Error",
    "cause": "Cause",
    "wait_function": "Seconds",
    "items": "Items",
    "max_concurrency_decl": "MaxConcurrency",
    "item_selector": "ItemSelector",
    "comparison": "Condition",
}
_LISTS = {"choices_decl": ("rules", "Choices"), "catch": ("catchers", "Catch")}

_moto_parse: Callable[[str], tuple[Any, Any]] = AmazonStateLanguageParser.parse


@patch(
    AmazonStateLanguageParser,
    "parse",
    fault="the ANTLR parser, a second for a long definition, runs at each StartExecution; Distributed Maps take no "
    "whole percentage, and their children are no executions",
    gaps=(
        "stepfunctions/parses_again_and_again",
        "stepfunctions/takes_no_whole_percentage",
        "stepfunctions/has_no_children_of_a_map_run",
    ),
)
@functools.lru_cache(maxsize=64)
def parse(definition: str) -> tuple[Program, Any]:
    """Parse a definition; its expressions know which field they stand in.

    Raises
    ------
    ASLParserException, ValueError
        It is not a definition that moto's parser takes.
    """
    maps: dict[str, Any] = {}
    program, tree = _moto_parse(json.dumps(take_out(json.loads(definition), maps)))
    _complete(program.states.states, maps)
    return program, tree


def _complete(states: dict[str, CommonStateField], maps: dict[str, Any]) -> None:
    for name, state in states.items():
        _locate_fields(state, "")
        if name in maps:
            state.spec = maps[name]  # type: ignore[attr-defined]
        for branch in getattr(getattr(state, "branches", None), "programs", []):
            _complete(branch.states.states, maps)
        processor = getattr(state, "iteration_component", None)
        if processor is not None:
            _complete(processor._states.states, maps)


def _locate_fields(owner: Any, prefix: str) -> None:
    for attribute, field in _FIELDS.items():
        if isinstance(component := getattr(owner, attribute, None), Component):
            _locate(component, prefix + field)
    for attribute, (members, field) in _LISTS.items():
        for index, member in enumerate(getattr(getattr(owner, attribute, None), members, [])):
            _locate_fields(member, f"{prefix}{field}[{index}]/")


def _locate(component: Any, location: str) -> None:
    if isinstance(component, StringJSONata):
        component.location = location  # type: ignore[attr-defined]
        return
    identifier = getattr(component, "identifier", None)
    if identifier is not None:
        location = f"{location}/{identifier}"
    for value in vars(component).values():
        if isinstance(value, Component):
            _locate(value, location)
        elif isinstance(value, list):
            named = all(hasattr(item, "identifier") or hasattr(item, "binding") for item in value)
            for index, item in enumerate(value):
                if isinstance(item, Component):
                    _locate(item, location if named else f"{location}[{index}]")


_moto_inner_string = Preprocessor._inner_string_of


@patch(
    Preprocessor,
    "_inner_string_of",
    fault="escapes of JSON strings stay in place (Terraform writes `<`, `>` and `&` as `\\u003c` and so on)",
    gaps=("stepfunctions/keeps_the_escapes_of_strings",),
)
def _inner_string(parser_rule_context: Any) -> str | None:
    text = parser_rule_context.getText()
    if text.startswith('"'):
        string: str = json.loads(text)
        return string
    return _moto_inner_string(parser_rule_context)
