"""Targets: what each needs, what is refused, and what gets to queues, topics, functions and other buses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.events.models import events_backends

from localaws.account.current import Denied
from localaws.services import events

if TYPE_CHECKING:
    from localaws import LocalAWS
    from unit.localaws.conftest import MakeRole

PREFIX = "us-east-1:123456789012"
RULE = f"arn:aws:events:{PREFIX}:rule/rule"
QUEUE = f"arn:aws:sqs:{PREFIX}:queue"
UNDELIVERED = f"arn:aws:sqs:{PREFIX}:undelivered"
TOPIC = f"arn:aws:sns:{PREFIX}:topic"
ENTRY = {"Source": "test", "DetailType": "Test", "Detail": '{"a": 1}'}
FROM_THE_RULE: dict[str, Any] = {
    "ArnEquals": {"aws:SourceArn": RULE},
    "StringEquals": {"aws:SourceAccount": "123456789012"},
}


def policy(action: str, resource: str, **condition: Any) -> str:
    """A resource's policy that lets EventBridge in, by conditions such as ``ArnEquals={...}``."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": action,
        "Resource": resource,
    }
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}
    )


def queue(aws: LocalAWS, name: str = "queue", **condition: Any) -> str:
    """Make a queue that lets EventBridge in; give its URL."""
    attributes = {"Policy": policy("sqs:SendMessage", f"arn:aws:sqs:{PREFIX}:{name}", **condition)}
    return str(aws.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])


def topic(aws: LocalAWS, **attributes: str) -> str:
    """Make a topic that forwards to a queue; give the queue's URL."""
    sns, sqs = aws.client("sns"), aws.client("sqs")
    url = str(sqs.create_queue(QueueName="subscribed")["QueueUrl"])
    sns.create_topic(Name="topic", Attributes=attributes)
    sns.subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=f"arn:aws:sqs:{PREFIX}:subscribed")
    return url


def rule(aws: LocalAWS, *targets: dict[str, Any], pattern: Any = None, **options: Any) -> None:
    client = aws.client("events")
    pattern = pattern or {"source": ["test"]}
    client.put_rule(Name="rule", EventPattern=json.dumps(pattern), **options)
    client.put_targets(
        Rule="rule", Targets=[{"Id": str(number), **each} for number, each in enumerate(targets)], **options
    )


def put(aws: LocalAWS, **entry: Any) -> None:
    assert aws.client("events").put_events(Entries=[{**ENTRY, **entry}])["FailedEntryCount"] == 0
    assert events.settle()


def received(aws: LocalAWS, url: str) -> list[Any]:
    messages = aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]


def undelivered(aws: LocalAWS, url: str) -> list[str]:
    """The error codes in a dead-letter queue."""
    answer = aws.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    return [message["MessageAttributes"]["ERROR_CODE"]["StringValue"] for message in answer.get("Messages", [])]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ({"Arn": f"arn:aws:states:{PREFIX}:stateMachine:machine"}, "RoleArn is required for target arn:aws:states"),
        ({"Arn": f"arn:aws:events:{PREFIX}:event-bus/other"}, "RoleArn is required for target arn:aws:events"),
        ({"Id": "!"}, r"Value '!' at 'targets\.1\.member\.id'.*regular expression"),
        ({"Id": "a" * 65}, "length less than or equal to 64"),
        ({"InputTransformer": {"InputPathsMap": {}}}, "inputTransformer.inputTemplate.*must not be null"),
        ({"InputTransformer": {"InputTemplate": "text"}}, "Invalid InputTemplate for target 1"),
        ({"InputTransformer": {"InputTemplate": '{"a": <unknown>}'}}, "Invalid InputTemplate for target 1"),
        (
            {"Arn": f"arn:aws:kinesis:{PREFIX}:stream/a"},
            "The local AWS delivers no events to targets such as arn:aws:k",
        ),
    ],
)
def test_wrong_target_is_refused(aws: LocalAWS, target: dict[str, Any], reason: str) -> None:
    """The names of wrong fields are recorded; that a template is checked is reported by others."""
    client = aws.client("events", config=Config(parameter_validation=False))
    client.put_rule(Name="rule", EventPattern='{"source": ["test"]}')

    with pytest.raises(ClientError, match=f"ValidationException.*{reason}"):
        client.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": QUEUE, **target}])


def test_a_rule_has_five_targets_at_most(aws: LocalAWS) -> None:
    rule(aws, *[{"Arn": QUEUE}] * 5)

    with pytest.raises(ClientError, match=r"LimitExceededException.*exceeds the maximum number allowed"):
        aws.client("events").put_targets(Rule="rule", Targets=[{"Id": "more", "Arn": QUEUE}])


def test_queue_gets_events_of_matching_rules_only(aws: LocalAWS) -> None:
    url = queue(aws, "queue", **FROM_THE_RULE)
    client = aws.client("events")
    rule(aws, {"Arn": QUEUE})
    client.put_rule(Name="schedule", ScheduleExpression="rate(1 day)")
    client.put_targets(Rule="schedule", Targets=[{"Id": "1", "Arn": QUEUE}])

    put(aws)

    [event] = received(aws, url)
    assert event["detail"] == {"a": 1}
    assert event["account"] == "123456789012"


def test_queue_must_let_the_rule_in(aws: LocalAWS) -> None:
    url = queue(aws, ArnEquals={"aws:SourceArn": f"{RULE}-other"})
    dead = queue(aws, "undelivered")
    rule(aws, {"Arn": QUEUE, "DeadLetterConfig": {"Arn": UNDELIVERED}})

    put(aws)

    assert received(aws, url) == []
    assert undelivered(aws, dead) == ["NO_PERMISSIONS"]


def test_topic_gets_what_the_transformer_makes(aws: LocalAWS) -> None:
    url = topic(aws, Policy=policy("sns:Publish", TOPIC, **FROM_THE_RULE))
    transformer = {"InputPathsMap": {"status": "$.detail.status"}, "InputTemplate": '"The run is <status>."'}
    pattern = {"source": ["aws.states"], "detail": {"status": ["FAILED"]}}
    rule(aws, {"Arn": TOPIC, "InputTransformer": transformer}, pattern=pattern)

    # As Step Functions does: nobody else can put an event of AWS's own.
    for moto_rule in list(events_backends["123456789012"]["us-east-1"].event_buses["default"].rules.values()):
        for status in ("RUNNING", "FAILED"):
            moto_rule.send_to_targets(_status_change(status))
    assert events.settle()

    [message] = received(aws, url)
    assert message["Message"] == '"The run is FAILED."'


def _status_change(status: str) -> Any:
    return {
        "version": "0",
        "id": status,
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "account": "123456789012",
        "region": "us-east-1",
        "time": "2026-01-01T00:00:00Z",
        "resources": [],
        "detail": {"status": status},
    }


@pytest.mark.parametrize(
    "condition",
    [
        None,
        {"ArnEquals": {"aws:SourceArn": f"{RULE}-other"}},
        {"StringEquals": {"aws:SourceAccount": "210987654321"}},
    ],
    ids=["AWS's own policy", "another rule", "another account"],
)
def test_topic_must_let_the_rule_in(aws: LocalAWS, condition: dict[str, Any] | None) -> None:
    attributes = {} if condition is None else {"Policy": policy("sns:Publish", TOPIC, **condition)}
    url, dead = topic(aws, **attributes), queue(aws, "undelivered")
    rule(aws, {"Arn": TOPIC, "DeadLetterConfig": {"Arn": UNDELIVERED}})

    put(aws)

    assert received(aws, url) == []
    assert undelivered(aws, dead) == ["NO_PERMISSIONS"]
    assert aws.denied == [Denied("events.amazonaws.com", "sns:Publish", TOPIC)]


def test_topic_that_is_gone(aws: LocalAWS) -> None:
    dead = queue(aws, "undelivered")
    topic(aws, Policy=policy("sns:Publish", TOPIC))
    rule(aws, {"Arn": TOPIC, "DeadLetterConfig": {"Arn": UNDELIVERED}})
    aws.client("sns").delete_topic(TopicArn=TOPIC)

    put(aws)

    assert undelivered(aws, dead) in (["NO_PERMISSIONS"], ["NO_RESOURCE"])


def test_topic_on_awss_key_refuses_event_bridge(aws: LocalAWS) -> None:
    """https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html."""
    dead = queue(aws, "undelivered")
    url = topic(aws, Policy=policy("sns:Publish", TOPIC), KmsMasterKeyId="alias/aws/sns")
    rule(aws, {"Arn": TOPIC, "DeadLetterConfig": {"Arn": UNDELIVERED}})

    put(aws)

    assert received(aws, url) == []
    assert undelivered(aws, dead) == ["NO_PERMISSIONS"]
    assert [denied.action for denied in aws.denied] == ["kms:GenerateDataKey"]


@pytest.mark.parametrize(
    ("condition", "arrives"),
    [
        ({}, True),
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, False),
        ({"ArnLike": {"aws:SourceArn": RULE}}, False),
    ],
)
def test_a_topics_key_must_let_event_bridge_in_whatever_the_rule(
    aws: LocalAWS, condition: dict[str, Any], arrives: bool
) -> None:
    document = json.loads(policy("kms:*", "*", **condition))
    account = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "kms:*", "Resource": "*"}
    document["Statement"].append(account)
    key = aws.client("kms").create_key(Policy=json.dumps(document))["KeyMetadata"]["Arn"]
    url = topic(aws, Policy=policy("sns:Publish", TOPIC), KmsMasterKeyId=key)
    rule(aws, {"Arn": TOPIC})

    put(aws)

    assert bool(received(aws, url)) is arrives


@pytest.mark.parametrize("allowed", [True, False])
def test_another_bus_gets_the_same_event(aws: LocalAWS, make_role: MakeRole, allowed: bool) -> None:
    url = queue(aws)
    client = aws.client("events")
    bus = client.create_event_bus(Name="other")["EventBusArn"]
    statements = [{"Effect": "Allow", "Action": "events:PutEvents", "Resource": bus}] if allowed else []
    rule(aws, {"Arn": QUEUE}, EventBusName="other")
    rule(aws, {"Arn": bus, "RoleArn": make_role(*statements, service="events.amazonaws.com")})

    put(aws)

    assert [event["detail"] for event in received(aws, url)] == ([{"a": 1}] if allowed else [])


def test_what_put_events_refuses(aws: LocalAWS) -> None:
    """Recorded, but for `aws.`, which is documented."""
    client = aws.client("events")

    def refused(**entry: Any) -> str | None:
        code: str | None = client.put_events(Entries=[{**ENTRY, **entry}])["Entries"][0].get("ErrorCode")
        return code

    assert refused(Detail="[]") == refused(Detail='"text"') == refused(Detail="{{}") == "MalformedDetail"
    assert refused(Source="aws.states") == "NotAuthorizedForSourceException"
    assert refused(DetailType="") == "InvalidArgument"
    assert refused(EventBusName="none") is None
    with pytest.raises(ClientError, match=r"Total size of the entries in the request is over the limit\."):
        refused(Detail=json.dumps({"a": "é" * 131_072}, ensure_ascii=False))
    with pytest.raises(ClientError, match="Member must have length less than or equal to 10"):
        client.put_events(Entries=[ENTRY] * 11)
