"""Step Functions' waits, shortened so that a test of three retries does not take a minute."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.stepfunctions.parser.asl.component.common.retry.max_attempts_decl import MaxAttemptsOutcome
from moto.stepfunctions.parser.asl.component.common.retry.retrier_decl import RetrierDecl
from moto.stepfunctions.parser.asl.component.common.retry.retrier_outcome import RetrierOutcome
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction

from localaws.account.patches import patch

if TYPE_CHECKING:
    from collections.abc import Callable

    from moto.stepfunctions.parser.asl.eval.environment import Environment

# How long a second of a Wait state or of a retry's interval lasts here, in seconds.
# Time-outs are not shortened: what they bound is real work. A wait that alone outlasts the execution's ends it all the
# same.
SCALE = 0.05

# How soon whatever waits notices that its execution has ended, in seconds.
POLL = 0.02


@dataclass(frozen=True)
class Limit:
    """When an execution is out of time, and what ends it then."""

    moment: float
    time_out: Callable[[], None]


def wait(seconds: float, env: Any) -> None:
    """Wait for ``seconds`` of AWS's time, or until the execution ends; it does where the wait outlasts its time."""
    now = time.monotonic()
    limit: Limit | None = getattr(env.event_manager, "limit", None)
    outlasts = limit is not None and now + seconds > limit.moment
    deadline = now + SCALE * (limit.moment - now if limit is not None and outlasts else seconds)
    while env.is_running() and (left := deadline - time.monotonic()) > 0:
        time.sleep(min(POLL, left))
    if limit is not None and outlasts:
        limit.time_out()


@patch(
    RetrierDecl,
    "_eval_body",
    fault="retries wait in real time, and through a stop of the execution",
    gaps=("stepfunctions/sleeps_between_retries",),
)
def _eval_retrier(self: RetrierDecl, env: Environment) -> None:
    self.error_equals.eval(env)
    if not env.stack.pop():
        env.stack.append(RetrierOutcome.Skipped)
        return
    self.max_attempts.eval(env=env)
    if env.stack.pop() == MaxAttemptsOutcome.EXHAUSTED:
        env.stack.append(RetrierOutcome.Failed)
        return
    for part in (self.interval_seconds, self.backoff_rate, self.max_delay_seconds, self.jitter_strategy):
        part.eval(env=env)
    wait(env.stack.pop(), env)
    env.stack.append(RetrierOutcome.Executed)


@patch(
    WaitFunction,
    "_wait_interval",
    fault="Wait states wait in real time",
    gaps=("stepfunctions/waits_in_real_time",),
)
def _wait_interval(self: WaitFunction, env: Environment, wait_seconds: float) -> None:
    wait(wait_seconds, env)
