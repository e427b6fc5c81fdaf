"""What each option for texts and tokens changes, on the folds to choose on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.quality.classifiers import DEFAULTS, measure
from benchmarks.quality.options import OPTIONS
from benchmarks.quality.pipeline import preprocessor_of
from benchmarks.quality.scores import Estimate
from benchmarks.quality.ways import ThisModule

if TYPE_CHECKING:
    from benchmarks.quality.corpora import Corpus
    from benchmarks.quality.folds import Folds
    from benchmarks.quality.options import Option
    from benchmarks.quality.progress import Step


@dataclass(frozen=True)
class Effect:
    """What one option changes.

    Attributes
    ----------
    touched
        Share of the texts that become other tokens.
    accuracy, macro_f1
        How much higher they are with the option, fold by fold.
    """

    title: str
    touched: float
    accuracy: Estimate
    macro_f1: Estimate


def trainings(folds: Folds) -> int:
    """Return how many models :func:`effects` trains at most."""
    return (1 + len(OPTIONS)) * len(folds.choose)


def effects(corpus: Corpus, folds: Folds, step: Step) -> list[Effect]:
    """Measure each option beside the module's defaults."""
    base = measure(DEFAULTS, corpus, folds.choose, step)
    found = []
    for option in OPTIONS:
        touched = _touched(corpus, option)
        way = ThisModule(option.title, option.tokens, clean=option.clean)
        # What no text has changes nothing.
        result = measure(way, corpus, folds.choose, step) if touched else base
        found.append(
            Effect(
                option.title,
                touched,
                Estimate.of_difference(result.accuracies, base.accuracies),
                Estimate.of_difference(result.macro_f1s, base.macro_f1s),
            )
        )
    return found


def _touched(corpus: Corpus, option: Option) -> float:
    before, after = preprocessor_of(DEFAULTS.tokens), preprocessor_of(option.tokens)
    changed = sum(before.tokens(text) != after.tokens(option.clean(text)) for text in corpus.texts)
    return changed / len(corpus.texts)
