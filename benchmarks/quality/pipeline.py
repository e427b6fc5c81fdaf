"""The Lambda's own code as a function from texts to training lines: the one place that knows its modules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from preprocess.config import TokenizerSettings
from preprocess.text import dictionary
from preprocess.text.cleaning import cleaned
from preprocess.text.lines import labeled_line, text_line
from preprocess.text.split import is_validation, validation_limit
from preprocess.text.stop_words import default_stop_words
from preprocess.text.tokenizer import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: The module's default share of the validation channel.
VALIDATION_FRACTION = 0.1


@dataclass(frozen=True)
class Tokens:
    """How texts become tokens.

    Attributes
    ----------
    form
        ``surface``, ``normalized`` or ``dictionary``.
    stop_words
        Whether the module's list is dropped.
    """

    form: str
    stop_words: bool


class Preprocessor:
    """Makes lines as the Lambda does. It remembers what it has tokenized: folds have most rows in common."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokenize = Tokenizer(dictionary.load(), TokenizerSettings(token_form=tokens.form))
        self._dropped = default_stop_words() if tokens.stop_words else frozenset()
        self._known: dict[str, list[str]] = {}

    def tokens(self, text: str) -> list[str]:
        """Return the tokens that are kept of a text."""
        if text not in self._known:
            tokens = self._tokenize(cleaned(text))
            self._known[text] = [token for token in tokens if token not in self._dropped]
        return self._known[text]

    def line(self, text: str) -> str:
        """Return a text as a line without label, which a classifier is asked with."""
        return text_line(self.tokens(text))

    def lines(self, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
        """Yield the training lines of texts with labels; those of which nothing is left have none."""
        for text, label in rows:
            if line := self.line(text):
                yield labeled_line(label, line)


@cache
def preprocessor_of(tokens: Tokens) -> Preprocessor:
    """Return the one preprocessor for these tokens."""
    return Preprocessor(tokens)


def channels(rows: Iterable[tuple[str, str]]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Part rows into those for training and those for validation, as the module does by default."""
    limit = validation_limit(VALIDATION_FRACTION)
    train: list[tuple[str, str]] = []
    validation: list[tuple[str, str]] = []
    for row in rows:
        (validation if is_validation(row[0], limit) else train).append(row)
    return train, validation
