"""A trial that saw AWS do everything as inferred, made up."""

from __future__ import annotations

from typing import Any

from on_aws.observed import Observed, Run
from on_aws.trial import STEPS

MACHINE = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:on-aws-0a1b2c"
TARGET = "5e6f7a8b-0000-0000-0000-000000000000"
UUIDS = [f"0000000{number}-0000-0000-0000-000000000000" for number in range(len(STEPS))]


def child(number: int, status: str = "SUCCEEDED", machine: str = MACHINE) -> dict[str, Any]:
    """A child of a Distributed Map."""
    return {
        "executionArn": f"{machine.replace(':stateMachine:', ':execution:')}/files:{UUIDS[number]}",
        "status": status,
    }


def run(number: int, ending: str, *, by_hand: bool = False, **seen: Any) -> Run:
    """An execution that has ended."""
    status, _, error = ending.partition(" ")
    name = UUIDS[number] if by_hand else f"{UUIDS[number]}_{TARGET}"
    execution = {
        "executionArn": f"{MACHINE.replace(':stateMachine:', ':execution:')}:{name}",
        "name": name,
        "status": status,
        "input": {"detail": {}} if by_hand else {"id": UUIDS[number], "detail": {}},
        "output": {},
    }
    if error:
        execution |= {"error": error, "cause": f"cause of {number}"}
    return Run(execution, **{"history": [], **seen})


def as_inferred() -> Observed:
    """All of it; each call makes a new one, to be changed."""
    numbers = {name: number for number, name in enumerate(STEPS)}
    special: dict[str, dict[str, Any]] = {
        "folder with a bad file": {"children": [child(0), child(1, "FAILED")]},
        "empty folder": {"by_hand": True, "history": [{"type": "MapRunStarted"}, {"type": "MapRunSucceeded"}]},
        "small file": {"job": {"TrainingJobStatus": "Completed", "SecondaryStatus": "Completed"}},
        "folder": {"children": [child(2), child(3)]},
        "stopped": {
            "by_hand": True,
            "job": {"TrainingJobStatus": "Stopped", "SecondaryStatus": "Stopped"},
            "history": [
                {"type": "TaskFailed", "taskFailedEventDetails": {"error": "States.TaskFailed", "cause": '{"a": 1}'}}
            ],
        },
    }
    runs = {name: run(numbers[name], ending, **special.get(name, {})) for name, ending in STEPS.items()}
    return Observed(
        region="ap-northeast-1",
        state_machine_arn=MACHINE,
        runs=runs,
        announcements=[
            {"executionArn": runs[name].arn, "error": "InvalidInput", "cause": runs[name].execution["cause"]}
            for name, ending in STEPS.items()
            if ending == "FAILED InvalidInput"
        ],
        probes={
            "rule of complexity 4": "accepted",
            "rule of complexity 10": "InvalidEventPatternException",
            "training job with every field": "accepted",
        },
    )
