"""Learning with fastText what BlazingText would learn, and writing BlazingText's artifacts."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from fasttext.FastText import _FastText as Model
from fasttext.FastText import fasttext as engine

from .errors import AlgorithmError, ClientError
from .progress import logged_progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Below this size one thread trains: the same corpus and hyperparameters then give the same model, bit for bit.
# Several threads update shared weights without locks, as BlazingText does.
SINGLE_THREADED_BYTES = 2 * 1024 * 1024
SEED = 1


def train_word2vec(settings: dict[str, Any], corpus: Path, folder: Path) -> None:
    """Train word vectors and write ``vectors.txt`` and ``vectors.bin``.

    Parameters
    ----------
    settings
        Parsed hyperparameters. ``batch_skipgram`` learns the model of ``skipgram``: what it changes, the batching of
        negative samples, is about speed on several machines.
    corpus
        One sentence a line, tokens split by a space.
    folder
        Where the artifacts go.
    """
    model = _train(settings, corpus, settings["epochs"])
    model.save_model(str(folder / "vectors.bin"))
    _write_vectors(model, folder / "vectors.txt")
    if settings["evaluation"]:
        # Its English word list is not part of this project; on Japanese text it says nothing anyway.
        print("The WordSimilarity-353 evaluation is not done here: no eval.json, no train:mean_rho.", flush=True)


def train_supervised(settings: dict[str, Any], corpus: Path, validation: Path | None, folder: Path) -> None:
    """Train a text classifier and write ``model.bin``.

    With ``early_stopping``, whole trainings of ``min_epochs``, ``min_epochs + 1``, ... epochs follow each other until
    validation accuracy has not risen for ``patience`` of them; the best is kept. fastText can't evaluate within a
    training, so this costs more than BlazingText's one pass, and each candidate's learning rate falls to 0 by its own
    last epoch.
    """
    for file in filter(None, (corpus, validation)):
        _check_labels(file)
    if settings["early_stopping"]:
        if validation is None:
            raise ClientError("Hyperparameter 'early_stopping' needs the channel 'validation'.")
        model = _best(settings, corpus, validation)
    else:
        model = _train(settings, corpus, settings["epochs"])
    model.save_model(str(folder / "model.bin"))
    for name, path in (("train", corpus), ("validation", validation)):
        if path is not None:
            examples, accuracy, _ = model.test(str(path))
            print(f"#{name}_accuracy: {accuracy:.4f}", flush=True)
            print(f"Number of {name} examples: {examples}", flush=True)


def _best(settings: dict[str, Any], corpus: Path, validation: Path) -> Model:
    best: Model | None = None
    best_accuracy, waited = -1.0, 0
    first = min(settings["min_epochs"], settings["epochs"])
    for epochs in range(first, settings["epochs"] + 1):
        model = _train(settings, corpus, epochs, quiet=epochs > first)
        _, accuracy, _ = model.test(str(validation))
        print(f"-------------- End of epoch: {epochs}", flush=True)
        print(f"Validation accuracy: {accuracy:.4f}", flush=True)
        if accuracy > best_accuracy:
            best, best_accuracy, waited = model, accuracy, 0
        else:
            waited += 1
        if waited >= settings["patience"]:
            print(f"Validation accuracy has not improved for {waited} epochs. Early stopping.", flush=True)
            break
    assert best is not None
    return best


def _arguments(settings: dict[str, Any], corpus: Path, epochs: int) -> Any:
    """Translate BlazingText's hyperparameters into fastText's."""
    arguments = engine.args()
    arguments.input = str(corpus)
    arguments.output = ""
    arguments.saveOutput = False
    arguments.dim = settings["vector_dim"]
    arguments.lr = settings["learning_rate"]
    arguments.epoch = epochs
    arguments.minCount = settings["min_count"]
    arguments.seed = SEED
    arguments.thread = 1 if corpus.stat().st_size < SINGLE_THREADED_BYTES else os.cpu_count() or 1
    arguments.verbose = 2
    if settings["mode"] == "supervised":
        arguments.model = engine.model_name.supervised
        arguments.loss = engine.loss_name.softmax
        arguments.wordNgrams = settings["word_ngrams"]
        arguments.minn = arguments.maxn = 0
        needs_buckets = settings["word_ngrams"] > 1
    else:
        cbow = settings["mode"] == "cbow"
        arguments.model = engine.model_name.cbow if cbow else engine.model_name.skipgram
        arguments.loss = engine.loss_name.ns
        arguments.neg = settings["negative_samples"]
        arguments.ws = settings["window_size"]
        arguments.t = settings["sampling_threshold"]
        arguments.wordNgrams = 1
        arguments.minn = settings["min_char"] if settings["subwords"] else 0
        arguments.maxn = settings["max_char"] if settings["subwords"] else 0
        needs_buckets = settings["subwords"]
    # Rows of hash buckets that nothing hashes into would only blow up the model's file.
    arguments.bucket = settings["buckets"] if needs_buckets else 0
    return arguments


def _train(settings: dict[str, Any], corpus: Path, epochs: int, *, quiet: bool = False) -> Model:
    arguments = _arguments(settings, corpus, epochs)
    arguments.verbose = 0 if quiet else 2
    model = Model(args=arguments)
    started = time.monotonic()
    try:
        with logged_progress(arguments.thread):
            engine.train(model.f, arguments)
    except ValueError as error:
        if "Empty vocabulary" in str(error):
            raise ClientError(
                f"No word occurs {settings['min_count']} times or more in the training data, so there is nothing to "
                "learn from. Give more data or a lower min_count."
            ) from None
        raise AlgorithmError(str(error)) from None
    except RuntimeError as error:
        if "NaN" in str(error):
            raise ClientError("Training diverged: a weight became NaN. Lower learning_rate.") from None
        raise AlgorithmError(str(error)) from None
    model.set_args(model.f.getArgs())
    if not quiet:
        seconds = time.monotonic() - started
        words = sum(model.get_words(include_freq=True)[1])
        print("Training finished.", flush=True)
        print(f"Average throughput in Million words/sec: {words * epochs / 1e6 / seconds:.2f}", flush=True)
        print(f"Total training time in seconds: {seconds:.2f}", flush=True)
    return model


def _check_labels(path: Path) -> None:
    with path.open("rb") as lines:
        if not any(b"__label__" in line for line in lines):
            raise ClientError(
                f"The file in the channel '{path.parent.name}' has no label. In mode 'supervised' every line needs a "
                "word that starts with __label__."
            )


def _write_vectors(model: Model, path: Path) -> None:
    words = model.get_words()
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"{len(words)} {model.get_dimension()}\n")
        file.writelines(f"{word} {vector}\n" for word, vector in zip(words, _rows(model, words), strict=True))


def _rows(model: Model, words: list[str]) -> Iterator[str]:
    for word in words:
        vector = model.get_word_vector(word)
        if not np.isfinite(vector).all():
            raise ClientError("Training diverged: a weight became NaN. Lower learning_rate.")
        yield " ".join(f"{value:.6g}" for value in vector.tolist())
