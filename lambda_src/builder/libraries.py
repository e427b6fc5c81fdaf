"""The pinned libraries, as wheels for Lambda's platform."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from .messages import BuildError
from .pip import NO_PIP, pip
from .runtimes import GLIBC, MACHINES

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements.txt"


def install(tree: Path, runtime: str, architecture: str) -> None:
    """Let pip install the pinned wheels for Lambda's platform into ``tree``."""
    version = runtime.removeprefix("python")
    tags = [*(f"manylinux_2_{minor}" for minor in range(GLIBC[runtime], 16, -1)), "manylinux2014"]
    with tempfile.TemporaryDirectory() as temporary:
        requirements = Path(temporary) / "requirements.txt"
        requirements.write_text(requirements_for(version, architecture), encoding="utf-8")
        pip(
            "install",
            f"--target={tree}",
            f"--requirement={requirements}",
            f"--python-version={version}",
            "--implementation=cp",
            *(f"--platform={tag}_{MACHINES[architecture]}" for tag in tags),
            "--only-binary=:all:",
            "--no-deps",
            "--require-hashes",
            # The pins fit Lambda's Python; pip would hold them against the one that it runs on.
            "--ignore-requires-python",
            "--no-compile",
        )


def requirements_for(version: str, architecture: str) -> str:
    """Return the pins that Lambda's platform needs. pip would judge their markers by the Python that it runs on."""
    try:
        from pip._vendor.packaging.markers import Marker
    except ImportError:
        raise BuildError(NO_PIP) from None
    platform = {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": MACHINES[architecture],
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{version}.0",
        "python_version": version,
        "sys_platform": "linux",
    }
    needed = []
    for pin in pins():
        requirement, hashes = pin.split("\n", 1)
        name, _, marker = requirement.rstrip("\\ ").partition(";")
        if not marker or Marker(marker.strip()).evaluate(platform):
            needed.append(f"{name.strip()} \\\n{hashes}")
    return "".join(needed)


def pins() -> list[str]:
    """Return the lock file's entries, each with its hashes and comments."""
    return re.findall(r"^\S+==[^\n]*\n(?:[ \t][^\n]*\n)*", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE)


def pin_of(name: str) -> str:
    """Return the lock file's only entry for a package."""
    (pin,) = [pin for pin in pins() if pin.startswith(f"{name}==")]
    return pin
