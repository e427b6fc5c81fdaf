"""Where the dictionary lies: packed in the deployment package, or installed beside SudachiPy in a checkout.

SudachiPy is not imported here: unpacking is to start before anything that takes long to import.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib import metadata, util
from pathlib import Path
from typing import Any

#: Written by ``build.py``. Lambda takes 262,144,000 bytes, which leaves no room for the dictionary as it is.
PACKED = Path(__file__).resolve().parents[2] / "dictionary"

COPY_BYTES = 2**20


@dataclass(frozen=True)
class DictionaryFiles:
    """Where the dictionary lies, and what the report says of it."""

    system: Path
    user: Path | None
    description: dict[str, Any]


@cache
def locate() -> Future[DictionaryFiles]:
    """Start to unpack the dictionary, once a process: it takes as long as importing pandas, so do both at once."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="dictionary")
    try:
        return pool.submit(_unpack if PACKED.is_dir() else _installed)
    finally:
        pool.shutdown(wait=False)


def _installed() -> DictionaryFiles:
    spec = util.find_spec("sudachidict_core")
    if spec is None or spec.origin is None:
        raise RuntimeError("there is no dictionary: install lambda_src/requirements.txt")
    system = Path(spec.origin).with_name("resources") / "system.dic"
    name = "sudachidict-core"
    return DictionaryFiles(system, None, {"name": name, "version": metadata.version(name), "user_dictionary": None})


def _unpack() -> DictionaryFiles:
    """Write the packed dictionary to the temporary directory, the one place where Lambda lets a function write."""
    manifest = json.loads((PACKED / "manifest.json").read_text(encoding="utf-8"))
    system = Path(tempfile.gettempdir()) / f"sudachi-{manifest['sha256'][:16]}.dic"
    if not (system.exists() and system.stat().st_size == manifest["bytes"]):
        descriptor, partial = tempfile.mkstemp(dir=system.parent)
        try:
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda segment: _unpack_segment(segment, Path(partial)), manifest["segments"]))
            Path(partial).replace(system)  # nobody ever sees half a dictionary
        except BaseException:
            Path(partial).unlink()
            raise
        finally:
            os.close(descriptor)
    user = PACKED / "user.dic" if manifest["user_dictionary"] else None
    description = {key: manifest[key] for key in ("name", "version", "user_dictionary")}
    return DictionaryFiles(system, user, description)


def _unpack_segment(segment: dict[str, Any], target: Path) -> None:
    with gzip.open(PACKED / segment["file"]) as source, target.open("r+b") as sink:
        sink.seek(segment["offset"])
        shutil.copyfileobj(source, sink, COPY_BYTES)
