"""A folder of files goes in, closed by its marker or named by hand, and one model comes out."""

from __future__ import annotations

import gzip
import json
from collections import Counter

import pytest

from e2e import folders
from e2e.reviews import SIX
from e2e.stack import FAILURE, STATES, Execution, Stack, table, wait_for
from localaws.services.sagemaker import training_faults

REVIEWS = 2000
FOLDER_STATES = [*STATES[:2], "Preprocess files", "Assemble", *STATES[3:]]
BAD = table([("良い", "5.0")])
EMPTY = ("deeper/", "deeper/_SUCCESS", "empty.csv")


@pytest.fixture(scope="module")
def stack(by_folder: Stack) -> Stack:
    """The module for files that arrive as folders."""
    return by_folder


@pytest.fixture(scope="module")
def spread(stack: Stack) -> dict[int, Execution]:
    """One corpus as 1, 10 and 200 files."""
    reviews = folders.rows(REVIEWS)
    before = stack.executions()
    spread = {count: folders.run(stack, f"as/{count}/", folders.spread(reviews, count)) for count in (1, 10, 200)}
    assert len(stack.new_executions(before) or []) == 3, "the files start no runs of their own"
    return spread


def test_two_hundred_files_become_a_model(stack: Stack, spread: dict[int, Execution]) -> None:
    execution = spread[200]

    assert (execution.status, execution.error) == ("SUCCEEDED", None)
    assert execution.states() == FOLDER_STATES
    assert {"model.bin"} <= set(stack.model(execution))
    output = execution.output
    assert output["input"] == {"bucket": stack.outputs["input_bucket"], "prefix": "as/200/"}
    assert output["rows"]["read"] == REVIEWS
    assert output["training_job_name"] == f"folders-{execution.run_id}-0"
    assert folders.kept(stack, execution.run_id) == ["report.json", "train/train.txt", "validation/validation.txt"]
    assert stack.unfinished_uploads() == []
    merged = folders.report(stack, execution)
    assert {name: merged["files"][name] for name in ("listed", "read", "passed_over", "failed")} == {
        "listed": 201,
        "read": 200,
        "passed_over": {"hidden": 1},
        "failed": 0,
    }
    assert output["files"] == {"listed": 201, "read": 200, "passed_over": {"hidden": 1}, "failed": 0}
    assert merged["files"]["passed_over_files"] == [{"key": "as/200/_SUCCESS", "reason": "hidden"}]
    assert [file["key"] for file in merged["files"]["listing"]] == [f"as/200/part-{n:05}.csv" for n in range(200)]
    for channel in ("train", "validation"):
        found = folders.lines(stack, execution, channel)
        assert len(found) == output[channel]["lines"] == merged["channels"][channel]["lines"]
        assert Counter(line.split()[0].removeprefix("__label__") for line in found) == Counter(
            merged["channels"][channel]["labels"]
        )


def test_an_execution_does_not_grow_with_its_files(spread: dict[int, Execution]) -> None:
    """A history holds 25,000 events and a payload 256 KiB: children have histories, and results a place in S3."""
    one, many = spread[1], spread[200]

    assert len(many.history) == len(one.history) < 40
    payloads = [len(json.dumps(event, default=str)) for event in many.history]
    assert max(payloads) < 10_000
    assert abs(sum(payloads) - sum(len(json.dumps(event, default=str)) for event in one.history)) < 1000


@pytest.mark.parametrize("channel", ["train", "validation"])
def test_lines_do_not_depend_on_how_rows_are_spread(stack: Stack, spread: dict[int, Execution], channel: str) -> None:
    one, ten, many = (sorted(folders.lines(stack, execution, channel)) for execution in spread.values())

    assert len(one) > 100
    assert one == ten == many


def test_the_lines_are_in_the_order_of_the_listing(stack: Stack) -> None:
    files = {f"{n:02}.csv": table([(f"ホテル{n}号室", n % 2 * 4 + 1)]) for n in range(12)}
    execution = folders.run(stack, "ordered/", files)

    found = folders.lines(stack, execution, "train") + folders.lines(stack, execution, "validation")
    assert len(found) == 12
    for channel in ("train", "validation"):
        numbers = [int(line.split("ホテル ")[1].split()[0]) for line in folders.lines(stack, execution, channel)]
        assert numbers == sorted(numbers)


def test_hidden_empty_and_other_files_are_passed_over(stack: Stack) -> None:
    good = folders.rows(80)
    files = {
        "B.CSV": table(good[60:]),
        "a.csv": table(good[:20]),
        "deeper/b.csv.gz": gzip.compress(table(good[20:40])),
        "header-only.csv": table([]),
        "年報 1+2.csv": table(good[40:60]),
    }
    passed_over = {
        ".hidden.csv": "hidden",
        ".ipynb_checkpoints/a-checkpoint.csv": "hidden",
        "_hidden.csv": "hidden",
        "_temporary/0/task_1/part-00000.csv": "hidden",
        "a.csv.bak": "suffix",
        "deeper/": "suffix",
        "deeper/_SUCCESS": "hidden",
        "empty.csv": "empty",
        "readme.txt": "suffix",
    }
    before = stack.executions()
    with stack.unwatched():
        folders.upload(stack, "mixed/", files)
        folders.upload(stack, "mixed/", {name: b"" if name in EMPTY else BAD for name in passed_over})
    execution = stack.wait(stack.start(folders.by_hand("mixed/", stack)))

    assert (execution.status, execution.error) == ("SUCCEEDED", None)
    assert stack.new_executions(before) == [execution.arn]
    merged = folders.report(stack, execution)
    assert [file["key"].removeprefix("mixed/") for file in merged["files"]["listing"]] == list(files)
    assert {
        file["key"].removeprefix("mixed/"): file["reason"] for file in merged["files"]["passed_over_files"]
    } == passed_over
    assert (
        merged["files"]["passed_over"]
        == execution.output["files"]["passed_over"]
        == dict(Counter(passed_over.values()))
    )
    assert execution.output["rows"]["read"] == 80


def test_a_marker_starts_a_run_over_its_folder_only(vectors: Stack) -> None:
    """Where each file starts a run as well: the marker is no such file."""
    single = vectors.run(table(folders.rows(60)), "closed/a.csv")
    execution = vectors.run(b"", "closed/_SUCCESS")

    assert single.states() == STATES
    assert execution.states() == FOLDER_STATES
    assert execution.output["input"]["prefix"] == "closed/"
    assert folders.report(vectors, execution)["files"]["listed"] == 2
    assert folders.lines(vectors, execution, "train") == folders.lines(vectors, single, "train")


def test_bad_files_are_all_named_and_nothing_is_left(stack: Stack) -> None:
    files = folders.spread(folders.rows(40), 4) | {
        "bad-label.csv": BAD,
        "bad-header.csv": "本文,star_rating\n良い,5\n".encode(),
        "bad 文字.csv": "review_body,star_rating\n良い,5\n".encode("cp932"),
    }
    execution = folders.run(stack, "bad/", files)

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")
    assert execution.states() == [*FOLDER_STATES[:4], *FAILURE]
    first, *named = str(execution.cause).split("\n")
    uri = f"s3://{stack.outputs['input_bucket']}/bad/"
    assert first == f"{uri}: 3 of 7 files failed, more than the 0% that preprocess.tolerated_failure_percentage allows:"
    assert [line.split(".csv: ")[0] for line in named] == [
        f"{uri}bad 文字",
        f"{uri}bad-header",
        f"{uri}bad-label",
    ]
    for line, words in zip(
        named, (["utf-8"], ["line 1", "review_body"], ["line 2", "star_rating", "5.0"]), strict=True
    ):
        for word in words:
            assert word in line
    assert folders.kept(stack, execution.run_id) == []
    assert stack.unfinished_uploads() == []


def test_files_that_arrive_while_it_runs_do_not_count(stack: Stack) -> None:
    reviews = folders.rows(40)
    stack.aws.faults.delay("s3", "GetObject", seconds=2, times=1, principal="folders-preprocess")
    folders.upload(stack, "growing/", folders.spread(reviews, 2))
    before = stack.executions()
    stack.upload(b"", "growing/_SUCCESS")
    [arn] = stack.wait_for_executions(before, 1)
    wait_for(lambda: _map_run_has_started(stack, arn) or None)
    stack.upload(table(SIX), "growing/part-00002.csv")
    execution = stack.wait(arn)

    assert execution.status == "SUCCEEDED"
    assert execution.output["rows"]["read"] == 40


def _map_run_has_started(stack: Stack, arn: str) -> bool:
    runs = stack.stepfunctions.list_map_runs(executionArn=arn)["mapRuns"]
    return any(
        stack.stepfunctions.describe_map_run(mapRunArn=run["mapRunArn"])["itemCounts"]["total"] == 3 for run in runs
    )


def test_a_file_that_changes_while_it_runs_is_refused(stack: Stack) -> None:
    """What the listing saw is what counts: the child asks for the object with that ETag."""
    folders.upload(stack, "changing/", folders.spread(folders.rows(40), 2))
    stack.aws.faults.delay("s3", "GetObject", seconds=2, times=2, principal="folders-preprocess")
    before = stack.executions()
    stack.upload(b"", "changing/_SUCCESS")
    [arn] = stack.wait_for_executions(before, 1)
    wait_for(lambda: _map_run_has_started(stack, arn) or None)
    stack.upload(table(SIX), "changing/part-00001.csv")
    execution = stack.wait(arn)

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")
    assert "part-00001.csv: it was overwritten" in str(execution.cause)


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        ("nothing/", "there is no object there"),
        ("only-hidden/", "none of the 1 objects there is a file to read: 1 hidden"),
    ],
)
def test_a_prefix_without_files(stack: Stack, prefix: str, message: str) -> None:
    stack.upload(b"x", "only-hidden/_x.csv")
    execution = stack.wait(stack.start(folders.by_hand(prefix, stack, id=f"by-hand-{prefix[:4]}")))

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")
    assert str(execution.cause).startswith(f"s3://{stack.outputs['input_bucket']}/{prefix}: {message}")


def test_too_few_rows_for_both_channels(stack: Stack) -> None:
    execution = folders.run(stack, "few/", {"a.csv": table(SIX[:1]), "b.csv": table([])})

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")
    assert "falls into the validation channel" in str(execution.cause)
    assert folders.kept(stack, execution.run_id) == []


def test_a_function_that_fails_is_told_from_a_bad_file(stack: Stack) -> None:
    stack.aws.faults.fail(
        "s3", "GetObject", error="AccessDenied", message="denied", status=403, times=1, principal="folders-preprocess"
    )
    execution = folders.run(stack, "denied/", folders.spread(folders.rows(40), 2))

    assert (execution.status, execution.error) == ("FAILED", "FilesFailedError")
    message = json.loads(str(execution.cause))["errorMessage"]
    assert "1 of 2 files failed" in message
    assert "AccessDenied" in message
    assert folders.kept(stack, execution.run_id) == []


def test_throttled_functions_are_tried_again(stack: Stack) -> None:
    stack.aws.faults.fail(
        "lambda", "Invoke", error="TooManyRequestsException", message="Rate exceeded", status=429, times=6
    )
    execution = folders.run(stack, "throttled/", folders.spread(folders.rows(40), 4))

    assert execution.status == "SUCCEEDED"
    assert execution.output["rows"]["read"] == 40


def test_starting_again_with_the_input_of_a_failed_run_reads_the_folder_anew(stack: Stack) -> None:
    training_faults.fail_next("AlgorithmError: out of memory")
    failed = folders.run(stack, "again/", {"a.csv": table(folders.rows(60))})
    assert failed.status == "FAILED"
    with stack.unwatched():
        changed = {name: table([(f"新しい文章{n}です", 1 + n % 5) for n in range(60)]) for name in ("a.csv", "b.csv")}
        folders.upload(stack, "again/", changed)

    execution = stack.wait(stack.start(failed.input))

    assert (execution.status, execution.error) == ("SUCCEEDED", None)
    assert execution.run_id != failed.run_id
    assert [file["key"] for file in folders.report(stack, execution)["files"]["listing"]] == [
        "again/a.csv",
        "again/b.csv",
    ]
    assert execution.output["rows"]["read"] == 120
    assert all("新しい" in line for line in folders.lines(stack, execution, "train"))


def test_a_shard_that_is_gone_fails_the_run(stack: Stack) -> None:
    stack.aws.faults.delay("s3", "GetObject", seconds=3, times=1, principal="folders-assemble")
    folders.upload(stack, "gone/", folders.spread(folders.rows(60), 3))
    before, runs = stack.executions(), set(stack.artifacts("runs/"))
    stack.upload(b"", "gone/_SUCCESS")
    manifest = wait_for(
        lambda: next((k for k in stack.artifacts("runs/") if k not in runs and k.endswith("manifest.json")), None)
    )
    shard = f"{manifest.split('files/')[0]}shards/00000002/train/train.txt"
    stack.s3.delete_object(Bucket=stack.outputs["artifacts_bucket"], Key=shard)
    [arn] = stack.wait_for_executions(before, 1)
    execution = stack.wait(arn)

    assert (execution.status, execution.error) == ("FAILED", "LostShardError")
    message = json.loads(str(execution.cause))["errorMessage"]
    assert (
        f"1 of the objects that 3 files became are not there any more, s3://{stack.outputs['artifacts_bucket']}/{shard}"
        in message
    )
    assert execution.job_names() == []


@pytest.fixture(scope="module")
def tolerant(stack: Stack) -> Stack:
    """The same module in batch_skipgram mode on two instances, tolerating that a quarter of the files is bad.

    What comes after it applies its own settings: applying takes longer than a run.
    """
    training = {"mode": "batch_skipgram", "instance_count": 2, "hyperparameters": {"epochs": 1, "min_count": 1}}
    changed = {
        "corpus": {"text_column": "review_body"},
        "training": training,
        "preprocess": {**stack.variables["preprocess"], "tolerated_failure_percentage": 25},
    }
    stack.terraform.apply(stack.variables | changed)
    return stack


def test_several_instances_and_tolerated_failures(tolerant: Stack) -> None:
    reviews = folders.rows(60)
    bad = {"bad.csv": b'review_body,star_rating\n"abc,5\n'}
    execution = folders.run(tolerant, "tolerated/", folders.spread(reviews, 3) | bad)

    assert (execution.status, execution.error) == ("SUCCEEDED", None)
    assert {"vectors.txt"} <= set(tolerant.model(execution))
    merged = folders.report(tolerant, execution)
    [failure] = merged["files"]["failures"]
    assert failure["uri"] == f"s3://{tolerant.outputs['input_bucket']}/tolerated/bad.csv"
    assert failure["error"] == "InvalidInputError"
    assert "quote" in failure["reason"]
    assert (merged["files"]["read"], merged["files"]["failed"]) == (3, 1)
    assert execution.output["rows"]["read"] == 60
    assert folders.kept(tolerant, execution.run_id) == ["report.json", "train/train.txt"]
    job = tolerant.aws.client("sagemaker").describe_training_job(TrainingJobName=execution.output["training_job_name"])
    assert job["ResourceConfig"]["InstanceCount"] == 2
    [channel] = job["InputDataConfig"]
    assert channel["DataSource"]["S3DataSource"]["S3DataDistributionType"] == "FullyReplicated"


def test_more_failures_than_tolerated(tolerant: Stack) -> None:
    files = folders.spread(folders.rows(40), 2) | {"bad.csv": b'review_body,star_rating\n"abc,5\n'}
    execution = folders.run(tolerant, "too-many/", files)

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")
    assert "1 of 3 files failed, more than the 25% that" in str(execution.cause)


def test_a_volume_that_is_too_small_is_refused_before_training(stack: Stack) -> None:
    training = {**stack.variables["training"], "volume_size": 1}
    stack.terraform.apply(stack.variables | {"training": training})
    execution = folders.run(stack, "volume/", folders.spread(folders.rows(60), 2))

    assert (execution.status, execution.error) == ("FAILED", "VolumeTooSmall")
    assert "set training.volume_size to at least 2" in str(execution.cause)
    assert execution.job_names() == []


def test_everything_is_allowed_that_a_run_does(stack: Stack) -> None:
    assert [denied for denied in stack.aws.denied if "folders" in denied.principal_arn] == []
