"""Step Functions' waits, shortened so that a test of three retries does not take a minute."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from moto.stepfunctions.parser.asl.component.common.retry.max_attempts_decl import MaxAttemptsOutcome
from moto.stepfunctions.parser.asl.component.common.retry.retrier_decl import RetrierDecl
from moto.stepfunctions.parser.asl.component.common.retry.retrier_outcome import RetrierOutcome
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction

from localaws.account.patches import patch

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.environment import Environment

# How long a second of a Wait state or of a retry's interval lasts here, in seconds.
# Time-outs are not shortened: what they bound is real work.
SCALE = 0.05

# How soon whatever waits notices that its execution has ended, in seconds.
POLL = 0.02


def wait(seconds: float, env: Environment) -> None:
    """Wait for ``seconds`` of AWS's time, or until the execution ends."""
    deadline = time.monotonic() + seconds * SCALE
    while env.is_running() and (left := deadline - time.monotonic()) > 0:
        time.sleep(min(POLL, left))


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
