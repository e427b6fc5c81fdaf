"""How complex a pattern is: the most that one value can keep open at a time.

EventBridge turns the wildcards of a field into one automaton over bytes. Its complexity is the largest number of
beginnings of wildcards that one value can match: of ``in/*.csv`` the value ``in/.`` matches ``in/*`` and ``in/*.``. The
idea is that of event-ruler's ``MachineComplexityEvaluator``, https://github.com/aws/event-ruler. EventBridge does not
document where it draws the line: on AWS a rule of 9 was accepted and ``*:*:*:*:*:event-bus/*``, which is 11, refused;
that 10 is refused is inferred.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from localaws.services.events.patterns.syntax import parse
from localaws.services.events.patterns.wildcards import STAR, tokens

if TYPE_CHECKING:
    from localaws.services.events.patterns.syntax import Alternative

LIMIT = 9


class _Beginning(NamedTuple):
    """The first ``length`` tokens of a wildcard; those of one matcher are one automaton's, so equal ones are one."""

    matcher: tuple[str, Any]
    tokens: tuple[int, ...]
    length: int


def complexity(pattern: dict[str, Any], ceiling: int = 100) -> int:
    """Weigh a pattern.

    Parameters
    ----------
    pattern
        An event pattern.
    ceiling
        Where to stop counting; the time it takes can grow exponentially with it.

    Returns
    -------
    int
        Of all fields the largest, ``ceiling`` at most; 0 without wildcards. A field that stands in several
        alternatives of ``$or`` is weighed with all its wildcards, which may be more than EventBridge finds.

    Raises
    ------
    InvalidPatternError
        EventBridge refuses the pattern for another reason.
    """
    return weigh(parse(json.dumps(pattern)), ceiling)


def weigh(alternatives: list[Alternative], ceiling: int) -> int:
    """Weigh a pattern that has been read; see :func:`complexity`."""
    wildcards: dict[str, set[tuple[str, Any]]] = {}
    for alternative in alternatives:
        for path, matchers in alternative.items():
            found = {(each.kind, each.value) for each in matchers if each.kind.endswith("wildcard")}
            wildcards.setdefault(path, set()).update(found)
    return max((_most_open(found, ceiling) for found in wildcards.values()), default=0)


def _most_open(matchers: set[tuple[str, Any]], ceiling: int) -> int:
    start = frozenset(
        _Beginning(matcher, tokens(text), 0)
        for matcher in matchers
        for text in (matcher[1] if isinstance(matcher[1], tuple) else (matcher[1],))
    )
    alphabet = {token for beginning in start for token in beginning.tokens} - {STAR}
    most, seen, waiting = 0, {start}, [start]
    while waiting and most < ceiling:
        now = waiting.pop()
        for byte in alphabet:
            following = frozenset(grown for beginning in now for grown in _grow(beginning, byte))
            if following not in seen:
                seen.add(following)
                waiting.append(following)
                most = max(most, len({_identity(each) for each in following}))
    return min(most, ceiling)


def _grow(beginning: _Beginning, byte: int) -> list[_Beginning]:
    """The beginnings that match a value with one more byte."""
    matcher, wanted, length = beginning
    grown = [beginning] if length and wanted[length - 1] == STAR else []
    if length < len(wanted) and wanted[length] == byte:
        grown.append(_Beginning(matcher, wanted, length + 1))
        if length + 1 < len(wanted) and wanted[length + 1] == STAR:
            grown.append(_Beginning(matcher, wanted, length + 2))
    return grown


def _identity(beginning: _Beginning) -> tuple[Any, ...]:
    whole = beginning.length == len(beginning.tokens)
    return (beginning.matcher, () if whole else beginning.tokens[: beginning.length])
