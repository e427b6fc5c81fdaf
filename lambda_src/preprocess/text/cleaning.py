"""What a text says, without the marks that a page, a terminal or a keyboard left in it."""

from __future__ import annotations

import html
import re

#: Tags that break a line or a block; they separate words as a space does. Without backtracking: a tag that is never
#: closed takes as long as the text up to the next one.
MARKUP_BREAK = re.compile(r"<\s*+(?:br|hr|/?(?:p|div|li|ul|ol|tr|td|h[1-6]))(?:\s[^<>]*+|/\s*+)?>", re.IGNORECASE)

#: Character references of HTML, by name or by number. Without the semicolon, ``AT&T`` and ``R&D`` would hold some.
REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")

#: Control characters that are no white space, and the fillers of Hangul, which are blanks: they separate words.
CONTROL = "\0-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u115f\u1160\u3164\uffa0"

#: What has no width: Unicode's Default_Ignorable_Code_Point without Hangul's fillers.
#: https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt
INVISIBLE = (
    "\xad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)

CONTROLS = re.compile(f"[{CONTROL}]")
INVISIBLES = re.compile(f"[{INVISIBLE}]")

#: Most texts hold nothing of all this.
MARKED = re.compile(f"[<&{CONTROL}{INVISIBLE}]")


def cleaned(text: str) -> str:
    """Return the text as a reader sees it: no tags that break lines, no character references, nothing invisible."""
    if MARKED.search(text) is None:
        return text
    text = MARKUP_BREAK.sub(" ", text)
    text = REFERENCE.sub(_character, text)
    text = CONTROLS.sub(" ", text)
    return INVISIBLES.sub("", text)


def _character(match: re.Match[str]) -> str:
    return html.unescape(match.group())
