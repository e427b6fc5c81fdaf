"""Targets: what a state machine needs, and that other targets get their events as before."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from localaws import LocalAWS


def test_state_machine_needs_a_role(aws: LocalAWS) -> None:
    client = aws.client("events")
    client.put_rule(Name="rule", EventPattern='{"source": ["test"]}')
    machine = "arn:aws:states:us-east-1:123456789012:stateMachine:machine"

    with pytest.raises(ClientError, match=f"RoleArn is required for target {machine}"):
        client.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": machine}])


def test_other_targets_still_get_events_of_matching_rules_only(aws: LocalAWS) -> None:
    client, sqs = aws.client("events"), aws.client("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    client.put_rule(Name="rule", EventPattern='{"source": ["test"]}')
    client.put_rule(Name="schedule", ScheduleExpression="rate(1 day)")
    for rule in ("rule", "schedule"):
        client.put_targets(Rule=rule, Targets=[{"Id": "1", "Arn": "arn:aws:sqs:us-east-1:123456789012:queue"}])

    client.put_events(Entries=[{"Source": "test", "DetailType": "Test", "Detail": '{"a": 1}'}])

    [message] = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert json.loads(message["Body"])["detail"] == {"a": 1}
