"""What is handed from the one who reads to the many who work: batches of whole records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A longer record is an unclosed quote, or no review. It bounds the memory.
MAX_RECORD_CHARACTERS = 4 * 2**20


@dataclass(frozen=True)
class Batch:
    """Whole records, each with its line end, and the number of their first line."""

    data: str
    line: int


class Buffer:
    """What is read of a table and not yet handed on, with the number of its first line.

    Parameters
    ----------
    blocks
        The text, in pieces.

    Attributes
    ----------
    text
        What is there.
    line
        Number of its first line.
    completed
        Whether the last line had no end, and was given one.
    """

    def __init__(self, blocks: Iterator[str]) -> None:
        self.text = ""
        self.line = 1
        self.completed = False
        self._blocks = blocks
        self._ended = False
        self._failure: InvalidInputError | None = None

    def take(self, end: int, lines: int) -> str:
        """Remove and return the start, which has so many line ends."""
        taken, self.text = self.text[:end], self.text[end:]
        self.line += lines
        return taken

    def look_ahead(self, characters: int) -> None:
        """Read on until there is so much, or no more."""
        while len(self.text) < characters and not self._failure and self.fill():
            pass

    def fill(self) -> bool:
        """Read as much as there is, or a block: a record of many blocks is then scanned only a few times.

        Returns
        -------
        bool
            Whether there was more.

        Raises
        ------
        InvalidInputError
            The blocks raised it: after what is wrong with the records before it.
        """
        if self._failure:
            raise self._failure
        if self._ended:
            return False
        pieces = [self.text]
        wanted = max(1, len(self.text))
        try:
            while wanted > 0:
                pieces.append(next(self._blocks))
                wanted -= len(pieces[-1])
        except StopIteration:
            self._ended = True
            if any(pieces) and not pieces[-1].endswith("\n"):
                pieces.append("\n")
                self.completed = True
        except InvalidInputError as error:
            self._failure = error
        self.text = "".join(pieces)
        return True
