"""The errors a caller can tell apart; Lambda reports each under its class name."""

from __future__ import annotations

import re
import unicodedata

#: Of a column's name, shown in a message.
NAME_CHARACTERS = 40

#: Code points that stand beside a value.
MAX_CODES = 5

#: What is taken for a minus sign, and is none.
DASHES = re.compile("[\u2010-\u2015\u2212\u30fc]")


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


def shown(value: str, characters: int) -> str:
    """Quote a value from the file for a message, on one line, as much of it as may be shown.

    Written as it is, but for what can't be seen. What looks like ASCII and is none (``５`` and ``5``) has its code
    point beside it.
    """
    if value and not characters:
        return f"a value of {len(value):,} characters"
    cut = value[:characters]
    more = "…" if len(value) > len(cut) else ""
    looks_like_ascii = unicodedata.normalize("NFKC", DASHES.sub("-", cut)).isascii()
    codes = [f"U+{ord(c):04X}" for c in dict.fromkeys(cut) if looks_like_ascii and c.isprintable() and not c.isascii()]
    return f"'{printable(cut)}'{more}" + (f" ({' '.join(codes[:MAX_CODES])})" if codes else "")


def shown_name(name: str) -> str:
    """Quote the name of a column for a message."""
    return shown(name, NAME_CHARACTERS)


def printable(name: str) -> str:
    """Return a text with the characters escaped that can't be seen, or would end a line."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)
