"""Executions: started once for each name, described, listed, stopped, redriven."""

from __future__ import annotations

import copy
import json
import threading
import time
import uuid
import weakref
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from moto.stepfunctions.parser.api import ExecutionStatus, HistoryEventType
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError, ProgramStopped, ProgramTimedOut
from moto.stepfunctions.parser.backend.execution import Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from localaws.account.current import Account, current
from localaws.account.patches import patch
from localaws.services.stepfunctions.language import parsing, payloads
from localaws.services.stepfunctions.machine import clock, context, history, log_delivery, tracing
from localaws.services.stepfunctions.machine.refusals import RefusalError
from localaws.services.stepfunctions.machine.status_changes import Announcer

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.event.logging import CloudWatchLoggingSession
    from moto.stepfunctions.parser.asl.eval.states import ContextObjectData

_STATUS = {
    ProgramEnded: ExecutionStatus.SUCCEEDED,
    ProgramError: ExecutionStatus.FAILED,
    ProgramStopped: ExecutionStatus.ABORTED,
    ProgramTimedOut: ExecutionStatus.TIMED_OUT,
}
_starting = threading.Lock()
_watched: weakref.WeakKeyDictionary[Account, weakref.WeakSet[LocalExecution]] = weakref.WeakKeyDictionary()


@dataclass
class _Worker:
    """What moto's API reaches an execution's environment by."""

    env: Any


class LocalExecution(Execution):
    """One execution of a state machine, in a thread of its own.

    Parameters
    ----------
    state_machine
        The state machine as it is now; a later update does not touch the execution.
    name
        The execution's name.
    execution_input
        JSON text.
    arn
        The execution's ARN; by default that of a standard execution of this name.
    definition
        The definition to run; by default the state machine's.
    """

    exec_worker: Any
    output: Any

    def __init__(
        self,
        state_machine: Any,
        *,
        name: str,
        execution_input: str,
        account_id: str,
        region_name: str,
        arn: str | None = None,
        definition: str | None = None,
        map_run_arn: str | None = None,
    ) -> None:
        super().__init__(
            name=name,
            sm_type=state_machine.sm_type,
            role_arn=state_machine.roleArn,
            exec_arn=arn or f"{state_machine.arn.split('/')[0].replace(':stateMachine:', ':execution:')}:{name}",
            account_id=account_id,
            region_name=region_name,
            state_machine=copy.copy(state_machine),
            start_date=datetime.now(UTC),
            cloud_watch_logging_session=None,
            activity_store={},
            input_data=execution_input,
        )
        self.redrive_count = 0
        self.redrive_date: datetime | None = None
        self.map_run_arn = map_run_arn
        self.ended = threading.Event()
        self._definition = definition or state_machine.definition
        self._log = log_delivery.session_for(self, state_machine.loggingConfiguration)
        self._announcer = Announcer()
        self.exec_status = ExecutionStatus.RUNNING

    @property
    def running(self) -> bool:
        return self.exec_status == ExecutionStatus.RUNNING

    def start(self) -> None:
        """Run from the first state; returns at once."""
        self.exec_worker = _Worker(self._environment())
        history.record(
            self._env,
            HistoryEventType.ExecutionStarted,
            "executionStartedEventDetails",
            input=self.execution_input,
            inputDetails={"truncated": False},
            roleArn=self.role_arn,
        )
        machine: Any = self.state_machine
        tracing.trace(self.role_arn, machine.tracingConfiguration)
        self._run(None)

    @property
    def _env(self) -> Any:
        return self.exec_worker.env

    def _environment(self) -> Environment:
        return Environment(
            aws_execution_details=self._get_start_aws_execution_details(),
            execution_type=self.sm_type,
            context=cast("ContextObjectData", context.for_execution(self)),
            event_history_context=EventHistoryContext.of_program_start(),
            cloud_watch_logging_session=cast("CloudWatchLoggingSession", self._log),
            activity_store={},
        )

    def _run(self, from_state: str | None) -> None:
        program, _ = parsing.parse(self._definition)
        self._announcer.announce(self)
        env = self._env
        env.start_from = from_state
        env.next_state_name = from_state or program.start_at.start_at_name

        def work() -> None:
            try:
                program.eval(env)
            finally:
                self._end(env)

        threading.Thread(target=work, name=f"execution {self.name}", daemon=True).start()

    def _end(self, env: Environment) -> None:
        ended = env.program_state()
        self.stop_date = datetime.now(UTC)
        if isinstance(ended, ProgramEnded):
            self.output = payloads.dump(env.states.get_input())
        elif isinstance(ended, ProgramError):
            self.error = (ended.error or {}).get("error")
            self.cause = (ended.error or {}).get("cause")
        elif isinstance(ended, ProgramStopped):
            self.error, self.cause = ended.error, ended.cause
        # Last, for whoever sees that it has ended reads the rest.
        self.exec_status = _STATUS[type(ended)]
        self._announcer.announce(self)
        self.ended.set()

    def stop(self, stop_date: datetime, error: str | None = None, cause: str | None = None) -> None:
        """Abort; what runs is given up, and a training job that it waits for is stopped."""
        if self.running:
            self._env.set_stop(stop_date=stop_date, error=error, cause=cause)
            # The interpreter notices within a poll.
            self.ended.wait(20 * clock.POLL)

    @property
    def redrive_status(self) -> tuple[str, str | None]:
        """Whether the execution can be redriven, and why not."""
        if self.running:
            return "NOT_REDRIVABLE", "Execution is RUNNING and cannot be redriven"
        if self.exec_status == ExecutionStatus.SUCCEEDED:
            return "NOT_REDRIVABLE", "Execution is SUCCEEDED and cannot be redriven"
        if self.map_run_arn is not None:
            return "REDRIVABLE_BY_MAP_RUN", None
        return "REDRIVABLE", None

    def redrive(self) -> datetime:
        """Go on from the state that did not succeed, with its input and the variables it had.

        Raises
        ------
        RefusalError
            ``ExecutionNotRedrivable``: the execution runs or has succeeded.
        """
        status, reason = self.redrive_status
        if status == "NOT_REDRIVABLE":
            raise RefusalError("ExecutionNotRedrivable", f"{reason}: '{self.exec_arn}'")
        failed = self._env
        entered: dict[str, Any] = failed.entered
        self.redrive_count += 1
        self.redrive_date = datetime.now(UTC)
        self.exec_status = ExecutionStatus.RUNNING
        self.stop_date = self.error = self.cause = None
        self.ended.clear()
        env = self._environment()
        env.event_manager = failed.event_manager
        env.event_history_context.source_event_id = failed.event_history_context.source_event_id
        env.map_run_record_pool_manager = failed.map_run_record_pool_manager
        env.states.reset(entered["input"])
        for name, value in entered["variables"].items():
            env.variable_store.set(name, value)
        self.exec_worker = _Worker(env)
        history.record(
            env, HistoryEventType.ExecutionRedriven, "executionRedrivenEventDetails", redriveCount=self.redrive_count
        )
        self._run(entered["state"])
        return self.redrive_date


def watch(execution: LocalExecution) -> None:
    """Have an execution stopped when the local AWS ends."""
    aws = current()
    if aws not in _watched:
        _watched[aws] = weakref.WeakSet()
        aws.on_exit(_stop_all, aws)
    _watched[aws].add(execution)


def _stop_all(aws: Account) -> None:
    for execution in list(_watched.pop(aws, ())):
        execution.stop(datetime.now(UTC))


@patch(
    StepFunctionsParserBackend,
    "start_execution",
    fault="an execution without a name has none in its context either, and inputs may have any size",
    gaps=("stepfunctions/names_no_execution", "stepfunctions/takes_inputs_of_any_size"),
)
def _start_execution(
    self: StepFunctionsParserBackend,
    state_machine_arn: str,
    name: str | None = None,
    execution_input: str | None = None,
    trace_header: str | None = None,
) -> LocalExecution:
    machine: Any = self.describe_state_machine(state_machine_arn)
    name = name or str(uuid.uuid4())
    self._validate_name(name)
    text = "{}" if execution_input is None else execution_input
    if len(text.encode()) > payloads.MAX_BYTES:
        raise RefusalError(
            "ValidationException",
            "1 validation error detected: Value at 'input' failed to satisfy constraint: "
            f"Member must have length less than or equal to {payloads.MAX_BYTES}",
        )
    try:
        json.loads(text)
    except ValueError as error:
        raise RefusalError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'") from error
    # A version's executions are listed with those of the state machine.
    owner: Any = next((known for known in self.state_machines if known.name == machine.name), machine)
    with _starting:
        for known in owner.executions:
            if known.name != name:
                continue
            if known.status == "RUNNING" and known.execution_input == text:
                running: LocalExecution = known
                return running
            raise RefusalError("ExecutionAlreadyExists", f"Execution Already Exists: '{known.execution_arn}'")
        execution = LocalExecution(
            machine, name=name, execution_input=text, account_id=self.account_id, region_name=self.region_name
        )
        owner.executions.append(execution)
    watch(execution)
    execution.start()
    return execution


@patch(
    Program,
    "eval",
    fault="an execution's end is only seen once its task has returned",
    gaps=("stepfunctions/leaves_its_programs_in_another_thread",),
)
def _eval_program(self: Program, env: Environment) -> None:
    """Run a program in this thread; a timer ends it when its time is out."""
    env.next_state_name = getattr(env, "start_from", None) or self.start_at.start_at_name
    timer = None

    def time_out() -> None:
        if env.is_running():
            env.set_timed_out()

    if self.timeout_seconds is not None:
        seconds = self.timeout_seconds.timeout_seconds
        env.event_manager.limit = clock.Limit(time.monotonic() + seconds, time_out)  # type: ignore[attr-defined]
        timer = threading.Timer(seconds, time_out)
        timer.daemon = True
        timer.start()
    try:
        super(Program, self).eval(env)
    finally:
        if timer is not None:
            timer.cancel()
