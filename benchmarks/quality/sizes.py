"""Whether the rules' epochs are right at every size: beside fewer and more of them, on the folds to choose on."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.quality.classifiers import measure
from benchmarks.quality.folds import SEED, Fold
from benchmarks.quality.pipeline import VALIDATION_FRACTION
from benchmarks.quality.rules import chosen
from benchmarks.quality.scores import Estimate
from benchmarks.quality.ways import ThisModule

if TYPE_CHECKING:
    from benchmarks.quality.corpora import Corpus
    from benchmarks.quality.folds import Folds
    from benchmarks.quality.progress import Step

ROWS = (300, 1_000, 3_000)
PACES = (0.25, 0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Size:
    """The accuracy of models that learned from so many rows, by what the rules' epochs were multiplied with."""

    rows: int
    epochs: int
    accuracies: dict[float, Estimate]


def trainings(corpus: Corpus, folds: Folds) -> int:
    """Return how many models :func:`by_size` trains."""
    return len(_sizes(corpus, folds)) * len(PACES) * len(folds.choose)


def by_size(corpus: Corpus, folds: Folds, step: Step) -> list[Size]:
    """Measure each pace at each size that the corpus has rows for, and with all its rows."""
    return [_measured(corpus, folds, rows, step) for rows in _sizes(corpus, folds)]


def _measured(corpus: Corpus, folds: Folds, rows: int, step: Step) -> Size:
    drawn = [
        Fold(random.Random(SEED).sample(fold.train, min(rows, len(fold.train))), fold.test) for fold in folds.choose
    ]
    accuracies = {}
    for pace in PACES:
        result = measure(ThisModule(f"{rows:,} rows, epochs × {pace:g}", pace=pace), corpus, drawn, step)
        accuracies[pace] = result.accuracy
    lines = round(rows * (1 - VALIDATION_FRACTION))
    epochs = chosen("supervised", lines=lines, tokens=lines, classes=len(corpus.classes))["epochs"]
    return Size(rows, int(epochs), accuracies)


def _sizes(corpus: Corpus, folds: Folds) -> list[int]:
    every = len(folds.choose[0].train)
    return [*(rows for rows in ROWS if rows < every), every]
