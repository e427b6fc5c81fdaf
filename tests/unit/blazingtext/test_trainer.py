"""BlazingText's stand-in: hyperparameters, channels, what is learned and what is left."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import pytest
from gensim.models import KeyedVectors

from blazingtext.__main__ import main
from blazingtext.channels import check_channels, check_instances
from blazingtext.errors import ClientError
from blazingtext.hyperparameters import SUPERVISED, WORD2VEC, parse

TESTS = Path(__file__).parents[2]
CITIES = ["札幌", "函館", "京都", "奈良"]
DISHES = ["寿司", "天ぷら", "刺身", "味噌汁"]
WORD2VEC_SETTINGS = {"vector_dim": "8", "min_count": "1", "epochs": "3", "evaluation": "False"}


def sentences(count: int = 400, seed: int = 1) -> str:
    rng = random.Random(seed)
    frames = ["週末 に {city} へ 旅行 しました", "夕食 に {dish} を 食べました"]
    return "".join(
        rng.choice(frames).format(city=rng.choice(CITIES), dish=rng.choice(DISHES)) + "\n" for _ in range(count)
    )


def labeled(count: int = 300, noise: float = 0.0, seed: int = 1) -> str:
    rng = random.Random(seed)
    lines = []
    for _ in range(count):
        label = rng.choice("01")
        shown = label if rng.random() >= noise else rng.choice("01")
        opinion = "良い" if label == "1" else "悪い"
        lines.append(f"__label__{shown} {opinion} {rng.choice(CITIES)} {rng.choice(DISHES)}\n")
    return "".join(lines)


def train(
    folder: Path,
    hyperparameters: dict[str, str],
    channels: dict[str, str],
    *,
    instance_type: str = "ml.c5.xlarge",
    hosts: int = 1,
) -> int:
    """Lay a folder out as SageMaker does, and train."""
    for part in ("input/config", "model", "output"):
        (folder / part).mkdir(parents=True)
    for name, text in channels.items():
        (folder / "input/data" / name).mkdir(parents=True)
        (folder / "input/data" / name / f"{name}.txt").write_text(text, encoding="utf-8")
    configuration: dict[str, Any] = {
        "hyperparameters": hyperparameters,
        "resourceconfig": {
            "hosts": [f"algo-{number}" for number in range(hosts)],
            "current_instance_type": instance_type,
        },
        "inputdataconfig": {name: {"ContentType": "text/plain", "TrainingInputMode": "File"} for name in channels},
    }
    for name, value in configuration.items():
        (folder / f"input/config/{name}.json").write_text(json.dumps(value), encoding="utf-8")
    return main(folder)


def failure(folder: Path) -> str:
    return (folder / "output/failure").read_text(encoding="utf-8")


@pytest.mark.parametrize("mode", ["skipgram", "cbow", "batch_skipgram"])
def test_word_vectors(tmp_path: Path, mode: str) -> None:
    assert train(tmp_path, WORD2VEC_SETTINGS | {"mode": mode}, {"train": sentences()}) == 0
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["vectors.bin", "vectors.txt"]
    vectors = KeyedVectors.load_word2vec_format(str(tmp_path / "model/vectors.txt"), binary=False)
    assert vectors.vector_size == 8
    assert {*CITIES, *DISHES} <= set(vectors.key_to_index)
    binary = fasttext.load_model(str(tmp_path / "model/vectors.bin"))
    assert np.allclose(binary.get_word_vector("京都"), vectors["京都"], rtol=1e-4)


def test_words_of_one_kind_become_neighbors(tmp_path: Path) -> None:
    settings = WORD2VEC_SETTINGS | {"mode": "skipgram", "epochs": "30", "vector_dim": "20", "sampling_threshold": "0.9"}
    train(tmp_path, settings, {"train": sentences(1500)})
    vectors = KeyedVectors.load_word2vec_format(str(tmp_path / "model/vectors.txt"), binary=False)
    for kind in (CITIES, DISHES):
        assert {word for word, _ in vectors.most_similar(kind[0], topn=3)} == set(kind[1:])


def test_hyperparameters_reach_fasttext(tmp_path: Path) -> None:
    settings = {
        "mode": "skipgram",
        "vector_dim": "7",
        "epochs": "2",
        "min_count": "3",
        "window_size": "4",
        "negative_samples": "6",
        "learning_rate": "0.02",
        "sampling_threshold": "0.001",
        "subwords": "True",
        "min_char": "2",
        "max_char": "3",
        "buckets": "500",
    }
    train(tmp_path, settings, {"train": sentences() + "一度 だけ\n"})
    model = fasttext.load_model(str(tmp_path / "model/vectors.bin"))
    read = {name: getattr(model.f.getArgs(), name) for name in ("dim", "epoch", "ws", "neg", "minn", "maxn", "bucket")}
    assert read == {"dim": 7, "epoch": 2, "ws": 4, "neg": 6, "minn": 2, "maxn": 3, "bucket": 500}
    assert model.f.getArgs().t == pytest.approx(0.001)
    assert "一度" not in model.words
    # With subwords, a word that was never seen has a vector of its own.
    assert np.any(model.get_word_vector("札幌市"))


def test_without_subwords_an_unseen_word_has_no_vector(tmp_path: Path) -> None:
    train(tmp_path, WORD2VEC_SETTINGS | {"mode": "skipgram"}, {"train": sentences()})
    assert not np.any(fasttext.load_model(str(tmp_path / "model/vectors.bin")).get_word_vector("札幌市"))


def test_a_small_corpus_gives_the_same_model_each_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        train(tmp_path / name, WORD2VEC_SETTINGS | {"mode": "skipgram"}, {"train": sentences()})
    a, b = ((tmp_path / name / "model/vectors.txt").read_bytes() for name in ("a", "b"))
    assert a == b


def test_supervised(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    settings = {"mode": "supervised", "vector_dim": "5", "buckets": "100", "epochs": "10", "word_ngrams": "3"}
    assert train(tmp_path, settings, {"train": labeled(), "validation": labeled(100, seed=2)}) == 0
    assert [path.name for path in (tmp_path / "model").iterdir()] == ["model.bin"]
    model = fasttext.load_model(str(tmp_path / "model/model.bin"))
    assert model.predict(["良い 京都 寿司"])[0] == [["__label__1"]]
    assert model.f.getArgs().wordNgrams == 3
    output = capfd.readouterr().out
    assert "#validation_accuracy: 1.0000\nNumber of validation examples: 100\n" in output
    assert "#train_accuracy: 1.0000" in output


def test_validation_accuracy_is_measured_on_the_validation_channel(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    swapped = labeled(100, seed=2).translate(str.maketrans("01", "10"))
    settings = {"mode": "supervised", "vector_dim": "5", "buckets": "100", "epochs": "10"}
    train(tmp_path, settings, {"train": labeled(), "validation": swapped})
    assert "#validation_accuracy: 0.0000" in capfd.readouterr().out


def test_early_stopping_waits_for_patience_and_keeps_the_best(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    settings = {
        "mode": "supervised",
        "vector_dim": "5",
        "buckets": "100",
        "epochs": "50",
        "early_stopping": "True",
        "min_epochs": "6",
        "patience": "3",
    }
    assert train(tmp_path, settings, {"train": labeled(), "validation": labeled(100, noise=0.2, seed=2)}) == 0
    output = capfd.readouterr().out
    rounds = [line for line in output.splitlines() if "End of epoch" in line]
    accuracies = [float(line.split()[-1]) for line in output.splitlines() if line.startswith("Validation accuracy: ")]
    assert rounds[0].endswith(" 6")
    best = accuracies.index(max(accuracies))
    assert len(accuracies) == best + 1 + 3
    assert f"#validation_accuracy: {max(accuracies):.4f}" in output


def test_early_stopping_needs_a_validation_channel(tmp_path: Path) -> None:
    assert train(tmp_path, {"mode": "supervised", "early_stopping": "True"}, {"train": labeled()}) == 2
    assert "needs the channel 'validation'" in failure(tmp_path)


def test_nothing_frequent_enough_is_an_error(tmp_path: Path) -> None:
    assert train(tmp_path, {"mode": "skipgram", "min_count": "9"}, {"train": "一 二\n"}) == 2
    assert failure(tmp_path).startswith("ClientError: No word occurs 9 times or more")


def test_lines_without_labels_are_an_error(tmp_path: Path) -> None:
    assert train(tmp_path, {"mode": "supervised"}, {"train": sentences()}) == 2
    assert "has no label" in failure(tmp_path)


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    assert train(tmp_path, {"mode": "skipgram"}, {"train": ""}) == 2
    assert "is empty" in failure(tmp_path)


def test_progress_of_several_threads_is_logged(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    settings = WORD2VEC_SETTINGS | {"mode": "cbow", "epochs": "40", "vector_dim": "50"}
    train(tmp_path, settings, {"train": sentences(45_000)})
    captured = capfd.readouterr()
    lines = [line for line in captured.out.splitlines() if line.startswith("##### Alpha: ")]
    assert lines[-1].startswith("##### Alpha: 0.0000  Progress: 100.00%  Million Words/sec: ")
    assert len(lines) <= 22
    assert "\r" not in captured.out + captured.err


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "required hyperparameter 'mode'"),
        ({"mode": "glove"}, "must be one of skipgram, cbow, batch_skipgram, supervised"),
        ({"mode": "skipgram", "vector_dims": "5"}, "Additional hyperparameters .* 'vector_dims'"),
        ({"mode": "skipgram", "word_ngrams": "2"}, "mode 'skipgram': 'word_ngrams'"),
        ({"mode": "supervised", "window_size": "5"}, "mode 'supervised': 'window_size'"),
        ({"mode": "supervised", "evaluation": "False"}, "'evaluation'"),
        ({"mode": "skipgram", "epochs": "0"}, "'epochs' is '0', but must be an integer of at least 1"),
        ({"mode": "skipgram", "epochs": "５"}, "must be an integer"),
        ({"mode": "skipgram", "epochs": "1_0"}, "must be an integer"),
        ({"mode": "skipgram", "epochs": "5.0"}, "must be an integer"),
        ({"mode": "skipgram", "min_count": "-1"}, "at least 0"),
        ({"mode": "skipgram", "learning_rate": "0"}, "'learning_rate' is '0', but must be a positive number"),
        ({"mode": "skipgram", "learning_rate": "nan"}, "positive number"),
        ({"mode": "skipgram", "learning_rate": "fast"}, "positive number"),
        ({"mode": "skipgram", "sampling_threshold": "1"}, "below 1"),
        ({"mode": "skipgram", "subwords": "true"}, "must be True or False"),
        ({"mode": "batch_skipgram", "subwords": "True"}, "skipgram and cbow only"),
        ({"mode": "cbow", "subwords": "True", "min_char": "7"}, "more than 'max_char', 6"),
    ],
)
def test_hyperparameters_that_are_refused(given: dict[str, str], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        parse(given)


def test_defaults_are_blazingtexts() -> None:
    assert parse({"mode": "skipgram"}) == {
        "mode": "skipgram",
        "batch_size": 11,
        "buckets": 2_000_000,
        "epochs": 5,
        "evaluation": True,
        "learning_rate": 0.05,
        "max_char": 6,
        "min_char": 3,
        "min_count": 5,
        "negative_samples": 5,
        "sampling_threshold": 0.0001,
        "subwords": False,
        "vector_dim": 100,
        "window_size": 5,
    }
    assert parse({"mode": "supervised"}) == {
        "mode": "supervised",
        "buckets": 2_000_000,
        "early_stopping": False,
        "epochs": 5,
        "learning_rate": 0.05,
        "min_count": 5,
        "min_epochs": 5,
        "patience": 4,
        "vector_dim": 100,
        "word_ngrams": 2,
    }


@pytest.mark.parametrize("name", sorted({*WORD2VEC, *SUPERVISED}))
def test_every_default_is_in_its_own_range(name: str) -> None:
    kind = (WORD2VEC | SUPERVISED)[name]  # type: ignore[operator]
    assert kind.parse(str(kind.default)) == kind.default


@pytest.mark.parametrize(
    ("mode", "instance_type", "count", "message"),
    [
        ("skipgram", "ml.c5.xlarge", 2, "trains on one instance, not on 2"),
        ("supervised", "ml.p3.2xlarge", 2, "trains on one instance"),
        ("batch_skipgram", "ml.p3.2xlarge", 1, "CPU instances only"),
        ("supervised", "ml.p3.8xlarge", 1, "single GPU"),
        ("cbow", "ml.p4d.24xlarge", 1, "does not run on ml.p4d.24xlarge"),
        ("cbow", "ml.trn1.2xlarge", 1, "does not run on"),
    ],
)
def test_instances_that_are_refused(mode: str, instance_type: str, count: int, message: str) -> None:
    with pytest.raises(ClientError, match=message):
        check_instances(mode, instance_type, count)


@pytest.mark.parametrize(
    ("mode", "instance_type", "count"),
    [
        ("batch_skipgram", "ml.c5.4xlarge", 8),
        ("skipgram", "ml.p3.16xlarge", 1),
        ("supervised", "ml.g4dn.xlarge", 1),
        ("supervised", "ml.m4.xlarge", 1),
        ("cbow", "ml.r5.xlarge", 1),
    ],
)
def test_instances_that_are_taken(mode: str, instance_type: str, count: int) -> None:
    check_instances(mode, instance_type, count)


@pytest.mark.parametrize(
    ("mode", "channels", "message"),
    [
        ("skipgram", {}, "required channel 'train'"),
        ("skipgram", {"train": {}, "validation": {}}, "takes the channels train, but not validation"),
        ("supervised", {"train": {}, "test": {}}, "but not test"),
        ("skipgram", {"train": {"ContentType": "text/csv"}}, "reads text/plain"),
        ("skipgram", {"train": {"TrainingInputMode": "Pipe"}}, "use File mode"),
        ("batch_skipgram", {"train": {"S3DistributionType": "ShardedByS3Key"}}, "must be FullyReplicated"),
    ],
)
def test_channels_that_are_refused(mode: str, channels: dict[str, dict[str, str]], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        check_channels(mode, channels)


def test_training_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """A starter that is killed leaves no training behind."""
    train(tmp_path, {"mode": "none"}, {"train": sentences(5000)})
    settings = json.dumps({"mode": "skipgram", "epochs": "100000", "min_count": "1"})
    (tmp_path / "input/config/hyperparameters.json").write_text(settings, encoding="utf-8")
    starter = (
        "import subprocess, sys, time\n"
        "print(subprocess.Popen([sys.executable, '-m', 'blazingtext', sys.argv[1]], stdout=2).pid, flush=True)\n"
        "time.sleep(60)"
    )
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    with subprocess.Popen(
        [sys.executable, "-c", starter, str(tmp_path)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        trainer = int(process.stdout.readline())
        assert "Running" in process.stderr.readline()
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while Path(f"/proc/{trainer}").exists() and "Z" not in _state(trainer):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"
