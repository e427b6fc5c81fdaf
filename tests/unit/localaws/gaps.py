"""What moto does by itself, seen in a process in which nothing of it is replaced.

Each service's ``moto_alone.py`` holds one function a fault, true while moto has it. A fault that moto no longer has
fails the test of its name: then the patches that name it can go.
"""

from __future__ import annotations

import ast
import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent
TESTS = FOLDER.parents[1]
SERVICES = sorted(path.parent.name for path in FOLDER.glob("*/moto_alone.py"))
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}

_checks: dict[str, Callable[[], bool]] = {}


def fault(check: Callable[[], bool]) -> Callable[[], bool]:
    """Register a function as one that says whether moto has the fault it is named after."""
    _checks[check.__name__] = check
    return check


def faults(service: str) -> list[str]:
    """Names of the faults that a service's script looks for."""
    tree = ast.parse((FOLDER / service / "moto_alone.py").read_text("utf-8"))
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(decorator, ast.Name) and decorator.id == "fault" for decorator in node.decorator_list)
    ]


@functools.cache
def seen(service: str) -> dict[str, bool]:
    """Run a service's script: whether moto has each fault."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", f"unit.localaws.{service}.moto_alone"],
        capture_output=True,
        check=False,
        cwd=TESTS,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(TESTS), **CREDENTIALS},
        text=True,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, bool] = json.loads(run.stdout.splitlines()[-1])
    return found


def moto_still_has(service: str) -> Callable[[str], None]:
    """The test of a service's ``test_gaps.py``: moto still has each fault."""

    @pytest.mark.parametrize("gap", faults(service))
    def test_moto_still(gap: str) -> None:
        assert seen(service)[gap], f"moto no longer {gap.replace('_', ' ')}: take out what names {service}/{gap}"

    return test_moto_still


def main(**config: Any) -> None:
    """Look for every fault, under moto's mock; print what was found as JSON."""
    settings: Any = config or None
    with mock_aws(config=settings):
        found = {name: check() for name, check in _checks.items()}
    print(json.dumps(found))


def raises(error: type[Exception], call: Callable[[], Any]) -> bool:
    """Whether a call fails in this way."""
    try:
        call()
    except error:
        return True
    return False


def names(function: Any) -> tuple[str, ...]:
    """Names that a function's code uses, for faults that show only deep inside the interpreter."""
    found: tuple[str, ...] = function.__code__.co_names
    return found
