"""From a definition's text to moto's components, once for each text."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from moto.stepfunctions.parser.asl.component.common.query_language import QueryLanguage, QueryLanguageMode
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata
from moto.stepfunctions.parser.asl.component.component import Component
from moto.stepfunctions.parser.asl.component.state.exec.state_map.tolerated_failure import (
    ToleratedFailureCountStringJSONata,
)
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp
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
    "tolerated_failure_count_decl": "ToleratedFailureCount",
    "tolerated_failure_percentage_decl": "ToleratedFailurePercentage",
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
    # Not in ASCII: of a character's two escapes moto's parser would make two characters.
    program, tree = _moto_parse(json.dumps(take_out(json.loads(definition), maps), ensure_ascii=False))
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
            _locate(component, prefix + ("Timestamp" if isinstance(component, Timestamp) else field))
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


_moto_open_scope = Preprocessor._open_query_language_scope


@patch(
    Preprocessor,
    "_open_query_language_scope",
    fault="a JSONPath state inside of a JSONata one is refused, and a definition that fails leaves its language to the "
    "next",
    gaps=("stepfunctions/takes_no_jsonpath_inside_of_jsonata", "stepfunctions/leaves_its_language_to_the_next"),
)
def _open_scope(self: Preprocessor, parse_tree: Any) -> None:
    # moto's list of scopes is one for all parsers.
    if "_query_language_per_scope" not in vars(self):
        self._query_language_per_scope = []
    try:
        _moto_open_scope(self, parse_tree)
    except ValueError:
        # A state of a JSONata machine is refused by the checks of its definition; others may name JSONPath.
        self._query_language_per_scope.append(QueryLanguage(QueryLanguageMode.JSONPath))


@patch(
    Preprocessor,
    "visitTolerated_failure_count_string_jsonata",
    fault="an expression for ToleratedFailureCount is taken for one for ToleratedFailurePercentage",
    gaps=("stepfunctions/takes_a_tolerated_count_for_a_percentage",),
)
def _visit_tolerated_count(self: Preprocessor, ctx: Any) -> ToleratedFailureCountStringJSONata:
    return ToleratedFailureCountStringJSONata(self.visitString_jsonata(ctx.string_jsonata()))


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
