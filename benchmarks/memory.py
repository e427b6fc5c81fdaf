"""Peak memory of a process and all its children."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass

import psutil

INTERVAL_SECONDS = 0.1


@dataclass
class Peak:
    """Highest sums over a process tree, in bytes.

    Attributes
    ----------
    pss
        Proportional set size: a page that n processes share counts 1/n in each, so the sum is what the machine spends.
    rss
        Resident set size: a shared page counts in full in each.
    """

    pss: int = 0
    rss: int = 0


class Sampler:
    """Watches a process tree from a thread while its context is open."""

    def __init__(self, pid: int) -> None:
        self.peak = Peak()
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
        pss = rss = 0
        for process in [self._root, *self._root.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                memory = process.memory_full_info()
                pss += memory.pss
                rss += memory.rss
        self.peak = Peak(max(self.peak.pss, pss), max(self.peak.rss, rss))
