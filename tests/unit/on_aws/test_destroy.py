"""Whatever ends a trial, what it has made is destroyed, or it is said how to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from on_aws import __main__ as command
from on_aws import example
from on_aws.account import Account
from on_aws.observed import Observed
from on_aws.trial import TrialError
from terraform_cli import TerraformError
from unit.on_aws.seen import as_inferred

STATE = "terraform.tfstate"


class FakeTerraform:
    """A Terraform whose apply has made something when it ends as told."""

    made: list[FakeTerraform]
    applied: Callable[[], None] | None = None
    failures: int = 0

    def __init__(self, directory: Path, *, workdir: Path, **options: Any) -> None:
        self.directory = workdir / "source"
        self.directory.mkdir(parents=True)
        self.on_line: Callable[[str], None] = print
        self.destroyed = 0
        self.made.append(self)

    def init(self) -> None:
        pass

    def apply(self) -> None:
        (self.directory / STATE).write_text("{}")
        if self.applied is not None:
            self.applied()

    def output(self) -> dict[str, Any]:
        return {"state_machine_arn": "arn:machine"}

    def destroy(self) -> None:
        self.destroyed += 1
        if self.destroyed <= self.failures:
            raise TerraformError("BucketNotEmpty")


@pytest.fixture
def clients() -> dict[str, mock.MagicMock]:
    """The clients of an account in which one execution and one job run."""
    states, sagemaker, others = mock.MagicMock(), mock.MagicMock(), mock.MagicMock()
    states.get_paginator.return_value.paginate.return_value = [{"executions": [{"executionArn": "arn:running"}]}]
    job = {"TrainingJobName": "job", "TrainingJobStatus": "InProgress"}
    sagemaker.get_paginator.return_value.paginate.side_effect = [
        [{"TrainingJobSummaries": [job]}],
        [{"TrainingJobSummaries": [job | {"TrainingJobStatus": "Stopped"}]}],
    ]
    return {"stepfunctions": states, "sagemaker": sagemaker, "sts": others, "logs": others}


@pytest.fixture
def terraform(monkeypatch: pytest.MonkeyPatch, clients: dict[str, mock.MagicMock]) -> type[FakeTerraform]:
    """The Terraform of a trial, which is on a made-up account and fails at its first run."""

    class Terraform(FakeTerraform):
        made: list[FakeTerraform] = []  # noqa: RUF012

    account = Account("ap-northeast-1", None, clients.__getitem__, poll_seconds=0)
    monkeypatch.setattr(command, "on_aws", lambda region, profile: account)
    monkeypatch.setattr(command, "Trial", mock.Mock(side_effect=TrialError("the trial failed")))
    monkeypatch.setattr(example, "Terraform", Terraform)
    return Terraform


def _interrupt() -> None:
    raise KeyboardInterrupt


def _fail() -> None:
    raise TerraformError("no permission")


@pytest.mark.parametrize(
    ("applied", "code", "said"),
    [
        (None, command.FAILED, "the trial failed"),
        (_fail, command.FAILED, "no permission"),
        (_interrupt, command.INTERRUPTED, "has been destroyed"),
    ],
    ids=["the trial fails", "apply fails", "interrupted"],
)
def test_everything_is_stopped_and_destroyed(
    terraform: type[FakeTerraform],
    clients: dict[str, mock.MagicMock],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    applied: Callable[[], None] | None,
    code: int,
    said: str,
) -> None:
    terraform.applied = applied and staticmethod(applied)
    assert command.main(["--out", str(tmp_path)]) == code
    assert said in capsys.readouterr().err
    [made] = terraform.made
    assert made.destroyed == 1
    assert not made.directory.exists()
    clients["stepfunctions"].stop_execution.assert_called_once_with(
        executionArn="arn:running", cause="The trial is over."
    )
    clients["sagemaker"].stop_training_job.assert_called_once_with(TrainingJobName="job")


def test_what_was_seen_outlives_a_fault_of_the_trial(
    terraform: type[FakeTerraform], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def trial(*given: Any) -> Any:
        given[3].runs.update(as_inferred().runs)
        raise KeyError("a field that AWS leaves out")

    monkeypatch.setattr(command, "Trial", trial)
    with pytest.raises(KeyError):
        command.main(["--out", str(tmp_path)])
    assert terraform.made[0].destroyed == 1
    assert Observed.read(tmp_path / "observed.json").runs == as_inferred().runs


def test_destroying_is_tried_again(terraform: type[FakeTerraform], tmp_path: Path) -> None:
    terraform.failures = 1
    command.main(["--out", str(tmp_path)])
    assert terraform.made[0].destroyed == 2
    assert list(tmp_path.iterdir()) == []


def test_what_can_not_be_destroyed_keeps_its_state_and_is_said(
    terraform: type[FakeTerraform], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terraform.failures = 9
    terraform.applied = staticmethod(_interrupt)
    assert command.main(["--out", str(tmp_path)]) == command.FAILED
    [made] = terraform.made
    assert (made.directory / STATE).exists()
    said = capsys.readouterr().err
    assert "BucketNotEmpty" in said
    assert f"terraform -chdir={made.directory} destroy" in said


@pytest.mark.parametrize("applied", [None, _interrupt], ids=["the trial fails", "interrupted"])
def test_keep_destroys_nothing_and_says_how_to(
    terraform: type[FakeTerraform],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    applied: Callable[[], None] | None,
) -> None:
    terraform.applied = applied and staticmethod(applied)
    command.main(["--out", str(tmp_path), "--keep"])
    [made] = terraform.made
    assert made.destroyed == 0
    said = capsys.readouterr()
    assert f"terraform -chdir={made.directory} destroy" in said.out
    assert "has been destroyed" not in said.err
