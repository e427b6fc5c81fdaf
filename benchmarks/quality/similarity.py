"""Word vectors against people's judgment of similarity, on the Japanese word similarity dataset (JWSD)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import bootstrap, spearmanr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

PARTS_OF_SPEECH = ("noun", "verb", "adj", "adv")
RESAMPLES = 1_000
SEED = 1


@dataclass(frozen=True)
class Pair:
    """Two words, and how similar people find them, from 0 to 10."""

    first: str
    second: str
    judged: float


def read_pairs(folder: Path) -> list[Pair]:
    """Read the dataset's four files."""
    pairs = []
    for name in PARTS_OF_SPEECH:
        with (folder / f"score_{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            pairs += [Pair(row["word1"], row["word2"], float(row["mean"])) for row in csv.DictReader(file)]
    return pairs


def similarities(pairs: Sequence[Pair], vector: Callable[[str], Any]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return each pair's cosine, and NaN for a pair of which a word has no vector: it is left out, not judged as 0."""
    result = np.full(len(pairs), np.nan)
    for number, pair in enumerate(pairs):
        first, second = vector(pair.first), vector(pair.second)
        if first is not None and second is not None:
            result[number] = first @ second / (np.linalg.norm(first) * np.linalg.norm(second))
    return result


@dataclass(frozen=True)
class Agreement:
    """Spearman's ρ between cosines and people's judgment, and its standard error by resampling the pairs."""

    rho: float
    error: float
    pairs: int


def agreement(cosines: Any, judged: Any, among: Any) -> Agreement:
    """Compare the pairs that the mask ``among`` names; each of them needs a cosine."""
    found, wanted = np.asarray(cosines)[among], np.asarray(judged)[among]
    error = bootstrap(
        (found, wanted),
        lambda cosines, judgments: spearmanr(cosines, judgments)[0],
        paired=True,
        vectorized=False,
        n_resamples=RESAMPLES,
        method="basic",
        rng=SEED,
    ).standard_error
    return Agreement(float(spearmanr(found, wanted)[0]), float(error), len(found))
