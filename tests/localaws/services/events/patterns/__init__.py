"""Event patterns: read as EventBridge reads them, weighed, and matched with events.

EventBridge's own matcher is public, https://github.com/aws/event-ruler. What it refuses is refused here in its words,
without the position that it adds.
"""

from __future__ import annotations

from localaws.services.events.patterns.complexity import complexity
from localaws.services.events.patterns.matching import matches
from localaws.services.events.patterns.syntax import InvalidPatternError, parse

__all__ = ["InvalidPatternError", "complexity", "matches", "parse"]
