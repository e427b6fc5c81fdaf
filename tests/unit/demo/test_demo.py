"""The demo, short of applying the module: see ``tests/e2e`` for whole runs."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import signal
import stat
import subprocess
import sys
import tarfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from rich.console import Console

from blazingtext.hyperparameters import parse
from blazingtext.training import train_supervised, train_word2vec
from demo import execution as execution_module
from demo import model, pipeline, report
from demo import settings as settings_module
from demo.__main__ import main
from demo.execution import Run
from demo.screen import Screen
from demo.settings import DemoError, Folder, Settings, check

if TYPE_CHECKING:
    from collections.abc import Callable

TESTS = Path(__file__).parents[2]


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    def make(**changes: Any) -> Settings:
        defaults: dict[str, Any] = {
            "csv": None,
            "mode": "skipgram",
            "text_column": "review_body",
            "label_column": "star_rating",
            "label_map": None,
            "delimiter": ",",
            "encoding": "utf-8",
            "validation_fraction": 0.1,
            "hyperparameters": {},
            "out": tmp_path / "out",
            "cache": tmp_path / "cache",
        }
        return Settings(**defaults | changes)

    return make


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    data = text.encode(encoding)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("mode", settings_module.MODES)
@pytest.mark.parametrize("size", [1_000, 300_000, 5_000_000, 5_000_000_000])
def test_chosen_hyperparameters_are_blazingtexts(make_settings: Callable[..., Settings], mode: str, size: int) -> None:
    chosen = make_settings(mode=mode).chosen_hyperparameters(size)
    assert parse(chosen | {"mode": mode})["epochs"] >= 5


def test_small_corpora_are_gone_through_more_often(make_settings: Callable[..., Settings]) -> None:
    small, large = (make_settings().chosen_hyperparameters(size) for size in (100_000, 100_000_000))
    assert int(small["epochs"]) > int(large["epochs"])
    assert int(small["min_count"]) < int(large["min_count"])


def test_the_users_hyperparameters_win(make_settings: Callable[..., Settings]) -> None:
    chosen = make_settings(mode="supervised", hyperparameters={"epochs": "3", "early_stopping": "False"})
    assert chosen.chosen_hyperparameters(1000)["epochs"] == "3"
    assert "patience" not in chosen.chosen_hyperparameters(1000)


@pytest.mark.parametrize(
    ("name", "encoding"), [("a.csv", "utf-8"), ("a.csv", "utf-8-sig"), ("a.csv.gz", "utf-8"), ("a.csv", "cp932")]
)
def test_a_good_file_passes(make_settings: Callable[..., Settings], tmp_path: Path, name: str, encoding: str) -> None:
    path = write(tmp_path / name, "評価,review_body\n1,はい\n", encoding)
    check(make_settings(csv=path, mode="supervised", label_column="評価", encoding=encoding.removesuffix("-sig")))


def test_an_undecodable_file_is_left_to_the_pipeline(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    check(make_settings(csv=write(tmp_path / "a.csv", "評価,review_body\n", "cp932")))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mode": "glove"}, "'glove' is unknown: choose one of skipgram"),
        ({"mode": "supervised", "label_column": None}, "name their column with LABEL_COLUMN"),
        ({"runtime": "python3.9"}, "python3.9 is not supported"),
        ({"csv": "none.csv"}, "There is no file"),
        ({"csv": "empty"}, "has no file that a run would read"),
        ({"csv": "folder", "text_column": "text"}, "a.csv has no column 'text'"),
        ({"csv": "words.txt"}, "must end in .csv"),
        ({"csv": "good.csv", "text_column": "text"}, "has no column 'text'; it has 'star_rating', 'review_body'"),
        ({"csv": "good.csv", "mode": "supervised", "label_column": "stars"}, "has no column 'stars'"),
    ],
)
def test_what_is_refused_before_anything_starts(
    make_settings: Callable[..., Settings], tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    write(tmp_path / "good.csv", "star_rating,review_body\n1,a\n")
    write(tmp_path / "words.txt", "a\n")
    for folder, name in (("empty", "_hidden.csv"), ("folder", "a.csv")):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / name, "star_rating,review_body\n1,a\n")
    if "csv" in changes:
        changes = changes | {"csv": tmp_path / changes["csv"]}
    with pytest.raises(DemoError, match=message):
        check(make_settings(**changes))


def test_a_folder_of_files(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    (tmp_path / "deeper").mkdir()
    for name in ("b.csv", "deeper/a.tsv.gz", "_b.csv", ".c.csv", "d.txt", "_SUCCESS", "deeper/_SUCCESS"):
        write(tmp_path / name, "review_body,star_rating\nx,1\n")
    (tmp_path / "empty.csv").touch()
    settings = make_settings(csv=tmp_path)

    check(settings)
    folder = settings.folder
    assert folder is not None
    assert [path.relative_to(tmp_path).as_posix() for path in folder.tables] == ["b.csv", "deeper/a.tsv.gz"]
    assert tmp_path / "_SUCCESS" not in folder.files
    assert tmp_path / "deeper" / "_SUCCESS" in folder.files
    assert settings.variables(1000)["input"] == {"each_file": False}
    assert make_settings(csv=tmp_path / "b.csv").folder is None
    assert make_settings(csv=tmp_path / "b.csv").variables(1000)["input"] == {"each_file": True}


class Clients:
    """Stands for a local AWS with prepared clients."""

    def __init__(self, **clients: Any) -> None:
        self._clients = clients

    def client(self, service: str) -> Any:
        return self._clients.get(service)


def test_a_folders_marker_is_uploaded_last(tmp_path: Path) -> None:
    (tmp_path / "年報" / "deeper").mkdir(parents=True)
    for name in ("_SUCCESS", "b.csv", "deeper/a.csv", "_hidden.csv"):
        write(tmp_path / "年報" / name, "review_body\nx\n")
    uploaded: list[str] = []
    s3 = mock.Mock(
        upload_file=lambda path, bucket, key: uploaded.append(key),
        put_object=lambda Bucket, Key: uploaded.append(Key),  # noqa: N803
    )
    shown: list[str] = []
    folder = tmp_path / "年報"

    target = pipeline._upload(Clients(s3=s3), folder, Folder(folder), "bucket", shown.append)  # type: ignore[arg-type]

    assert uploaded == [f"demo/年報/{name}" for name in ("_hidden.csv", "b.csv", "deeper/a.csv", "_SUCCESS")]
    assert target == "s3://bucket/demo/年報/, 3 files"
    assert shown[-1] == "3 of 3 files"


def test_the_files_of_a_map_are_counted_as_they_come() -> None:
    counts = {"total": 0, "succeeded": 0, "failed": 0, "timedOut": 0, "aborted": 0}
    runs: list[dict[str, str]] = []
    states = mock.Mock(
        list_map_runs=lambda executionArn: {"mapRuns": runs},  # noqa: N803
        describe_map_run=lambda mapRunArn: {"itemCounts": counts},  # noqa: N803
    )
    target, stream = console()
    view = execution_module._View(Clients(stepfunctions=states), Screen(target), "arn")  # type: ignore[arg-type]
    entered = {"type": "MapStateEntered", "stateEnteredEventDetails": {"name": "Preprocess files"}}
    view.show([entered])
    step = view._step
    assert step is not None
    assert step.detail == ""
    runs.append({"mapRunArn": "run"})
    counts.update(total=1200, succeeded=1000)
    view.show([entered])
    assert step.detail == "1,000 of 1,200 files"
    counts.update(succeeded=1197, failed=2, timedOut=1)
    view.show([entered, {"type": "MapStateExited"}])
    assert step.detail == "1,200 of 1,200 files, 3 failed"
    assert "✓ Preprocess files" in stream.getvalue()


def test_another_system_is_refused(make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(DemoError, match="dev container"):
        check(make_settings())


def test_errors_leave_with_1_and_without_a_traceback(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--csv", str(tmp_path / "none.csv")]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("Error: There is no file")
    assert "Traceback" not in captured.err


def test_a_bad_option_leaves_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--hyperparameter", "epochs"]) == 1
    assert "NAME=VALUE" in capsys.readouterr().err


def console() -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, width=200, force_terminal=False), stream


def test_elsewhere_than_on_a_terminal_steps_are_lines() -> None:
    target, stream = console()
    screen = Screen(target)
    with screen.live():
        with screen.step("apply [it]") as step:
            screen.update(step, "1 of 2")
        with pytest.raises(ValueError, match="no"), screen.step("broken"):
            raise ValueError("no")
    lines = stream.getvalue().splitlines()
    assert lines[0] == "… apply [it]"
    assert lines[-1].startswith("✗ broken (0.")
    assert any(line.startswith("✓ apply [it] (0.") and line.endswith(": 1 of 2") for line in lines)


def test_on_a_terminal_steps_are_live() -> None:
    stream = io.StringIO()
    screen = Screen(Console(file=stream, width=100, force_terminal=True))
    with screen.live(), screen.step("apply"):
        pass
    assert "✓" in stream.getvalue()
    assert "apply" in stream.getvalue()


def test_json_holds_dates_and_refuses_what_has_no_form(tmp_path: Path) -> None:
    report.write_json(tmp_path / "a.json", {"at": datetime(2026, 1, 2, tzinfo=UTC), "言葉": 1})
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {
        "at": "2026-01-02T00:00:00+00:00",
        "言葉": 1,
    }
    assert "言葉" in (tmp_path / "a.json").read_text(encoding="utf-8")
    with pytest.raises(TypeError):
        report.write_json(tmp_path / "b.json", {"a": object()})


def test_a_failed_run_shows_error_and_cause() -> None:
    target, stream = console()
    description = {"status": "FAILED", "error": "InvalidInput", "cause": "reviews.csv: line 3: [label] 'x'"}
    report.show_failure(target, Run(description, []))
    assert "Error: InvalidInput" in stream.getvalue()
    assert "Cause: reviews.csv: line 3: [label] 'x'" in stream.getvalue()


def execution(out: Path, metrics: list[dict[str, Any]], content: dict[str, Any] | None = None) -> Run:
    output = {
        "model_s3_uri": "s3://bucket/models/job/output/model.tar.gz",
        "rows": {"read": 12, "kept": 9, "dropped": {"empty_text": 3, "unmapped_label": 0}},
        "metrics": metrics,
    }
    (out / "report.json").write_text(json.dumps(content or {}), encoding="utf-8")
    with tarfile.open(out / "model.tar.gz", "w:gz") as archive:
        for name in ("vectors.txt", "model.bin"):
            if (out / name).exists():
                archive.add(out / name, name)
    return Run({"status": "SUCCEEDED", "output": json.dumps(output)}, [])


def test_word_vectors_show_neighbors(tmp_path: Path) -> None:
    corpus = write(tmp_path / "train.txt", "朝食 に 寿司 を 食べ た\n夕食 に 刺身 を 食べ た\n" * 200)
    settings = parse({"mode": "skipgram", "vector_dim": "8", "min_count": "1", "sampling_threshold": "0.9"})
    train_word2vec(settings, corpus, tmp_path)
    target, stream = console()
    failures = [{"uri": "s3://bucket/demo/[b].csv", "error": "InvalidInputError", "reason": "line 2: a label"}]
    files = {"listed": 5, "read": 3, "passed_over": 1, "failed": 1, "failures": failures}
    report.show_success(target, execution(tmp_path, [], {"files": files}), tmp_path)
    shown = stream.getvalue()
    assert "s3://bucket/models/job/output/model.tar.gz" in shown
    assert "3 read, 1 passed over, 1 failed" in shown
    assert "s3://bucket/demo/[b].csv: line 2: a label" in shown
    assert "12 read, 9 kept, 3 dropped (3 empty text)" in shown
    assert "朝食" in shown
    assert "</s>" not in shown


def test_neighbors_are_those_of_different_content_words(tmp_path: Path) -> None:
    corpus = write(tmp_path / "train.txt", "朝食 に 寿司 を 食べ た\n部屋 の 窓 から 庭園 が 見え た\n" * 200)
    settings = parse({"mode": "skipgram", "vector_dim": "8", "min_count": "1", "sampling_threshold": "0.9"})
    train_word2vec(settings, corpus, tmp_path)
    found = model.neighbors(tmp_path / "vectors.txt", words=3, each=2)
    assert found
    assert set(found) <= {"朝食", "寿司", "部屋", "庭園"}
    assert all(len(nearest) == 2 for nearest in found.values())


def test_a_classifier_shows_labels_and_predictions(tmp_path: Path) -> None:
    good, bad = "__label__1 部屋 が とても 綺麗 で 大変 満足 です", "__label__0 部屋 が とても 汚い ので 大変 不満 です"
    train, validation = tmp_path / "train.txt", tmp_path / "validation.txt"
    write(train, f"{good}\n{bad}\n" * 100)
    write(validation, f"{good}\n{bad}\n{bad}\n")
    settings = parse({"mode": "supervised", "vector_dim": "4", "buckets": "100", "epochs": "20"})
    train_supervised(settings, train, validation, tmp_path)
    assert model.label_counts(train, validation) == {"0": 102, "1": 101}
    predictions = model.predictions(tmp_path / "model.bin", validation)
    assert {(prediction.label, prediction.predicted) for prediction in predictions} == {("0", "0"), ("1", "1")}
    assert all(0.5 < prediction.probability <= 1 for prediction in predictions)
    target, stream = console()
    metrics = [{"MetricName": "validation:accuracy", "Value": 1.0}]
    report.show_success(target, execution(tmp_path, metrics), tmp_path)
    assert "validation:accuracy  1.0000" in stream.getvalue()
    assert "Predictions on validation.txt" in stream.getvalue()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_ends_all_it_started(tmp_path: Path, number: signal.Signals) -> None:
    binary = tmp_path / "bin" / "terraform"
    binary.parent.mkdir()
    binary.write_text(
        """#!/bin/sh\ncase "$1" in\nversion) echo '{"terraform_version": "1.11.0"}' ;;\n"""
        f"""*) sleep 300 & echo $! > {tmp_path}/child; wait ;;\nesac\n"""
    )
    binary.chmod(binary.stat().st_mode | stat.S_IEXEC)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = os.environ | {
        "PATH": f"{binary.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(TESTS),
        "TMPDIR": str(temporary),
    }
    command = [sys.executable, "-m", "demo", "--sample-rows", "5", "--out", str(tmp_path / "out")]
    with subprocess.Popen(
        [*command, "--cache", str(tmp_path / "cache")],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        deadline = time.monotonic() + 20
        while not (tmp_path / "child").exists() or not (tmp_path / "child").read_text():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Interrupted" in errors
    assert "Traceback" not in errors
    assert not _runs(int((tmp_path / "child").read_text()))
    assert list(temporary.iterdir()) == []


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_sample_passes_the_demos_own_checks(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    from sample import write_csv

    write_csv(tmp_path / "reviews.csv", rows=3)
    check(make_settings(csv=tmp_path / "reviews.csv", mode="supervised"))
    with (tmp_path / "reviews.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.reader(file))) == 4
