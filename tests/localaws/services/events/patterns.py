"""Event patterns: what EventBridge refuses and moto takes, and what moto matches wrongly.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-content-based-filtering.html
"""

from __future__ import annotations

import functools
import re
from itertools import pairwise
from typing import Any

from moto.events.exceptions import InvalidEventPatternException
from moto.events.models import EventPattern, EventPatternParser

from localaws.account.patches import patch

_TEXT_FILTERS = ("prefix", "suffix", "equals-ignore-case", "wildcard")
_FILTERS = (*_TEXT_FILTERS, "anything-but", "cidr", "exists", "numeric")

_moto_parse = EventPatternParser.parse


@patch(
    EventPatternParser,
    "parse",
    fault="a filter that EventBridge does not know matches",
    gaps=("events/matches_unknown_filters",),
)
def _parse(self: EventPatternParser) -> dict[str, Any]:
    pattern: dict[str, Any] = _moto_parse(self)
    _validate(pattern)
    return pattern


def _validate(pattern: dict[str, Any]) -> None:
    for name, node in pattern.items():
        if name == "$or":
            for alternative in node:
                _validate(alternative)
        elif isinstance(node, dict):
            _validate(node)
        else:
            for condition in node:
                if isinstance(condition, dict):
                    _validate_filter(condition, _FILTERS)
                elif isinstance(condition, list):
                    raise InvalidEventPatternException("Match value must be String, number, true, false, or null")


def _validate_filter(condition: dict[str, Any], known: tuple[str, ...]) -> None:
    if len(condition) != 1:
        raise InvalidEventPatternException("Only one key allowed in match expression")
    [(kind, value)] = condition.items()
    if kind not in known:
        raise InvalidEventPatternException(f"Unrecognized match type {kind}")
    if kind == "exists" and not isinstance(value, bool):
        raise InvalidEventPatternException("exists match pattern must be either true or false.")
    if kind == "anything-but" and isinstance(value, dict):
        _validate_filter(value, _TEXT_FILTERS)
    elif kind == "wildcard":
        for text in value if isinstance(value, list) else [value]:
            _tokens(text)


@patch(
    EventPattern,
    "_wildcard_match",
    fault="`*` stops at line ends, which an object's key may hold",
    gaps=("events/stops_at_line_ends",),
)
def wildcard_match(value: Any, pattern: str) -> bool:
    """Whether ``value`` is a text that ``pattern`` covers: ``*`` is any run of characters, ``\\*`` a star."""
    if not isinstance(value, str):
        return False
    expression = "".join(".*" if token == "*" else re.escape(token[-1]) for token in _tokens(pattern))
    # An object's key may hold line ends; moto's `*` stops there.
    return re.fullmatch(expression, value, re.DOTALL) is not None


@functools.lru_cache
def _tokens(pattern: str) -> tuple[str, ...]:
    """Split into characters, stars and escaped characters."""
    tokens = tuple(re.findall(r"\\.?|.", pattern, re.DOTALL))
    if any(token[0] == "\\" and token[1:] not in ("*", "\\") for token in tokens):
        raise InvalidEventPatternException("Invalid escape character at pos of wildcard: only \\* and \\\\ are allowed")
    if any(pair == ("*", "*") for pair in pairwise(tokens)):
        raise InvalidEventPatternException("Consecutive wildcard characters")
    return tokens
