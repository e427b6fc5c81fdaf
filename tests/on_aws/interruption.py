"""Signals that end a trial, but never the destroying at its end."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import FrameType, TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """Turn the first signal of a block into ``KeyboardInterrupt``, and answer those after it with a sentence.

    The signals are handled, not ignored: what is started afterwards would inherit that.
    """

    def __init__(self) -> None:
        self._deferred = False
        self._previous: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        self._previous = {number: signal.signal(number, self._handle) for number in SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def defer(self) -> None:
        """Raise no more: what follows has to come to its end."""
        self._deferred = True

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            _forget_terminal()
        if self._deferred:
            os.write(2, b"\nEverything is being destroyed, which takes minutes: please wait.\n")
            return
        self._deferred = True
        raise KeyboardInterrupt


def _forget_terminal() -> None:
    """Write to nowhere, since writing to a terminal that is gone fails."""
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None and stream.isatty():
                os.dup2(nowhere.fileno(), stream.fileno())
