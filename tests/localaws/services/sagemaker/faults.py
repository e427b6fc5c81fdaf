"""Faults of training jobs on demand, for tests."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """What happens to one training job.

    Attributes
    ----------
    failure
        Reason with which the job fails while it trains.
    no_capacity
        No instance is found: the job fails while it starts.
    interruptions
        How often spot capacity is taken away while the job trains.
    capacity_returns
        Whether an interrupted job finds new capacity; otherwise it waits until its time is over.
    seconds
        Time the job spends training before its algorithm starts.
    volume_bytes
        Size of the volume, in place of the job's ``VolumeSizeInGB``.
    """

    failure: str | None = None
    no_capacity: bool = False
    interruptions: int = 0
    capacity_returns: bool = True
    seconds: float = 0.0
    volume_bytes: int | None = None


@dataclass
class TrainingFaults:
    """Faults that wait for training jobs to come; each job takes the oldest."""

    _waiting: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fail_next(self, reason: str = "AlgorithmError: exit code 1", *, times: int = 1) -> None:
        """Let the next jobs fail with ``reason`` as ``FailureReason``."""
        self._add(Fault(failure=reason), times)

    def refuse_capacity_next(self, *, times: int = 1) -> None:
        """Let the next jobs fail because there is no instance for them."""
        self._add(Fault(no_capacity=True), times)

    def interrupt_next(self, *, interruptions: int = 1, capacity_returns: bool = True) -> None:
        """Take the spot instance of the next job away while it trains."""
        self._add(Fault(interruptions=interruptions, capacity_returns=capacity_returns), 1)

    def slow_next(self, seconds: float, *, times: int = 1) -> None:
        """Let the next jobs train ``seconds`` longer."""
        self._add(Fault(seconds=seconds), times)

    def shrink_volume_next(self, volume_bytes: int) -> None:
        """Give the next job a volume of this size."""
        self._add(Fault(volume_bytes=volume_bytes), 1)

    def clear(self) -> None:
        """Forget the faults that no job has taken."""
        with self._lock:
            self._waiting.clear()

    def take(self) -> Fault:
        """The fault of the job that starts now; one without effect where none waits."""
        with self._lock:
            return self._waiting.pop(0) if self._waiting else Fault()

    def _add(self, fault: Fault, times: int) -> None:
        with self._lock:
            self._waiting.extend([fault] * times)


training_faults = TrainingFaults()
