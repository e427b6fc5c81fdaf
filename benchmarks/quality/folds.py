"""Folds of a corpus: some to choose on, others, not looked at until then, to report on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

if TYPE_CHECKING:
    from benchmarks.quality.corpora import Corpus

FOLDS = 10
SEED = 1


class TooFewRowsError(Exception):
    """There is one class only, or a class has fewer rows than there are folds."""


@dataclass(frozen=True)
class Fold:
    """Rows, by number, to test on; all others are to learn from."""

    train: list[int]
    test: list[int]


@dataclass(frozen=True)
class Folds:
    """The folds to choose hyperparameters on, and those to report on."""

    choose: list[Fold]
    report: list[Fold]


def split(corpus: Corpus, count: int = FOLDS) -> Folds:
    """Cut a corpus into folds with the classes' shares; equal texts are in one fold, as the module keeps them.

    The first half of the folds is to choose on. A choice has seen the other half's rows only as rows to learn from,
    never a score on them.

    Raises
    ------
    TooFewRowsError
        Names the class that is alone, or that has fewer rows than there are folds.
    """
    if len(corpus.classes) < 2:
        raise TooFewRowsError(
            f"{corpus.name}: every row has the label {corpus.labels[0]!r}, and there is nothing to tell"
        )
    for label in corpus.classes:
        if (rows := corpus.labels.count(label)) < count:
            raise TooFewRowsError(
                f"{corpus.name}: the class {label!r} has {rows} rows and {count} folds need as many: leave it out, or "
                "give more rows"
            )
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=SEED)
    numbers = {text: number for number, text in enumerate(dict.fromkeys(corpus.texts))}
    groups = [numbers[text] for text in corpus.texts]
    folds = [
        Fold(train.tolist(), test.tolist())
        for train, test in splitter.split(np.zeros(len(groups)), corpus.labels, groups)
    ]
    return Folds(folds[: count // 2], folds[count // 2 :])
