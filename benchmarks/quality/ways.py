"""The ways to a classifier that are compared. Each learns from rows and labels other texts."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol

from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from benchmarks.quality import trainer
from benchmarks.quality.pipeline import Tokens, channels, preprocessor_of
from benchmarks.quality.rules import DEFAULT_TOKENS, chosen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Rows = list[tuple[str, str]]

#: In the notebook this pipeline grew out of; the rest is left at BlazingText's defaults.
NOTEBOOK = {"early_stopping": "True", "epochs": "10", "min_epochs": "5", "patience": "4", "vector_dim": "10"}


class Way(Protocol):
    """A way from labeled texts to the labels of others."""

    @property
    def title(self) -> str:
        """As the table of results names it."""

    def predict(self, rows: Rows, texts: Sequence[str]) -> list[str]:
        """Learn from rows, each a text and its label, and label the texts."""


@dataclass(frozen=True)
class ThisModule:
    """This module's tokens and BlazingText's stand-in.

    Attributes
    ----------
    tokens
        How texts become tokens.
    hyperparameters
        ``None`` leaves them to the module's rules.
    clean
        What becomes of a text before it is tokenized.
    pace
        What the rules' epochs are multiplied by.
    """

    title: str
    tokens: Tokens = DEFAULT_TOKENS["supervised"]
    hyperparameters: Mapping[str, str] | None = None
    clean: Callable[[str], str] = str
    pace: float = 1.0

    def predict(self, rows: Rows, texts: Sequence[str]) -> list[str]:
        train, validation = (self._lines(part) for part in channels(rows))
        hyperparameters = self.hyperparameters
        if hyperparameters is None:
            hyperparameters = self._by_rules(train, len({label for _, label in rows}), len(validation))
        model = trainer.classifier(hyperparameters, train, validation)
        preprocessor = preprocessor_of(self.tokens)
        return model.predict([preprocessor.line(self.clean(text)) for text in texts])

    def _by_rules(self, train: Sequence[str], classes: int, validation: int) -> Mapping[str, str]:
        tokens = sum(line.count(" ") for line in train)  # the label is no token
        found = chosen("supervised", lines=len(train), tokens=tokens, classes=classes, validation=validation)
        return found | {"epochs": str(max(1, round(int(found["epochs"]) * self.pace)))}

    def _lines(self, rows: Rows) -> list[str]:
        return list(preprocessor_of(self.tokens).lines((self.clean(text), label) for text, label in rows))


class Notebook:
    """MeCab's surfaces, the notebook's cleaning, split and hyperparameters."""

    title = "the notebook's way: MeCab with unidic-lite, its hyperparameters"

    def predict(self, rows: Rows, texts: Sequence[str]) -> list[str]:
        words = _mecab()
        lines = [f"__label__{label} {words(text)}" for text, label in rows]
        # Of ten parts, the notebook tests on one, and validates on one of the nine that are left.
        model = trainer.classifier(NOTEBOOK, [x for i, x in enumerate(lines) if i % 9], lines[::9])
        return model.predict([words(text) for text in texts])


class CharacterBaseline:
    """Character n-grams, weighted, and logistic regression: no tokenizer, no AWS, seconds on a laptop."""

    title = "scikit-learn: character 1–4-grams, TF-IDF, logistic regression"

    def predict(self, rows: Rows, texts: Sequence[str]) -> list[str]:
        known, labels = zip(*rows, strict=True)
        model = make_pipeline(
            TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=2, sublinear_tf=True),
            LogisticRegression(C=10, max_iter=1000),
        )
        return [str(label) for label in model.fit(known, labels).predict(texts)]


class Majority:
    """Whatever is asked, the most frequent class."""

    title = "the most frequent class"

    def predict(self, rows: Rows, texts: Sequence[str]) -> list[str]:
        known, labels = zip(*rows, strict=True)
        return [str(label) for label in DummyClassifier(strategy="most_frequent").fit(known, labels).predict(texts)]


#: Beside this module's defaults.
OTHERS: tuple[Way, ...] = (
    ThisModule("this module's tokens, BlazingText's own defaults", hyperparameters={}),
    Notebook(),
    CharacterBaseline(),
    Majority(),
)


@cache
def _mecab() -> Callable[[str], str]:
    import MeCab
    import unidic_lite

    tagger = MeCab.Tagger(f"-Owakati -r {os.devnull} -d {unidic_lite.DICDIR}")
    return lambda text: str(tagger.parse(text.replace("<br />", "").replace("\n", " "))).strip()
