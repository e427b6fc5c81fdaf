"""The local stand-in for BlazingText as functions: the one place that knows its modules."""

from __future__ import annotations

import contextlib
import io
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fasttext
from gensim.models import KeyedVectors

from blazingtext import training
from blazingtext.hyperparameters import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# One thread whatever the size: several update shared weights without locks, and never give the same model twice.
training.SINGLE_THREADED_BYTES = sys.maxsize

LABEL_PREFIX = "__label__"


class Classifier:
    """A trained ``model.bin``."""

    def __init__(self, path: Path) -> None:
        self._model = fasttext.load_model(str(path))

    @property
    def weights(self) -> Any:
        """The vectors of the labels, an array of labels × ``vector_dim``."""
        return self._model.get_output_matrix()

    def predict(self, lines: Sequence[str]) -> list[str]:
        """Return the likeliest label of each line; an empty line has none, and gets an empty text."""
        labels: list[list[str]] = self._model.predict(list(lines))[0]
        return [found[0].removeprefix(LABEL_PREFIX) if found else "" for found in labels]


def classifier(hyperparameters: Mapping[str, str], train: Iterable[str], validation: Iterable[str] = ()) -> Classifier:
    """Train a classifier on labeled lines.

    Parameters
    ----------
    hyperparameters
        As ``CreateTrainingJob`` takes them, ``mode`` excepted.
    train, validation
        The channels; without lines, there is no validation channel.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        corpus, held_back = (_channel(folder, *each) for each in (("train", train), ("validation", validation)))
        assert corpus is not None
        with contextlib.redirect_stdout(io.StringIO()):
            training.train_supervised(parse({"mode": "supervised", **hyperparameters}), corpus, held_back, folder)
        return Classifier(folder / "model.bin")


def vectors(hyperparameters: Mapping[str, str], lines: Iterable[str]) -> KeyedVectors:
    """Train word vectors on lines, and load them as their users do."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        corpus = _channel(folder, "train", lines)
        assert corpus is not None
        with contextlib.redirect_stdout(io.StringIO()):
            training.train_word2vec(parse({"evaluation": "False", **hyperparameters}), corpus, folder)
        loaded: Any = KeyedVectors.load_word2vec_format(str(folder / "vectors.txt"), binary=False)
        return loaded


def _channel(folder: Path, name: str, lines: Iterable[str]) -> Path | None:
    path = folder / f"{name}.txt"
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)
    return path if path.stat().st_size else None
