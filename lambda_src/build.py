#!/usr/bin/env python3
"""Build the Lambda function's deployment package with pip, for Lambda's Python and processor, on any machine.

Needs Python 3.9 or newer with pip, and nothing else: no Docker, no compiler. The same sources, pins and host Python
give the same bytes.

Lambda takes 262,144,000 bytes unzipped. The libraries and the dictionary are more, so the dictionary travels in gzipped
segments, which the function unpacks in parallel when it starts (preprocess/text/dictionary_files.py).
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"

#: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_UNZIPPED_BYTES = 262_144_000

#: What a runtime's wheels may ask of glibc 2, by minor version: Amazon Linux 2 has 2.26, Amazon Linux 2023 has 2.34.
#: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
GLIBC = {"python3.11": 26, "python3.12": 34, "python3.13": 34}
MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}

#: Small enough that every vCPU of the largest function has some to unpack.
SEGMENT_BYTES = 16 * 2**20

#: Longer than a build takes on a slow connection.
LOCK_SECONDS = 900

#: The time of every file in the package: the earliest that a zip can hold.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)

#: Nothing of this is used at run time.
UNUSED_DIRECTORIES = {"__pycache__", "tests", "include", "bin"}
UNUSED_SUFFIXES = {".pyi", ".pxd", ".pyx", ".h", ".hpp", ".c", ".cpp", ".a", ".lib"}

#: What stays of a ``.dist-info``: the version, and the licenses that must go with a copy.
KEPT_METADATA = re.compile(r"METADATA|(?:.*/)?(?:LICEN[CS]E|NOTICE|COPYING|AUTHORS)[^/]*", re.IGNORECASE)

NO_PIP = f"{sys.executable} has no pip: install it (python3 -m ensurepip, or your system's python3-pip)"


class BuildError(Exception):
    """The package can't be built; the message says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Build the package that the command line asks for."""
    parser = argparse.ArgumentParser(description="Build the Lambda function's deployment package.")
    parser.add_argument("--output", type=Path, required=True, help="zip file to write")
    parser.add_argument("--runtime", choices=GLIBC, default="python3.12", help="(default: %(default)s)")
    parser.add_argument("--architecture", choices=sorted(MACHINES), default="x86_64", help="(default: %(default)s)")
    parser.add_argument("--user-dictionary", type=Path, help="words of your own, in Sudachi's CSV format")
    parser.add_argument("--if-missing", action="store_true", help="do nothing where the zip is already there")
    options = parser.parse_args(arguments)
    try:
        with alone(options.output):
            if options.if_missing and options.output.exists():
                say(f"{options.output} is there already")
            else:
                build(options.output, options.runtime, options.architecture, options.user_dictionary)
    except BuildError as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    return 0


@contextlib.contextmanager
def alone(output: Path) -> Iterator[None]:
    """Wait for another build of the same zip: Terraform builds for two copies of the module at once.

    A lock that is older than any build takes is one that a killed build has left.
    """
    lock = output.with_name(output.name + ".lock")
    output.parent.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            lock.touch(exist_ok=False)
            break
        except FileExistsError:
            with contextlib.suppress(FileNotFoundError):
                if time.time() - lock.stat().st_mtime > LOCK_SECONDS:
                    lock.unlink()
            time.sleep(0.5)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)


def build(output: Path, runtime: str, architecture: str, user_dictionary: Path | None = None) -> None:
    """Write the package for this runtime and architecture to ``output``.

    Raises
    ------
    BuildError
        pip fails, the user dictionary does not compile, or the package is too large.
    """
    version = runtime.removeprefix("python")
    if user_dictionary is not None and not user_dictionary.is_file():
        raise BuildError(f"there is no user dictionary at {user_dictionary}")
    with tempfile.TemporaryDirectory() as temporary:
        tree = Path(temporary) / "package"
        say(f"Installing the libraries for {runtime} on {architecture}")
        install(tree, runtime, architecture)
        trim(tree)
        say("Packing the dictionary")
        pack_dictionary(tree, user_dictionary)
        shutil.copytree(HERE / "preprocess", tree / "preprocess", ignore=shutil.ignore_patterns("__pycache__"))
        compile_sources(tree, version)
        unzipped = write_zip(tree, output)
    say(f"Wrote {output}: {output.stat().st_size / 1e6:.1f} MB, unzipped {unzipped / 1e6:.1f} MB")


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


def pip(command: str, *options: str) -> None:
    """Run pip, showing what it says only if it fails."""
    run = [sys.executable, "-m", "pip", "--disable-pip-version-check", command, *options]
    done = subprocess.run(run, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise BuildError(f"pip {command} failed:\n{done.stdout.strip()}")


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


def pack_dictionary(tree: Path, user_dictionary: Path | None) -> None:
    """Replace the dictionary's Python package by gzipped segments with a manifest, and compile the user's words."""
    system = tree / "sudachidict_core" / "resources" / "system.dic"
    packed = tree / "dictionary"
    packed.mkdir()
    manifest = {
        "name": "sudachidict-core",
        "version": re.split(r"==|\s", pin_of("sudachidict-core"))[1],
        "bytes": system.stat().st_size,
        "sha256": sha256(system),
        "segments": pack_segments(system, packed),
        "user_dictionary": None,
    }
    if user_dictionary is not None:
        say(f"Compiling the user dictionary {user_dictionary}")
        compile_user_dictionary(user_dictionary, system, packed / "user.dic")
        manifest["user_dictionary"] = {"name": user_dictionary.name, "sha256": sha256(user_dictionary)}
    (packed / "manifest.json").write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    shutil.rmtree(tree / "sudachidict_core")


def pack_segments(source: Path, target: Path) -> list[dict[str, object]]:
    """Gzip a file in segments that can be unpacked independently, and return the manifest's list of them."""

    def pack(offset: int) -> dict[str, object]:
        with source.open("rb") as stream:
            stream.seek(offset)
            data = stream.read(SEGMENT_BYTES)
        name = f"{source.name}.{offset // SEGMENT_BYTES:03d}.gz"
        buffer = io.BytesIO()
        with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=6, mtime=0) as packer:
            packer.write(data)
        (target / name).write_bytes(buffer.getvalue())
        return {"file": name, "offset": offset}

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # zlib works without the global interpreter lock
        return list(pool.map(pack, range(0, source.stat().st_size, SEGMENT_BYTES)))


COMPILE_USER_DICTIONARY = """
import pathlib, sys
from sudachipy.sudachipy import build_user_dic
words, system, target = map(pathlib.Path, sys.argv[1:])
build_user_dic(system=system, lex=[words], output=target, description="user dictionary")
"""


def compile_user_dictionary(words: Path, system: Path, target: Path) -> None:
    """Compile a CSV of words with the pinned SudachiPy, installed for this machine for as long as it takes."""
    with tempfile.TemporaryDirectory() as temporary:
        requirement = Path(temporary) / "requirements.txt"
        requirement.write_text(pin_of("sudachipy"), encoding="utf-8")
        library = Path(temporary) / "library"
        pip("install", f"--target={library}", f"--requirement={requirement}", "--only-binary=:all:", "--no-deps")
        done = subprocess.run(
            [sys.executable, "-c", COMPILE_USER_DICTIONARY, str(words), str(system), str(target)],
            env={**os.environ, "PYTHONPATH": str(library)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode:
        reason = done.stdout.strip().splitlines()[-1]
        raise BuildError(f"the user dictionary {words} does not compile: {reason}")
    # The header holds the time of its making after eight bytes of version.
    with target.open("r+b") as stream:
        stream.seek(8)
        stream.write(bytes(8))


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
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
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


def pins() -> list[str]:
    """Return the lock file's entries, each with its hashes and comments."""
    return re.findall(r"^\S+==[^\n]*\n(?:[ \t][^\n]*\n)*", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE)


def pin_of(name: str) -> str:
    """Return the lock file's only entry for a package."""
    (pin,) = [pin for pin in pins() if pin.startswith(f"{name}==")]
    return pin


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()


def say(text: str) -> None:
    """Print progress at once, also into Terraform's output."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
