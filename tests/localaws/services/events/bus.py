"""moto's event buses: what comes in, and to which rules' targets it goes."""

from __future__ import annotations

import copy
import json
import re
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.events.exceptions import ValidationException
from moto.events.models import EventBus, EventsBackend, Rule, events_backends

from localaws.access import iam
from localaws.account.current import current
from localaws.account.errors import AwsError
from localaws.account.patches import patch
from localaws.services.events.delivery import Deliverer
from localaws.services.events.inputs import InvalidInputError, check_template
from localaws.services.events.targets import DELIVERIES, PRINCIPAL, service_of

_moto_send_to_targets: Any = Rule.send_to_targets
_moto_put_targets = EventsBackend.put_targets

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
LARGEST_REQUEST_BYTES = 262_144
MOST_TARGETS = 5
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html, "Calculating event entry size".
_TIME_BYTES = 14

_lock = threading.Lock()
_deliverer: Deliverer | None = None
_events: dict[str, dict[str, Any]] = {}


def sent() -> list[dict[str, Any]]:
    """The events that have come to a rule so far, oldest first; each is on its way to its targets."""
    with _lock:
        return list(_events.values())


def redeliver(event: dict[str, Any]) -> None:
    """Deliver an event once more, under the same id; EventBridge delivers at least once.

    Parameters
    ----------
    event
        One of :func:`sent`.
    """
    for bus in events_backends[event["account"]][event["region"]].event_buses.values():
        _route(bus, event)


def settle(timeout: float = 30.0) -> bool:
    """Wait until no event is on its way to a target; give whether that is so within ``timeout`` seconds."""
    return _running().settle(timeout)


def _running() -> Deliverer:
    global _deliverer
    with _lock:
        if _deliverer is None:
            _deliverer = Deliverer()
            current().on_exit(_close)
        return _deliverer


def _close() -> None:
    global _deliverer
    with _lock:
        closing, _deliverer = _deliverer, None
        _events.clear()
    if closing is not None:
        closing.close()


@patch(
    EventsBackend,
    "put_events",
    fault="a detail may be no object and a request of any size, and an event for a bus that is not there fails",
    gaps=("events/takes_any_detail", "events/takes_requests_of_any_size", "events/misses_a_bus"),
)
def _put_events(self: EventsBackend, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(events) > 10:
        raise ValidationException(
            "1 validation error detected: Value '[PutEventsRequestEntry]' at 'entries' failed to satisfy constraint: "
            "Member must have length less than or equal to 10"
        )
    if sum(_size(entry) for entry in events) > LARGEST_REQUEST_BYTES:
        raise ValidationException("Total size of the entries in the request is over the limit.")
    return [_put_event(self, entry) for entry in events]


def _size(entry: dict[str, Any]) -> int:
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *(entry.get("Resources") or [])]
    return sum(len(text.encode()) for text in texts if text) + (_TIME_BYTES if entry.get("Time") else 0)


def _put_event(backend: EventsBackend, entry: dict[str, Any]) -> dict[str, Any]:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            message = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": message}
    if entry["Source"].startswith("aws."):
        return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        detail = None
    if not isinstance(detail, dict):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": entry["DetailType"],
        "source": entry["Source"],
        "account": backend.account_id,
        "time": entry.get("Time") or time.time(),
        "region": backend.region_name,
        "resources": entry.get("Resources") or [],
        "detail": detail,
    }
    # Recorded: an event for a bus that is not there is accepted, and lost.
    bus = backend.event_buses.get((entry.get("EventBusName") or "default").rpartition("/")[2])
    if bus is not None:
        _route(bus, event)
    return {"EventId": event["id"]}


def _route(bus: EventBus, event: dict[str, Any]) -> None:
    for rule in list(bus.rules.values()):
        _send_to_targets(rule, event)


@patch(
    Rule,
    "send_to_targets",
    fault="state machines, topics and functions are no targets, queues need not let EventBridge in and get other events"
    " than it sends, and disabled rules and schedules deliver events",
    gaps=(
        "events/knows_no_state_machines",
        "events/asks_no_queue",
        "events/leaves_the_account_out",
        "events/delivers_for_disabled_rules",
        "events/delivers_for_schedules",
    ),
)
def _send_to_targets(self: Any, original_event: dict[str, Any], transform_input: bool = True) -> None:
    # A rule without a pattern runs on a schedule; no event concerns it.
    if not self.state.startswith("ENABLED") or not self.event_pattern.get_pattern():
        return
    event = _as_delivered(original_event)
    if self.event_pattern.matches_event(event):
        _send(self, event)
    with _lock:
        _events.setdefault(event["id"], event)


def _send(rule: Rule, event: Any) -> None:
    deliverer = _running()
    others = copy.copy(rule)
    others.targets = []
    for target in list(rule.targets):
        service = service_of(target)
        if service == "states":
            deliverer.submit(rule.arn, copy.deepcopy(target), event)
        elif service in DELIVERIES:
            deliverer.deliver(rule.arn, copy.deepcopy(target), event)
        elif ":event-bus/" in target["Arn"]:
            _forward(rule, target, event)
        else:
            others.targets.append(target)
    if others.targets:
        now = time.time()
        _moto_send_to_targets(others, {**event, "time": now, "ingestion-time": now})


def _forward(rule: Rule, target: dict[str, Any], event: dict[str, Any]) -> None:
    """Pass an event on to another bus, as it is, with the target's role."""
    try:
        iam.check_trust(target["RoleArn"], service=PRINCIPAL, source_arn=rule.arn)
        iam.require(target["RoleArn"], "events:PutEvents", target["Arn"])
    except AwsError:
        return
    _, _, _, region, account, name = target["Arn"].split(":", 5)
    bus = events_backends[account][region].event_buses.get(name.partition("/")[2])
    if bus is not None:
        _route(bus, event)


def _as_delivered(event: dict[str, Any]) -> dict[str, Any]:
    delivered = {name: value for name, value in event.items() if name != "ingestion-time"}
    if not isinstance(delivered["time"], str):
        delivered["time"] = datetime.fromtimestamp(float(delivered["time"]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return copy.deepcopy(delivered)


@patch(
    EventsBackend,
    "put_targets",
    fault="a state machine needs no role to be a target, and a target is hardly checked",
    gaps=("events/needs_no_role", "events/takes_any_target"),
)
def _put_targets(self: EventsBackend, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]) -> None:
    for number, target in enumerate(targets, 1):
        _check_target(number, target)
    rule = self.describe_rule(name, event_bus_arn)
    if len({target["Id"] for target in [*rule.targets, *targets]}) > MOST_TARGETS:
        raise JsonRESTError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
    _moto_put_targets(self, name, event_bus_arn, targets)


def _check_target(number: int, target: dict[str, Any]) -> None:
    fault = None
    if not re.fullmatch(r"[\.\-_A-Za-z0-9]+", target["Id"]):
        fault = ("id", target["Id"], r"Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+")
    elif len(target["Id"]) > 64:
        fault = ("id", target["Id"], "Member must have length less than or equal to 64")
    elif "InputTransformer" in target and not target["InputTransformer"].get("InputTemplate"):
        fault = ("inputTransformer.inputTemplate", None, "Member must not be null")
    if fault:
        field, value, constraint = fault
        shown = "null" if value is None else f"'{value}'"
        raise ValidationException(
            f"1 validation error detected: Value {shown} at 'targets.{number}.member.{field}' "
            f"failed to satisfy constraint: {constraint}"
        )
    if "InputTransformer" in target:
        try:
            check_template(target)
        except InvalidInputError as error:
            raise ValidationException(str(error)) from None
    arn = str(target["Arn"])
    if not arn.startswith("arn:"):
        return  # moto refuses it.
    if (service_of(target) == "states" or ":event-bus/" in arn) and not target.get("RoleArn"):
        raise ValidationException(f"RoleArn is required for target {arn}.")
    if service_of(target) not in (*DELIVERIES, "events", "logs"):
        raise ValidationException(f"The local AWS delivers no events to targets such as {arn}.")
