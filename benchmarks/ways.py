"""The ways to get from a table to lines that are measured, each run in a process of its own.

``python -m benchmarks.ways WAY TABLE`` prints its result as JSON. Only the work is timed: no import, no loading of a
dictionary.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pandas as pd

from benchmarks.files import FileStore
from preprocess import pipeline
from preprocess.config import Job
from preprocess.text import dictionary
from preprocess.text.stop_words import DEFAULT_LIST

if TYPE_CHECKING:
    from collections.abc import Callable

CORES = len(os.sched_getaffinity(0))

#: As many as the lists that go around have.
STOP_WORDS = [line for line in DEFAULT_LIST.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"][:124]


@dataclass(frozen=True)
class Way:
    """A way from table to lines.

    Attributes
    ----------
    title
        As the table of results names it.
    run
        Takes the table and returns the seconds that it took.
    limit_mb
        The largest text that it is run on; the slow ones would take hours.
    """

    title: str
    run: Callable[[Path, Columns], float]
    limit_mb: float = float("inf")


@dataclass(frozen=True)
class Columns:
    """Names of the columns of the table that is measured with."""

    text: str
    label: str


def preprocess(workers: int) -> Callable[[Path, Columns], float]:
    """This project's Lambda code, with files in the place of S3."""

    def run(table: Path, columns: Columns) -> float:
        job = Job.from_event(
            {
                "input": {"bucket": "files", "key": str(table)},
                "output": {"bucket": "files", "prefix": "runs/1/"},
                "config": {"text_column": columns.text, "label_column": columns.label, "validation_fraction": 0.1},
            }
        )
        dictionary.load()
        started = perf_counter()
        pipeline.run(job, FileStore(), workers=workers)
        return perf_counter() - started

    return run


def bare_tokenize(processes: int) -> Callable[[Path, Columns], float]:
    """The limit: nothing but ``tokenize``, as its documentation calls it."""

    def work(texts: list[str]) -> None:
        tokenizer = dictionary.load().create()
        for text in texts:
            tokenizer.tokenize(text)

    def run(table: Path, columns: Columns) -> float:
        texts = _texts(table, columns)
        dictionary.load()
        started = perf_counter()
        if processes == 1:
            work(texts)
        else:
            bounds = [len(texts) * i // processes for i in range(processes + 1)]
            _in_forks([lambda part=texts[a:b]: work(part) for a, b in pairwise(bounds)])  # type: ignore[misc]
        return perf_counter() - started

    return run


def notebook_mecab(table: Path, columns: Columns) -> float:
    """The notebook's way: the whole table, row by row, with MeCab and UniDic."""
    import MeCab
    import unidic_lite

    tagger = MeCab.Tagger(f"-Owakati -r {os.devnull} -d {unidic_lite.DICDIR}")
    return _notebook(table, columns, lambda text: tagger.parse(text).strip())


def notebook_sudachi(table: Path, columns: Columns) -> float:
    """The notebook's way with SudachiPy and a list of stop words."""
    tokenizer = dictionary.load().create()

    def words(text: str) -> str:
        return " ".join(m.surface() for m in tokenizer.tokenize(text) if m.surface() not in STOP_WORDS)

    return _notebook(table, columns, words)


def fugashi(table: Path, columns: Columns) -> float:
    """The notebook's way with fugashi and UniDic."""
    import fugashi as library
    import unidic_lite

    tagger = library.GenericTagger(f"-Owakati -r {os.devnull} -d {unidic_lite.DICDIR}")
    return _notebook(table, columns, lambda text: " ".join(word.surface for word in tagger(text)))


def janome(table: Path, columns: Columns) -> float:
    """The notebook's way with janome."""
    from janome.tokenizer import Tokenizer

    tokenizer = Tokenizer(wakati=True)
    return _notebook(table, columns, lambda text: " ".join(map(str, tokenizer.tokenize(text))))


WAYS = {
    "preprocess-1": Way("preprocess, 1 worker", preprocess(1)),
    "preprocess-all": Way(f"preprocess, {CORES} workers", preprocess(CORES)),
    "bare-1": Way("bare tokenize, 1 core", bare_tokenize(1)),
    "bare-all": Way(f"bare tokenize, {CORES} cores", bare_tokenize(CORES)),
    "notebook-mecab": Way("pandas apply, MeCab + unidic-lite", notebook_mecab, 50),
    "notebook-sudachi": Way("pandas apply, SudachiPy + stop list", notebook_sudachi, 50),
    "fugashi": Way("pandas apply, fugashi + unidic-lite", fugashi, 50),
    "janome": Way("pandas apply, janome", janome, 5),
}


def _notebook(table: Path, columns: Columns, words: Callable[[str], str]) -> float:
    started = perf_counter()
    frame = pd.read_csv(table)
    frame = frame.dropna(subset=[columns.text])

    def with_line(row: Any) -> Any:
        row["line"] = f"__label__{row[columns.label]} {words(row[columns.text])}"
        return row

    frame = frame.apply(with_line, axis=1)  # the notebook adds its column row by row
    with Path(os.devnull).open("w", encoding="utf-8") as sink:
        sink.write("\n".join(frame["line"]))
    return perf_counter() - started


def _texts(table: Path, columns: Columns) -> list[str]:
    with table.open(encoding="utf-8-sig", newline="") as file:
        return [row[columns.text] for row in csv.DictReader(file)]


def text_bytes(table: Path, columns: Columns) -> int:
    """Return how many bytes of UTF-8 the texts of a table have."""
    with table.open(encoding="utf-8-sig", newline="") as file:
        return sum(len(row[columns.text].encode()) for row in csv.DictReader(file))


def _in_forks(works: list[Callable[[], Any]]) -> None:
    pids = []
    for work in works:
        pid = os.fork()
        if not pid:
            try:
                work()
            finally:
                os._exit(sys.exc_info()[0] is not None)
        pids.append(pid)
    for pid in pids:
        if os.waitpid(pid, 0)[1]:
            raise RuntimeError("a process of the measurement failed")


def main(name: str, table: str, text_column: str, label_column: str) -> None:
    """Run one way and print its seconds."""
    csv.field_size_limit(2**24)
    print(json.dumps({"seconds": WAYS[name].run(Path(table), Columns(text_column, label_column))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
