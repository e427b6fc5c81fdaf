"""A Map Run: the children of a Distributed Map, each an execution of its own."""

from __future__ import annotations

import copy
import json
import threading
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from localaws.services.stepfunctions.language import payloads
from localaws.services.stepfunctions.machine import clock
from localaws.services.stepfunctions.machine.executions import LocalExecution, watch

if TYPE_CHECKING:
    from collections.abc import Callable

# AWS runs up to 10,000 children at once; more threads than these only stand in each other's way.
MOST_AT_ONCE = 64


@dataclass
class Child:
    """One child: its input, and its execution once it has one."""

    input: Any
    execution: LocalExecution | None = None

    @property
    def status(self) -> str:
        return str(self.execution.status) if self.execution else "PENDING"

    @property
    def exported_status(self) -> str:
        """Status by whose file a ResultWriter exports the child."""
        return self.status if self.status in ("SUCCEEDED", "PENDING") else "FAILED"

    @property
    def output(self) -> Any:
        return json.loads(self.execution.output) if self.execution and self.execution.output else None


class MapRun:
    """The children of one evaluation of a Distributed Map state.

    Parameters
    ----------
    state_name
        Name of the Map state.
    machine
        moto's state machine.
    parent_arn
        ARN of the execution that the Map state is in.
    processor
        The state's ``ItemProcessor``.
    label
        The state's ``Label``; a UUID where it has none.
    children
        The children to run.
    max_concurrency
        How many run at once; 0 for as many as there are.
    tolerated_count, tolerated_percentage
        How many of the items may fail; ``None`` where the state does not say.
    """

    def __init__(
        self,
        state_name: str,
        machine: Any,
        parent_arn: str,
        processor: dict[str, Any],
        label: str | None,
        children: list[Child],
        *,
        max_concurrency: int,
        tolerated_count: int | None,
        tolerated_percentage: float | None,
    ) -> None:
        label = label or str(uuid.uuid4())
        self.state_name = state_name
        self.map_run_arn = f"{machine.arn.replace(':stateMachine:', ':mapRun:')}/{label}:{uuid.uuid4()}"
        self.parent_arn = parent_arn
        self.children = children
        self.max_concurrency = max_concurrency
        self.tolerated_count = tolerated_count
        self.tolerated_percentage = tolerated_percentage
        self.start_date = datetime.now(UTC)
        self.stop_date: datetime | None = None
        self.status = "RUNNING"
        self.redrive_count = 0
        self.redrive_date: datetime | None = None
        self._definition = json.dumps(
            {"QueryLanguage": "JSONata", "StartAt": processor["StartAt"], "States": processor["States"]}
        )
        self._machine = copy.copy(machine)
        self._machine.arn, self._machine.name = f"{machine.arn}/{label}", f"{machine.name}/{label}"
        self._owner = machine

    def run(self, is_wanted: Callable[[], bool]) -> None:
        """Run every child that has not succeeded, until all have ended or too many have failed.

        Parameters
        ----------
        is_wanted
            Whether the parent still waits for the Map Run; when it does not, the children are stopped.
        """
        waiting = [child for child in self.children if child.status != "SUCCEEDED"]
        running: list[Child] = []
        # Failures of a run that is redriven do not count again.
        judged: set[int] = {id(child) for child in self.children if child.status == "SUCCEEDED"}
        failed = 0
        while (waiting or running) and is_wanted() and not self._exceeded(failed):
            most = min(self.max_concurrency or MOST_AT_ONCE, MOST_AT_ONCE)
            while waiting and len(running) < most:
                child = waiting.pop(0)
                self._start(child)
                running.append(child)
            for child in [child for child in running if _ended(child)]:
                running.remove(child)
                judged.add(id(child))
                failed += child.status != "SUCCEEDED"
            if running:
                _first(running).ended.wait(clock.POLL)
        now = datetime.now(UTC)
        for child in running:
            _execution(child).stop(now)
        self.stop_date = datetime.now(UTC)
        self.status = "ABORTED" if not is_wanted() else "FAILED" if self._exceeded(failed) else "SUCCEEDED"

    def _exceeded(self, failed: int) -> bool:
        if self.tolerated_count is None and self.tolerated_percentage is None:
            return failed > 0
        total = len(self.children)
        by_count = self.tolerated_count is not None and failed > self.tolerated_count
        by_share = self.tolerated_percentage is not None and failed * 100 > self.tolerated_percentage * total
        return by_count or by_share

    def _start(self, child: Child) -> None:
        if child.execution is not None:
            child.execution.redrive()
            return
        name = str(uuid.uuid4())
        arn = f"{self._machine.arn.replace(':stateMachine:', ':execution:')}:{name}"
        child.execution = LocalExecution(
            self._machine,
            name=name,
            execution_input=payloads.dump(child.input),
            account_id=self._machine.arn.split(":")[4],
            region_name=self._machine.arn.split(":")[3],
            arn=arn,
            definition=self._definition,
            map_run_arn=self.map_run_arn,
        )
        with _listing:
            self._owner.__dict__.setdefault("children", []).append(child.execution)
        watch(child.execution)
        child.execution.start()

    # --- as moto's API asks for it ---

    def update(
        self,
        max_concurrency: int | None,
        tolerated_failure_count: int | None,
        tolerated_failure_percentage: float | None,
    ) -> None:
        """Change the limits while the Map Run goes on."""
        if max_concurrency is not None:
            self.max_concurrency = max_concurrency
        if tolerated_failure_count is not None:
            self.tolerated_count = tolerated_failure_count
        if tolerated_failure_percentage is not None:
            self.tolerated_percentage = tolerated_failure_percentage

    def describe(self) -> dict[str, Any]:
        """As DescribeMapRun answers."""
        return {
            "mapRunArn": self.map_run_arn,
            "executionArn": self.parent_arn,
            "status": self.status,
            "startDate": self.start_date,
            **({"stopDate": self.stop_date} if self.stop_date else {}),
            "maxConcurrency": self.max_concurrency,
            "toleratedFailurePercentage": self.tolerated_percentage or 0.0,
            "toleratedFailureCount": self.tolerated_count or 0,
            # Each child has one item.
            "itemCounts": self._counts(),
            "executionCounts": self._counts(),
            "redriveCount": self.redrive_count,
            **({"redriveDate": self.redrive_date} if self.redrive_date else {}),
        }

    def list_item(self) -> dict[str, Any]:
        """As ListMapRuns shows it."""
        return {
            "executionArn": self.parent_arn,
            "mapRunArn": self.map_run_arn,
            "stateMachineArn": self._machine.arn,
            "startDate": self.start_date,
            **({"stopDate": self.stop_date} if self.stop_date else {}),
        }

    def _counts(self) -> dict[str, int]:
        counted = Counter(child.status for child in self.children)
        return {
            "pending": counted["PENDING"],
            "running": counted["RUNNING"],
            "succeeded": counted["SUCCEEDED"],
            "failed": counted["FAILED"],
            "timedOut": counted["TIMED_OUT"],
            "aborted": counted["ABORTED"],
            "total": counted.total(),
            "resultsWritten": counted.total() - counted["PENDING"] - counted["RUNNING"],
        }


_listing = threading.Lock()


def _execution(child: Child) -> LocalExecution:
    assert child.execution is not None
    return child.execution


def _ended(child: Child) -> bool:
    return _execution(child).ended.is_set()


def _first(children: list[Child]) -> LocalExecution:
    return _execution(children[0])
