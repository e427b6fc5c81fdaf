"""EventBridge: rules that start state machines, with retries and dead-letter queues.

A test sees what went over the buses in :func:`sent`, delivers an event a second time with
:func:`redeliver`, and waits for deliveries with :func:`settle`.
"""

from __future__ import annotations

from localaws.services.events import bus, patterns
from localaws.services.events.bus import redeliver, sent, settle

__all__ = ["bus", "patterns", "redeliver", "sent", "settle"]
