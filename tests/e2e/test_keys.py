"""Keys are taken as they are: nothing decodes, quotes or interprets them."""

from __future__ import annotations

import json

import pytest

from e2e.reviews import sample
from e2e.stack import Stack

SMALL = sample(200)
KEYS = [
    "a file with  spaces.csv",
    "a+b.csv",
    "100%.csv",
    "%20%2B.csv",
    "レビュー/二〇二六年.csv",
    "🏨👍🏽.csv",
    'it\'s "quoted".csv',
    "back\\slash\\n.csv",
    "{% $uuid() %}.csv",
    "$.detail&a=b?c#d;e.csv",
    "a..//b/A.CSV",
    "長" * 340 + ".csv",
]


def test_long_key_is_as_long_as_s3_takes() -> None:
    assert max(len(key.encode()) for key in KEYS) == 1024


def test_any_key(classifier: Stack) -> None:
    before = classifier.executions()
    for key in KEYS:
        classifier.upload(SMALL, key)
    executions = [classifier.wait(arn) for arn in classifier.wait_for_executions(before, len(KEYS))]

    assert [(execution.status, execution.cause) for execution in executions] == [("SUCCEEDED", None)] * len(KEYS)
    assert {execution.output["input"]["key"] for execution in executions} == set(KEYS)
    for execution in executions:
        report = json.loads(classifier.artifact(f"runs/{execution.run_id}/report.json"))
        assert report["input"]["key"] == execution.output["input"]["key"]


@pytest.mark.parametrize("key", KEYS)
def test_a_bad_file_is_named_by_its_key(classifier: Stack, key: str) -> None:
    execution = classifier.run(b"", key)

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")
    assert str(execution.cause).startswith(f"s3://{classifier.outputs['input_bucket']}/{key}: ")


@pytest.mark.parametrize("key", ["_temporary/0/part-00000.csv", ".ipynb_checkpoints/a.csv", "a/_b.csv", "..//./a.csv"])
def test_a_hidden_file_starts_no_training(classifier: Stack, key: str) -> None:
    execution = classifier.run(SMALL, key)

    assert (execution.status, execution.states()) == ("SUCCEEDED", ["Identify", "One file?", "Passed over"])
    assert execution.output == {"passed_over": "hidden"}


def test_a_hidden_file_can_be_named_by_hand(classifier: Stack) -> None:
    with classifier.unwatched():
        classifier.upload(SMALL, "_kept/a.csv")
    execution = classifier.wait(classifier.start_file("_kept/a.csv"))

    assert (execution.status, execution.output["input"]["key"]) == ("SUCCEEDED", "_kept/a.csv")


@pytest.mark.parametrize("folder", ["x_SUCCESS//", "_SUCCESS/", "a_SUCCESS/b/"])
def test_a_marker_stands_for_the_folder_that_it_lies_in(vectors: Stack, folder: str) -> None:
    execution = vectors.run(b"", f"{folder}_SUCCESS")

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")
    assert str(execution.cause).startswith(f"s3://{vectors.outputs['input_bucket']}/{folder}: none of the 1 objects")
