"""A file goes in, a model comes out."""

from __future__ import annotations

import json
from pathlib import Path

import fasttext
from gensim.models import KeyedVectors

from e2e.reviews import sample
from e2e.stack import STATES, Stack


def test_word_vectors(vectors: Stack, tmp_path: Path) -> None:
    execution = vectors.run(sample(), "daily/レビュー 2026+11.csv")

    assert (execution.status, execution.error, execution.cause) == ("SUCCEEDED", None, None)
    assert execution.states() == STATES
    model = vectors.model(execution)
    assert {"vectors.txt", "vectors.bin"} <= set(model)
    (tmp_path / "vectors.txt").write_bytes(model["vectors.txt"])
    words = KeyedVectors.load_word2vec_format(tmp_path / "vectors.txt", binary=False)
    assert words.vector_size == 10
    assert "朝食" in words.key_to_index
    assert "の" not in words.key_to_index


def test_a_run_leaves_what_the_model_learned_from(vectors: Stack) -> None:
    execution = vectors.run(sample())
    run = f"runs/{execution.run_id}/"

    assert vectors.artifacts(run) == [f"{run}report.json", f"{run}train/train.txt"]
    lines = vectors.artifact(f"{run}train/train.txt").decode().split("\n")[:-1]
    report = json.loads(vectors.artifact(f"{run}report.json"))
    assert len(lines) == execution.output["train"]["lines"] == execution.output["rows"]["kept"]
    assert report["rows"] == execution.output["rows"]
    assert not any(line.startswith("__label__") for line in lines)
    assert execution.output["validation"] is None
    assert execution.output["training_job_name"] == f"vectors-{execution.run_id}-0"
    assert execution.output["model_s3_uri"].endswith(f"/models/vectors-{execution.run_id}-0/output/model.tar.gz")


def test_text_classifier(classifier: Stack, tmp_path: Path) -> None:
    execution = classifier.run(sample(2000))

    assert (execution.status, execution.error, execution.cause) == ("SUCCEEDED", None, None)
    [accuracy] = [
        metric["Value"] for metric in execution.output["metrics"] if metric["MetricName"] == "validation:accuracy"
    ]
    assert accuracy > 0.7
    (tmp_path / "model.bin").write_bytes(classifier.model(execution)["model.bin"])
    assert set(fasttext.load_model(str(tmp_path / "model.bin")).get_labels()) == {"__label__0", "__label__1"}
    assert execution.output["rows"]["dropped"]
    assert (
        sum(execution.output[channel]["lines"] for channel in ("train", "validation"))
        == execution.output["rows"]["kept"]
    )


def test_everything_is_allowed_that_a_run_does(vectors: Stack, classifier: Stack) -> None:
    assert vectors.aws.denied == []
