"""The errors a caller can tell apart; Lambda reports each under its class name."""

from __future__ import annotations

#: Characters of a value shown in a message.
SHOWN_CHARACTERS = 40


class InvalidInputError(ValueError):
    """The user's file can't be used as it is. Trying again gives the same answer.

    Parameters
    ----------
    reason
        What is wrong and what to do, without any text of the reviews.
    line
        Physical line of the decompressed file, counted from 1, where there is one to name.
    file
        S3 URI of the file; the pipeline fills it in.
    """

    def __init__(self, reason: str, line: int | None = None, file: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.file = file

    def __str__(self) -> str:
        place = [self.file] if self.file else []
        if self.line is not None:
            place.append(f"line {self.line}")
        return f"{', '.join(place)}: {self.reason}" if place else self.reason

    def located(self, *, file: str | None = None, line: int | None = None) -> InvalidInputError:
        """Return the same error with the parts of its place that were still unknown."""
        return InvalidInputError(self.reason, self.line or line, self.file or file)


class InvalidConfigurationError(ValueError):
    """The Lambda's event asks for something that does not exist."""


class FilesFailedError(RuntimeError):
    """More of a run's files failed than it tolerates, not all of them because of what is in them."""


class LostShardError(RuntimeError):
    """What a file of a run became is gone before the corpus was made of it."""


class OutOfTimeError(RuntimeError):
    """The function's time-out is too near to finish; nothing was written."""


def shown(value: str) -> str:
    """Quote a value from the file for a message: short, ASCII, on one line.

    ASCII shows what looks alike (``５`` and ``5``), and no value can start a log line of its own.
    """
    cut = value[:SHOWN_CHARACTERS]
    return ascii(cut) + ("…" if len(value) > len(cut) else "")


def printable(name: str) -> str:
    """Return an object key or a configured name with its control characters escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)
