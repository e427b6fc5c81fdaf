from __future__ import annotations

import io
import json
from collections import Counter
from typing import Any

import pytest

from preprocess.config import InputObject
from preprocess.folder import map_results
from preprocess.folder.concatenation import Source
from preprocess.folder.map_results import Failure, MapResults, PassedOver
from preprocess.folder.shards import Shard
from unit.preprocess.folders import MANIFEST, Child, shard_prefix, write_results
from unit.preprocess.runs import ARTIFACTS, INPUT, PREFIX

INVALID = "InvalidInputError"


def read(s3: Any) -> MapResults:
    return map_results.read(s3, InputObject(ARTIFACTS, MANIFEST))


@pytest.mark.parametrize("lines", [False, True])
def test_children_are_told_apart(s3: Any, lines: bool) -> None:
    bad = Child(2, INVALID, f"s3://{INPUT}/{Child(2).key}, line 3: a label is missing")
    hidden = [Child(n, passed_over="hidden") for n in (6, 5)]
    good = [Child(4, train=b"ab\n", validation=b"c\n"), Child(0), Child(3, train=b"d\n")]
    write_results(s3, *hidden, *good, bad, Child(1, passed_over="empty"), lines=lines)

    assert read(s3) == MapResults(
        listed=7,
        shards=[
            Shard(shard_prefix(0)),
            Shard(shard_prefix(3), {"train": Source(f"{shard_prefix(3)}train/train.txt", 2)}),
            Shard(
                shard_prefix(4),
                {
                    "train": Source(f"{shard_prefix(4)}train/train.txt", 3),
                    "validation": Source(f"{shard_prefix(4)}validation/validation.txt", 2),
                },
            ),
        ],
        failed=1,
        invalid=1,
        failures=[Failure(f"s3://{INPUT}/{Child(2).key}", INVALID, "line 3: a label is missing")],
        passed_over=Counter(hidden=2, empty=1),
        passed_over_files=[
            PassedOver(Child(1).key, "empty"),
            PassedOver(Child(5).key, "hidden"),
            PassedOver(Child(6).key, "hidden"),
        ],
    )


def test_nothing_at_all(s3: Any) -> None:
    write_results(s3)

    assert read(s3) == MapResults()


def test_failures_come_in_the_order_of_the_listing(s3: Any) -> None:
    write_results(s3, *[Child(n, INVALID, "x") for n in (7, 3, 11, 5)])

    assert [failure.uri[-9:] for failure in read(s3).failures] == ["00003.csv", "00005.csv", "00007.csv", "00011.csv"]


@pytest.mark.parametrize(
    ("child", "failure"),
    [
        pytest.param(Child(1, "Lambda.Unknown", cause="out of memory"), ("Lambda.Unknown", "out of memory"), id="text"),
        pytest.param(Child(1, "States.Timeout", cause=" "), ("States.Timeout", ""), id="blank"),
        pytest.param(Child(1, "E", cause="[1]"), ("E", "[1]"), id="other JSON"),
        pytest.param(Child(1, "E", "y" * 1000), ("E", "y" * 300 + "…"), id="long"),
    ],
)
def test_reasons(s3: Any, child: Child, failure: tuple[str, str]) -> None:
    write_results(s3, child)

    [found] = read(s3).failures
    assert (found.error, found.reason.strip()) == failure


def test_children_that_were_never_started_have_failed(s3: Any) -> None:
    record = Child(4).record()
    del record["Output"]
    record["Status"] = "PENDING"
    s3.put_object(Bucket=ARTIFACTS, Key=f"{PREFIX}P.json", Body=json.dumps([record]).encode())
    manifest = {"DestinationBucket": ARTIFACTS, "ResultFiles": {"PENDING": [{"Key": f"{PREFIX}P.json", "Size": 1}]}}
    s3.put_object(Bucket=ARTIFACTS, Key=MANIFEST, Body=json.dumps(manifest).encode())

    [failure] = read(s3).failures
    assert (failure.error, failure.reason) == ("PENDING", "its execution ended as PENDING")


def test_control_characters_of_a_key_stay_out_of_messages(s3: Any) -> None:
    child = Child(1, INVALID, "x")
    record = json.loads(json.dumps(child.record()).replace("00001.csv", "a\\\\\\\\nb.csv"))
    s3.put_object(Bucket=ARTIFACTS, Key=f"{PREFIX}F.json", Body=json.dumps([record]).encode())
    manifest = {"DestinationBucket": ARTIFACTS, "ResultFiles": {"FAILED": [{"Key": f"{PREFIX}F.json", "Size": 1}]}}
    s3.put_object(Bucket=ARTIFACTS, Key=MANIFEST, Body=json.dumps(manifest).encode())

    [failure] = read(s3).failures
    assert failure.uri.endswith("/a\\nb.csv")


@pytest.mark.parametrize("block", [1, 2, 7, 10_000])
@pytest.mark.parametrize("form", ['[{"a":"]["},\n {"b":"\\"{"}]', '{"a":"]["}\n{"b":"\\"{"}\n', "[]", ""])
def test_records_come_out_of_blocks_of_any_size(form: str, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_results, "BLOCK_CHARACTERS", block)

    found = list(map_results._objects(io.StringIO(form)))

    assert found == ([{"a": "]["}, {"b": '"{'}] if "a" in form else [])


def test_a_file_that_is_cut_off_is_an_error() -> None:
    with pytest.raises(ValueError, match="middle of a record"):
        list(map_results._objects(io.StringIO('[{"a":1},{"b":')))


def test_only_the_first_failures_are_kept(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_results, "MAX_FAILURES", 2)
    write_results(s3, *[Child(n, INVALID, "x") for n in range(5)])

    results = read(s3)
    assert (results.failed, len(results.failures)) == (5, 2)
