"""Word vectors side by side: all learn from one corpus, and are compared with people on the words that all have."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.quality import trainer
from benchmarks.quality.pipeline import Tokens, preprocessor_of
from benchmarks.quality.rules import DEFAULT_TOKENS, chosen
from benchmarks.quality.similarity import agreement, read_pairs, similarities

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.quality.progress import Step
    from benchmarks.quality.similarity import Agreement

CORPUS = "wikipedia_ja.csv.gz"

#: Of the paragraphs, one in so many is learned from: five ways then take minutes, not an hour.
EVERY = 4

JUDGMENTS = "jwsd"
SOURCE = "SkelterLabsInc/JaQuAD (Japanese Wikipedia), CC BY-SA 3.0; tmu-nlp/JapaneseWordSimilarityDataset, CC BY-SA 3.0"


@dataclass(frozen=True)
class VectorWay:
    """A way to word vectors.

    Attributes
    ----------
    hyperparameters
        Besides those of the module's rules, or in the place of all of them where ``by_rules`` is false.
    """

    title: str
    tokens: Tokens = DEFAULT_TOKENS["skipgram"]
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    by_rules: bool = True


_FORM, _STOP_WORDS = DEFAULT_TOKENS["skipgram"].form, DEFAULT_TOKENS["skipgram"].stop_words

WAYS = (
    VectorWay("this module's defaults, skipgram"),
    VectorWay("the same, surfaces", Tokens("surface", _STOP_WORDS)),
    VectorWay("the same, stop words kept", Tokens(_FORM, stop_words=False)),
    VectorWay("the same, cbow", hyperparameters={"mode": "cbow"}),
    VectorWay("this module's tokens, BlazingText's own defaults", by_rules=False),
)


@dataclass(frozen=True)
class VectorResult:
    """One way's vectors.

    Attributes
    ----------
    coverage
        Share of all pairs of which both words have a vector.
    common
        On the pairs that every way has: the one figure that ways can be compared by.
    own
        On all pairs that this way has.
    """

    title: str
    words: int
    coverage: float
    common: Agreement
    own: Agreement


def available(data: Path) -> bool:
    """Tell whether the corpus and the judgments are there."""
    return (data / CORPUS).is_file() and (data / JUDGMENTS).is_dir()


def compare(data: Path, step: Step, ways: Sequence[VectorWay] = WAYS) -> list[VectorResult]:
    """Train every way, and compare."""
    with gzip.open(data / CORPUS, "rt", encoding="utf-8-sig", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)][::EVERY]
    pairs = read_pairs(data / JUDGMENTS)
    judged = [pair.judged for pair in pairs]
    found = []
    for way in ways:
        step(way.title)
        words, vector = _learned(way, texts)
        found.append((way.title, words, similarities(pairs, vector)))
    known = [~np.isnan(cosines) for _, _, cosines in found]
    common = np.logical_and.reduce(known)
    return [
        VectorResult(
            title, words, float(own.mean()), agreement(cosines, judged, common), agreement(cosines, judged, own)
        )
        for (title, words, cosines), own in zip(found, known, strict=True)
    ]


def _learned(way: VectorWay, texts: Sequence[str]) -> tuple[int, Callable[[str], Any]]:
    """Train a way's vectors; return how many words have one, and what gives a text's."""
    preprocessor = preprocessor_of(way.tokens)
    lines = [line for line in map(preprocessor.line, texts) if line]
    rules = chosen("skipgram", lines=len(lines), tokens=sum(line.count(" ") + 1 for line in lines))
    given = {"mode": "skipgram", **way.hyperparameters}
    vectors = trainer.vectors({**rules, **given} if way.by_rules else given, lines)

    def vector(text: str) -> Any:
        """Return the mean of a text's tokens, or ``None`` if one of them has no vector, or none is left."""
        tokens = preprocessor.tokens(text)
        if not tokens or any(token not in vectors for token in tokens):
            return None
        return np.mean([vectors[token] for token in tokens], axis=0)

    return len(vectors), vector
