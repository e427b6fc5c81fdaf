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
    "..//./a.csv",
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
