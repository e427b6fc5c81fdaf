"""The package's files: without what is not used, compiled, and zipped."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from .messages import BuildError, say

#: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_UNZIPPED_BYTES = 262_144_000

#: The time of every file in the package: the earliest that a zip can hold.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)

#: Nothing of this is used at run time.
UNUSED_DIRECTORIES = {"__pycache__", "tests", "include", "bin"}
UNUSED_SUFFIXES = {".pyi", ".pxd", ".pyx", ".h", ".hpp", ".c", ".cpp", ".a", ".lib"}

#: What stays of a ``.dist-info``: the version, and the licenses that must go with a copy.
KEPT_METADATA = re.compile(r"METADATA|(?:.*/)?(?:LICEN[CS]E|NOTICE|COPYING|AUTHORS)[^/]*", re.IGNORECASE)


def trim(tree: Path) -> None:
    """Remove what is not used at run time."""
    for path in sorted(tree.rglob("*"), reverse=True):  # the content of a directory before the directory
        inside = path.relative_to(tree)
        if path.is_dir():
            if path.name in UNUSED_DIRECTORIES:
                shutil.rmtree(path)
        elif path.suffix in UNUSED_SUFFIXES or (
            inside.parts[0].endswith(".dist-info") and not KEPT_METADATA.fullmatch("/".join(inside.parts[1:]))
        ):
            path.unlink()


def compile_sources(tree: Path, version: str) -> None:
    """Compile the sources if this machine has the runtime's Python, which saves each cold start a second or two.

    Lambda's disk is read-only, so Python can't keep there what it compiles. The bytecode is marked as never to be
    checked against its source's time, which no zip keeps.
    """
    python = (
        sys.executable
        if version == f"{sys.version_info.major}.{sys.version_info.minor}"
        else shutil.which(f"python{version}")
    )
    if python is None:
        say(f"There is no python{version} to compile with: the function will start about a second slower")
        return
    command = [
        python,
        "-m",
        "compileall",
        "-q",
        "--invalidation-mode=unchecked-hash",
        f"-s{tree}",
        "-p/var/task",
        str(tree),
    ]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}  # sets in the bytecode are written in their order
    done = subprocess.run(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:  # such as a version manager's shim for a Python that is not installed
        for cache in tree.rglob("__pycache__"):
            shutil.rmtree(cache)
        say(f"{python} can't compile the sources: the function will start about a second slower")


def write_zip(tree: Path, output: Path) -> int:
    """Write the tree as a zip whose bytes depend on nothing but its content, and return its unzipped size."""
    files = sorted(
        (path for path in tree.rglob("*") if path.is_file()), key=lambda path: path.relative_to(tree).as_posix()
    )
    unzipped = sum(path.stat().st_size for path in files)
    if unzipped > MAX_UNZIPPED_BYTES:
        raise BuildError(
            f"the package has {unzipped:,} bytes unzipped and Lambda takes {MAX_UNZIPPED_BYTES:,}: "
            "use a smaller user dictionary"
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(output.name + ".partial")
    try:
        with zipfile.ZipFile(partial, "w") as archive:
            for path in files:
                entry = zipfile.ZipInfo(path.relative_to(tree).as_posix(), ZIP_TIME)
                entry.create_system = 3  # Unix, on every machine
                entry.external_attr = (0o755 if path.suffix == ".so" else 0o644) << 16
                entry.compress_type = zipfile.ZIP_STORED if path.suffix == ".gz" else zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
        partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)
    return unzipped


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()


def source_code_hash(package: Path) -> str:
    """Return what Lambda and Terraform know a package by: its SHA-256 in base 64."""
    return base64.b64encode(bytes.fromhex(sha256(package))).decode()
