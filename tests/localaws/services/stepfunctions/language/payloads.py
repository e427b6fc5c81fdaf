"""JSON as Step Functions passes it from state to state, and how large it may be."""

from __future__ import annotations

import json
from typing import Any

# A state's input or output, UTF-8: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
MAX_BYTES = 262_144


def dump(value: Any) -> str:
    """Write a payload as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def fits(value: Any, most: int = MAX_BYTES) -> bool:
    """Whether a payload is small enough to be passed on."""
    return len(dump(value).encode("utf-8", "surrogatepass")) <= most
