"""Events come twice, late, all at once, or can't be delivered."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from e2e.reviews import sample
from e2e.stack import Execution, Stack
from localaws.services import events

SMALL = sample(200)


def file_of(execution: Execution) -> str:
    """Key of the file that an execution was started for."""
    return str(execution.input["detail"]["object"]["key"])


@pytest.mark.parametrize("count", [2, 8])
def test_files_at_once_are_runs_of_their_own(classifier: Stack, count: int) -> None:
    bodies = {f"at-once/{number}.csv": sample(200 + number) for number in range(count)}
    before = classifier.executions()
    with ThreadPoolExecutor(count) as pool:
        etags = dict(zip(bodies, pool.map(classifier.upload, bodies.values(), bodies), strict=True))
    executions = [classifier.wait(arn) for arn in classifier.wait_for_executions(before, count)]

    assert {execution.status for execution in executions} == {"SUCCEEDED"}
    assert {file_of(execution) for execution in executions} == set(bodies)
    assert len({execution.run_id for execution in executions}) == count
    for execution in executions:
        report = json.loads(classifier.artifact(f"runs/{execution.run_id}/report.json"))
        assert report["input"]["key"] == file_of(execution)
        assert report["input"]["etag"] == etags[file_of(execution)].strip('"')


def test_an_event_that_comes_twice_starts_one_run(classifier: Stack) -> None:
    before = classifier.executions()
    execution = classifier.run(SMALL, "twice.csv")
    [event] = [event for event in events.sent() if event["id"] == execution.output["event_id"]]

    events.redeliver(event)
    assert events.settle()
    assert classifier.new_executions(before) == [execution.arn]
    # What EventBridge could not start is in the queue, and says why.
    assert classifier.take_dead_letter()["ERROR_CODE"] == "RESOURCE_ALREADY_EXISTS"


def test_an_event_reads_the_version_that_it_names(classifier: Stack) -> None:
    late = classifier.undelivered(SMALL, "overwritten.csv")["body"]
    classifier.run(sample(220), "overwritten.csv")
    classifier.s3.delete_object(Bucket=classifier.outputs["input_bucket"], Key="overwritten.csv")
    execution = classifier.wait(classifier.start(late))

    assert (execution.status, execution.cause) == ("SUCCEEDED", None)
    report = json.loads(classifier.artifact(f"runs/{execution.run_id}/report.json"))
    assert report["input"]["version_id"] == late["detail"]["object"]["version-id"]
    assert report["rows"]["read"] == 200


def test_a_version_that_is_gone(classifier: Stack) -> None:
    late = classifier.undelivered(SMALL, "gone.csv")["body"]
    version = {"Key": "gone.csv", "VersionId": late["detail"]["object"]["version-id"]}
    classifier.s3.delete_object(Bucket=classifier.outputs["input_bucket"], **version)
    execution = classifier.wait(classifier.start(late))

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")
    assert "this version of it was deleted after its event" in str(execution.cause)
    assert classifier.leftovers(execution) == []


def test_an_object_overwritten_in_a_bucket_without_versions(secured: Stack) -> None:
    late = secured.undelivered(SMALL, secured.key("overwritten.csv"))["body"]
    newer = secured.run(sample(220), secured.key("overwritten.csv"))
    execution = secured.wait(secured.start(late))

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")
    assert "it was overwritten after its event" in str(execution.cause)
    assert secured.leftovers(execution) == []
    assert (newer.status, newer.output["rows"]["read"]) == ("SUCCEEDED", 220)


def test_an_object_deleted_in_a_bucket_without_versions(secured: Stack) -> None:
    late = secured.undelivered(SMALL, secured.key("deleted.csv"))["body"]
    secured.s3.delete_object(Bucket=secured.outputs["input_bucket"], Key=secured.key("deleted.csv"))
    execution = secured.wait(secured.start(late))

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")
    assert "it was deleted after its event" in str(execution.cause)
    assert secured.leftovers(execution) == []


def test_what_the_rule_could_not_deliver_can_be_started_by_hand(secured: Stack) -> None:
    before = secured.executions()
    letter = secured.undelivered(SMALL, secured.key("undelivered.csv"))

    assert secured.new_executions(before) is None
    assert letter["ERROR_CODE"] == "NO_PERMISSIONS"
    assert letter["TARGET_ARN"] == secured.outputs["state_machine_arn"]
    assert "not authorized to perform: states:StartExecution" in letter["ERROR_MESSAGE"]

    execution = secured.wait(secured.start(letter["body"]))
    assert (execution.status, execution.output["event_id"]) == ("SUCCEEDED", letter["body"]["id"])
    assert file_of(execution) == secured.key("undelivered.csv")
