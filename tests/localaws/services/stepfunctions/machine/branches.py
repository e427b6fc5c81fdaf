"""What runs side by side, the branches of a Parallel state and the iterations of a Map state, until one of them fails.

That a failed branch's task is told of as aborted was recorded on AWS by localstack's test_parallel_catch_error; that
whatever else still runs is told of in the same way, and that it is not in a Map's failed iteration, is inferred.
"""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any, cast

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.iteration_worker import IterationWorker
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branches_decl import BranchesDecl
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext
from moto.stepfunctions.parser.asl.eval.program_state import ProgramError

from localaws.account.patches import patch
from localaws.services.stepfunctions.machine import history

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moto.stepfunctions.parser.asl.component.program.program import Program
    from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.job import Job
    from moto.stepfunctions.parser.asl.eval.environment import Environment
    from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails

_ABORTED = {
    HistoryEventType.MapStateExited: HistoryEventType.MapStateAborted,
    HistoryEventType.ParallelStateExited: HistoryEventType.ParallelStateAborted,
    HistoryEventType.TaskStateExited: HistoryEventType.TaskStateAborted,
    HistoryEventType.WaitStateExited: HistoryEventType.WaitStateAborted,
}


@patch(
    BranchesDecl,
    "_eval_body",
    fault="what runs in other branches when one fails goes on, and writes events of a state that is over",
    gaps=("stepfunctions/goes_on_with_branches_of_a_state_that_is_over",),
)
def _eval_branches(self: BranchesDecl, env: Environment) -> None:
    """Run every branch on the same input; the first that fails fails the state, which then gives up the others."""
    value = env.stack.pop()
    ended: queue.SimpleQueue[Environment] = queue.SimpleQueue()
    frames = [env.open_inner_frame() for _ in self.programs]

    def run(program: Program, frame: Environment) -> None:
        try:
            program.eval(frame)
        finally:
            ended.put(frame)

    for program, frame in zip(self.programs, frames, strict=True):
        frame.states.reset(input_value=value)
        threading.Thread(target=run, args=(program, frame), name="branch", daemon=True).start()
    for _ in frames:
        state = ended.get().program_state()
        if isinstance(state, ProgramError):
            raise _failure(env, cast("dict[str, str]", state.error or {}))
    env.stack.append([frame.states.get_input() for frame in frames])
    for frame in frames:
        env.close_frame(frame)


def _failure(env: Environment, error: dict[str, str]) -> FailureEventException:
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=CustomErrorName(error_name=error.get("error")),
            event_type=HistoryEventType.ExecutionFailed,
            event_details=cast("EventDetails", {"executionFailedEventDetails": error}),
        )
    )


_moto_eval_job = IterationWorker._eval_job


@patch(
    IterationWorker,
    "_eval_job",
    fault="iterations that run when another fails go on, and write events of a state that is over",
    gaps=("stepfunctions/goes_on_with_iterations_of_a_state_that_is_over",),
)
def _eval_job(self: IterationWorker, env: Any, job: Job) -> None:
    env.iteration = {"name": self._work_name, "index": job.job_index}
    _moto_eval_job(self, env, job)


def give_up(env: Any) -> None:
    """End what still runs below a state that has failed, and say so in the history, where nothing follows from it."""
    told: set[int] = set()
    below = list(_below(env))
    history.seal(env.event_manager, [frame.event_history_context for frame in below])
    for frame in below:
        failed = isinstance(frame.program_state(), ProgramError)
        entered = getattr(frame, "entered", None)
        if entered is not None and not entered["left"] and id(entered) not in told:
            told.add(id(entered))
            kind = _ABORTED.get(entered["exited_event_type"])
            # A Map or Parallel state that has failed is told of by its own failure.
            if kind is not None and (kind == HistoryEventType.TaskStateAborted or not failed):
                _tell(frame, kind)
        if hasattr(frame, "iteration") and not failed:
            _tell(frame, HistoryEventType.MapIterationAborted, mapIterationAbortedEventDetails=frame.iteration)
        env.event_history_context.integrate(frame.event_history_context)


def _below(env: Any) -> Iterator[Any]:
    """Every frame below one, the innermost first."""
    for frame in list(env._frames):
        yield from _below(frame)
        yield frame


def _tell(frame: Any, event_type: HistoryEventType, **details: Any) -> None:
    frame.event_manager.add_event(
        context=EventHistoryContext(frame.event_history_context.source_event_id),
        event_type=event_type,
        event_details=cast("EventDetails | None", details or None),
    )
