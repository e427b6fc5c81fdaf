"""fastText's progress, written the way BlazingText logs it."""

from __future__ import annotations

import os
import re
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROGRESS = re.compile(
    r"Progress:\s*(?P<percent>[\d.]+)%\s+words/sec/thread:\s*(?P<speed>\d+)\s+lr:\s*(?P<rate>-?[\d.]+)"
)
_VOCABULARY = re.compile(r"(Read \d+M words|Number of (?:words|labels):\s*\d+)")
STEP = 5.0  # percent between two lines


@contextmanager
def logged_progress(threads: int) -> Iterator[None]:
    """Turn what fastText writes to standard error, one line overwritten again and again, into lines of a log.

    fastText knows no callback, but leaves Python running while it trains: a pipe takes the place of file descriptor 2.
    """
    sys.stderr.flush()
    reader, writer = os.pipe()
    original = os.dup(2)
    os.dup2(writer, 2)
    os.close(writer)
    follower = threading.Thread(target=_follow, args=(reader, original, threads), daemon=True)
    follower.start()
    try:
        yield
    finally:
        os.dup2(original, 2)
        follower.join()
        os.close(original)


def _follow(reader: int, original: int, threads: int) -> None:
    reported = -STEP
    for line in _lines(reader):
        if progress := _PROGRESS.search(line):
            percent = float(progress["percent"])
            if percent - reported >= STEP or (percent == 100.0 > reported):
                reported = percent
                speed = int(progress["speed"]) * threads / 1e6
                rate = max(0.0, float(progress["rate"]))
                print(
                    f"##### Alpha: {rate:.4f}  Progress: {percent:.2f}%  Million Words/sec: {speed:.2f} #####",
                    flush=True,
                )
        elif vocabulary := _VOCABULARY.search(line):
            print(vocabulary[0], flush=True)
        elif line.strip():
            os.write(original, f"{line}\n".encode())
    os.close(reader)


def _lines(descriptor: int) -> Iterator[str]:
    """Lines that end in a line feed or, as fastText's progress does, in a carriage return."""
    buffer = b""
    while chunk := os.read(descriptor, 4096):
        *complete, buffer = re.split(rb"[\r\n]", buffer + chunk)
        yield from (line.decode(errors="replace") for line in complete)
    yield buffer.decode(errors="replace")
