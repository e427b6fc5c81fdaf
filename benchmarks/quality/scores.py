"""Scores of predictions, and how sure they are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from sklearn.metrics import accuracy_score, f1_score

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Score:
    """Of one fold: shares from 0 to 1. A class that is never predicted counts in macro-F1 as 0."""

    accuracy: float
    macro_f1: float

    @classmethod
    def of(cls, labels: Sequence[str], predictions: Sequence[str]) -> Score:
        """Score the predictions for some rows."""
        return cls(
            accuracy=float(accuracy_score(labels, predictions)),
            macro_f1=float(f1_score(labels, predictions, average="macro", labels=sorted(set(labels)), zero_division=0)),
        )


@dataclass(frozen=True)
class Estimate:
    """A mean over folds with its standard error.

    The folds' training rows overlap, so the error is somewhat too small: no estimate from one set of folds is free of
    that (Bengio and Grandvalet, "No Unbiased Estimator of the Variance of K-Fold Cross-Validation", 2004).
    """

    mean: float
    error: float

    @classmethod
    def over(cls, values: Sequence[float]) -> Estimate:
        """Estimate from the values of two folds or more."""
        return cls(fmean(values), stdev(values) / math.sqrt(len(values)))

    @classmethod
    def of_difference(cls, values: Sequence[float], others: Sequence[float]) -> Estimate:
        """Estimate how much higher the first are, fold by fold: what is hard in a fold is hard for both."""
        return cls.over([value - other for value, other in zip(values, others, strict=True)])

    def percent(self) -> str:
        """Write both in percent."""
        return f"{self.mean * 100:z.1f} ± {self.error * 100:.1f}"
