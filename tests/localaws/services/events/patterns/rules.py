"""Patterns where moto's EventBridge reads them: rules, archives and TestEventPattern."""

from __future__ import annotations

import json
from typing import Any

from moto.events.exceptions import InvalidEventPatternException, ValidationException
from moto.events.models import EventPattern, EventPatternParser
from moto.events.responses import EventsHandler

from localaws.account.patches import patch
from localaws.services.events.patterns.complexity import LIMIT, weigh
from localaws.services.events.patterns.matching import matches
from localaws.services.events.patterns.syntax import Alternative, InvalidPatternError, parse

# What TestEventPattern asks for in its documentation, less `resources`, without which it was seen to answer.
_REQUIRED = {"id", "account", "source", "time", "region", "detail-type"}
_TOO_COMPLEX = (
    "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard "
    "character"
)


def checked(text: str) -> list[Alternative]:
    """Read a pattern that EventBridge is to keep.

    Raises
    ------
    InvalidEventPatternException
        EventBridge refuses it.
    """
    try:
        alternatives = parse(text)
    except InvalidPatternError as error:
        raise InvalidEventPatternException(str(error)) from None
    if weigh(alternatives, LIMIT + 1) > LIMIT:
        raise InvalidEventPatternException(_TOO_COMPLEX)
    return alternatives


@patch(
    EventPatternParser,
    "parse",
    fault="a filter that EventBridge does not know matches, and a pattern may be as complex as it likes",
    gaps=("events/matches_unknown_filters", "events/takes_any_complexity"),
)
def _parse(self: EventPatternParser) -> dict[str, Any]:
    if not self.pattern:
        return {}
    checked(self.pattern)
    pattern: dict[str, Any] = json.loads(self.pattern)
    return pattern


@patch(
    EventPattern,
    "matches_event",
    fault="`*` stops at line ends, objects in lists do not match, and `true` is 1",
    gaps=("events/stops_at_line_ends", "events/looks_into_no_list", "events/takes_true_for_one"),
)
def _matches_event(self: EventPattern, event: Any) -> bool:
    if not self._raw_pattern:
        return True
    return matches(parse(self._raw_pattern), event)


@patch(
    EventsHandler,
    "test_event_pattern",
    fault="TestEventPattern answers nothing",
    gaps=("events/tests_no_pattern",),
)
def _test_event_pattern(self: EventsHandler) -> Any:
    try:
        event = json.loads(self._get_param("Event"))
    except ValueError:
        event = None
    if not isinstance(event, dict) or not event.keys() >= _REQUIRED:
        raise ValidationException("Parameter Event is not valid.")
    return self._create_response({"Result": matches(checked(self._get_param("EventPattern")), event)})
