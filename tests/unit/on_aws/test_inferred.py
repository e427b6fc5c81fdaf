"""The list of what is inferred, and what a trial says of it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from on_aws.findings import AS_INFERRED, DIFFERS, NOT_CHECKED, NOT_SEEN, settle
from on_aws.inferred import INFERRED
from on_aws.observed import Observed
from unit.on_aws.seen import MACHINE, TARGET, as_inferred, child, run

ROOT = Path(__file__).resolve().parents[3]
BY_ID = {inferred.id: inferred for inferred in INFERRED}
CHECKED = [inferred.id for inferred in INFERRED if inferred.observe is not None]


def _replaced(name: str, **seen: object) -> Callable[[Observed], None]:
    def change(observed: Observed) -> None:
        observed.runs[name] = replace(observed.runs[name], **seen)  # type: ignore[arg-type]

    return change


def _probe(name: str, answer: str) -> Callable[[Observed], None]:
    return lambda observed: observed.probes.update({name: answer})


def _announced_child(observed: Observed) -> None:
    observed.announcements.append({"executionArn": child(1)["executionArn"]})


def _without_cause(observed: Observed) -> None:
    for announcement in observed.announcements:
        announcement["cause"] = None


def _unannounced(observed: Observed) -> None:
    observed.announcements.clear()


def _named(name: str) -> Callable[[Observed], None]:
    def change(observed: Observed) -> None:
        observed.runs["bad file"].execution["name"] = name.replace("EVENT", str(observed.runs["bad file"].event_id))

    return change


#: What AWS might do otherwise, and what is told then.
OTHERWISE = [
    ("stopped-under-sync", _replaced("stopped", history=[{"type": "TaskSucceeded"}]), "TaskSucceeded"),
    (
        "stopped-under-sync",
        _replaced(
            "stopped",
            history=[
                {"type": "TaskFailed", "taskFailedEventDetails": {"error": "SageMaker.Stopped", "cause": "Stopped."}}
            ],
        ),
        "TaskFailed with SageMaker.Stopped, its cause words",
    ),
    (
        "stopped-by-hand",
        _replaced("stopped", job={"TrainingJobStatus": "Stopped", "SecondaryStatus": "Interrupted"}),
        "Stopped, Interrupted",
    ),
    ("empty-listing", _replaced("empty folder", history=[{"type": "MapRunFailed"}]), "MapRunFailed, 0 children"),
    (
        "child-execution-arns",
        _replaced("folder", children=[{"executionArn": f"{MACHINE}:child", "status": "SUCCEEDED"}]),
        f"{MACHINE}:child",
    ),
    (
        "child-source-arn",
        _replaced("folder", **vars(run(7, "FAILED FilesFailedError", children=[child(1, "FAILED")]))),
        "FAILED FilesFailedError: cause of 7",
    ),
    ("children-not-announced", _announced_child, "1 of the run, 1 of its children"),
    ("announced-failure", _without_cause, "error"),
    ("announced-failure", _unannounced, "not announced"),
    ("suffix-ignoring-case", _replaced("bad file in capitals", started=2), "2 executions"),
    ("rules-of-complexity-4", _probe("rule of complexity 4", "InvalidEventPatternException"), None),
    ("rules-of-complexity-10", _probe("rule of complexity 10", "accepted"), "accepted"),
    ("execution-names", _named(TARGET), TARGET),
    ("execution-names-by-target", _named("EVENT_another"), "2 of 7 events"),
    ("training-fields", _probe("training job with every field", "The field X is not supported"), None),
    (
        "word2vec-metrics",
        _replaced(
            "small file",
            job={"TrainingJobStatus": "Completed", "FinalMetricDataList": [{"MetricName": "train:mean_rho"}]},
        ),
        "train:mean_rho",
    ),
]


def test_each_is_told_of_by_one_id() -> None:
    assert len(BY_ID) == len(INFERRED)


@pytest.mark.parametrize("name", BY_ID)
def test_what_relies_on_it_is_there(name: str) -> None:
    assert BY_ID[name].where
    assert [path for path in BY_ID[name].where if not (ROOT / path).is_file()] == []


def test_files_that_infer_are_listed() -> None:
    found = subprocess.run(
        ["git", "grep", "-liw", "inferred", "--", "*.tf", "*.tftpl", "lambda_src", "tests"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.splitlines()
    own = (
        "tests/on_aws/",
        "tests/unit/on_aws/",
        "tests/unit/localaws/",
        "tests/static/inferred.py",
        "tests/localaws/README.md",
        "tests/e2e/",
    )
    listed = {path for inferred in INFERRED for path in inferred.where}
    # What the module does not lean on, the local AWS lists itself.
    readme = (
        (ROOT / "tests" / "localaws" / "README.md").read_text("utf-8").split("## What is inferred")[1].split("\n## ")[0]
    )
    of_the_local_aws = tuple(re.findall(r"`([\w/]+\.py)`", readme))
    assert of_the_local_aws
    known = (path for path in found if path.startswith(own) or path in listed or path.endswith(of_the_local_aws))
    assert set(found) - set(known) == set()


@pytest.mark.parametrize("name", CHECKED)
def test_as_inferred(name: str) -> None:
    finding = settle(BY_ID[name], as_inferred())
    assert (finding.verdict, finding.found) == (AS_INFERRED, BY_ID[name].expected)


@pytest.mark.parametrize("name", CHECKED)
def test_not_seen(name: str) -> None:
    assert settle(BY_ID[name], Observed()).verdict == NOT_SEEN


@pytest.mark.parametrize(("name", "change", "found"), OTHERWISE)
def test_otherwise(name: str, change: Callable[[Observed], None], found: str | None) -> None:
    observed = as_inferred()
    change(observed)
    finding = settle(BY_ID[name], observed)
    assert finding.verdict == DIFFERS
    assert finding.found == (found or finding.found)
    assert BY_ID[name].claim in finding.about


def test_every_check_can_differ() -> None:
    assert {name for name, _, _ in OTHERWISE} == set(CHECKED)


def test_what_is_not_checked_says_why() -> None:
    others = [inferred for inferred in INFERRED if inferred.observe is None]
    assert others
    assert all(inferred.settled.startswith(("Not checked: ", "Not compared: ")) for inferred in others)
    assert {settle(inferred, as_inferred()).verdict for inferred in others} == {NOT_CHECKED}
