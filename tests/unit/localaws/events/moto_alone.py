"""moto's EventBridge by itself."""

from __future__ import annotations

import functools
import json
from typing import Any

import boto3
from moto.events.models import EventPattern
from moto.events.responses import EventsHandler

from unit.localaws.gaps import fault, main, raises

ENTRY = {"Source": "test", "DetailType": "Test", "Detail": "{}"}
MACHINE = {"Id": "1", "Arn": "arn:aws:states:us-east-1:123456789012:stateMachine:machine"}
QUEUE = {"Id": "1", "Arn": "arn:aws:sqs:us-east-1:123456789012:queue"}


@functools.cache
def _clients() -> tuple[Any, Any, str]:
    """EventBridge, SQS and the URL of a queue."""
    events, sqs = boto3.client("events"), boto3.client("sqs")
    events.put_rule(Name="rule", EventPattern=json.dumps({"source": ["test"]}))
    return events, sqs, str(sqs.create_queue(QueueName="queue")["QueueUrl"])


def _arrives(rule: str) -> bool:
    """Whether an event comes to the queue by a rule."""
    events, sqs, url = _clients()
    events.put_targets(Rule=rule, Targets=[QUEUE])
    events.put_events(Entries=[ENTRY])
    events.remove_targets(Rule=rule, Ids=["1"])
    return "Messages" in sqs.receive_message(QueueUrl=url)


def _matches(filters: list[dict[str, str]], source: str) -> bool:
    event: Any = {"source": source}
    return bool(EventPattern.load(json.dumps({"source": filters})).matches_event(event))


@fault
def needs_no_role() -> bool:
    events, _, _ = _clients()
    failed: int = events.put_targets(Rule="rule", Targets=[MACHINE])["FailedEntryCount"]
    events.remove_targets(Rule="rule", Ids=["1"])
    return failed == 0


@fault
def knows_no_state_machines() -> bool:
    events, _, _ = _clients()
    events.put_targets(Rule="rule", Targets=[MACHINE])
    found = raises(NotImplementedError, lambda: events.put_events(Entries=[ENTRY]))
    events.remove_targets(Rule="rule", Ids=["1"])
    return found


@fault
def delivers_for_disabled_rules() -> bool:
    events, _, _ = _clients()
    events.disable_rule(Name="rule")
    found = _arrives("rule")
    events.enable_rule(Name="rule")
    return found


@fault
def delivers_for_schedules() -> bool:
    events, _, _ = _clients()
    events.put_rule(Name="schedule", ScheduleExpression="rate(1 day)")
    return _arrives("schedule")


@fault
def matches_unknown_filters() -> bool:
    return _matches([{"sufix": "x"}], "test")


@fault
def stops_at_line_ends() -> bool:
    return not _matches([{"wildcard": "a*b"}], "a\nb")


@fault
def takes_any_complexity() -> bool:
    return bool(EventPattern.load(json.dumps({"source": [{"wildcard": "*a*a*a*a*a*a*a*a"}]})).get_pattern())


@fault
def looks_into_no_list() -> bool:
    event: Any = {"detail": {"parts": [{"id": "a"}]}}
    return not EventPattern.load(json.dumps({"detail": {"parts": {"id": ["a"]}}})).matches_event(event)


@fault
def takes_true_for_one() -> bool:
    event: Any = {"detail": {"flag": True}}
    return EventPattern.load(json.dumps({"detail": {"flag": [1]}})).matches_event(event)


@fault
def tests_no_pattern() -> bool:
    return EventsHandler.test_event_pattern.__code__.co_names == ()


@fault
def takes_any_detail() -> bool:
    events, _, _ = _clients()
    failed: int = events.put_events(Entries=[{**ENTRY, "Detail": "[]"}])["FailedEntryCount"]
    return failed == 0


@fault
def takes_requests_of_any_size() -> bool:
    events, _, _ = _clients()
    answer = events.put_events(Entries=[{**ENTRY, "Detail": json.dumps({"a": "x" * 262_144})}])
    return "EventId" in answer["Entries"][0]


@fault
def misses_a_bus() -> bool:
    events, _, _ = _clients()
    entry = {**ENTRY, "EventBusName": "none"}
    return raises(events.exceptions.ResourceNotFoundException, lambda: events.put_events(Entries=[entry]))


@fault
def asks_no_queue() -> bool:
    return _arrives("rule")


@fault
def leaves_the_account_out() -> bool:
    events, sqs, url = _clients()
    events.put_targets(Rule="rule", Targets=[QUEUE])
    events.put_events(Entries=[ENTRY])
    events.remove_targets(Rule="rule", Ids=["1"])
    return "account" not in json.loads(sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"])


@fault
def takes_any_target() -> bool:
    events, _, _ = _clients()
    failed: int = events.put_targets(Rule="rule", Targets=[{**QUEUE, "Id": "!"}])["FailedEntryCount"]
    events.remove_targets(Rule="rule", Ids=["!"])
    return failed == 0


if __name__ == "__main__":
    main()
