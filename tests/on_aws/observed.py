"""What a trial has seen, as plain data: it is written to ``observed.json``, and can be compared again from there."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, Any]


class NotSeenError(Exception):
    """The trial did not come so far, or took another way."""


@dataclass(frozen=True)
class Run:
    """An execution of the state machine that has ended.

    Attributes
    ----------
    execution
        The answer of ``DescribeExecution``, with ``input`` and ``output`` as data.
    history
        Its events, oldest first.
    started
        How many executions its upload has started; 1 where it was started by hand.
    job
        The answer of ``DescribeTrainingJob``, where it came to one.
    children
        The executions of its Map Run, as ``ListExecutions`` has them.
    train_etag
        ETag of its training channel, where it made one: it ends in the number of parts.
    """

    execution: Json
    history: list[Json]
    started: int = 1
    job: Json | None = None
    children: list[Json] = field(default_factory=list)
    train_etag: str | None = None

    @property
    def arn(self) -> str:
        """Its ARN."""
        return str(self.execution["executionArn"])

    @property
    def name(self) -> str:
        """Its name, the last part of the ARN."""
        return str(self.execution["name"])

    @property
    def ending(self) -> str:
        """``SUCCEEDED``, or its status and error, ``FAILED InvalidInput``."""
        return " ".join(filter(None, (self.execution["status"], self.execution.get("error"))))

    @property
    def event_id(self) -> str | None:
        """Id of the event that has started it."""
        found: str | None = self.execution["input"].get("id")
        return found

    def last(self, *kinds: str) -> Json:
        """The last event of these types.

        Raises
        ------
        NotSeenError
            There is none.
        """
        for event in reversed(self.history):
            if event["type"] in kinds:
                return event
        raise NotSeenError


@dataclass
class Observed:
    """All that a trial has seen.

    Attributes
    ----------
    region, state_machine_arn
        Where.
    runs
        By the names of :data:`on_aws.trial.STEPS`.
    announcements
        Messages of the failure topic: the details of Step Functions' events.
    probes
        What became of requests that leave nothing behind: ``accepted``, or the refusal.
    """

    region: str = ""
    state_machine_arn: str = ""
    runs: dict[str, Run] = field(default_factory=dict)
    announcements: list[Json] = field(default_factory=list)
    probes: dict[str, str] = field(default_factory=dict)

    def run(self, name: str) -> Run:
        """A run by its name.

        Raises
        ------
        NotSeenError
            There is none.
        """
        try:
            return self.runs[name]
        except KeyError:
            raise NotSeenError from None

    def probe(self, name: str) -> str:
        """What became of a request.

        Raises
        ------
        NotSeenError
            It was not made.
        """
        try:
            return self.probes[name]
        except KeyError:
            raise NotSeenError from None

    def write(self, path: Path) -> None:
        """Write all of it as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(dataclasses.asdict(self), ensure_ascii=False, indent=2) + "\n", "utf-8")

    @classmethod
    def read(cls, path: Path) -> Observed:
        """Read what :meth:`write` has written."""
        found = json.loads(path.read_text("utf-8"))
        return cls(**{**found, "runs": {name: Run(**run) for name, run in found["runs"].items()}})


def plain(value: Any) -> Any:
    """An answer of boto3 as JSON has it: moments as text."""
    return json.loads(json.dumps(value, default=str))
