"""Peak memory of a process and all its children."""

from __future__ import annotations

import threading
from contextlib import suppress

import psutil

INTERVAL_SECONDS = 0.1


class Sampler:
    """Watches a process tree from a thread while its context is open.

    Attributes
    ----------
    peak
        Highest sum of the resident set sizes, in bytes. A page that processes share counts in full in each.
    """

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self._root = psutil.Process(pid)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(INTERVAL_SECONDS):
            with suppress(psutil.NoSuchProcess):
                self._sample()

    def _sample(self) -> None:
        resident = 0
        for process in [self._root, *self._root.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                resident += process.memory_info().rss
        self.peak = max(self.peak, resident)
