from __future__ import annotations

import io
import json
from typing import Any

import pytest

from preprocess.config import InputObject
from preprocess.folder import map_results
from preprocess.folder.map_results import Failure, MapResults
from unit.preprocess.folders import MANIFEST, Child, shard_prefix, write_results
from unit.preprocess.runs import ARTIFACTS, INPUT, PREFIX

INVALID = "InvalidInputError"


def read(s3: Any) -> MapResults:
    return map_results.read(s3, InputObject(ARTIFACTS, MANIFEST))


@pytest.mark.parametrize("lines", [False, True])
def test_children_are_counted(s3: Any, lines: bool) -> None:
    bad = Child(2, INVALID, f"s3://{INPUT}/{Child(2).key}, line 3: a label is missing")
    write_results(s3, *[Child(n) for n in range(5) if n != 2], bad, passed_over=3, lines=lines)

    assert read(s3) == MapResults(
        listed=8,
        failed=1,
        invalid=1,
        failures=[Failure(f"s3://{INPUT}/{Child(2).key}", INVALID, "line 3: a label is missing")],
        failed_prefixes={shard_prefix(2)},
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
    assert (results.failed, len(results.failures), len(results.failed_prefixes)) == (5, 2, 5)
