"""What the demo stops with."""

from __future__ import annotations


class DemoError(Exception):
    """The demo can't go on; the message says why and what to do, in one sentence where that is enough."""
