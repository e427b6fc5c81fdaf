"""``make on-aws``, tried on a local AWS of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.stack import ROOT
from on_aws.observed import Observed
from on_aws.trial import STEPS

#: A file of which 0.57 are in its corpus, which is then uploaded in two parts of 5 MiB.
LARGE_MEGABYTES = "10"


def _on_aws(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it in a process of its own, since a process has one local AWS."""
    return subprocess.run(
        [sys.executable, "-m", "on_aws", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
        capture_output=True,
        check=False,
        text=True,
    )


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the trial writes what it sees."""
    return tmp_path_factory.mktemp("on-aws")


@pytest.fixture(scope="module")
def trial(out: Path) -> subprocess.CompletedProcess[str]:
    """A trial, from apply to destroy."""
    return _on_aws("--local", "--large-megabytes", LARGE_MEGABYTES, "--out", str(out))


def test_nothing_differs_on_the_local_aws(trial: subprocess.CompletedProcess[str], out: Path) -> None:
    assert trial.returncode == 0, trial.stdout + trial.stderr
    assert "0 differs, 0 not seen" in trial.stdout
    assert "; 0 of 9 runs ended otherwise." in trial.stdout
    observed = Observed.read(out / "observed.json")
    assert {name: run.ending for name, run in observed.runs.items()} == STEPS
    assert str(observed.runs["large file"].train_etag).endswith('-2"')


def test_everything_is_destroyed(trial: subprocess.CompletedProcess[str], out: Path) -> None:
    assert "✓ terraform destroy" in trial.stdout
    # The state would have stayed.
    assert [path.name for path in out.iterdir()] == ["observed.json"]


def test_what_differs_is_told(trial: subprocess.CompletedProcess[str], out: Path, tmp_path: Path) -> None:
    seen = json.loads((out / "observed.json").read_text("utf-8"))
    [failed] = [event for event in seen["runs"]["stopped"]["history"] if event["type"] == "TaskFailed"]
    failed["type"] = "TaskSucceeded"
    (tmp_path / "observed.json").write_text(json.dumps(seen), "utf-8")

    answer = _on_aws("--observed", str(tmp_path / "observed.json"))

    assert answer.returncode == 2
    told = answer.stdout[answer.stdout.index("DIFFERS: stopped-under-sync") :]
    assert "expected: TaskFailed with States.TaskFailed" in told
    assert "found:    TaskSucceeded" in told
    assert "statemachine.asl.json.tftpl" in told
    assert "1 differs" in told
