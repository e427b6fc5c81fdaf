"""The training images that jobs may name, and the programs that run in their place.

This is the one place that knows where such a program lies. Nothing here imports it: it runs in a process of its own and
knows of SageMaker what a container knows, the folder ``ml``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

IMAGE = re.compile(
    r"(?P<registry>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<repository>[^:@]+)[:@](?P<tag>.+)"
)
# The package that stands in for each ECR repository's image.
PROGRAMS = {"blazingtext": Path(__file__).resolve().parents[3] / "blazingtext"}


def command(repository: str, folder: Path) -> list[str]:
    """What starts a repository's program on a container's ``ml`` folder."""
    return [sys.executable, "-m", PROGRAMS[repository].name, str(folder)]


def variables(repository: str) -> dict[str, str]:
    """The environment variables that let Python find it."""
    return {"PYTHONPATH": str(PROGRAMS[repository].parent), "PYTHONUTF8": "1"}
