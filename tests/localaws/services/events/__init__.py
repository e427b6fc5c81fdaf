"""EventBridge: patterns, rules and what they deliver to, with retries and dead-letter queues.

A test sees what went over the buses in :func:`sent`, delivers an event a second time with
:func:`redeliver`, and waits for deliveries with :func:`settle`.
"""

from __future__ import annotations

from localaws.services.events import bus
from localaws.services.events.bus import redeliver, sent, settle
from localaws.services.events.patterns import rules

__all__ = ["bus", "redeliver", "rules", "sent", "settle"]
