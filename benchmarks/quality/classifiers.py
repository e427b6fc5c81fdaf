"""Classifiers side by side: hyperparameters chosen on some folds of a corpus, every way reported on the others."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from statistics import fmean
from typing import TYPE_CHECKING

from benchmarks.quality.scores import Estimate, Score
from benchmarks.quality.ways import OTHERS, ThisModule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.quality.corpora import Corpus
    from benchmarks.quality.folds import Fold, Folds
    from benchmarks.quality.progress import Step
    from benchmarks.quality.ways import Way

DEFAULTS = ThisModule("this module's defaults")

#: What a patient user would try: the pace of learning, which is what matters, at sizes of the model that do not.
CANDIDATES: tuple[dict[str, str], ...] = tuple(
    {
        "buckets": "200000",
        "epochs": epochs,
        "learning_rate": learning_rate,
        "min_count": "2",
        "vector_dim": "20",
        "word_ngrams": "2",
    }
    for learning_rate, epochs in product(("0.05", "0.25", "0.5"), ("5", "10", "25", "50"))
)


@dataclass(frozen=True)
class Result:
    """One way's scores, a fold each, always in the same order of folds."""

    title: str
    scores: list[Score]

    @property
    def accuracies(self) -> list[float]:
        return [score.accuracy for score in self.scores]

    @property
    def macro_f1s(self) -> list[float]:
        return [score.macro_f1 for score in self.scores]

    @property
    def accuracy(self) -> Estimate:
        return Estimate.over(self.accuracies)

    @property
    def macro_f1(self) -> Estimate:
        return Estimate.over(self.macro_f1s)


@dataclass(frozen=True)
class Comparison:
    """All ways on one corpus.

    Attributes
    ----------
    results
        This module's defaults come first.
    tuned
        The best of ``CANDIDATES`` on the folds to choose on.
    """

    corpus: Corpus
    results: list[Result]
    tuned: Mapping[str, str]


def trainings(folds: Folds) -> int:
    """Return how many models a comparison trains at most."""
    return len(CANDIDATES) * len(folds.choose) + (2 + len(OTHERS)) * len(folds.report)


def compare(corpus: Corpus, folds: Folds, step: Step) -> Comparison:
    """Choose the best of the candidates, then measure every way on folds that were not looked at."""
    tuned = best_of(CANDIDATES, corpus, folds.choose, step)
    title = f"this module's tokens, the best of {len(CANDIDATES)} sets of hyperparameters, chosen on other folds"
    ways: Sequence[Way] = (DEFAULTS, ThisModule(title, hyperparameters=tuned), *OTHERS)
    return Comparison(corpus, [measure(way, corpus, folds.report, step) for way in ways], tuned)


def best_of(
    candidates: Sequence[Mapping[str, str]], corpus: Corpus, folds: Sequence[Fold], step: Step
) -> Mapping[str, str]:
    """Return the hyperparameters with the highest accuracy over the folds."""

    def accuracy(hyperparameters: Mapping[str, str]) -> float:
        title = " ".join(hyperparameters[name] for name in ("learning_rate", "epochs"))
        way = ThisModule(f"choosing, {title}", hyperparameters=hyperparameters)
        return fmean(measure(way, corpus, folds, step).accuracies)

    return max(candidates, key=accuracy)


def measure(way: Way, corpus: Corpus, folds: Sequence[Fold], step: Step) -> Result:
    """Learn from each fold's other rows, and score on its own."""
    scores = []
    for fold in folds:
        step(way.title)
        rows = [(corpus.texts[row], corpus.labels[row]) for row in fold.train]
        predictions = way.predict(rows, [corpus.texts[row] for row in fold.test])
        scores.append(Score.of([corpus.labels[row] for row in fold.test], predictions))
    return Result(way.title, scores)
