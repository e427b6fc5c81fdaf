"""A thousand small files, more than S3 lists on a page or removes at a time."""

from __future__ import annotations

import pytest

from e2e import folders
from e2e.stack import Execution, Stack, preprocess
from localaws import LocalAWS

FILES = 1000
REVIEWS = 4000


@pytest.fixture(scope="module")
def stack(aws: LocalAWS, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """The module for word vectors, from files that arrive as folders."""
    variables = {
        "name": "thousand",
        "corpus": {"text_column": "review_body"},
        "input": {"each_file": False},
        "preprocess": {**preprocess(), "max_concurrency": 500},
        "training": {"mode": "skipgram", "hyperparameters": {"epochs": 1, "min_count": 1, "vector_dim": 10}},
    }
    return Stack(aws, tmp_path_factory.mktemp("thousand"), variables)


@pytest.fixture(scope="module")
def execution(stack: Stack) -> Execution:
    """The run over the files."""
    return folders.run(stack, "many/", folders.spread(folders.rows(REVIEWS), FILES))


def test_every_file_is_read_once(stack: Stack, execution: Execution) -> None:
    assert (execution.status, execution.error) == ("SUCCEEDED", None)
    assert execution.output["rows"]["read"] == REVIEWS
    files = folders.report(stack, execution)["files"]
    assert (files["listed"], files["read"], files["passed_over"], files["failed"]) == (
        FILES + 1,
        FILES,
        {"hidden": 1},
        0,
    )
    assert [file["key"] for file in files["listing"]] == [f"many/part-{number:05}.csv" for number in range(FILES)]


def test_the_lines_are_those_of_one_file(stack: Stack, execution: Execution) -> None:
    one = folders.run(stack, "one/", folders.spread(folders.rows(REVIEWS), 1))

    assert sorted(folders.lines(stack, execution, "train")) == sorted(folders.lines(stack, one, "train"))


def test_nothing_is_left_of_the_parts(stack: Stack, execution: Execution) -> None:
    assert folders.kept(stack, execution.run_id) == ["report.json", "train/train.txt"]
    assert stack.unfinished_uploads() == []


def test_the_execution_stays_small(execution: Execution) -> None:
    assert len(execution.history) < 40


def test_a_thousand_bad_files_fit_into_an_error(stack: Stack) -> None:
    bad = b'review_body,star_rating\n"abc,5\n'
    execution = folders.run(stack, "bad/", {f"部分-{number:05}.csv": bad for number in range(FILES)})

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")
    first, *named, last = str(execution.cause).split("\n")
    assert "/bad/: 1,000 of 1,000 files failed, " in first
    assert [line.split("部分-")[1][:9] for line in named] == [f"{number:05}.csv" for number in range(len(named))]
    assert last == f"and {FILES - len(named):,} more"
    assert len(str(execution.cause)) < 32_768
    assert folders.kept(stack, execution.run_id) == []
