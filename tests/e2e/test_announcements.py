"""Whatever ends a run badly is announced on the topic, and once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from e2e import folders
from e2e.reviews import sample
from e2e.stack import Json, Stack, table, wait_for
from localaws.services import events
from localaws.services.sagemaker import training_faults

BAD = table([("良い", "5.0")])


@pytest.fixture(scope="module")
def heard(classifier: Stack) -> Iterator[Callable[[], list[Json]]]:
    """Give what was announced since the last time, once nothing is on its way any more."""
    sqs, sns = classifier.aws.client("sqs"), classifier.aws.client("sns")
    queue = sqs.create_queue(QueueName="announcements")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    subscription = sns.subscribe(TopicArn=classifier.outputs["failure_topic_arn"], Protocol="sqs", Endpoint=arn)

    def take() -> list[Json]:
        assert events.settle()
        found: list[Json] = []
        while messages := sqs.receive_message(QueueUrl=queue).get("Messages"):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=messages[0]["ReceiptHandle"])
            found.append(json.loads(json.loads(messages[0]["Body"])["Message"]))
        return found

    take()
    yield take
    sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])


def test_a_bad_file(classifier: Stack, heard: Callable[[], list[Json]]) -> None:
    execution = classifier.run(BAD, "不正な ファイル.csv")

    [announcement] = heard()
    assert announcement["status"] == "FAILED"
    assert (announcement["error"], announcement["cause"]) == ("InvalidInput", execution.cause)
    assert announcement["executionArn"] == execution.arn
    assert json.loads(announcement["input"])["detail"]["object"]["key"] == "不正な ファイル.csv"


def test_a_run_that_ends_well_is_not_announced(classifier: Stack, heard: Callable[[], list[Json]]) -> None:
    assert classifier.run(sample(200)).status == "SUCCEEDED"
    assert heard() == []


def test_of_a_folder_the_run_is_announced_and_not_its_files(classifier: Stack, heard: Callable[[], list[Json]]) -> None:
    with classifier.unwatched():
        folders.upload(classifier, "announced/", {"a.csv": BAD, "b.csv": BAD, "c.csv": BAD})
    execution = classifier.wait(classifier.start_folder("announced/"))

    assert [announcement["executionArn"] for announcement in heard()] == [execution.arn]


def test_a_run_that_is_stopped_by_hand(classifier: Stack, heard: Callable[[], list[Json]]) -> None:
    training_faults.slow_next(60)
    before, jobs = classifier.executions(), classifier.aws.client("sagemaker")
    classifier.upload(sample(200))
    [arn] = classifier.wait_for_executions(before, 1)
    wait_for(lambda: jobs.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"] or None)
    classifier.stepfunctions.stop_execution(executionArn=arn, error="ByHand", cause="no longer wanted")
    classifier.wait(arn)

    [announcement] = heard()
    assert (announcement["status"], announcement["error"]) == ("ABORTED", "ByHand")


def test_a_run_that_takes_longer_than_the_machine_may(classifier: Stack, heard: Callable[[], list[Json]]) -> None:
    training_faults.slow_next(60)
    with classifier.redefined('"QueryLanguage": "JSONata",', '"QueryLanguage": "JSONata", "TimeoutSeconds": 3,'):
        execution = classifier.run(sample(200))

    assert execution.status == "TIMED_OUT"
    assert [announcement["status"] for announcement in heard()] == ["TIMED_OUT"]


def test_an_expression_that_no_state_catches(classifier: Stack, heard: Callable[[], list[Json]]) -> None:
    execution = classifier.wait(classifier.start({"Records": []}))

    [announcement] = heard()
    assert (execution.status, announcement["error"]) == ("FAILED", "States.QueryEvaluationError")
    assert execution.states() == ["Identify"]


def test_an_announcement_that_can_not_be_delivered_is_kept(vectors: Stack) -> None:
    sns, arn = vectors.aws.client("sns"), vectors.outputs["failure_topic_arn"]
    policy = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    closed = json.loads(policy)
    closed["Statement"] = [statement for statement in closed["Statement"] if statement["Sid"] != "Announce"]
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(closed))
    try:
        with vectors.refusals_expected():
            execution = vectors.run(b"")
            letter = vectors.take_dead_letter()
    finally:
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)

    assert execution.error == "InvalidInput"
    assert letter["TARGET_ARN"] == arn
    assert letter["ERROR_CODE"] == "NO_PERMISSIONS"


def test_a_topic_takes_announcements_of_its_rule_only(classifier: Stack, heard: Callable[[], list[Json]]) -> None:
    arn = classifier.outputs["failure_topic_arn"]
    bus = classifier.aws.client("events")
    bus.put_rule(Name="not-ours", EventPattern=json.dumps({"source": ["not.ours"]}))
    bus.put_targets(Rule="not-ours", Targets=[{"Id": "1", "Arn": arn}])
    with classifier.refusals_expected():
        bus.put_events(Entries=[{"Source": "not.ours", "DetailType": "x", "Detail": "{}"}])
        assert heard() == []
        assert any(call.action == "sns:Publish" and call.resource == arn for call in classifier.aws.denied)
    bus.remove_targets(Rule="not-ours", Ids=["1"])
    bus.delete_rule(Name="not-ours")
