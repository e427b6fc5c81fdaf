"""SudachiPy as a function from a text to its tokens that never fails on a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sudachipy import SplitMode
from sudachipy.errors import SudachiError

from ..errors import InvalidConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sudachipy import Dictionary, Morpheme, MorphemeList

    from ..config import TokenizerSettings

#: Each number of several characters that SudachiPy joins moves all words after it, so many in one text take quadratic
#: time (SudachiPy 0.6.11, join_numeric). With this many, it is no more than the rest of the work.
DIGIT = "[0-9０-９〇一二三四五六七八九十百千万億兆]"
NUMBER = re.compile(f"{DIGIT}{{2,}}+|{DIGIT}[.．]{DIGIT}")
MAX_NUMBERS = 200

#: Where a text too long for SudachiPy is best cut, the best first.
CUTS = ("。！？!?．\n", "、，,；;\u2028\u2029 \u3000\t", "")

#: What SudachiPy must load of each word. Loading everything is a tenth slower, and loading less than these two
#: changes the segmentation: the plugins that join numerals and unknown katakana words look at them.
FIELDS = {"pos", "normalized_form"}

FORMS: dict[str, Callable[[Morpheme], str]] = {
    "surface": lambda morpheme: morpheme.surface(),
    "normalized": lambda morpheme: morpheme.normalized_form(),
    "dictionary": lambda morpheme: morpheme.dictionary_form(),
}


class Tokenizer:
    """Tokenizes texts with one configuration. For one thread: SudachiPy's tokenizer can't be shared.

    Parameters
    ----------
    dictionary
        The loaded dictionary, which any number of tokenizers share.
    settings
        Split mode, token form and the parts of speech to leave out.

    Raises
    ------
    InvalidConfigurationError
        An excluded part of speech does not exist in the dictionary.
    """

    def __init__(self, dictionary: Dictionary, settings: TokenizerSettings) -> None:
        fields = FIELDS | ({"dictionary_form"} if settings.token_form == "dictionary" else set())
        tokenizer = dictionary.create(getattr(SplitMode, settings.split_mode), fields=fields)
        self._analyze = tokenizer.tokenize
        self._out = tokenizer.tokenize("")  # written anew by every call: saves an allocation a text
        self._render = self._renderer(dictionary, settings)

    def __call__(self, text: str) -> list[str]:
        """Return the tokens of a text, none of them empty or with whitespace in it.

        ``str.split`` knows every Unicode space and line separator, so it drops the tokens that are whitespace and
        takes apart the dictionary words that hold some.
        """
        if len(text) > 2 * MAX_NUMBERS and len(NUMBER.findall(text)) > MAX_NUMBERS:
            return self._tokens_of_halves(text)
        try:
            return self._render(self._analyze(text, out=self._out)).split()
        except SudachiError:
            return self._tokens_of_halves(text)
        except UnicodeEncodeError:  # a lone surrogate, which is no character
            return self(text.encode("utf-8", "replace").decode())

    def _tokens_of_halves(self, text: str) -> list[str]:
        """Tokenize in two halves a text that SudachiPy refuses, or would take long for.

        It takes 49,149 bytes and, once normalized, 65,535: only trying tells, as one ``㍿`` becomes four characters.
        """
        if len(text) < 2:
            raise RuntimeError(f"SudachiPy can't tokenize the character U+{ord(text):04X}")
        cut = _cut(text)
        return self(text[:cut]) + self(text[cut:])

    @staticmethod
    def _renderer(dictionary: Dictionary, settings: TokenizerSettings) -> Callable[[MorphemeList], str]:
        """Return what writes an analysis as text, a space between tokens."""
        form = FORMS[settings.token_form]
        if settings.excluded_parts_of_speech:
            excluded = _matcher(dictionary, settings.excluded_parts_of_speech)
            return lambda morphemes: " ".join([form(m) for m in morphemes if not excluded(m)])
        if settings.token_form == "surface":
            return str  # joins in Rust, three times as fast as asking each morpheme
        return lambda morphemes: " ".join([form(m) for m in morphemes])


def _cut(text: str) -> int:
    """Return where to halve a text: after the last sentence of its first half, or the last word, or in the middle."""
    middle = len(text) // 2
    for characters in CUTS:
        cut = max((text.rfind(c, 0, middle) for c in characters), default=-1) + 1
        if cut:
            return cut
    # Not inside a number, unless there is nothing else.
    start = next((match.start() for match in NUMBER.finditer(text) if match.start() < middle < match.end()), middle)
    return start or middle


def _matcher(dictionary: Dictionary, patterns: tuple[tuple[str, ...], ...]) -> Callable[[Morpheme], bool]:
    for pattern in patterns:
        try:
            dictionary.pos_matcher([pattern])
        except SudachiError:
            raise InvalidConfigurationError(
                f"config.excluded_parts_of_speech: no part of speech of the dictionary starts with {list(pattern)}"
            ) from None
    matcher: Callable[[Morpheme], bool] = dictionary.pos_matcher(list(patterns))
    return matcher
