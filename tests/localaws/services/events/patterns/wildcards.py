r"""Wildcards: ``*`` is any run of characters, ``\*`` a star and ``\\`` a backslash."""

from __future__ import annotations

import functools
import re

STAR = -1


@functools.lru_cache
def tokens(text: str) -> tuple[int, ...]:
    """The bytes that a wildcard asks for, within the quotes of a JSON string, with :data:`STAR` for its stars.

    EventBridge compares, weighs and counts positions in this form.

    Raises
    ------
    ValueError
        Two stars stand side by side, or a backslash before something else.
    """
    quoted, found, position = f'"{text}"'.encode(), [], 0
    while position < len(quoted):
        byte, following = quoted[position : position + 1], quoted[position + 1 : position + 2]
        if byte == b"*" == following:
            raise ValueError(f"Consecutive wildcard characters at pos {position}")
        if byte == b"\\":
            if following not in (b"*", b"\\"):
                raise ValueError(f"Invalid escape character at pos {position}")
            position += 1
            byte, escaped = following, True
        else:
            escaped = False
        found.append(STAR if byte == b"*" and not escaped else byte[0])
        position += 1
    return tuple(found)


@functools.lru_cache
def expression(text: str) -> re.Pattern[bytes]:
    """A regular expression for the values, quoted and in UTF-8, that a wildcard matches."""
    return re.compile(b"".join(b".*" if each == STAR else re.escape(bytes([each])) for each in tokens(text)), re.DOTALL)


def covers(text: str, value: str) -> bool:
    """Whether a wildcard matches a value."""
    return expression(text).fullmatch(f'"{value}"'.encode(errors="surrogatepass")) is not None
