"""This module's choice of tokens and hyperparameters, as it is measured."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jsonata import Jsonata

from benchmarks.quality.pipeline import Tokens

RULES = Path(__file__).with_name("hyperparameters.jsonata")

WORD2VEC_MODES = ("batch_skipgram", "cbow", "skipgram")

DEFAULT_TOKENS = {
    "supervised": Tokens("normalized", stop_words=False),
    **dict.fromkeys(WORD2VEC_MODES, Tokens("normalized", stop_words=True)),
}


def chosen(mode: str, *, lines: int, tokens: int, classes: int = 0, validation: int = 0) -> dict[str, str]:
    """Return the hyperparameters for a corpus, as ``CreateTrainingJob`` takes them.

    Parameters
    ----------
    mode
        BlazingText's mode.
    lines, tokens
        Of the training channel.
    classes
        Different labels in it; word vectors have none.
    validation
        Lines of the validation channel, 0 without one.
    """
    variables = {"mode": mode, "lines": lines, "tokens": tokens, "classes": classes, "validation": validation}
    result: dict[str, str] = _expression().evaluate(None, variables)
    return dict(result)


@cache
def _expression() -> Jsonata:
    return Jsonata(RULES.read_text(encoding="utf-8"))
