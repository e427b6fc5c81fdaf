"""The demo, short of applying the module: see ``tests/e2e`` for whole runs."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import shutil
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
from demo import model, module, pipeline, report
from demo.__main__ import _settings, main
from demo.errors import DemoError
from demo.execution import Run
from demo.screen import Screen
from demo.settings import Folder, Settings, check, collect, own_runtime

if TYPE_CHECKING:
    from collections.abc import Callable

TESTS = Path(__file__).parents[2]
MODES = ("skipgram", "cbow", "batch_skipgram", "supervised")


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    def make(csv: Path | None = None, *, mode: str | None = None, **options: Any) -> Settings:
        hyperparameters, runtime = options.pop("hyperparameters", {}), options.pop("runtime", own_runtime())
        file, sample_rows = options.pop("file", None), options.pop("sample_rows", 20_000)
        training = {"hyperparameters": hyperparameters} | ({"mode": mode} if mode else {})
        places = {"out": tmp_path / "out", "cache": tmp_path / "cache"}
        chosen = {"corpus": options, "training": training}
        return collect(file, chosen, csv=csv, sample_rows=sample_rows, runtime=runtime, **places)

    return make


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    data = text.encode(encoding)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [1_000, 300_000, 5_000_000, 5_000_000_000])
def test_chosen_hyperparameters_are_blazingtexts(make_settings: Callable[..., Settings], mode: str, size: int) -> None:
    chosen = make_settings(mode=mode).hyperparameters(size)
    assert parse(chosen | {"mode": mode})["epochs"] >= 5


def test_small_corpora_are_gone_through_more_often(make_settings: Callable[..., Settings]) -> None:
    small, large = (make_settings().hyperparameters(size) for size in (100_000, 100_000_000))
    assert int(small["epochs"]) > int(large["epochs"])
    assert int(small["min_count"]) < int(large["min_count"])


def test_the_users_hyperparameters_win(make_settings: Callable[..., Settings]) -> None:
    chosen = make_settings(mode="supervised", hyperparameters={"epochs": "3", "early_stopping": "False"})
    assert chosen.hyperparameters(1000)["epochs"] == "3"
    assert "patience" not in chosen.hyperparameters(1000)


@pytest.mark.parametrize(
    ("name", "encoding"), [("a.csv", "utf-8"), ("a.csv", "utf-8-sig"), ("a.csv.gz", "utf-8"), ("a.csv", "cp932")]
)
def test_a_good_file_passes(make_settings: Callable[..., Settings], tmp_path: Path, name: str, encoding: str) -> None:
    path = write(tmp_path / name, "評価,review_body\n1,はい\n", encoding)
    check(make_settings(path, mode="supervised", label_column="評価", encoding=encoding.removesuffix("-sig")))


def test_a_tsv_is_read_as_one_unless_told_otherwise(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", "review_body\tstar_rating\nx\t1\n")

    check(make_settings(path))
    with pytest.raises(DemoError, match="is missing"):
        check(make_settings(path, delimiter=","))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mode": "glove"}, 'training.mode must be "skipgram", "cbow" or "batch_skipgram" for word vectors'),
        ({"mode": "supervised", "label_column": None}, "write the column that holds them as corpus.label_column"),
        ({"hyperparameters": {"epochs": "many"}}, "epochs must be"),
        ({"runtime": "python3.9"}, "preprocess.runtime must be"),
        ({"csv": "none.csv"}, "There is no file"),
        ({"csv": "empty"}, "There is no file in"),
        ({"csv": "good.csv", "text_column": "text"}, "line 1: column 'text' is missing"),
        ({"csv": "good.csv", "mode": "supervised", "label_column": "stars"}, "column 'stars' is missing"),
        ({"csv": "cp932.csv"}, "cp932.csv: .* is not utf-8"),
        ({"csv": "good.csv", "delimiter": ";"}, "the delimiter is ','"),
    ],
)
def test_what_is_refused_before_anything_starts(
    make_settings: Callable[..., Settings], tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    """In the words of the module and of the function: the demo has no rules of its own."""
    write(tmp_path / "good.csv", "star_rating,review_body\n1,a\n")
    write(tmp_path / "cp932.csv", "評価,review_body\n", "cp932")
    (tmp_path / "empty").mkdir()
    csv = changes.get("csv")
    with pytest.raises(DemoError, match=message):
        check(make_settings(csv and tmp_path / csv, **{name: it for name, it in changes.items() if name != "csv"}))


def test_all_of_a_folder_is_for_the_module_to_choose_from(
    make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    names = (".c.csv", "_b.csv", "_temporary/0/b.csv", "b.csv", "d.txt", "deeper/a.tsv.gz", "empty.csv")
    for name in (*names, "_SUCCESS", "deeper/_SUCCESS"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        write(tmp_path / name, "")
    settings = make_settings(tmp_path)

    check(settings)
    assert settings.folder is not None
    assert [path.relative_to(tmp_path).as_posix() for path in settings.folder.files] == list(names)
    assert settings.variables(1000)["input"] == {"each_file": False, "marker": "_SUCCESS"}
    assert make_settings(tmp_path / "b.csv").folder is None
    assert make_settings(tmp_path / "b.csv").variables(1000)["input"] == {"each_file": True}


SETTINGS = """
corpus = {
  text_column  = "本文"
  label_column = "評価"
  label_map    = { "1" = "bad", "5" = "good" }
}
training  = { mode = "supervised", hyperparameters = { epochs = 3, early_stopping = false }, volume_size = 7 }
tokenizer = { token_form = "normalized", excluded_parts_of_speech = [["助詞", "格助詞"]] }
input     = { prefix = "in/", suffixes = [".txt"], marker = "_DONE", bucket = { name = "of-an-account" } }
preprocess = {
  memory_size     = 4096
  user_dictionary = "words.csv"
  runtime         = "python3.13"
  package         = { bucket = "b", key = "k" }
}
kms_key_arn          = "arn:aws:kms:us-east-1:111122223333:key/1"
log_retention_days   = 7
runs_expiration_days = 3
tags                 = { team = "ね $${x}" }
"""


@pytest.mark.parametrize("name", ["my.tfvars", "my.tfvars.json"])
def test_a_file_of_settings_takes_what_the_module_takes(
    make_settings: Callable[..., Settings], tmp_path: Path, name: str
) -> None:
    (tmp_path / "words.csv").touch()
    (tmp_path / "my.tfvars").write_text(SETTINGS, "utf-8")
    path = tmp_path / name
    if name.endswith(".json"):
        path.write_text(json.dumps(module.read(tmp_path / "my.tfvars")), "utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    write(folder / "_DONE", "")
    write(folder / "a.txt", "本文,評価\nx,1\n")

    settings = make_settings(folder, file=path)
    check(settings)
    variables = settings.variables(1000)

    assert settings.mode == "supervised"
    assert settings.left_out == ("input.bucket", "kms_key_arn", "preprocess.package")
    assert variables["corpus"] == {
        "text_column": "本文",
        "label_column": "評価",
        "label_map": {"1": "bad", "5": "good"},
    }
    assert variables["training"]["hyperparameters"]["epochs"] == "3"
    assert "patience" not in variables["training"]["hyperparameters"]
    assert variables["training"]["volume_size"] == 7
    assert variables["tokenizer"] == {"token_form": "normalized", "excluded_parts_of_speech": [["助詞", "格助詞"]]}
    assert variables["input"] == {"prefix": "in/", "suffixes": [".txt"], "marker": "_DONE", "each_file": False}
    assert variables["preprocess"]["user_dictionary"] == str(tmp_path / "words.csv")
    assert variables["preprocess"]["memory_size"] == 4096
    assert variables["preprocess"]["runtime"] == own_runtime()
    assert (variables["log_retention_days"], variables["runs_expiration_days"]) == (7, 3)
    assert variables["tags"] == {"team": "ね ${x}"}
    assert "kms_key_arn" not in variables


def test_options_win_over_a_file_of_settings(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    (tmp_path / "my.tfvars").write_text(SETTINGS, "utf-8")
    options = {"text_column": "text", "label_map": {"2": "x", "3": "y"}, "hyperparameters": {"epochs": "9"}}
    settings = make_settings(file=tmp_path / "my.tfvars", mode="cbow", **options)

    assert settings.mode == "cbow"
    assert settings.chosen["corpus"]["text_column"] == "text"
    assert settings.chosen["corpus"]["label_map"] == {"2": "x", "3": "y"}
    assert settings.chosen["corpus"]["label_column"] == "評価"
    assert settings.hyperparameters(1000)["epochs"] == "9"
    assert settings.chosen["training"]["volume_size"] == 7


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("none.tfvars", None, "There is no file"),
        ("my.json", "{}", "must end in .tfvars or .tfvars.json"),
        ("my.tfvars", "corpus = ", "my.tfvars, line 1: "),
        ("my.tfvars.json", '{"corpus": ', "my.tfvars.json"),
        ("my.tfvars", 'corpsu = "x"', "sets corpsu, which the module does not have; it has corpus, "),
        ("my.tfvars", "corpus = { text_column = 5, validation_fraction = 0.9 }", "write a number from 0"),
        ("my.tfvars", "log_retention_days = []", "number required"),
    ],
)
def test_a_file_of_settings_that_is_refused(
    make_settings: Callable[..., Settings], tmp_path: Path, name: str, text: str | None, message: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(DemoError, match=message) as caught:
        check(make_settings(file=tmp_path / name))
    assert "\n" not in str(caught.value)


def test_variables_of_the_environment_are_not_settings(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_VAR_training", '{ mode = "glove" }')
    monkeypatch.setenv("TF_CLI_ARGS_console", "-nonsense")
    check(make_settings())


def test_the_example_takes_every_variable_of_the_module() -> None:
    example = (module.REPOSITORY / "examples/local/variables.tf").read_text("utf-8")
    main = (module.REPOSITORY / "examples/local/main.tf").read_text("utf-8")
    for name in module.names():
        assert f'variable "{name}" {{' in example
        assert re.search(rf"^  {name} += var\.{name}$", main, re.MULTILINE)


class Clients:
    """Stands for a local AWS with prepared clients."""

    def __init__(self, **clients: Any) -> None:
        self._clients = clients

    def client(self, service: str) -> Any:
        return self._clients.get(service)


def uploader(uploaded: list[str], shown: list[str], prefix: str = "") -> pipeline._Upload:
    s3 = mock.Mock(
        upload_file=lambda path, bucket, key: uploaded.append(key),
        put_object=lambda Bucket, Key: uploaded.append(Key),  # noqa: N803
    )
    return pipeline._Upload(Clients(s3=s3), "bucket", prefix, shown.append)  # type: ignore[arg-type]


def test_a_folders_marker_is_uploaded_last(tmp_path: Path) -> None:
    (tmp_path / "年報" / "deeper").mkdir(parents=True)
    for name in ("_SUCCESS", "b.csv", "deeper/a.csv", "_hidden.csv"):
        write(tmp_path / "年報" / name, "review_body\nx\n")
    uploaded: list[str] = []
    shown: list[str] = []

    key = uploader(uploaded, shown).folder(Folder(tmp_path / "年報"))

    assert uploaded == [f"demo/年報/{name}" for name in ("_hidden.csv", "b.csv", "deeper/a.csv", "_SUCCESS")]
    assert key == "demo/年報/_SUCCESS"
    assert shown[-1] == "3 of 3 files"


def test_files_are_put_where_the_module_watches(tmp_path: Path) -> None:
    uploaded: list[str] = []

    assert uploader(uploaded, [], "in/2026-").file(tmp_path / "a.csv") == "in/2026-demo/a.csv"
    assert uploaded == ["in/2026-demo/a.csv"]


def test_the_execution_is_that_of_the_upload() -> None:
    inputs = {"1": {"detail": {"object": {"key": "deeper/_SUCCESS"}}}, "2": {"detail": {"object": {"key": "_SUCCESS"}}}}
    states = mock.Mock(
        list_executions=lambda stateMachineArn: {"executions": [{"executionArn": arn} for arn in inputs]},  # noqa: N803
        describe_execution=lambda executionArn: {"input": json.dumps(inputs[executionArn])},  # noqa: N803
    )
    aws: Any = Clients(stepfunctions=states)

    assert execution_module.wait_for_start(aws, "machine", "_SUCCESS", ".csv") == "2"


def test_an_upload_that_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution_module, "START_SECONDS", 0.3)
    aws: Any = Clients(stepfunctions=mock.Mock(list_executions=lambda **_: {"executions": []}))

    with pytest.raises(DemoError, match=r"The upload of a\.txt started no run.* ends in \.csv, \.tsv, or set input"):
        execution_module.wait_for_start(aws, "machine", "a.txt", ".csv, .tsv")


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


@pytest.mark.parametrize("csv", [None, "a.csv"])
def test_options_that_are_not_given_leave_the_choice_to_others(csv: str | None) -> None:
    settings = _settings(["--csv", csv] if csv else [])

    assert settings.chosen["corpus"] == {"text_column": "review_body"}
    assert settings.chosen["training"] == {"mode": "skipgram"}
    supervised = _settings(["--mode", "supervised", *(["--csv", csv] if csv else [])]).chosen["corpus"]
    assert supervised["label_column"] == "star_rating"
    assert ("label_map" in supervised) == (csv is None), "the sample's labels are known"


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
    assigned = {"run": json.dumps({"id": "20261125-101112-0a1b2c3d"})}
    history = [{"type": "PassStateExited", "stateExitedEventDetails": {"assignedVariables": assigned}}]
    report.show_failure(target, Run(description, history))
    assert "Run 20261125-101112-0a1b2c3d ended as FAILED." in stream.getvalue()
    assert "Error: InvalidInput" in stream.getvalue()
    assert "Cause: reviews.csv: line 3: [label] 'x'" in stream.getvalue()


def test_a_file_that_was_passed_over_is_said_to_be() -> None:
    target, stream = console()
    report.show_passed_over(target, Run({"status": "SUCCEEDED", "output": '{"passed_over": "hidden"}'}, []))
    assert "passed the file over: hidden, since a part of its key starts with _ or .\n" in stream.getvalue()


def test_what_was_not_read_is_named_up_to_a_limit(tmp_path: Path) -> None:
    passed_over = [{"key": f"demo/{n}.txt", "reason": "suffix"} for n in range(30)]
    files = {"read": 1, "passed_over": {"suffix": 30}, "failed": 0, "failures": [], "passed_over_files": passed_over}
    (tmp_path / "report.json").write_text(json.dumps({"files": files}), encoding="utf-8")
    target, stream = console()
    report._show_files(target, tmp_path / "report.json")
    assert "1 read, 30 passed over (30 suffix), 0 failed" in stream.getvalue()
    assert "demo/19.txt: passed over, it ends in none of input.suffixes" in stream.getvalue()
    assert "demo/20.txt" not in stream.getvalue()
    assert "and 10 more, see " in stream.getvalue()


def execution(out: Path, metrics: list[dict[str, Any]], content: dict[str, Any] | None = None) -> Run:
    output = {
        "run_id": "20261125-101112-0a1b2c3d",
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
    files = {
        "listed": 6,
        "read": 3,
        "passed_over": {"empty": 0, "hidden": 2},
        "failed": 1,
        "failures": failures,
        "passed_over_files": [{"key": "demo/_c.csv", "reason": "hidden"}, {"key": "demo/[d]/.e", "reason": "new"}],
    }
    report.show_success(target, execution(tmp_path, [], {"files": files}), tmp_path)
    shown = stream.getvalue()
    assert "s3://bucket/models/job/output/model.tar.gz" in shown
    assert "20261125-101112-0a1b2c3d" in shown
    assert "3 read, 2 passed over (2 hidden), 1 failed" in shown
    assert "demo/_c.csv: passed over, hidden, since a part of its key" in shown
    assert "demo/[d]/.e: passed over, new" in shown
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
        f"""console) exec {shutil.which("terraform")} "$@" ;;\n"""
        f"""*) sleep 300 & echo $! > {tmp_path}/child; wait ;;\nesac\n"""
    )
    binary.chmod(binary.stat().st_mode | stat.S_IEXEC)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = os.environ | {
        "PATH": f"{binary.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent / 'lambda_src'}",
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
    check(make_settings(tmp_path / "reviews.csv", mode="supervised"))
    with (tmp_path / "reviews.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.reader(file))) == 4
