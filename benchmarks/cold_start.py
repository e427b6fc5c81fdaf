"""Seconds from the package, zipped as it is uploaded, to the first tokenized line of a process that runs it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from time import perf_counter

import boto3

from builder import cli
from builder.archive import sha256
from builder.libraries import REQUIREMENTS

CODE = """
import preprocess.handler
from preprocess.text import dictionary
from preprocess.config import TokenizerSettings
from preprocess.text.tokenizer import Tokenizer
print(" ".join(Tokenizer(dictionary.load(), TokenizerSettings())("清潔で広い部屋でした。")))
"""


def measure(directory: Path, times: int = 3) -> list[float]:
    """Build the package for this Python if the directory has none of these sources; unpack and start it.

    Returns
    -------
    list of float
        Seconds of each time, the unpacking of zip and dictionary among them.
    """
    runtime = f"python{sys.version_info.major}.{sys.version_info.minor}"
    package = directory / f"package-{runtime}-{_digest_of_sources()[:16]}.zip"
    if cli.main(["--output", str(package), "--runtime", runtime, "--if-missing"]):
        raise SystemExit("the package can't be built")
    with tempfile.TemporaryDirectory() as temporary:
        return [_unpack_and_start(package, Path(temporary) / str(turn)) for turn in range(times)]


def _digest_of_sources() -> str:
    files = [REQUIREMENTS, *sorted(Path(cli.__file__).parent.glob("*.py")), *sorted(cli.SOURCES.rglob("*.*"))]
    return hashlib.sha256(b"".join(sha256(path).encode() for path in files if path.suffix != ".pyc")).hexdigest()


def _unpack_and_start(package: Path, directory: Path) -> float:
    root, temporary = directory / "task", directory / "tmp"
    temporary.mkdir(parents=True)
    runtime_libraries = Path(boto3.__file__).parents[1]  # boto3 is the runtime's
    environment = {
        "AWS_DEFAULT_REGION": "us-east-1",
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "PYTHONDONTWRITEBYTECODE": "1",  # Lambda's disk is read-only
        "PYTHONPATH": f"{root}:{runtime_libraries}",
        "TMPDIR": str(temporary),
    }
    started = perf_counter()
    with zipfile.ZipFile(package) as archive:
        archive.extractall(root)
    done = subprocess.run(
        [sys.executable, "-S", "-c", CODE], env=environment, capture_output=True, text=True, check=True
    )
    seconds = perf_counter() - started
    if not done.stdout.startswith("清潔 で 広い 部屋"):
        raise RuntimeError(f"the package tokenized wrongly: {done.stdout!r}")
    return seconds
