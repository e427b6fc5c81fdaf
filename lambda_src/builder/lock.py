"""One build of a zip at a time: Terraform builds for two copies of the module at once."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from .messages import say

#: Longer than a build takes on a slow connection.
LOCK_SECONDS = 900


@contextlib.contextmanager
def alone(output: Path) -> Iterator[None]:
    """Wait for another build of the same zip.

    A lock that is older than any build takes is one that a killed build has left.
    """
    lock = output.with_name(output.name + ".lock")
    output.parent.mkdir(parents=True, exist_ok=True)
    waiting = False
    while True:
        try:
            lock.touch(exist_ok=False)
            break
        except FileExistsError:
            with contextlib.suppress(FileNotFoundError):
                age = time.time() - lock.stat().st_mtime
                if age > LOCK_SECONDS:
                    lock.unlink()
                elif not waiting:
                    waiting = True
                    say(
                        f"Waiting for another build of {output.name}, for {LOCK_SECONDS - age:.0f} seconds at most; "
                        f"if none runs, delete {lock}"
                    )
            time.sleep(0.5)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
