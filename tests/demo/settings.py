"""What a demo is run with: the user's choices, checked, and sensible settings for a corpus of this size."""

from __future__ import annotations

import csv
import gzip
import platform
import shutil
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

MODES = ("skipgram", "cbow", "batch_skipgram", "supervised")
RUNTIMES = ("python3.11", "python3.12", "python3.13")
# Name of the object that closes a folder, as Spark and Athena write it.
MARKER = "_SUCCESS"
SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
# The notebook's labels: bad reviews and good ones, without those in between.
SAMPLE_LABEL_MAP = {"1": "0", "2": "0", "4": "1", "5": "1"}
# About what a token of Japanese text takes in a CSV, in bytes.
TOKEN_BYTES = 12
TOKENS_TO_TRAIN_ON = 2_500_000


class DemoError(Exception):
    """The demo can't go on; the message says why and what to do."""


@dataclass(frozen=True)
class Settings:
    """One demo.

    Attributes
    ----------
    csv
        The user's file or folder of files, or ``None`` for the sample.
    delimiter
        What parts its columns.
    label_column
        Column of the label; only ``supervised`` mode has one.
    label_map
        What becomes of each label; ``None`` keeps them.
    hyperparameters
        Those the user chose.
    out
        Folder for what the run leaves.
    cache
        Folder that keeps the Lambda's package from one demo to the next.
    """

    csv: Path | None
    mode: str
    text_column: str
    label_column: str | None
    label_map: dict[str, str] | None
    delimiter: str
    encoding: str
    validation_fraction: float
    hyperparameters: dict[str, str]
    out: Path
    cache: Path
    sample_rows: int = 20_000
    runtime: str = field(default_factory=lambda: f"python{sys.version_info.major}.{sys.version_info.minor}")

    @property
    def supervised(self) -> bool:
        """Whether a classifier is learned."""
        return self.mode == "supervised"

    @property
    def folder(self) -> Folder | None:
        """The user's folder, where it is one."""
        return Folder(self.csv) if self.csv is not None and self.csv.is_dir() else None

    def variables(self, corpus_bytes: int) -> dict[str, Any]:
        """Input variables of ``examples/local``.

        Parameters
        ----------
        corpus_bytes
            Size of the file, or of all files.
        """
        return {
            # Without it, each file of a folder would start a run besides.
            "input": {"each_file": self.folder is None},
            "corpus": {
                "text_column": self.text_column,
                "label_column": self.label_column,
                "label_map": self.label_map,
                "validation_fraction": self.validation_fraction,
                "delimiter": self.delimiter,
                "encoding": self.encoding,
            },
            "training": {"mode": self.mode, "hyperparameters": self.chosen_hyperparameters(corpus_bytes)},
            "preprocess": {
                "runtime": self.runtime,
                "architecture": architecture(),
                "build_directory": str(self.cache / "packages"),
                "python": sys.executable,
            },
        }

    def chosen_hyperparameters(self, corpus_bytes: int) -> dict[str, str]:
        """The user's hyperparameters, and for the others what suits a corpus of this size.

        BlazingText's defaults are for corpora of a gigabyte: in a small one hardly a word occurs five times, and five
        epochs teach nothing.
        """
        small = corpus_bytes < 1_000_000
        chosen = {"min_count": "5" if not small else "2" if corpus_bytes > 20_000 else "1"}
        if self.supervised:
            # Two million buckets of word n-grams would make a model of 80 MB out of any corpus.
            chosen |= {"vector_dim": "10", "epochs": "25" if small else "10", "buckets": "200000"}
            if self.validation_fraction > 0:
                chosen |= {"early_stopping": "True", "patience": "4", "min_epochs": "5"}
        else:
            tokens = max(1, corpus_bytes // TOKEN_BYTES)
            epochs = min(50, max(5, round(TOKENS_TO_TRAIN_ON / tokens)))
            chosen |= {"vector_dim": "50" if small else "100", "epochs": str(epochs)}
        if self.hyperparameters.get("early_stopping") == "False":
            chosen = {name: value for name, value in chosen.items() if name not in ("patience", "min_epochs")}
        return chosen | self.hyperparameters


@dataclass(frozen=True)
class Folder:
    """A folder of files that one run goes over."""

    path: Path

    @property
    def files(self) -> list[Path]:
        """Everything in it, at any depth, except the marker that closes it."""
        return sorted(path for path in self.path.rglob("*") if path.is_file() and path != self.path / MARKER)

    @property
    def tables(self) -> list[Path]:
        """The files that a run reads."""
        return [
            path
            for path in self.files
            if path.name.lower().endswith(SUFFIXES) and path.name[0] not in "_." and path.stat().st_size
        ]


def architecture() -> str:
    """This machine's architecture in Lambda's words.

    Raises
    ------
    DemoError
        Lambda's packages do not run on this machine.
    """
    machine = platform.machine().lower()
    known = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}
    if sys.platform != "linux" or machine not in known:
        raise DemoError(
            f"The demo runs the Lambda's own package, which is for Linux on x86_64 or arm64, not for {sys.platform} on "
            f"{machine}. Open the repository in its dev container, or use a Linux machine or WSL."
        )
    return known[machine]


def check(settings: Settings) -> None:
    """Find what would fail later, before anything is started.

    Raises
    ------
    DemoError
        Says what is wrong and what to write instead.
    """
    architecture()
    if settings.runtime not in RUNTIMES:
        raise DemoError(f"The runtime {settings.runtime} is not supported: run the demo with {', '.join(RUNTIMES)}.")
    if shutil.which(settings.runtime) is None and settings.runtime.removeprefix("python") != _own_version():
        raise DemoError(f"{settings.runtime} is not on the PATH: install it, or leave --runtime out.")
    if settings.mode not in MODES:
        raise DemoError(f"The mode {settings.mode!r} is unknown: choose one of {', '.join(MODES)}.")
    if settings.supervised and not settings.label_column:
        raise DemoError("Mode supervised learns labels: name their column with LABEL_COLUMN=... (--label-column).")
    if settings.csv is not None:
        _check_file(settings.csv, settings)


def _own_version() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _check_file(path: Path, settings: Settings) -> None:
    if path.is_dir():
        tables = Folder(path).tables
        if not tables:
            raise DemoError(
                f"{path} has no file that a run would read: names must end in {', '.join(SUFFIXES)}, and hidden and "
                "empty files are passed over."
            )
        path = tables[0]  # the pipeline itself names every bad file
    if not path.is_file():
        raise DemoError(f"There is no file {path}.")
    if not path.name.lower().endswith(SUFFIXES):
        raise DemoError(f"{path.name} would not start a run: the file's name must end in {', '.join(SUFFIXES)}.")
    header = _header(path, settings)
    if header is None:
        return
    wanted = [settings.text_column, settings.label_column if settings.supervised else None]
    missing = [column for column in wanted if column is not None and column not in header]
    if missing:
        raise DemoError(
            f"{path.name} has no column {' and no column '.join(map(repr, missing))}; it has "
            f"{', '.join(map(repr, header))}. Name the columns with TEXT_COLUMN=... and LABEL_COLUMN=..."
        )


def _header(path: Path, settings: Settings) -> list[str] | None:
    """The columns' names; ``None`` where the file can't be read, which the pipeline itself reports best."""
    encoding = "utf-8-sig" if settings.encoding == "utf-8" else settings.encoding
    unpack = gzip.open if path.suffix == ".gz" else open
    try:
        with unpack(path, "rt", encoding=encoding, newline="") as text:
            return next(csv.reader(text, delimiter=settings.delimiter), None)
    except (UnicodeError, OSError, csv.Error, EOFError):
        return None
