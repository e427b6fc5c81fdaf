from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from preprocess import pipeline
from preprocess.config import Assembly, Job
from preprocess.errors import (
    FilesFailedError,
    InvalidConfigurationError,
    InvalidInputError,
    LostShardError,
    OutOfTimeError,
)
from preprocess.folder import concatenation, handler, map_results, merged_report, shards
from preprocess.folder import pipeline as folder_pipeline
from unit.preprocess.faults import fail
from unit.preprocess.folders import FOLDER, MANIFEST, Child, event, shard_prefix, write_results, write_run, write_shard
from unit.preprocess.runs import ARTIFACTS, INPUT, PREFIX, Outcome, written
from unit.preprocess.runs import event as file_event

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 2**20
INVALID = "InvalidInputError"


@pytest.fixture
def run(s3: Any) -> Callable[..., Outcome]:
    """Assemble; the outcome is without the map's results."""

    def run(**config: Any) -> Outcome:
        return Outcome(folder_pipeline.run(Assembly.from_event(event(**config)), s3), left(s3))

    return run


def left(s3: Any) -> dict[str, bytes]:
    return {key: body for key, body in written(s3).items() if not key.startswith("files/")}


def assert_nothing_left(s3: Any) -> None:
    assert left(s3) == {}
    assert s3.list_multipart_uploads(Bucket=ARTIFACTS).get("Uploads", []) == []


def test_shards_are_joined_in_the_order_of_the_files(s3: Any, run: Callable[..., Outcome]) -> None:
    order = (11, 3, 0, 7, 10, 1, 2, 9, 4, 5, 6, 8)
    write_run(s3, *[Child(n, train=f"t{n}\n".encode(), validation=b"v%d\n" % n if n % 5 == 0 else b"") for n in order])

    outcome = run(validation_fraction=0.2)

    assert outcome.train == [f"t{n}" for n in range(12)]
    assert outcome.validation == ["v0", "v5", "v10"]
    assert outcome.result == {
        "train": {"s3_uri": f"s3://{ARTIFACTS}/{PREFIX}train/train.txt", "lines": 12, "bytes": 12 * 3 + 2},
        "validation": {"s3_uri": f"s3://{ARTIFACTS}/{PREFIX}validation/validation.txt", "lines": 3, "bytes": 10},
        "report_s3_uri": f"s3://{ARTIFACTS}/{PREFIX}report.json",
        "rows": {"read": 27, "kept": 15, "dropped": {"empty_text": 12}},
        "files": {"listed": 12, "read": 12, "passed_over": {}, "failed": 0},
    }
    assert set(outcome.objects) == {"train/train.txt", "validation/validation.txt", "report.json"}


def test_reports_are_merged(s3: Any, run: Callable[..., Outcome]) -> None:
    write_run(
        s3,
        Child(0, passed_over="hidden"),
        Child(
            1,
            train=b"a\nb\n",
            validation=b"c\n",
            labels={"train": {"1": 1, "5": 1}, "validation": {"5": 1}},
        ),
        Child(2, train=b"d\n", labels={"train": {"5": 1}}),
        Child(3),
        Child(4, passed_over="empty"),
    )

    outcome = run(validation_fraction=0.1)

    read = {"etag": "e", "bytes": 1000}
    assert outcome.report == {
        "input": {"bucket": INPUT, "prefix": FOLDER, "bytes": 3000},
        "files": {
            "listed": 5,
            "read": 3,
            "passed_over": {"empty": 1, "hidden": 1},
            "failed": 0,
            "failures": [],
            "passed_over_files": [
                {"key": Child(0).key, "reason": "hidden"},
                {"key": Child(4).key, "reason": "empty"},
            ],
            "listing": [
                {"key": Child(1).key, **read, "rows": 4, "kept": 3},
                {"key": Child(2).key, **read, "rows": 2, "kept": 1},
                {"key": Child(3).key, **read, "rows": 1, "kept": 0},
            ],
        },
        "rows": {"read": 7, "kept": 4, "dropped": {"empty_text": 3}},
        "channels": {
            "train": {**outcome.result["train"], "tokens": 6, "labels": {"1": 1, "5": 2}},
            "validation": {**outcome.result["validation"], "tokens": 2, "labels": {"5": 1}},
        },
        "text_bytes": 1500,
        "throughput": {
            "seconds": 6.0,
            "worker_seconds": 12.0,
            "megabytes_per_second": 0.0,
            "tokenizing_seconds": 9.0,
            "tokenizing_share": 0.75,
        },
        "versions": {"sudachipy": "0.6.11"},
        "configuration": {"text_column": "review_body"},
    }


def test_a_change_of_versions_in_the_middle_shows(s3: Any, run: Callable[..., Outcome]) -> None:
    write_run(s3, Child(0, train=b"a\n"), Child(1, train=b"b\n", report={"versions": {"sudachipy": "0.7.0"}}))

    assert run().report["versions"] == [{"sudachipy": "0.6.11"}, {"sudachipy": "0.7.0"}]


def test_the_report_lists_files_up_to_a_limit(
    s3: Any, run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merged_report, "MAX_FILES", 2)
    write_run(s3, *[Child(n, train=b"a\n") for n in range(4)])

    files = run().report["files"]
    assert (files["read"], len(files["listing"])) == (4, 2)


def test_what_is_passed_over_is_listed_up_to_a_limit(
    s3: Any, run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_results, "MAX_PASSED_OVER", 2)
    write_run(s3, *[Child(n, passed_over="suffix") for n in (5, 4, 3)], Child(0, train=b"a\n"))

    outcome = run()
    assert outcome.result["files"]["passed_over"] == {"suffix": 3}
    assert outcome.report["files"]["passed_over_files"] == [{"key": Child(n).key, "reason": "suffix"} for n in (3, 4)]


def test_small_and_large_shards(s3: Any, run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concatenation, "COPY_BYTES", 6 * MIB)
    sizes = (10, 6 * MIB, MIB, 14 * MIB + 3, 9, 5 * MIB)
    bodies = [bytes([97 + n]) * (size - 1) + b"\n" for n, size in enumerate(sizes)]
    write_run(s3, *[Child(n, train=body) for n, body in enumerate(bodies)])

    outcome = run()

    assert outcome.objects["train/train.txt"] == b"".join(bodies)
    assert outcome.result["train"]["bytes"] == sum(map(len, bodies))


def test_objects_in_between_are_removed(s3: Any, run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concatenation, "MAX_PARTS", 2)
    write_run(s3, *[Child(n, train=bytes([97 + n]) * 5 * MIB + b"\n", validation=b"v\n") for n in range(5)])

    outcome = run(validation_fraction=0.1)

    assert outcome.objects["train/train.txt"] == b"".join(bytes([97 + n]) * 5 * MIB + b"\n" for n in range(5))
    assert set(outcome.objects) == {"train/train.txt", "validation/validation.txt", "report.json"}


def test_more_shards_than_a_listing_or_a_removal_takes(s3: Any, run: Callable[..., Outcome]) -> None:
    write_run(s3, *[Child(n, train=f"{n}\n".encode()) for n in range(501)])

    outcome = run()

    assert outcome.train == [str(n) for n in range(501)]
    assert set(outcome.objects) == {"train/train.txt", "report.json"}


def test_the_lines_are_those_of_one_file(s3: Any, run: Callable[..., Outcome]) -> None:
    rows = [f"{i % 5 + 1},{i}号室は広く、{i * 7919 % 1000}円で朝食が付く。\n" for i in range(60)]
    header = "star_rating,review_body\n"
    config = {"validation_fraction": 0.3, "label_map": {"1": "bad", "5": "good"}}

    def preprocess(key: str, prefix: str, chosen: list[str], shard: bool) -> dict[str, Any]:
        s3.put_object(Bucket=INPUT, Key=key, Body="".join([header, *chosen]).encode())
        job = file_event(key, shard=shard, **config)
        return pipeline.run(Job.from_event(job | {"output": {"bucket": ARTIFACTS, "prefix": prefix}}), s3)

    preprocess("one.csv", PREFIX, rows, shard=False)
    one = written(s3)
    for key in one:
        s3.delete_object(Bucket=ARTIFACTS, Key=PREFIX + key)
    # Uneven, with files without rows and files whose rows all go to one channel.
    spans = [(0, 0), (0, 1), (1, 30), (30, 30), (30, 31), (31, 60)]
    results = [
        preprocess(Child(n).key, shard_prefix(n), rows[start:end], shard=True) for n, (start, end) in enumerate(spans)
    ]
    write_results(s3, *[Child(n, output=result) for n, result in enumerate(results)])

    outcome = run(validation_fraction=0.3)

    assert outcome.objects["train/train.txt"] == one["train/train.txt"]
    assert outcome.objects["validation/validation.txt"] == one["validation/validation.txt"]
    assert outcome.result["rows"]["read"] == 60
    assert outcome.report["configuration"]["label_map"] == config["label_map"]


def test_bad_files_are_all_named(s3: Any, run: Callable[..., Outcome]) -> None:
    bad = [Child(n, INVALID, f"s3://{INPUT}/{Child(n).key}, line {n}: bad label") for n in (3, 1)]
    write_run(s3, Child(0, train=b"a\n"), Child(2, train=b"a\n"), *bad)

    with pytest.raises(InvalidInputError) as caught:
        run()

    assert str(caught.value) == (
        f"s3://{INPUT}/{FOLDER}: 2 of 4 files failed, "
        "more than the 0% that preprocess.tolerated_failure_percentage allows:\n"
        f"s3://{INPUT}/{FOLDER}00001.csv: line 1: bad label\n"
        f"s3://{INPUT}/{FOLDER}00003.csv: line 3: bad label"
    )
    assert_nothing_left(s3)


def test_a_failure_that_is_not_the_files_own_is_another_error(s3: Any, run: Callable[..., Outcome]) -> None:
    write_results(s3, Child(0, INVALID, "bad"), Child(1, "Sandbox.Timedout", "Task timed out after 900.00 seconds"))

    with pytest.raises(FilesFailedError) as caught:
        run()

    assert str(caught.value).endswith("00001.csv: Sandbox.Timedout: Task timed out after 900.00 seconds")
    assert "2 of 2 files failed" in str(caught.value)
    assert_nothing_left(s3)


def test_more_failures_than_are_named(s3: Any, run: Callable[..., Outcome]) -> None:
    write_results(s3, *[Child(n, INVALID, "bad") for n in range(60)])

    with pytest.raises(InvalidInputError) as caught:
        run()

    assert str(caught.value).count(".csv: bad") == 50
    assert str(caught.value).endswith("\nand 10 more")


def test_an_error_fits_into_a_cause(s3: Any, run: Callable[..., Outcome]) -> None:
    write_results(s3, *[Child(n, INVALID, "悪" * 400) for n in range(60)])

    with pytest.raises(InvalidInputError) as caught:
        run()

    named = str(caught.value).count("悪…")
    assert 5 < named < 50
    assert str(caught.value).endswith(f"\nand {60 - named} more")
    assert len(json.dumps(str(caught.value))) < 32_000


@pytest.mark.parametrize(("tolerated", "fails"), [(0, True), (24.9, True), (25, False), (100, False)])
def test_tolerated_failures(s3: Any, run: Callable[..., Outcome], tolerated: float, fails: bool) -> None:
    """A quarter of the files that were to be read; those passed over do not count."""
    good = [Child(n, train=f"{n}\n".encode()) for n in range(3)]
    write_run(s3, *good, Child(3, INVALID, "bad"), *[Child(4 + n, passed_over="suffix") for n in range(4)])

    if fails:
        with pytest.raises(InvalidInputError, match="1 of 4 files failed"):
            run(tolerated_failure_percentage=tolerated)
        return
    outcome = run(tolerated_failure_percentage=tolerated)
    assert outcome.train == ["0", "1", "2"]
    assert outcome.result["files"] == {"listed": 8, "read": 3, "passed_over": {"suffix": 4}, "failed": 1}
    assert outcome.report["files"]["failures"] == [
        {"uri": f"s3://{INPUT}/{Child(3).key}", "error": INVALID, "reason": "bad"}
    ]


def test_what_a_failed_child_wrote_does_not_count(s3: Any, run: Callable[..., Outcome]) -> None:
    """Its function was done, but its answer did not arrive."""
    late = Child(1, "States.Timeout", "late", train=b"1\n")
    write_run(s3, Child(0, train=b"0\n"), late)
    write_shard(s3, late)

    outcome = run(tolerated_failure_percentage=50)

    assert outcome.train == ["0"]
    assert set(outcome.objects) == {"train/train.txt", "report.json"}


NO_ROWS = {"rows": {"read": 0, "kept": 0, "dropped": {}}}


@pytest.mark.parametrize(
    ("children", "message"),
    [
        ([], "there is no object there"),
        (
            [Child(n, passed_over=why) for n, why in enumerate(["suffix", "hidden", "suffix", "empty"])],
            "none of the 4 objects there is a file to read: 1 empty, 1 hidden (a part of the key starts with _ or .), "
            "2 without a suffix of input.suffixes",
        ),
        ([Child(0, report=NO_ROWS), Child(1, report=NO_ROWS)], "its 2 files have headers and no rows"),
        ([Child(0, INVALID, "bad")], "all of its 1 files failed"),
    ],
)
def test_nothing_to_train_on(s3: Any, run: Callable[..., Outcome], children: list[Child], message: str) -> None:
    write_run(s3, *children)

    with pytest.raises(InvalidInputError) as caught:
        run(tolerated_failure_percentage=100)

    assert str(caught.value).startswith(f"s3://{INPUT}/{FOLDER}: {message}")
    assert_nothing_left(s3)


def test_no_row_left(s3: Any, run: Callable[..., Outcome]) -> None:
    write_run(s3, Child(0), Child(1))

    with pytest.raises(InvalidInputError, match=r"none of its 2 rows is left after filtering \(empty_text 2\)"):
        run()
    assert_nothing_left(s3)


@pytest.mark.parametrize(("body", "channel"), [({"train": b"a\n"}, "validation"), ({"validation": b"a\n"}, "training")])
def test_an_empty_channel(s3: Any, run: Callable[..., Outcome], body: dict[str, bytes], channel: str) -> None:
    write_run(s3, Child(0, train=body.get("train", b""), validation=body.get("validation", b"")))

    with pytest.raises(InvalidInputError, match=f"falls into the {channel} channel"):
        run(validation_fraction=0.1)
    assert_nothing_left(s3)


def test_one_class_only(s3: Any, run: Callable[..., Outcome]) -> None:
    same = [Child(0, train=b"a\n", labels={"train": {"5": 1}}), Child(1, train=b"b\n", labels={"train": {"5": 1}})]
    write_run(s3, *same)

    with pytest.raises(InvalidInputError, match="all 2 lines for training have the label '5'"):
        run()

    write_run(s3, same[0], Child(1, train=b"b\n", labels={"train": {"1": 1}}))
    assert run().train == ["a", "b"]


def test_too_many_labels(s3: Any, run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merged_report, "MAX_LABELS", 3)
    for_all = [{"lines": 2, "bytes": 4, "tokens": 2, "labels": {str(2 * n): 1, str(2 * n + 1): 1}} for n in range(2)]
    reports = [{"channels": {"train": channel, "validation": None}} for channel in for_all]
    write_run(s3, *[Child(n, train=b"a\nb\n", report=report) for n, report in enumerate(reports)])

    with pytest.raises(InvalidInputError, match="more than 3 different labels"):
        run()
    assert_nothing_left(s3)


@pytest.mark.parametrize(
    ("operation", "lost"),
    [
        ("CreateMultipartUpload", False),
        *product(["UploadPartCopy", "UploadPart", "CompleteMultipartUpload", "PutObject"], [False, True]),
    ],
)
def test_a_failing_call_leaves_the_shards_for_another_try(
    s3: Any, run: Callable[..., Outcome], operation: str, lost: bool
) -> None:
    write_run(s3, *[Child(n, train=bytes([97 + n]) * 5 * MIB + b"\n", validation=b"v\n") for n in range(3)])
    before = set(left(s3))
    fail(s3, operation, after=1 if operation == "CompleteMultipartUpload" else 0, lost=lost)

    with pytest.raises(ClientError, match="injected"):
        run(validation_fraction=0.1)
    assert set(left(s3)) == before
    assert s3.list_multipart_uploads(Bucket=ARTIFACTS).get("Uploads", []) == []


def test_a_second_invocation_gives_the_same_answer(s3: Any, run: Callable[..., Outcome]) -> None:
    """The first one's answer got lost, and it was stopped while it removed the shards."""
    children = [*[Child(n, train=f"{n}\n".encode()) for n in range(2)], Child(2, passed_over="hidden")]
    write_run(s3, *children)
    first = run()
    write_shard(s3, children[1])

    second = run()

    assert second == first


@pytest.mark.parametrize("operation", ["ListObjectsV2", "GetObject", "UploadPartCopy", "UploadPart"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_two_invocations_at_once_never_see_half_of_the_shards(
    s3: Any, run: Callable[..., Outcome], operation: str, after: int
) -> None:
    """The other one finishes at any moment of this one."""
    write_run(s3, *[Child(n, train=bytes([97 + n]) * (5 * MIB + 7 * n) + b"\n") for n in range(4)])
    seen: list[str] = []
    others: list[dict[str, Any]] = []

    def meanwhile(**_: Any) -> None:
        seen.append(operation)
        if len(seen) == after + 1 and not others:
            others.append({})
            others[0] |= folder_pipeline.run(Assembly.from_event(event()), s3)

    s3.meta.events.register(f"before-call.s3.{operation}", meanwhile)
    outcome = run()

    if others:
        assert outcome.result == others[0]
    assert len(outcome.objects["train/train.txt"]) == 4 * 5 * MIB + 7 * 6 + 4
    assert set(outcome.objects) == {"train/train.txt", "report.json"}
    assert s3.list_multipart_uploads(Bucket=ARTIFACTS).get("Uploads", []) == []


def test_an_invocation_in_the_middle_of_the_others_removal(
    s3: Any, run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "KEYS_A_REQUEST", 1)
    write_run(s3, *[Child(n, train=f"{n}\n".encode()) for n in range(3)])
    seen: list[int] = []
    others: list[dict[str, Any]] = []

    def meanwhile(**_: Any) -> None:
        seen.append(1)
        if len(seen) == 3:
            others.append(folder_pipeline.run(Assembly.from_event(event()), s3))

    s3.meta.events.register("before-call.s3.DeleteObjects", meanwhile)
    outcome = run()

    assert others == [outcome.result]
    assert outcome.train == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("name", "cut"), [("train/train.txt", False), ("train/train.txt", True), ("report.json", False)]
)
def test_a_shard_that_is_gone_fails_the_run(s3: Any, run: Callable[..., Outcome], name: str, cut: bool) -> None:
    """Its child has said that it is there."""
    write_run(s3, *[Child(n, train=f"{n}\n".encode()) for n in range(3)])
    if cut:
        s3.put_object(Bucket=ARTIFACTS, Key=shard_prefix(1) + name, Body=b"")
    else:
        s3.delete_object(Bucket=ARTIFACTS, Key=shard_prefix(1) + name)

    with pytest.raises(LostShardError) as caught:
        run()

    assert str(caught.value) == (
        f"s3://{INPUT}/{FOLDER}: 1 of the objects that 3 files became are not there any more, "
        f"s3://{ARTIFACTS}/{shard_prefix(1)}{name} the first. Start the run again with the same input"
    )
    assert not {"train/train.txt", "report.json"} & set(left(s3))


def test_what_is_denied_is_no_shard_that_is_gone(s3: Any, run: Callable[..., Outcome]) -> None:
    write_run(s3, *[Child(n, train=f"{n}\n".encode()) for n in range(3)])
    fail(s3, "UploadPart", code="AccessDenied")

    with pytest.raises(ClientError, match="AccessDenied"):
        run()


def test_a_report_of_before_does_not_count_while_the_shards_are_there(s3: Any, run: Callable[..., Outcome]) -> None:
    write_run(s3, Child(0, train=b"old\n"))
    run()
    write_run(s3, *[Child(n, train=f"{n}\n".encode()) for n in range(2)])

    outcome = run()

    assert outcome.train == ["0", "1"]
    assert outcome.report["files"]["read"] == outcome.result["files"]["read"] == 2


def test_shards_that_can_not_be_removed_do_not_fail_the_run(
    s3: Any, run: Callable[..., Outcome], caplog: pytest.LogCaptureFixture
) -> None:
    write_run(s3, Child(0, train=b"a\n"))
    fail(s3, "DeleteObjects", code="AccessDenied")

    assert run().train == ["a"]
    assert f"could not remove what is left below s3://{ARTIFACTS}/{PREFIX}shards/" in caplog.text


class Context:
    """Lambda's context, with the time left running out after some questions."""

    def __init__(self, questions: int) -> None:
        self.questions = questions

    def get_remaining_time_in_millis(self) -> int:
        self.questions -= 1
        return 900_000 if self.questions > 0 else 1000


def test_handler(s3: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    write_run(s3, Child(0, train="良い\n".encode()))
    handler.s3_client.cache_clear()

    result = handler.handler(event(tolerated_failure_percentage=0, validation_fraction=0), Context(100))

    assert result["train"]["lines"] == 1
    assert json.loads(caplog.records[-1].message)["files"] == result["files"]
    assert "良い" not in caplog.text


def test_time_runs_out(s3: Any) -> None:
    write_run(s3, *[Child(n, train=b"a" * 5 * MIB + b"\n") for n in range(2)])
    before = set(left(s3))

    with pytest.raises(OutOfTimeError, match=r"of 10\.5 MB; nothing was written\. .*fewer files"):
        handler.handler(event(), Context(3))
    assert set(left(s3)) == before
    assert s3.list_multipart_uploads(Bucket=ARTIFACTS).get("Uploads", []) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"run": {"bucket": "b", "prefix": "p"}}, "run.prefix must end with '/'"),
        ({"source": {"bucket": "b"}}, "source.prefix is missing"),
        ({"source": {"bucket": "b", "prefix": None}}, "source.prefix must be a text"),
        ({"config": {"tolerated_failure_percentage": 101}}, "must be a number from 0 to 100"),
        ({"config": {"nonsense": 1}}, "config has settings that do not exist: 'nonsense'"),
        ({"nonsense": 1}, "event has settings that do not exist: 'nonsense'"),
    ],
)
def test_events_that_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidConfigurationError, match=message):
        Assembly.from_event(event() | change)


def test_the_whole_bucket_is_a_folder() -> None:
    assembly = Assembly.from_event(event() | {"source": {"bucket": "b", "prefix": ""}})

    assert assembly.source.uri == "s3://b/"
    assert assembly.results.key == MANIFEST
