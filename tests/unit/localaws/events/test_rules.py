"""Rules start state machines as EventBridge does."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from localaws import LocalAWS
from localaws.account.current import Denied
from localaws.services import events
from localaws.services.events import delivery
from localaws.services.events.inputs import InvalidInputError, target_input

if TYPE_CHECKING:
    from collections.abc import Callable

RULE = "arn:aws:events:us-east-1:123456789012:rule/uploads"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:machine"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:undelivered"
UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
START = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": MACHINE}


@dataclass
class Pipeline:
    """A rule with a state machine as its target, and a dead-letter queue."""

    aws: LocalAWS
    make_role: Callable[..., str]
    target: dict[str, Any] = field(default_factory=dict)

    def build(
        self, *, statements: tuple[dict[str, Any], ...] = (START,), seconds: int = 0, pattern: Any = None, **target: Any
    ) -> None:
        machine_role = self.make_role(name="machine", service="states.amazonaws.com")
        state = {"Type": "Wait", "Seconds": seconds, "End": True} if seconds else {"Type": "Pass", "End": True}
        self.aws.client("stepfunctions").create_state_machine(
            name="machine", roleArn=machine_role, definition=json.dumps({"StartAt": "Only", "States": {"Only": state}})
        )
        condition = {"ArnEquals": {"aws:SourceArn": RULE}}
        rule_role = self.make_role(*statements, name="rule", service="events.amazonaws.com", condition=condition)
        sqs = self.aws.client("sqs")
        allowed = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": QUEUE,
            "Condition": {"ArnEquals": {"aws:SourceArn": RULE}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        sqs.create_queue(QueueName="undelivered", Attributes={"Policy": policy})
        client = self.aws.client("events")
        client.put_rule(Name="uploads", EventPattern=json.dumps(pattern or {"source": ["test"]}))
        self.target = {
            "Id": "machine",
            "Arn": MACHINE,
            "RoleArn": rule_role,
            "DeadLetterConfig": {"Arn": QUEUE},
            **target,
        }
        client.put_targets(Rule="uploads", Targets=[self.target])

    def put(self, **detail: Any) -> str:
        """Put an event on the bus and wait until it is delivered; give its id."""
        [entry] = self.aws.client("events").put_events(
            Entries=[{"Source": "test", "DetailType": "Test", "Detail": json.dumps(detail)}]
        )["Entries"]
        assert events.settle()
        return str(entry["EventId"])

    def executions(self) -> list[dict[str, Any]]:
        states = self.aws.client("stepfunctions")
        found = states.list_executions(stateMachineArn=MACHINE)["executions"]
        return [states.describe_execution(executionArn=execution["executionArn"]) for execution in found]

    def dead_letters(self) -> list[tuple[Any, dict[str, str]]]:
        """Body and attributes of each message in the dead-letter queue."""
        sqs = self.aws.client("sqs")
        url = sqs.get_queue_url(QueueName="undelivered")["QueueUrl"]
        answer = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], MaxNumberOfMessages=10)
        return [
            (
                json.loads(message["Body"]),
                {name: value["StringValue"] for name, value in message["MessageAttributes"].items()},
            )
            for message in answer.get("Messages", [])
        ]


@pytest.fixture
def pipeline(aws: LocalAWS, make_role: Callable[..., str]) -> Pipeline:
    return Pipeline(aws, make_role)


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """EventBridge's waits take next to no time."""
    monkeypatch.setattr(delivery, "TIME_SCALE", 1e-4)


def test_event_starts_an_execution_with_itself_as_input(pipeline: Pipeline) -> None:
    pipeline.build()

    event_id = pipeline.put(key="評価 +%.csv")

    [execution] = pipeline.executions()
    event = json.loads(execution["input"])
    assert event.pop("time").endswith("Z")
    assert event == {
        "version": "0",
        "id": event_id,
        "detail-type": "Test",
        "source": "test",
        "account": "123456789012",
        "region": "us-east-1",
        "resources": [],
        "detail": {"key": "評価 +%.csv"},
    }
    assert re.fullmatch(f"{event_id}_{UUID}", execution["name"])
    assert pipeline.dead_letters() == []


def test_upload_starts_an_execution(pipeline: Pipeline) -> None:
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": ["uploads"]}, "object": {"key": [{"wildcard": "in/*.csv"}]}},
    }
    pipeline.build(pattern=pattern)
    s3 = pipeline.aws.client("s3")
    s3.create_bucket(Bucket="uploads")
    s3.put_bucket_notification_configuration(
        Bucket="uploads", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )

    def uploads() -> list[dict[str, Any]]:
        return [event for event in events.sent() if event["source"] == "aws.s3"]

    for key in ("in/a.tsv", "out/a.csv", "in/x/a b.csv"):
        s3.put_object(Bucket="uploads", Key=key, Body=b"text")

    deadline = time.monotonic() + 10
    while len(uploads()) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert events.settle()
    [execution] = pipeline.executions()
    assert json.loads(execution["input"])["detail"]["object"]["key"] == "in/x/a b.csv"
    assert len({event["id"] for event in uploads()}) == 3


def test_event_delivered_twice_starts_one_execution(pipeline: Pipeline) -> None:
    pipeline.build(seconds=20)
    pipeline.put()

    events.redeliver(events.sent()[0])
    assert events.settle()

    assert len(pipeline.executions()) == 1
    assert pipeline.dead_letters() == []


def test_event_delivered_again_after_its_execution_starts_none(pipeline: Pipeline) -> None:
    pipeline.build()
    pipeline.put()
    deadline = time.monotonic() + 10
    while pipeline.executions()[0]["status"] == "RUNNING" and time.monotonic() < deadline:
        time.sleep(0.02)

    events.redeliver(events.sent()[0])
    assert events.settle()

    assert len(pipeline.executions()) == 1
    [(_, attributes)] = pipeline.dead_letters()
    assert attributes["ERROR_CODE"] == "RESOURCE_ALREADY_EXISTS", attributes


def test_disabled_rule_delivers_nothing(pipeline: Pipeline) -> None:
    pipeline.build()
    pipeline.aws.client("events").disable_rule(Name="uploads")

    pipeline.put()

    assert pipeline.executions() == []


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize(
    ("error", "status"),
    [("ThrottlingException", 400), ("ExecutionLimitExceeded", 400), ("InternalFailure", 500)],
)
def test_passing_failure_is_tried_again(pipeline: Pipeline, error: str, status: int) -> None:
    pipeline.build()
    pipeline.aws.faults.fail("stepfunctions", "StartExecution", error=error, status=status, times=3)

    pipeline.put()

    assert len(pipeline.executions()) == 1
    assert pipeline.dead_letters() == []


@pytest.mark.usefixtures("fast")
def test_exhausted_attempts(pipeline: Pipeline) -> None:
    pipeline.build(RetryPolicy={"MaximumRetryAttempts": 2})
    pipeline.aws.faults.fail(
        "stepfunctions", "StartExecution", error="ThrottlingException", message="Rate exceeded", times=3
    )

    event_id = pipeline.put(n=1)

    assert pipeline.executions() == []
    [(body, attributes)] = pipeline.dead_letters()
    assert body["id"] == event_id
    assert body["detail"] == {"n": 1}
    assert attributes == {
        "RULE_ARN": RULE,
        "TARGET_ARN": MACHINE,
        "ERROR_CODE": "THROTTLING",
        "ERROR_MESSAGE": "Rate exceeded",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "RETRY_ATTEMPTS": "2",
    }


@pytest.mark.usefixtures("fast")
def test_exhausted_age(pipeline: Pipeline) -> None:
    pipeline.build(RetryPolicy={"MaximumEventAgeInSeconds": 60})
    pipeline.aws.faults.fail("stepfunctions", "StartExecution", error="ServiceUnavailable", status=503, times=None)

    pipeline.put()

    [(_, attributes)] = pipeline.dead_letters()
    assert attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"
    assert attributes["ERROR_CODE"] == "ERROR_FROM_TARGET"
    assert 4 <= int(attributes["RETRY_ATTEMPTS"]) <= 7


def test_missing_permission_is_not_tried_again(pipeline: Pipeline) -> None:
    pipeline.build(statements=())

    pipeline.put()

    [(_, attributes)] = pipeline.dead_letters()
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert "states:StartExecution" in attributes["ERROR_MESSAGE"]
    assert attributes["RETRY_ATTEMPTS"] == "0"
    assert "EXHAUSTED_RETRY_CONDITION" not in attributes
    [denied] = pipeline.aws.denied
    assert denied == Denied("arn:aws:iam::123456789012:role/rule", "states:StartExecution", MACHINE)


def test_role_that_no_longer_trusts_the_rule(pipeline: Pipeline) -> None:
    pipeline.build()
    role = pipeline.aws.client("iam").get_role(RoleName="rule")["Role"]
    trust = json.dumps(role["AssumeRolePolicyDocument"]).replace(RULE, f"{RULE}-other")
    pipeline.aws.client("iam").update_assume_role_policy(RoleName="rule", PolicyDocument=trust)

    pipeline.put()

    assert pipeline.executions() == []
    [(_, attributes)] = pipeline.dead_letters()
    assert attributes["ERROR_CODE"] == "FAILED_TO_ASSUME_ROLE"


def test_missing_state_machine(pipeline: Pipeline) -> None:
    pipeline.build(statements=({**START, "Resource": "*"},), Arn=f"{MACHINE}-gone")

    pipeline.put()

    [(_, attributes)] = pipeline.dead_letters()
    assert attributes["ERROR_CODE"] == "NO_RESOURCE"
    assert attributes["TARGET_ARN"] == f"{MACHINE}-gone"


def test_dead_letter_queue_must_let_the_rule_in(pipeline: Pipeline) -> None:
    pipeline.build(statements=())
    sqs = pipeline.aws.client("sqs")
    url = sqs.get_queue_url(QueueName="undelivered")["QueueUrl"]
    policy = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy.replace("rule/uploads", "rule/other")})

    pipeline.put()

    assert pipeline.dead_letters() == []
    assert pipeline.aws.denied[-1] == Denied("events.amazonaws.com", "sqs:SendMessage", QUEUE)


def test_closing_gives_up_what_waits(make_role: Callable[..., str], pipeline: Pipeline) -> None:
    pipeline.build()
    pipeline.aws.faults.fail("stepfunctions", "StartExecution", error="ThrottlingException", times=None)
    deliverer = delivery.Deliverer()
    deliverer.submit(RULE, pipeline.target, {"id": "1", "time": "2026-01-01T00:00:00Z"})
    time.sleep(0.1)

    start = time.monotonic()
    deliverer.close()

    assert time.monotonic() - start < 1.5
    assert deliverer.settle(0)


EVENT = {
    "id": "1",
    "detail-type": "Test",
    "time": "2026-01-01T00:00:00Z",
    "detail": {"key": 'a "b"', "size": 3, "tags": ["x", {"y": None}], "states": ["ON", "OFF"], "valid": True},
}


def _template(template: str, **paths: str) -> dict[str, Any]:
    return {"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({}, EVENT),
        ({"Input": '{"a": 1}'}, {"a": 1}),
        ({"InputPath": "$.detail.tags[1]"}, {"y": None}),
        ({"InputPath": "$.detail-type"}, "Test"),
        ({"InputPath": "$['detail']['size']"}, 3),
        ({"InputPath": "$.nothing.here"}, None),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"key": "$.detail.key", "size": "$.detail.size", "tags": "$.detail.tags"},
                    "InputTemplate": '{"key": <key>, "text": "\\"<key>\\" of <size>", "n": <size>, "tags": <tags>, '
                    '"rule": <aws.events.rule-name>, "all": <aws.events.event.json>, "other": "<b>"}',
                }
            },
            {
                "key": 'a "b"',
                "text": '"a "b"" of 3',
                "n": 3,
                "tags": ["x", {"y": None}],
                "rule": "uploads",
                "all": EVENT,
                "other": "<b>",
            },
        ),
        (
            {"InputTransformer": {"InputTemplate": '{"event": <aws.events.event>}'}},
            {"event": {"id": "1", "detailType": "Test", "time": "2026-01-01T00:00:00Z"}},
        ),
        (_template('"<list> and <yes>"', list="$.detail.states", yes="$.detail.valid"), "[ON,OFF] and true"),
        (_template('{"a": <none>, "b": "<none>"}', none="$.detail.none"), {"a": "", "b": ""}),
        ({"InputTransformer": {"InputTemplate": '"<aws.events.rule-arn>"'}}, RULE),
    ],
    ids=[
        "event",
        "constant",
        "path",
        "hyphen",
        "brackets",
        "missing",
        "template",
        "event without its detail",
        "list within a text",
        "variables of nothing",
        "text",
    ],
)
def test_input(target: dict[str, Any], expected: Any) -> None:
    assert json.loads(target_input(target, EVENT, RULE)) == expected


def test_several_lines_of_text() -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html, "Multi-line string"."""
    target = _template('"The file <key>"\n"is new."', key="$.detail-type")

    assert target_input(target, EVENT, RULE) == '"The file Test"\n"is new."'


def test_object_within_quotes_makes_no_input() -> None:
    target = _template('{"text": "<all>"}', all="$.detail")

    with pytest.raises(InvalidInputError, match="makes no JSON"):
        target_input(target, EVENT, RULE)


def test_template_that_makes_no_json_of_an_event(pipeline: Pipeline) -> None:
    pipeline.build(**_template('{"text": "<all>"}', all="$.detail"))

    pipeline.put(n=1)

    assert pipeline.executions() == []
    [(_, attributes)] = pipeline.dead_letters()
    assert attributes["ERROR_CODE"] == "INVALID_JSON"
