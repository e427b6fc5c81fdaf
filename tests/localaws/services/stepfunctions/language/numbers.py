"""Fields whose expression gives a number: waits, time-outs, limits.

That a value of another type fails as one for ``Items`` does, recorded on AWS by localstack's
test_map_state_items_eval_jsonata_fail, is inferred; so is what a number out of its range does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.stepfunctions.parser.asl.component.common.timeouts.heartbeat import HeartbeatSecondsJSONata
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import TimeoutSecondsJSONata
from moto.stepfunctions.parser.asl.component.state.exec.state_map.max_concurrency import MaxConcurrencyJSONata
from moto.stepfunctions.parser.asl.component.state.exec.state_map.tolerated_failure import (
    ToleratedFailureCountStringJSONata,
    ToleratedFailurePercentageStringJSONata,
)
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.seconds import SecondsJSONata

from localaws.account.patches import patch
from localaws.services.stepfunctions.language import templates

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.environment import Environment

_FAULT = "a value that is no whole number becomes one, or fails with Python's own words"
_GAPS = ("stepfunctions/makes_numbers_of_anything",)
_LOWEST = {"TimeoutSeconds": 1, "HeartbeatSeconds": 1}


@patch((TimeoutSecondsJSONata, HeartbeatSecondsJSONata), "_eval_seconds", fault=_FAULT, gaps=_GAPS)
@patch(SecondsJSONata, "_get_wait_seconds", fault=_FAULT, gaps=_GAPS)
@patch(MaxConcurrencyJSONata, "_eval_max_concurrency", fault=_FAULT, gaps=_GAPS)
@patch(ToleratedFailureCountStringJSONata, "_eval_tolerated_failure_count", fault=_FAULT, gaps=_GAPS)
def _eval_whole(self: Any, env: Environment) -> int:
    value = _eval_number(self, env)
    location = self.string_jsonata.location
    if value != int(value) or value < _LOWEST.get(location, 0):
        raise templates.query_failure(
            env, f"The field '{location}' must be a whole number from {_LOWEST.get(location, 0)}, not {value}", location
        )
    return int(value)


@patch(ToleratedFailurePercentageStringJSONata, "_eval_tolerated_failure_percentage", fault=_FAULT, gaps=_GAPS)
def _eval_number(self: Any, env: Environment) -> float:
    self.string_jsonata.eval(env=env)
    value: Any = env.stack.pop()
    if type(value) not in (int, float):
        raise templates.unexpected_result(env, self.string_jsonata, "number", value)
    return float(value)
