"""A look at the trained model."""

from __future__ import annotations

import itertools
import random
import re
import tarfile
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Kanji and katakana: what a word of hiragana alone rarely is, a content word.
CONTENT_WORD = re.compile(r"[\u4e00-\u9fff\u30a0-\u30ff々ー]{2,}")
NOUN = ("名詞", "普通名詞", "一般")
FREQUENT_NOUNS = 60
# Lines that say something and fit on the screen.
MIN_CHARACTERS, MAX_CHARACTERS = 12, 70


@dataclass(frozen=True)
class Prediction:
    """What the classifier says of a line.

    Attributes
    ----------
    text
        The line's tokens.
    label, predicted
        The label it has and the one that is predicted.
    probability
        How sure the model is.
    """

    text: str
    label: str
    predicted: str
    probability: float


@contextmanager
def unpacked(archive: Path) -> Iterator[Path]:
    """A folder with what ``model.tar.gz`` holds, for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="model-") as folder, tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
        yield Path(folder)


def neighbors(vectors: Path, *, words: int = 6, each: int = 5) -> dict[str, list[tuple[str, float]]]:
    """Nearest neighbors, with their cosine similarities, of frequent nouns.

    Of the most frequent nouns those are taken whose neighbors are closest: the others are words of every context.

    Parameters
    ----------
    vectors
        ``vectors.txt``, most frequent words first.
    words, each
        How many words, and how many neighbors of each.
    """
    from gensim.models import KeyedVectors

    model = KeyedVectors.load_word2vec_format(str(vectors), binary=False)
    nearest: dict[str, list[tuple[str, float]]] = {}
    for word in itertools.islice(_nouns(model.index_to_key), FREQUENT_NOUNS):
        nearest[word] = [found for found in model.most_similar(word, topn=each + 1) if found[0] != "</s>"][:each]
    chosen: set[str] = set()
    shown: set[str] = set()
    for word in sorted(nearest, key=lambda noun: sum(score for _, score in nearest[noun]), reverse=True):
        group = {word, *(other for other, _ in nearest[word])}
        # A group of words that is on the screen already is not shown from another side.
        if len(chosen) < words and word not in shown and len(group & shown) < 2:
            chosen.add(word)
            shown |= group
    return {word: found for word, found in nearest.items() if word in chosen}


def _nouns(words: list[str]) -> Iterator[str]:
    from sudachipy import Dictionary

    tokenizer = Dictionary().create()
    for word in words:
        if CONTENT_WORD.fullmatch(word):
            morphemes = tokenizer.tokenize(word)
            if len(morphemes) == 1 and morphemes[0].part_of_speech()[:3] == NOUN:
                yield word


def predictions(binary: Path, lines: Path, *, count: int = 6) -> list[Prediction]:
    """Predictions on some lines of a channel, spread over its labels.

    Parameters
    ----------
    binary
        ``model.bin``.
    lines
        ``__label__<label> token token ...``.
    """
    import fasttext

    model = fasttext.load_model(str(binary))
    by_label: dict[str, list[str]] = {}
    with lines.open(encoding="utf-8") as file:
        for line in file:
            label, _, text = line.rstrip("\n").partition(" ")
            if MIN_CHARACTERS <= len(text) <= MAX_CHARACTERS:
                by_label.setdefault(label, []).append(text)
    rng = random.Random(1)
    shuffled = [(label, rng.sample(texts, min(count, len(texts)))) for label, texts in sorted(by_label.items())]
    chosen = [(label, texts[number]) for number in range(count) for label, texts in shuffled if number < len(texts)][
        :count
    ]
    results = []
    for label, text in chosen:
        # On numpy 2, fastText's predict(text) raises where predict([text]) does not.
        labels, probabilities = model.predict([text])
        # Rounding takes fastText's probabilities a little over 1.
        probability = min(1.0, float(probabilities[0][0]))
        results.append(Prediction(text, _bare(label), _bare(labels[0][0]), probability))
    return results


def label_counts(*channels: Path) -> dict[str, int]:
    """How many lines each label has."""
    counts: dict[str, int] = {}
    for channel in channels:
        with channel.open(encoding="utf-8") as file:
            for line in file:
                label = _bare(line.split(" ", 1)[0])
                counts[label] = counts.get(label, 0) + 1
    return dict(sorted(counts.items()))


def _bare(label: str) -> str:
    return label.removeprefix("__label__")
