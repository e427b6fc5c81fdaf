"""moto 5.2.1's faults are still there; a workaround whose test fails here is no longer needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("moto_alone.py")


@pytest.fixture(scope="module")
def faults() -> dict[str, bool]:
    environment = os.environ | {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    run = subprocess.run([sys.executable, SCRIPT], capture_output=True, check=True, env=environment, text=True)
    found: dict[str, bool] = json.loads(run.stdout)
    return found


FAULTS = [
    line.removeprefix("def ").partition("(")[0]
    for before, line in zip(
        SCRIPT.read_text("utf-8").splitlines(), SCRIPT.read_text("utf-8").splitlines()[1:], strict=False
    )
    if before == "@fault"
]


@pytest.mark.parametrize("name", FAULTS)
def test_moto_still(faults: dict[str, bool], name: str) -> None:
    assert faults[name], f"moto no longer {name.replace('_', ' ')}: take the workaround out"
