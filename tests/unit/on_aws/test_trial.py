"""The parts of a trial that need no account."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from botocore.exceptions import ClientError

from on_aws import __main__ as command
from on_aws import files
from on_aws.account import Account
from on_aws.findings import differences, endings, report, settle
from on_aws.inferred import INFERRED
from on_aws.interruption import SIGNALS, Interruption
from on_aws.observed import Observed
from on_aws.probes import all_probes, job
from on_aws.trial import STEPS
from unit.on_aws.seen import as_inferred

ROOT = Path(__file__).resolve().parents[3]
TESTS = ROOT / "tests"


def test_all_that_was_seen_can_be_read_again(tmp_path: Path) -> None:
    observed = as_inferred()
    observed.write(tmp_path / "out" / "observed.json")
    assert Observed.read(tmp_path / "out" / "observed.json") == observed


def test_a_run_that_ends_otherwise_differs() -> None:
    observed = as_inferred()
    observed.runs["small file"].execution.update(status="FAILED", error="States.TaskFailed", cause="no room")
    del observed.runs["folder"]
    [finding] = differences(endings(STEPS, observed))
    assert (finding.id, finding.expected, finding.found) == ("small file", "SUCCEEDED", "FAILED States.TaskFailed")
    lines = list(report(list(endings(STEPS, observed)), [settle(each, observed) for each in INFERRED]))
    assert "DIFFERS: small file" in lines
    assert "  no room" in lines
    assert "  ? folder: not seen" in lines
    assert lines[-1].endswith("; 1 of 9 runs ended otherwise.")


def test_an_earlier_trial_is_compared_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    observed = as_inferred()
    observed.write(tmp_path / "same.json")
    observed.runs["bad file in capitals"].execution.update(error="InvalidInputError")
    observed.write(tmp_path / "other.json")
    assert command.main(["--observed", str(tmp_path / "same.json")]) == 0
    assert "DIFFERS" not in capsys.readouterr().out
    assert command.main(["--observed", str(tmp_path / "other.json")]) == command.DIFFERENT
    assert "DIFFERS: bad file in capitals" in capsys.readouterr().out


def test_nothing_of_the_local_aws_is_loaded() -> None:
    script = "import sys, on_aws.__main__; print([name for name in sys.modules if name.split('.')[0] in {loads}])"
    answer = subprocess.run(
        [sys.executable, "-c", script.format(loads=("localaws", "moto"))],
        env=os.environ | {"PYTHONPATH": str(TESTS)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert answer.stdout.strip() == "[]"


def test_a_trial_without_credentials_says_so_and_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    assert command.main(["--out", str(tmp_path / "out")]) == command.FAILED
    assert "credentials" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("number", SIGNALS)
def test_only_the_first_signal_interrupts(number: signal.Signals, capfd: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), Interruption():
        try:
            os.kill(os.getpid(), number)
        finally:
            os.kill(os.getpid(), number)
    assert capfd.readouterr().err.count("please wait") == 1
    assert signal.getsignal(number) == before


def test_what_has_to_come_to_its_end_is_not_interrupted(capfd: pytest.CaptureFixture[str]) -> None:
    with Interruption() as interruption:
        interruption.defer()
        os.kill(os.getpid(), signal.SIGINT)
    assert "please wait" in capfd.readouterr().err


def test_the_probed_training_job_has_every_field_of_the_module() -> None:
    text = (ROOT / "modules" / "training" / "main.tf").read_text("utf-8")
    rendered = set(re.findall(r"\b([A-Z]\w+) += ", text[text.index("  job = merge(") :]))
    rendered |= set(
        re.findall(r'"([A-Z]\w+)": \$\{jsonencode', (ROOT / "statemachine.asl.json.tftpl").read_text("utf-8"))
    )
    assert "EnableInterContainerTrafficEncryption" in rendered
    probed = set(re.findall(r'"([A-Z]\w+)": ', json.dumps(job("ap-northeast-1"))))
    assert rendered - {"Retry", "Key", "Value"} - probed == set()


def test_probes_tell_refusals_and_leave_nothing() -> None:
    refusal = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "PutRule")
    events, states = mock.MagicMock(), mock.MagicMock()
    events.put_rule.side_effect = [{}, refusal]
    states.validate_state_machine_definition.side_effect = [
        {"result": "FAIL", "diagnostics": [{"severity": "ERROR", "message": "The field is not supported"}]},
        refusal,
    ]
    account = Account("ap-northeast-1", None, {"events": events, "stepfunctions": states}.__getitem__)
    assert all_probes(account, "on-aws") == {
        "rule of complexity 4": "accepted",
        "rule of complexity 10": "AccessDeniedException",
        "training job with every field": "The field is not supported",
    }
    assert events.delete_rule.call_args_list == [mock.call(Name="on-aws-probe")] * 2
    events.put_rule.side_effect = None
    assert all_probes(account, "on-aws")["training job with every field"] == "AccessDeniedException"


def test_files(tmp_path: Path) -> None:
    assert files.large(tmp_path / "large.csv", 1).stat().st_size == pytest.approx(1e6, rel=0.5)
    small = list(csv.DictReader(files.small(tmp_path / "small.csv").open(encoding="utf-8", newline="")))
    parts = files.parts(3)
    spread = [row for body in parts.values() for row in csv.DictReader(io.StringIO(body.decode(), newline=""))]
    assert len(parts) == 3
    assert sorted(row["review_id"] for row in spread) == [row["review_id"] for row in small]
    assert b"review_body" not in files.bad()
