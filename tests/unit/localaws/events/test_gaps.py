"""What moto 5.2.1's EventBridge lacks or gets wrong; a gap that is closed fails its test here.

What :mod:`localaws.services.events` makes of each is tested in ``test_events.py``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from localaws import LocalAWS

UNPATCHED = """
import json, boto3
from moto import mock_aws
from moto.events.models import EventPattern, events_backends
found = {}
with mock_aws():
    credentials = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    events, sqs = (boto3.client(name, **credentials) for name in ("events", "sqs"))
    entry = {"Source": "test", "DetailType": "Test", "Detail": "{}"}
    machine = "arn:aws:states:us-east-1:123456789012:stateMachine:machine"
    events.put_rule(Name="rule", EventPattern=json.dumps({"source": ["test"]}))
    failed = events.put_targets(Rule="rule", Targets=[{"Id": "1", "Arn": machine}])["FailedEntryCount"]
    found["role_not_needed"] = failed == 0
    try:
        events.put_events(Entries=[entry])
    except NotImplementedError:
        found["no_state_machines"] = True
    events.remove_targets(Rule="rule", Ids=["1"])
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    queue = {"Id": "1", "Arn": "arn:aws:sqs:us-east-1:123456789012:queue"}
    def arrives():
        events.put_events(Entries=[entry])
        return "Messages" in sqs.receive_message(QueueUrl=url)
    events.put_targets(Rule="rule", Targets=[queue])
    events.disable_rule(Name="rule")
    found["disabled_delivers"] = arrives()
    events.remove_targets(Rule="rule", Ids=["1"])
    events.put_rule(Name="schedule", ScheduleExpression="rate(1 day)")
    events.put_targets(Rule="schedule", Targets=[queue])
    found["schedule_delivers"] = arrives()
    unknown = EventPattern.load('{"source": [{"sufix": "x"}]}')
    found["unknown_filter_matches"] = unknown.matches_event({"source": "test"})
    wildcard = EventPattern.load('{"source": [{"wildcard": "a*b"}]}')
    found["star_stops_at_line_end"] = not wildcard.matches_event({"source": "a\\nb"})
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def moto() -> dict[str, Any]:
    """What moto does without the local AWS."""
    done = subprocess.run([sys.executable, "-c", UNPATCHED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize(
    "gap",
    [
        "no_state_machines",
        "role_not_needed",
        "disabled_delivers",
        "schedule_delivers",
        "unknown_filter_matches",
        "star_stops_at_line_end",
    ],
)
def test_moto_still_has_the_gap(moto: dict[str, Any], gap: str) -> None:
    assert moto[gap] is True


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
