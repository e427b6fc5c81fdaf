"""The moment until which a Wait state waits.

The failure of one that is none was recorded on AWS by localstack's test_wait_timestamp_jsonata.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp

from localaws.account.patches import patch
from localaws.services.stepfunctions.language import templates

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.environment import Environment

# RFC 3339 as the Amazon States Language narrows it: an upper-case T, and Z or an offset.
_FORM = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})", re.ASCII)


@patch(
    Timestamp,
    "_from_timestamp_string",
    fault="an offset is refused, and moments are compared with this machine's local time",
    gaps=("stepfunctions/waits_by_local_time",),
)
def moment_of(text: Any) -> datetime | None:
    """The moment that a text names; ``None`` where it names none."""
    if not isinstance(text, str) or _FORM.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@patch(
    Timestamp,
    "_get_wait_seconds",
    fault="an expression that gives no moment fails with `States.Runtime`; moments are compared with local time",
    gaps=("stepfunctions/waits_by_local_time",),
)
def _seconds_until(self: Timestamp, env: Environment) -> float:
    self.string.eval(env=env)
    given = env.stack.pop()
    is_jsonata = isinstance(self.string, StringJSONata)
    if is_jsonata and not isinstance(given, str):
        raise templates.unexpected_result(env, self.string, "string", given)
    moment = moment_of(given)
    if moment is None and is_jsonata:
        cause = f"The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: {given}"
        raise templates.query_failure(env, cause, "Timestamp")
    if moment is None:
        raise FailureEventException(self._create_failure_event(env, given))
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
