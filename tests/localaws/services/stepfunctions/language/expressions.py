"""What can be told of a JSONata expression before it runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jsonata import Jsonata

from localaws.services.stepfunctions.language import jsonata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

INVALID = "INVALID_JSONATA_EXPRESSION"
UNSUPPORTED = "UNSUPPORTED_JSONATA_EXPRESSION"

_FUNCTIONS = (frozenset(Jsonata.static_frame.bindings) - {"eval"}) | frozenset(jsonata.AWS_FUNCTIONS)


@dataclass(frozen=True)
class Scope:
    """What an expression may refer to.

    Attributes
    ----------
    variables
        Names that some ``Assign`` of the state machine sets; ``None`` where they are not known.
    states
        The fields of ``$states`` that exist where the expression stands.
    """

    variables: frozenset[str] | None
    states: frozenset[str]


def problems(expression: str, scope: Scope) -> Iterator[tuple[str, str]]:
    """Code and message of everything in an expression that AWS refuses, or that can never work.

    A variable that nothing assigns is AWS's to find only when the expression runs.
    """
    try:
        parsed = jsonata.parse(expression)
    except jsonata.ExpressionError as error:
        yield INVALID, str(error)
        return
    yield from _Walk(scope).node(parsed.ast, _Place())


def variables(expression: str) -> set[str]:
    """Names of the state machine's variables that an expression refers to."""
    try:
        parsed = jsonata.parse(expression)
    except jsonata.ExpressionError:
        return set()
    walk = _Walk(Scope(None, frozenset()))
    for _ in walk.node(parsed.ast, _Place()):
        pass
    return walk.free


@dataclass(frozen=True)
class _Place:
    """Where in an expression a node stands: still at the top-level context or not, and the local variables there."""

    top: bool = True
    local: frozenset[str] = frozenset()

    def inside(self) -> _Place:
        return replace(self, top=False)

    def with_local(self, names: Iterable[str]) -> _Place:
        return replace(self, local=self.local.union(names))


# The parts of a node that are evaluated in its own context, and those evaluated in the context of what it selects.
_SAME = (
    "lhs", "rhs", "lhs_object", "rhs_object", "terms", "rhs_terms", "expression", "expressions", "procedure",
    "arguments", "condition", "then", "_else", "expr",
)  # fmt: skip
_INNER = ("predicate", "stages", "group", "pattern", "update", "delete")


class _Walk:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.free: set[str] = set()

    def node(self, node: Any, place: _Place) -> Iterator[tuple[str, str]]:
        if isinstance(node, list | tuple):
            for item in node:
                yield from self.node(item, place)
            return
        kind = getattr(node, "type", None)
        if kind == "path":
            yield from self._path(node, place)
            return
        if kind == "lambda":
            yield from self.node(node.body, place.with_local(argument.value for argument in node.arguments))
            return
        if kind == "bind":
            yield from self.node(node.rhs, place.with_local([node.lhs.value]))
            return
        if kind == "block":
            for expression in node.expressions:
                yield from self.node(expression, place)
                if expression.type == "bind":
                    place = place.with_local([expression.lhs.value])
            return
        if kind in ("name", "wildcard", "descendant") and place.top:
            yield UNSUPPORTED, f"Reference to '{node.value}' at the top level is not supported."
        elif kind == "variable":
            yield from self._variable(node.value, place)
        for attribute in _SAME:
            yield from self.node(getattr(node, attribute, None) or [], place)
        for attribute in _INNER:
            yield from self.node(getattr(node, attribute, None) or [], place.inside())

    def _path(self, node: Any, place: _Place) -> Iterator[tuple[str, str]]:
        first, *rest = node.steps
        if first.type == "variable" and first.value == "states" and rest and rest[0].type == "name":
            field = rest[0].value
            if field not in self._scope.states:
                yield UNSUPPORTED, f"Reference to '$states.{field}' is not supported here."
        place = place.with_local(
            name for step in node.steps for name in (step.focus, step.index) if isinstance(name, str)
        )
        yield from self.node(first, place)
        yield from self.node(rest, place.inside())
        yield from self.node(node.group or [], place.inside())

    def _variable(self, name: str, place: _Place) -> Iterator[tuple[str, str]]:
        if name == "$":
            yield UNSUPPORTED, "Reference to '$$' is not supported."
        elif name == "" and place.top:
            yield UNSUPPORTED, "Reference to '$' at the top level is not supported."
        elif name == "eval":
            yield UNSUPPORTED, "Function '$eval' is not supported; '$parse' reads JSON."
        elif name not in {"", "states", *place.local, *_FUNCTIONS}:
            self.free.add(name)
            if self._scope.variables is not None and name not in self._scope.variables:
                yield UNSUPPORTED, f"Variable '${name}' is never assigned."
