"""Whether an event matches a pattern.

Fields are compared one by one; those of the objects in a list count together only where they stand in the same object:
https://github.com/aws/event-ruler, "Arrays".
"""

from __future__ import annotations

import ipaddress
import itertools
import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from localaws.services.events.patterns import wildcards
from localaws.services.events.patterns.syntax import is_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from localaws.services.events.patterns.syntax import Alternative, Matcher


@dataclass(frozen=True)
class _Field:
    """A value that is no object and no list, and by the number of each list above it the place of its element there."""

    value: Any
    places: Mapping[int, int] = field(default_factory=dict)


def matches(alternatives: list[Alternative], event: dict[str, Any]) -> bool:
    """Whether an event matches one of a pattern's alternatives."""
    fields: dict[str, list[_Field]] = {}
    numbers = itertools.count()
    for path, found in _fields(event, (), {}, numbers):
        fields.setdefault(path, []).append(found)
    return any(_satisfied(sorted(each.items()), fields, {}) for each in alternatives)


def _fields(
    node: Any, path: tuple[str, ...], places: Mapping[int, int], numbers: Iterator[int]
) -> Iterator[tuple[str, _Field]]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _fields(value, (*path, name), places, numbers)
    elif isinstance(node, list):
        number = next(numbers)
        for place, value in enumerate(node):
            # Values of one list are alternatives to each other.
            yield from _fields(value, path, {**places, number: place}, numbers)
    else:
        yield ".".join(path), _Field(node, places)


def _satisfied(
    conditions: list[tuple[str, tuple[Matcher, ...]]], fields: dict[str, list[_Field]], places: Mapping[int, int]
) -> bool:
    if not conditions:
        return True
    (path, matchers), *others = conditions
    there = [each for each in fields.get(path, []) if _together(each.places, places)]
    if not there and any(matcher.kind == "exists" and not matcher.value for matcher in matchers):
        return _satisfied(others, fields, places)
    return any(
        _satisfied(others, fields, {**places, **each.places})
        for each in there
        if any(_ACCEPTS[matcher.kind](each.value, matcher.value) for matcher in matchers)
    )


def _together(one: Mapping[int, int], other: Mapping[int, int]) -> bool:
    return all(other.get(number, place) == place for number, place in one.items())


def _same(value: Any, wanted: Any) -> bool:
    """Whether two values of JSON are equal; in Python true is 1."""
    return bool(value == wanted) and is_number(value) == is_number(wanted)


def _text(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, wanted: isinstance(value, str) and test(value, wanted)


def _none(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, unwanted: not any(test(value, each) for each in unwanted)


def _in_range(value: Any, bounds: tuple[tuple[str, float], ...]) -> bool:
    return is_number(value) and all(_COMPARE[sign](value, bound) for sign, bound in bounds)


def _in_block(value: Any, block: tuple[Any, Any]) -> bool:
    try:
        address = ipaddress.ip_address(value) if isinstance(value, str) else None
    except ValueError:
        return False
    lowest, highest = block
    return address is not None and address.version == lowest.version and lowest <= address <= highest


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_PREFIX = _text(str.startswith)
_SUFFIX = _text(str.endswith)
_WILDCARD = _text(lambda value, wanted: wildcards.covers(wanted, value))
_IGNORE_CASE = _text(lambda value, wanted: value.lower() == wanted.lower())
_ACCEPTS: dict[str, Callable[[Any, Any], bool]] = {
    "anything-but": _none(_same),
    "anything-but/equals-ignore-case": _none(_IGNORE_CASE),
    "anything-but/prefix": _none(_PREFIX),
    "anything-but/suffix": _none(_SUFFIX),
    "anything-but/wildcard": _none(_WILDCARD),
    "cidr": _in_block,
    "equals-ignore-case": _IGNORE_CASE,
    "exactly": _same,
    "exists": lambda _, wanted: bool(wanted),
    "numeric": _in_range,
    "prefix": _PREFIX,
    "prefix/equals-ignore-case": _text(lambda value, wanted: value.lower().startswith(wanted.lower())),
    "suffix": _SUFFIX,
    "suffix/equals-ignore-case": _text(lambda value, wanted: value.lower().endswith(wanted.lower())),
    "wildcard": _WILDCARD,
}
