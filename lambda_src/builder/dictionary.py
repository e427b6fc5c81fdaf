"""Sudachi's dictionary, packed so that the package fits, and the user's words."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .archive import sha256
from .libraries import pin_of
from .messages import BuildError, say
from .pip import pip

#: Small enough that every vCPU of the largest function has some to unpack.
SEGMENT_BYTES = 16 * 2**20


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
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    if done.returncode:
        reason = done.stdout.strip().splitlines()[-1]
        raise BuildError(f"the user dictionary {words} does not compile: {reason}")
    # The header holds the time of its making after eight bytes of version.
    with target.open("r+b") as stream:
        stream.seek(8)
        stream.write(bytes(8))
