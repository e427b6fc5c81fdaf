"""moto still has each fault that is worked around here; see `unit.localaws.gaps`."""

from __future__ import annotations

from unit.localaws.gaps import moto_still_has

test_moto_still = moto_still_has("events")
