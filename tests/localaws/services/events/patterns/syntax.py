"""Reading an event pattern, and refusing what EventBridge refuses.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html; the words and the order of
the checks are those of event-ruler's ``JsonRuleCompiler``.
"""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from localaws.services.events.patterns import wildcards

if TYPE_CHECKING:
    from collections.abc import Callable

Alternative = dict[str, tuple["Matcher", ...]]
"""By a field's path, ``detail.object.key``: matchers of which one has to accept it."""


class InvalidPatternError(ValueError):
    """EventBridge refuses the pattern."""


@dataclass(frozen=True)
class Matcher:
    """One condition on a field.

    Attributes
    ----------
    kind
        The operator, ``prefix``; operators within one after a slash, ``anything-but/prefix``. ``exactly`` is a value.
    value
        What it compares with: a tuple for ``anything-but`` and its kinds, for ``numeric`` (pairs of operator and
        number) and for ``cidr`` (the lowest and the highest address).
    """

    kind: str
    value: Any


def parse(text: str) -> list[Alternative]:
    """Read a pattern.

    Returns
    -------
    list of Alternative
        An event matches if one of them does; there is more than one only where the pattern has ``$or``.

    Raises
    ------
    InvalidPatternError
        EventBridge refuses the pattern; its message is EventBridge's reason.
    """
    try:
        pattern = json.loads(text)
    except ValueError as error:
        raise InvalidPatternError(f"Invalid JSON: {error}") from None
    if not isinstance(pattern, dict):
        raise InvalidPatternError("Filter is not an object")
    return _read_object(pattern, (), [{}], inside_or=False)


def _read_object(
    node: dict[str, Any], path: tuple[str, ...], alternatives: list[Alternative], *, inside_or: bool
) -> list[Alternative]:
    if not node:
        raise InvalidPatternError("Empty objects are not allowed")
    for name, value in node.items():
        if name == "$or":
            alternatives = _read_or(value, path, alternatives)
        elif inside_or and name in _READERS:
            raise InvalidPatternError(f"{name} is Ruler reserved fieldName which cannot be used inside $or.")
        elif isinstance(value, dict):
            alternatives = _read_object(value, (*path, name), alternatives, inside_or=inside_or)
        elif isinstance(value, list):
            field = {".".join((*path, name)): _read_matchers(value)}
            alternatives = [alternative | field for alternative in alternatives]
        else:
            raise InvalidPatternError(f'"{name}" must be an object or an array')
    return alternatives


def _read_or(value: Any, path: tuple[str, ...], alternatives: list[Alternative]) -> list[Alternative]:
    if not isinstance(value, list):
        raise InvalidPatternError("It must be an Array followed with $or.")
    if not all(isinstance(each, dict) for each in value):
        raise InvalidPatternError("Only JSON object is allowed in array of $or relationship.")
    if len(value) < 2:
        raise InvalidPatternError("There must have at least 2 Objects in $or relationship.")
    return [read for each in value for read in _read_object(each, path, alternatives, inside_or=True)]


def _read_matchers(values: list[Any]) -> tuple[Matcher, ...]:
    if not values:
        raise InvalidPatternError("Empty arrays are not allowed")
    if any(isinstance(value, list) for value in values):
        raise InvalidPatternError("Match value must be String, number, true, false, or null")
    return tuple(_read_expression(value) if isinstance(value, dict) else Matcher("exactly", value) for value in values)


def _read_expression(expression: dict[str, Any]) -> Matcher:
    kind, value = _only(expression, "Match expression name not found")
    if kind not in _READERS:
        raise InvalidPatternError(f"Unrecognized match type {kind}")
    return _READERS[kind](kind, value)


def _only(expression: dict[str, Any], empty: str) -> tuple[str, Any]:
    if not expression:
        raise InvalidPatternError(empty)
    if len(expression) > 1:
        raise InvalidPatternError("Only one key allowed in match expression")
    [item] = expression.items()
    return item


def _read_text(kind: str, value: Any) -> Matcher:
    if not isinstance(value, str):
        raise InvalidPatternError(f"{kind} match pattern must be a string")
    if kind == "wildcard":
        _check_wildcard(value)
    return Matcher(kind, value)


def _check_wildcard(text: str) -> None:
    try:
        wildcards.tokens(text)
    except ValueError as error:
        raise InvalidPatternError(str(error)) from None


def _read_affix(kind: str, value: Any) -> Matcher:
    """Read `prefix` and `suffix`, which may ignore case."""
    if not isinstance(value, dict):
        return _read_text(kind, value)
    inner, text = _only(value, f"{kind.capitalize()} expression name not found")
    if inner != "equals-ignore-case":
        raise InvalidPatternError(f"Unsupported {kind} pattern: {inner}")
    return Matcher(f"{kind}/{inner}", _read_text(inner, text).value)


def _read_exists(kind: str, value: Any) -> Matcher:
    if not isinstance(value, bool):
        raise InvalidPatternError("exists match pattern must be either true or false.")
    return Matcher(kind, value)


def _read_cidr(kind: str, value: Any) -> Matcher:
    if not isinstance(value, str):
        raise InvalidPatternError("prefix match pattern must be a string")
    address, slash, bits = value.partition("/")
    if not slash or "/" in bits:
        raise InvalidPatternError("Malformed CIDR, one '/' required")
    if not bits.removeprefix("-").isdecimal():
        raise InvalidPatternError("Malformed CIDR, mask bits must be an integer")
    if int(bits) < 0:
        raise InvalidPatternError("Malformed CIDR, mask bits must not be negative")
    try:
        lowest = ipaddress.ip_address(address)
    except ValueError:
        raise InvalidPatternError(f"Nonstandard IP address: {address}") from None
    # A single address is no block to EventBridge.
    if int(bits) >= lowest.max_prefixlen:
        raise InvalidPatternError(f"IPv{lowest.version} mask bits must be < {lowest.max_prefixlen}")
    highest = type(lowest)(int(lowest) | (1 << lowest.max_prefixlen - int(bits)) - 1)
    return Matcher(kind, (lowest, highest))


def _read_numeric(kind: str, value: Any) -> Matcher:
    if not isinstance(value, list):
        raise InvalidPatternError("Value of numeric must be an array.")
    if not value or not isinstance(value[0], str):
        raise InvalidPatternError(f"Invalid member in numeric match: {json.dumps(value[0]) if value else ']'}")
    operator, *rest = value
    if operator not in ("=", "<", "<=", ">", ">="):
        raise InvalidPatternError(f"Unrecognized numeric range operator: {operator}")
    if not rest or not is_number(rest[0]):
        raise InvalidPatternError(f"Value of {'equals' if operator == '=' else operator} must be numeric")
    if len(rest) == 1:
        return Matcher(kind, ((operator, rest[0]),))
    if operator not in (">", ">="):
        raise InvalidPatternError("Too many elements in numeric expression")
    bottom, upper, *rest = rest
    if not isinstance(upper, str):
        raise InvalidPatternError(f"Bad value in numeric range: {json.dumps(upper)}")
    if upper not in ("<", "<="):
        raise InvalidPatternError(f"Bad numeric range operator: {upper}")
    if not rest or not is_number(rest[0]):
        raise InvalidPatternError(f"Value of {upper} must be numeric")
    if len(rest) > 1:
        raise InvalidPatternError("Too many terms in numeric range expression")
    if bottom >= rest[0]:
        raise InvalidPatternError("Bottom must be less than top")
    return Matcher(kind, ((operator, bottom), (upper, rest[0])))


def _read_anything_but(kind: str, value: Any) -> Matcher:
    inner = ""
    if isinstance(value, dict):
        inner, value = _only(value, "Anything-But expression name not found")
        if inner not in _INSIDE_ANYTHING_BUT:
            raise InvalidPatternError(f"Unsupported anything-but pattern: {inner}")
    if not isinstance(value, list | str) and not is_number(value):
        raise InvalidPatternError("Value of anything-but must be an array or single string/number value.")
    values = value if isinstance(value, list) else [value]
    if inner:
        for each in values:
            if not isinstance(each, str):
                raise InvalidPatternError(_INSIDE_ANYTHING_BUT[inner])
            if not each and inner in ("prefix", "suffix"):
                raise InvalidPatternError("Null prefix/suffix not allowed")
            if inner == "wildcard":
                _check_wildcard(each)
        return Matcher(f"{kind}/{inner}", tuple(values))
    if not all(isinstance(each, str) or is_number(each) for each in values):
        raise InvalidPatternError("Inside anything but list, start|null|boolean is not supported.")
    if len({isinstance(each, str) for each in values}) != 1:
        raise InvalidPatternError(
            "Inside anything but list, either all values are number or string, mixed type is not supported"
        )
    return Matcher(kind, tuple(values))


def is_number(value: Any) -> bool:
    """Whether a value is a number of JSON's; Python counts true and false as such."""
    return isinstance(value, int | float) and not isinstance(value, bool)


_AFFIX = "prefix/suffix match pattern must be a string"
_INSIDE_ANYTHING_BUT = {
    "equals-ignore-case": "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
    "prefix": _AFFIX,
    "suffix": _AFFIX,
    "wildcard": "wildcard match pattern must be a string",
}
_READERS: dict[str, Callable[[str, Any], Matcher]] = {
    "anything-but": _read_anything_but,
    "cidr": _read_cidr,
    "equals-ignore-case": _read_text,
    "exists": _read_exists,
    "numeric": _read_numeric,
    "prefix": _read_affix,
    "suffix": _read_affix,
    "wildcard": _read_text,
}
