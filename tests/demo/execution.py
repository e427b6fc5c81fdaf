"""Following an execution: its states as they come, and its training job."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from demo.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.screen import Screen, Step
    from localaws import LocalAWS

POLL_SECONDS = 0.25
START_SECONDS = 20.0
LOG_GROUP = "/aws/sagemaker/TrainingJobs"


@dataclass(frozen=True)
class Run:
    """A finished execution.

    Attributes
    ----------
    description
        The answer of ``DescribeExecution``.
    history
        Its events.
    """

    description: dict[str, Any]
    history: list[dict[str, Any]]

    @property
    def succeeded(self) -> bool:
        """Whether it ended well."""
        return bool(self.description["status"] == "SUCCEEDED")

    @property
    def output(self) -> dict[str, Any]:
        """What it returned."""
        output: dict[str, Any] = json.loads(self.description.get("output") or "{}")
        return output

    @property
    def run_id(self) -> str:
        """Id of the run, as the state machine has assigned it; empty where it did not come so far."""
        for event in self.history:
            variables = event.get("stateExitedEventDetails", {}).get("assignedVariables", {})
            if "run" in variables:
                return str(json.loads(variables["run"])["id"])
        return ""

    def document(self) -> dict[str, Any]:
        """Everything about it, for ``execution.json``."""
        parsed = {
            name: json.loads(self.description[name]) for name in ("input", "output") if self.description.get(name)
        }
        known = ("name", "status", "startDate", "stopDate", "error", "cause")
        return (
            {name: self.description[name] for name in known if name in self.description}
            | parsed
            | {"history": self.history}
        )


def wait_for_start(aws: LocalAWS, state_machine: str, key: str, endings: str) -> str:
    """Wait for the execution that an object's event starts, and give its ARN.

    Raises
    ------
    DemoError
        Nothing was started.
    """
    states = aws.client("stepfunctions")
    deadline = time.monotonic() + START_SECONDS
    others: set[str] = set()
    while time.monotonic() < deadline:
        for execution in states.list_executions(stateMachineArn=state_machine)["executions"]:
            arn = str(execution["executionArn"])
            if arn not in others and _key(states.describe_execution(executionArn=arn)) == key:
                return arn
            others.add(arn)
        time.sleep(POLL_SECONDS)
    raise DemoError(
        f"The upload of {key} started no run, since no rule of the module takes it: name the file so that it ends "
        f"in {endings}, or set input.suffixes in a file with SETTINGS=..."
    )


def _key(description: dict[str, Any]) -> str | None:
    """Key of the object whose event has started an execution; S3's events have it as it is."""
    key: str | None = json.loads(description["input"]).get("detail", {}).get("object", {}).get("key")
    return key


def follow(aws: LocalAWS, execution: str, screen: Screen, check: Callable[[], None] = lambda: None) -> Run:
    """Show an execution's states until it ends.

    Parameters
    ----------
    check
        Called again and again; may raise to stop.
    """
    states = aws.client("stepfunctions")
    view = _View(aws, screen, execution)
    while True:
        check()
        description = states.describe_execution(executionArn=execution)
        history = events(states, execution)
        view.show(history)
        if description["status"] != "RUNNING":
            view.close(failed=description["status"] != "SUCCEEDED")
            description.pop("ResponseMetadata", None)
            return Run(description, history)
        time.sleep(POLL_SECONDS)


def events(states: Any, execution: str) -> list[dict[str, Any]]:
    """All events of an execution, oldest first."""
    pages = states.get_paginator("get_execution_history").paginate(executionArn=execution)
    return [event for page in pages for event in page["events"]]


class _View:
    """The steps of the states, driven by the history."""

    def __init__(self, aws: LocalAWS, screen: Screen, execution: str) -> None:
        self._screen = screen
        self._details = {"Train": _TrainingJob(aws).detail, "Preprocess files": _Files(aws, execution).detail}
        self._shown = 0
        self._step: Step | None = None
        self._tries = 0
        self._failed = False

    def show(self, history: list[dict[str, Any]]) -> None:
        for event in history[self._shown :]:
            kind = event["type"]
            if kind.endswith("StateEntered"):
                self.close(failed=self._failed)
                self._step = self._screen.begin(event["stateEnteredEventDetails"]["name"])
                self._tries, self._failed = 0, False
            elif kind.endswith("StateExited"):
                self.close(failed=self._failed)
            elif kind == "TaskScheduled":
                self._tries += 1
                self._failed = False
            elif kind.startswith("Task") and kind.endswith(("Failed", "TimedOut")) and self._step:
                self._failed = True
                details: dict[str, str] = next((event[name] for name in event if name.endswith("EventDetails")), {})
                attempt = f" (try {self._tries})" if self._tries > 1 else ""
                self._screen.update(self._step, f"{details.get('error', kind)}{attempt}")
        self._shown = len(history)
        if self._step and not self._failed:
            self._show_detail(self._step)

    def close(self, *, failed: bool = False) -> None:
        if self._step:
            if not failed:
                self._show_detail(self._step)
            self._screen.end(self._step, failed=failed)
            self._step = None

    def _show_detail(self, step: Step) -> None:
        detail = self._details.get(step.title)
        if detail and (text := detail()):
            self._screen.update(step, text)


class _Files:
    """The files that a Distributed Map goes over."""

    def __init__(self, aws: LocalAWS, execution: str) -> None:
        self._states = aws.client("stepfunctions")
        self._execution = execution

    def detail(self) -> str:
        runs = self._states.list_map_runs(executionArn=self._execution)["mapRuns"]
        if not runs:
            return ""
        counts = self._states.describe_map_run(mapRunArn=runs[0]["mapRunArn"])["itemCounts"]
        failed = counts["failed"] + counts["timedOut"] + counts["aborted"]
        return f"{counts['succeeded'] + failed:,} of {counts['total']:,} files" + (
            f", {failed:,} failed" if failed else ""
        )


class _TrainingJob:
    """The newest training job, and the last line of its log."""

    def __init__(self, aws: LocalAWS) -> None:
        self._sagemaker = aws.client("sagemaker")
        self._logs = aws.client("logs")

    def detail(self) -> str:
        jobs = self._sagemaker.list_training_jobs(SortBy="CreationTime", SortOrder="Descending")["TrainingJobSummaries"]
        if not jobs:
            return ""
        name = jobs[0]["TrainingJobName"]
        status = self._sagemaker.describe_training_job(TrainingJobName=name)["SecondaryStatus"]
        line = self._last_line(name)
        return f"{status}: {line}" if line and status == "Training" else str(status)

    def _last_line(self, job: str) -> str:
        try:
            streams = self._logs.describe_log_streams(logGroupName=LOG_GROUP, logStreamNamePrefix=f"{job}/")
            stream = streams["logStreams"][0]["logStreamName"]
            log = self._logs.get_log_events(logGroupName=LOG_GROUP, logStreamName=stream, limit=1, startFromHead=False)
            return str(log["events"][-1]["message"]).strip("# ")
        except (ClientError, IndexError):
            return ""
