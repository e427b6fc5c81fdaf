"""JSONata as Step Functions evaluates it: variables are bound, AWS's functions are there, the result is JSON.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import hashlib
import json
import math
import random
import uuid
from typing import TYPE_CHECKING, Any

from jsonata import Jsonata
from jsonata.jexception import JException
from jsonata.utils import Utils

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# An expression without a base case would otherwise hold its execution forever.
TIMEOUT_MILLISECONDS = 5_000
RANGE_LIMIT = 360_145

_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


class ExpressionError(Exception):
    """An expression does not parse, fails, or gives what JSON cannot hold."""


class UndefinedError(ExpressionError):
    """An expression gives nothing at all."""


class UnsupportedResultError(ExpressionError):
    """An expression gives a function."""


def parse(expression: str) -> Jsonata:
    """Parse an expression.

    Raises
    ------
    ExpressionError
        It is not JSONata.
    """
    try:
        parsed = Jsonata(expression, timeout=TIMEOUT_MILLISECONDS)
    except (JException, TypeError, IndexError) as error:
        raise ExpressionError(_describe(error)) from error
    if parsed.errors:
        raise ExpressionError(_describe(parsed.errors[0]))
    return parsed


def evaluate(expression: str, variables: Mapping[str, Any]) -> Any:
    """Evaluate an expression to a JSON value.

    Parameters
    ----------
    expression
        JSONata, without the ``{% %}`` around it.
    variables
        Values of the variables, ``{"states": {...}}`` for ``$states``.

    Raises
    ------
    UndefinedError
        The expression gives nothing.
    UnsupportedResultError
        It gives a function.
    ExpressionError
        It fails.
    """
    parsed = parse(expression)
    # By default the library makes None of both JSON's null and JSONata's undefined.
    parsed.set_output_convert_nulls(False)
    try:
        # A variable bound to None would be undefined to the library, where to Step Functions it is null.
        bound = {name: Utils.NULL_VALUE if value is None else value for name, value in variables.items()}
        result = parsed.evaluate(None, {**_FUNCTIONS, **bound})
    except (JException, ArithmeticError, TypeError, ValueError, AttributeError, LookupError, RecursionError) as error:
        raise ExpressionError(_describe(error)) from error
    if result is None:
        raise UndefinedError
    return _plain(result)


def _describe(error: Exception) -> str:
    code = getattr(error, "error", None)
    return f"{code}: {error}" if code else str(error)


def _plain(value: Any) -> Any:
    """A result as plain JSON, without the library's own list, number and null types."""
    if value is None or value is Utils.NULL_VALUE:
        return None
    if isinstance(value, str | bool):
        return value
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, list):
        return [_plain(value[index]) for index in range(len(value))]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    raise UnsupportedResultError


def _number(value: float) -> float:
    """A number as JavaScript writes it: whole without a point, from 1e21 on with an exponent."""
    if abs(value) < 1e21:
        return int(value) if value == int(value) else value
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ExpressionError(f"{number} is not a number that JSON can hold")
    return number


def _partition(array: Any = None, size: Any = None) -> Any:
    if not array or not size or int(size) < 1:
        return None
    items = array if isinstance(array, list) else [array]
    return [items[start : start + int(size)] for start in range(0, len(items), int(size))]


def _range(first: Any = None, last: Any = None, step: Any = None) -> Any:
    if None in (first, last, step) or int(step) == 0:
        return None
    numbers = range(int(first), int(last) + (1 if step > 0 else -1), int(step))
    if len(numbers) > RANGE_LIMIT:
        raise ValueError("Expression evaluation memory limit exceeded")
    return (list(numbers) if len(numbers) > 1 else numbers[0]) if numbers else None


def _hash(text: Any = None, algorithm: Any = None) -> Any:
    if text is None or algorithm is None:
        return None
    if algorithm not in _HASHES:
        raise ValueError(f"$hash takes one of {', '.join(_HASHES)}, not {algorithm!r}")
    return hashlib.new(_HASHES[algorithm], str(text).encode(), usedforsecurity=False).hexdigest()


def _random(seed: Any = None) -> float:
    return random.random() if seed is None else random.Random(int(seed)).random()


def _parse_json(text: Any = None) -> Any:
    if text is None:
        return None
    value = json.loads(text)
    return Utils.NULL_VALUE if value is None else value


def _uuid() -> str:
    return str(uuid.uuid4())


AWS_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "partition": _partition,
    "range": _range,
    "hash": _hash,
    "random": _random,
    "uuid": _uuid,
    "parse": _parse_json,
}
# $eval does not exist on AWS; $parse is what remains of it.
_FUNCTIONS: Mapping[str, Any] = {"eval": None, **{name: Jsonata.JLambda(call) for name, call in AWS_FUNCTIONS.items()}}
