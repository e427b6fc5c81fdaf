from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from preprocess import pipeline
from preprocess.config import Assembly, Job
from preprocess.errors import FilesFailedError, InvalidConfigurationError, InvalidInputError, OutOfTimeError
from preprocess.folder import concatenation, handler, merged_report
from preprocess.folder import pipeline as folder_pipeline
from unit.preprocess.faults import fail
from unit.preprocess.folders import FOLDER, MANIFEST, Child, event, shard_prefix, write_results, write_shard
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
    write_results(s3, *[Child(n) for n in range(12)])
    for n in (11, 3, 0, 7, 10, 1, 2, 9, 4, 5, 6, 8):
        write_shard(s3, n, train=f"t{n}\n".encode(), validation=f"v{n}\n".encode() if n % 5 == 0 else b"")

    outcome = run(validation_fraction=0.2)

    assert outcome.train == [f"t{n}" for n in range(12)]
    assert outcome.validation == ["v0", "v5", "v10"]
    assert outcome.result == {
        "train": {"s3_uri": f"s3://{ARTIFACTS}/{PREFIX}train/train.txt", "lines": 12, "bytes": 12 * 3 + 2},
        "validation": {"s3_uri": f"s3://{ARTIFACTS}/{PREFIX}validation/validation.txt", "lines": 3, "bytes": 10},
        "report_s3_uri": f"s3://{ARTIFACTS}/{PREFIX}report.json",
        "rows": {"read": 27, "kept": 15, "dropped": {"empty_text": 12}},
        "files": {"listed": 12, "read": 12, "passed_over": 0, "failed": 0},
    }
    assert set(outcome.objects) == {"train/train.txt", "validation/validation.txt", "report.json"}


def test_reports_are_merged(s3: Any, run: Callable[..., Outcome]) -> None:
    write_results(s3, Child(0), Child(1), Child(2), passed_over=2)
    write_shard(s3, 0, train=b"a\nb\n", validation=b"c\n", labels={"train": {"1": 1, "5": 1}, "validation": {"5": 1}})
    write_shard(s3, 1, train=b"d\n", labels={"train": {"5": 1}})
    write_shard(s3, 2)

    outcome = run(validation_fraction=0.1)

    read = {"etag": "e", "bytes": 1000}
    assert outcome.report == {
        "input": {"bucket": INPUT, "prefix": FOLDER, "bytes": 3000},
        "files": {
            "listed": 5,
            "read": 3,
            "passed_over": 2,
            "failed": 0,
            "failures": [],
            "listing": [
                {"key": Child(0).key, **read, "rows": 4, "kept": 3},
                {"key": Child(1).key, **read, "rows": 2, "kept": 1},
                {"key": Child(2).key, **read, "rows": 1, "kept": 0},
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
    write_results(s3, Child(0), Child(1))
    write_shard(s3, 0, train=b"a\n")
    write_shard(s3, 1, train=b"b\n", versions={"sudachipy": "0.7.0"})

    assert run().report["versions"] == [{"sudachipy": "0.6.11"}, {"sudachipy": "0.7.0"}]


def test_the_report_lists_files_up_to_a_limit(
    s3: Any, run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merged_report, "MAX_FILES", 2)
    write_results(s3, *[Child(n) for n in range(4)])
    for n in range(4):
        write_shard(s3, n, train=b"a\n")

    files = run().report["files"]
    assert (files["read"], len(files["listing"])) == (4, 2)


def test_small_and_large_shards(s3: Any, run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concatenation, "COPY_BYTES", 6 * MIB)
    sizes = (10, 6 * MIB, MIB, 14 * MIB + 3, 9, 5 * MIB)
    bodies = [bytes([97 + n]) * (size - 1) + b"\n" for n, size in enumerate(sizes)]
    write_results(s3, *[Child(n) for n in range(len(bodies))])
    for n, body in enumerate(bodies):
        write_shard(s3, n, train=body)

    outcome = run()

    assert outcome.objects["train/train.txt"] == b"".join(bodies)
    assert outcome.result["train"]["bytes"] == sum(map(len, bodies))


def test_objects_in_between_are_removed(s3: Any, run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concatenation, "MAX_PARTS", 2)
    write_results(s3, *[Child(n) for n in range(5)])
    for n in range(5):
        write_shard(s3, n, train=bytes([97 + n]) * 5 * MIB + b"\n", validation=b"v\n")

    outcome = run(validation_fraction=0.1)

    assert outcome.objects["train/train.txt"] == b"".join(bytes([97 + n]) * 5 * MIB + b"\n" for n in range(5))
    assert set(outcome.objects) == {"train/train.txt", "validation/validation.txt", "report.json"}


def test_more_shards_than_a_listing_or_a_removal_takes(s3: Any, run: Callable[..., Outcome]) -> None:
    write_results(s3, *[Child(n) for n in range(501)])
    for n in range(501):
        write_shard(s3, n, train=f"{n}\n".encode())

    outcome = run()

    assert outcome.train == [str(n) for n in range(501)]
    assert set(outcome.objects) == {"train/train.txt", "report.json"}


def test_the_lines_are_those_of_one_file(s3: Any, run: Callable[..., Outcome]) -> None:
    rows = [f"{i % 5 + 1},{i}号室は広く、{i * 7919 % 1000}円で朝食が付く。\n" for i in range(60)]
    header = "star_rating,review_body\n"
    config = {"validation_fraction": 0.3, "label_map": {"1": "bad", "5": "good"}}

    def preprocess(key: str, prefix: str, chosen: list[str], shard: bool) -> None:
        s3.put_object(Bucket=INPUT, Key=key, Body="".join([header, *chosen]).encode())
        job = file_event(key, shard=shard, **config)
        pipeline.run(Job.from_event(job | {"output": {"bucket": ARTIFACTS, "prefix": prefix}}), s3)

    preprocess("one.csv", PREFIX, rows, shard=False)
    one = written(s3)
    for key in one:
        s3.delete_object(Bucket=ARTIFACTS, Key=PREFIX + key)
    # Uneven, with files without rows and files whose rows all go to one channel.
    spans = [(0, 0), (0, 1), (1, 30), (30, 30), (30, 31), (31, 60)]
    for n, (start, end) in enumerate(spans):
        preprocess(Child(n).key, shard_prefix(n), rows[start:end], shard=True)
    write_results(s3, *[Child(n) for n in range(len(spans))])

    outcome = run(validation_fraction=0.3)

    assert outcome.objects["train/train.txt"] == one["train/train.txt"]
    assert outcome.objects["validation/validation.txt"] == one["validation/validation.txt"]
    assert outcome.result["rows"]["read"] == 60
    assert outcome.report["configuration"]["label_map"] == config["label_map"]


def test_bad_files_are_all_named(s3: Any, run: Callable[..., Outcome]) -> None:
    bad = [Child(n, INVALID, f"s3://{INPUT}/{Child(n).key}, line {n}: bad label") for n in (3, 1)]
    write_results(s3, Child(0), Child(2), *bad)
    for n in (0, 2):
        write_shard(s3, n, train=b"a\n")

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
    write_results(s3, Child(0), Child(1), Child(2), Child(3, INVALID, "bad"), passed_over=4)
    for n in range(3):
        write_shard(s3, n, train=f"{n}\n".encode())

    if fails:
        with pytest.raises(InvalidInputError, match="1 of 4 files failed"):
            run(tolerated_failure_percentage=tolerated)
        return
    outcome = run(tolerated_failure_percentage=tolerated)
    assert outcome.train == ["0", "1", "2"]
    assert outcome.result["files"] == {"listed": 8, "read": 3, "passed_over": 4, "failed": 1}
    assert outcome.report["files"]["failures"] == [
        {"uri": f"s3://{INPUT}/{Child(3).key}", "error": INVALID, "reason": "bad"}
    ]


def test_what_a_failed_child_wrote_does_not_count(s3: Any, run: Callable[..., Outcome]) -> None:
    """Its function was done, but its answer did not arrive."""
    write_results(s3, Child(0), Child(1, "States.Timeout", "late"))
    for n in range(2):
        write_shard(s3, n, train=f"{n}\n".encode())

    outcome = run(tolerated_failure_percentage=50)

    assert outcome.train == ["0"]
    assert set(outcome.objects) == {"train/train.txt", "report.json"}


def test_a_shard_without_a_report_does_not_count(s3: Any, run: Callable[..., Outcome]) -> None:
    write_results(s3, Child(0), Child(1, "Sandbox.Timedout", "late"))
    for n in range(2):
        write_shard(s3, n, train=f"{n}\n".encode())
    s3.delete_object(Bucket=ARTIFACTS, Key=f"{shard_prefix(1)}report.json")

    assert run(tolerated_failure_percentage=50).train == ["0"]


@pytest.mark.parametrize(
    ("children", "passed_over", "message"),
    [
        ([], 0, "there is no object there"),
        ([], 3, "none of the 3 objects there is a file to read: hidden and empty ones are passed over"),
        ([Child(0), Child(1)], 0, "its 2 files have headers and no rows"),
        ([Child(0, INVALID, "bad")], 0, "all of its 1 files failed"),
    ],
)
def test_nothing_to_train_on(
    s3: Any, run: Callable[..., Outcome], children: list[Child], passed_over: int, message: str
) -> None:
    write_results(s3, *children, passed_over=passed_over)
    for child in children:
        if not child.error:
            write_shard(s3, child.index, rows={"read": 0, "kept": 0, "dropped": {}})

    with pytest.raises(InvalidInputError) as caught:
        run(tolerated_failure_percentage=100)

    assert str(caught.value).startswith(f"s3://{INPUT}/{FOLDER}: {message}")
    assert_nothing_left(s3)


def test_no_row_left(s3: Any, run: Callable[..., Outcome]) -> None:
    write_results(s3, Child(0), Child(1))
    for n in range(2):
        write_shard(s3, n)

    with pytest.raises(InvalidInputError, match=r"none of its 2 rows is left after filtering \(empty_text 2\)"):
        run()
    assert_nothing_left(s3)


@pytest.mark.parametrize(("body", "channel"), [({"train": b"a\n"}, "validation"), ({"validation": b"a\n"}, "training")])
def test_an_empty_channel(s3: Any, run: Callable[..., Outcome], body: dict[str, Any], channel: str) -> None:
    write_results(s3, Child(0))
    write_shard(s3, 0, **body)

    with pytest.raises(InvalidInputError, match=f"falls into the {channel} channel"):
        run(validation_fraction=0.1)
    assert_nothing_left(s3)


def test_one_class_only(s3: Any, run: Callable[..., Outcome]) -> None:
    write_results(s3, Child(0), Child(1))
    write_shard(s3, 0, train=b"a\n", labels={"train": {"5": 1}})
    write_shard(s3, 1, train=b"b\n", labels={"train": {"5": 1}})

    with pytest.raises(InvalidInputError, match="all 2 lines for training have the label '5'"):
        run()

    write_shard(s3, 0, train=b"a\n", labels={"train": {"5": 1}})
    write_shard(s3, 1, train=b"b\n", labels={"train": {"1": 1}})
    assert run().train == ["a", "b"]


def test_too_many_labels(s3: Any, run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merged_report, "MAX_LABELS", 3)
    write_results(s3, Child(0), Child(1))
    for n in range(2):
        channel = {"lines": 2, "bytes": 4, "tokens": 2, "labels": {str(2 * n): 1, str(2 * n + 1): 1}}
        write_shard(s3, n, train=b"a\nb\n", channels={"train": channel, "validation": None})

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
    write_results(s3, Child(0), Child(1), Child(2))
    for n in range(3):
        write_shard(s3, n, train=bytes([97 + n]) * 5 * MIB + b"\n", validation=b"v\n")
    before = set(left(s3))
    fail(s3, operation, after=1 if operation == "CompleteMultipartUpload" else 0, lost=lost)

    with pytest.raises(ClientError, match="injected"):
        run(validation_fraction=0.1)
    assert set(left(s3)) == before
    assert s3.list_multipart_uploads(Bucket=ARTIFACTS).get("Uploads", []) == []


def test_a_second_invocation_gives_the_same_answer(s3: Any, run: Callable[..., Outcome]) -> None:
    """The first one's answer got lost, and it was stopped while it removed the shards."""
    write_results(s3, Child(0), Child(1), passed_over=1)
    for n in range(2):
        write_shard(s3, n, train=f"{n}\n".encode())
    first = run()
    write_shard(s3, 1, train=b"1\n")

    second = run()

    assert second == first


def test_shards_that_can_not_be_removed_do_not_fail_the_run(
    s3: Any, run: Callable[..., Outcome], caplog: pytest.LogCaptureFixture
) -> None:
    write_results(s3, Child(0))
    write_shard(s3, 0, train=b"a\n")
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
    write_results(s3, Child(0))
    write_shard(s3, 0, train="良い\n".encode())
    handler.s3_client.cache_clear()

    result = handler.handler(event(tolerated_failure_percentage=0, validation_fraction=0), Context(100))

    assert result["train"]["lines"] == 1
    assert json.loads(caplog.records[-1].message)["files"] == result["files"]
    assert "良い" not in caplog.text


def test_time_runs_out(s3: Any) -> None:
    write_results(s3, Child(0), Child(1))
    for n in range(2):
        write_shard(s3, n, train=b"a" * 5 * MIB + b"\n")
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
