from __future__ import annotations

import random
import subprocess
import sys
import time
from itertools import islice
from typing import TYPE_CHECKING

import psutil
import pytest

from benchmarks import __main__ as bench
from benchmarks import corpus, vocabulary
from benchmarks.memory import Sampler
from benchmarks.ways import Columns, bare_tokenize, notebook_sudachi, preprocess, text_bytes
from preprocess.text import dictionary

if TYPE_CHECKING:
    from pathlib import Path

MIB = 2**20


@pytest.fixture
def _few_lookups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "KANJI_LOOKUPS", 20_000)
    monkeypatch.setattr(vocabulary, "KATAKANA_LOOKUPS", 20_000)


@pytest.mark.usefixtures("_few_lookups")
def test_the_corpus_is_large_in_vocabulary_and_the_same_every_time() -> None:
    first = list(islice(corpus.reviews(), 500))

    assert first == list(islice(corpus.reviews(), 500))
    assert first != list(islice(corpus.reviews(seed=2), 500))
    assert len({text for _, text in first}) > 490
    tokenize = dictionary.load().create().tokenize
    tokens = {morpheme.surface() for _, text in first for morpheme in tokenize(text)}
    assert len(tokens) > 1000
    assert {stars for stars, _ in first} == {1, 2, 3, 4, 5}


def test_verbs_are_inflected() -> None:
    stems = corpus._godan("飲む")
    assert [pattern.format_map(stems) for pattern in ("{a}ない", "{i}ます", "{e}ば")] == [
        "飲まない",
        "飲みます",
        "飲めば",
    ]
    assert "{t}て".format_map(corpus._godan("書く")) == "書いて"
    assert "{t}た".format_map(corpus._ichidan("食べる")) == "食べた"

    chance = random.Random(1)
    verbs = corpus.Zipf([corpus._godan("飲む")], chance)
    assert corpus._Inflected(verbs, ["{t}て"], chance)() == "飲んで"


@pytest.mark.usefixtures("_few_lookups")
def test_every_way_runs_on_the_same_table(tmp_path: Path) -> None:
    table, columns = tmp_path / "table.csv", Columns("review_body", "star_rating")
    corpus.write(table, 50_000)

    assert 50_000 <= text_bytes(table, columns) < 60_000
    for run in (preprocess(1), preprocess(2), bare_tokenize(1), bare_tokenize(2), notebook_sudachi):
        assert run(table, columns) > 0


def test_the_memory_of_children_counts() -> None:
    child = f"x = bytearray({100 * MIB}); import time; time.sleep(30)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        with Sampler(process.pid) as sampler:
            deadline = time.monotonic() + 20
            while sampler.peak < 100 * MIB and time.monotonic() < deadline:
                time.sleep(0.05)
        for member in [*psutil.Process(process.pid).children(), process]:
            member.kill()

    assert sampler.peak >= 100 * MIB


def test_targets_compare_on_the_largest_text_that_both_ways_had() -> None:
    def measured(way: str, text_mb: float, seconds: float, mib: int = 100) -> bench.Measurement:
        return bench.Measurement(way, text_mb, seconds, mib * MIB)

    targets = bench._targets(
        [
            measured("preprocess-all", 50, 10, mib=200),
            measured("bare-all", 50, 9),
            measured("notebook-sudachi", 50, 40),
            measured("preprocess-all", 500, 100, mib=230),
            measured("bare-all", 500, 70),
        ],
        [3.0, 2.0],
    )

    assert {target.name: (round(target.value, 2), target.reached) for target in targets} == {
        "all workers / bare tokenize on all cores, 500 MB": (0.7, False),
        "all workers / pandas apply with SudachiPy, 50 MB": (4.0, True),
        "peak memory, MiB": (230.0, True),
        "peak memory at the largest size / at 50 MB": (1.15, False),
        "cold start to the first line, seconds": (2.0, True),
    }
