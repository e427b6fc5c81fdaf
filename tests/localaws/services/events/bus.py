"""moto's event buses, with state machines as targets."""

from __future__ import annotations

import copy
import threading
import time
from datetime import UTC, datetime
from typing import Any

from moto.events.exceptions import ValidationException
from moto.events.models import EventsBackend, Rule, events_backends

from localaws.account.current import current
from localaws.account.patches import patch
from localaws.services.events.delivery import Deliverer

_moto_send_to_targets: Any = Rule.send_to_targets
_moto_put_targets = EventsBackend.put_targets

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
        for rule in list(bus.rules.values()):
            _send_to_targets(rule, event, transform_input=False)


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
    Rule,
    "send_to_targets",
    fault="state machines are no targets, and disabled rules and schedules deliver events",
    gaps=("events/knows_no_state_machines", "events/delivers_for_disabled_rules", "events/delivers_for_schedules"),
)
def _send_to_targets(self: Any, original_event: dict[str, Any], transform_input: bool = True) -> None:
    # A rule without a pattern runs on a schedule; no event concerns it.
    if not self.state.startswith("ENABLED") or not self.event_pattern.get_pattern():
        return
    event = _as_delivered(original_event)
    if self.event_pattern.matches_event(event):
        _send(self, event, transform_input)
    with _lock:
        _events.setdefault(event["id"], event)


def _send(rule: Rule, event: Any, transform_input: bool) -> None:
    deliverer = _running()
    targets = list(rule.targets)
    for target in targets:
        if _is_state_machine(target):
            deliverer.submit(rule.arn, copy.deepcopy(target), event)
    others = copy.copy(rule)
    others.targets = [target for target in targets if not _is_state_machine(target)]
    if others.targets:
        now = time.time()
        _moto_send_to_targets(others, {**event, "time": now, "ingestion-time": now}, transform_input)


def _as_delivered(event: dict[str, Any]) -> dict[str, Any]:
    delivered = {name: value for name, value in event.items() if name != "ingestion-time"}
    if not isinstance(delivered["time"], str):
        delivered["time"] = datetime.fromtimestamp(float(delivered["time"]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return copy.deepcopy(delivered)


def _is_state_machine(target: dict[str, Any]) -> bool:
    return str(target["Arn"]).split(":")[2] == "states"


@patch(
    EventsBackend,
    "put_targets",
    fault="a state machine needs no role to be a target",
    gaps=("events/needs_no_role",),
)
def _put_targets(self: EventsBackend, name: str, event_bus_arn: str | None, targets: list[dict[str, Any]]) -> None:
    for target in targets:
        if _is_state_machine(target) and not target.get("RoleArn"):
            raise ValidationException(f"RoleArn is required for target {target['Arn']}.")
    _moto_put_targets(self, name, event_bus_arn, targets)
