"""What else could be done to texts and tokens before a model learns from them, each alone."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.quality.pipeline import Tokens
from benchmarks.quality.rules import DEFAULT_TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable

URL = re.compile(r"https?://[\w/:%#$&?()~.=+\-]+", re.ASCII)
NUMBER = re.compile(r"[0-9０-９]+(?:[.,．，][0-9０-９]+)*")
REPEATED = re.compile(r"(.)\1{2,}", re.DOTALL)

#: Pictographs, dingbats and what joins them; the signs of text that merely can be drawn in color are not among them.
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d]+")


@dataclass(frozen=True)
class Option:
    """One change to what the module does by default.

    Attributes
    ----------
    title
        As the table of results names it.
    tokens
        How texts become tokens.
    clean
        What becomes of a text before it is tokenized.
    """

    title: str
    tokens: Tokens = DEFAULT_TOKENS["supervised"]
    clean: Callable[[str], str] = str


OPTIONS = (
    Option("surfaces", Tokens("surface", stop_words=False)),
    Option("dictionary forms", Tokens("dictionary", stop_words=False)),
    Option("stop words dropped", Tokens("normalized", stop_words=True)),
    Option("surfaces, stop words dropped", Tokens("surface", stop_words=True)),
    Option("width variants as one (NFKC)", clean=lambda text: unicodedata.normalize("NFKC", text)),
    Option("lower case", clean=str.lower),
    Option("numbers as 0", clean=lambda text: NUMBER.sub("0", text)),
    Option("numbers dropped", clean=lambda text: NUMBER.sub(" ", text)),
    Option("URLs dropped", clean=lambda text: URL.sub(" ", text)),
    Option("emoji dropped", clean=lambda text: EMOJI.sub(" ", text)),
    Option("a character repeated thrice or more, once", clean=lambda text: REPEATED.sub(r"\1", text)),
)
