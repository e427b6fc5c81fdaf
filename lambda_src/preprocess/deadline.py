"""Stopping before Lambda does: a function that is killed can neither clean up nor say why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import OutOfTimeError

if TYPE_CHECKING:
    from collections.abc import Callable

#: Kept for aborting the uploads and answering, of the whole time at most a tenth.
RESERVE_SECONDS = 10.0


#: What to change where one file takes too long.
ADVICE = (
    "Give the function more memory (each 1,769 MB is one more vCPU, up to 10,240 MB), a longer time-out (up to 900 "
    "seconds), or split the file and start one run over a folder of the pieces"
)


class Deadline:
    """Watches the time that is left.

    Parameters
    ----------
    seconds_left
        Returns the time until the function is killed.
    advice
        What to change where the time was too short.
    """

    def __init__(self, seconds_left: Callable[[], float], advice: str = ADVICE) -> None:
        self._seconds_left = seconds_left
        self._advice = advice
        self._reserve = min(RESERVE_SECONDS, seconds_left() / 10)

    def check(self, done: int, total: int) -> None:
        """Raise if time is nearly up.

        Parameters
        ----------
        done, total
            Bytes of the input read so far, and in all.

        Raises
        ------
        OutOfTimeError
            Says how far it came and what to change.
        """
        if self._seconds_left() < self._reserve:
            raise OutOfTimeError(
                f"the time-out came near after {done / 1e6:,.1f} of {total / 1e6:,.1f} MB; "
                f"nothing was written. {self._advice}"
            )
