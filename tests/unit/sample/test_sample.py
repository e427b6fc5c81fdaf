"""The sample corpus."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sample import COLUMNS, reviews, write_csv
from sample.grammar import adjective
from sample.vocabulary import COMMON_SLOTS, TOPICS

TESTS = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "reviews.csv"
    write_csv(path)
    return path


@pytest.fixture(scope="module")
def rows(sample: Path) -> list[dict[str, str]]:
    with sample.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_size_and_columns(sample: Path, rows: list[dict[str, str]]) -> None:
    assert len(rows) == 20_000
    assert tuple(rows[0]) == COLUMNS
    assert 3_000_000 < sample.stat().st_size < 5_500_000


def test_equal_seeds_give_equal_files(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_csv(tmp_path / name, rows=200, seed=seed)
    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")
    assert a == b != c


def test_it_holds_what_real_files_hold(rows: list[dict[str, str]]) -> None:
    texts = [row["review_body"] for row in rows]
    assert sum("<br />" in text for text in texts) > 500
    assert sum('"' in text and "," in text for text in texts) > 200
    assert sum("😊" in text for text in texts) > 50
    assert 10 < texts.count("") < 200
    assert len(set(texts)) > 0.99 * len(texts)


def test_no_slot_is_left_open(rows: list[dict[str, str]]) -> None:
    assert not [row for row in rows if re.search(r"[{}]", row["review_body"])]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: str(topic.category))
def test_scenes_and_aspects_name_slots(topic: Any) -> None:
    slots = {*COMMON_SLOTS, *topic.slots}
    used = {slot for scene in topic.scenes for slot in re.findall(r"\{([a-z]+)2?\}", scene)}
    assert used - {"number", "height"} <= slots
    assert {aspect.things for aspect in topic.aspects} <= slots
    assert set(topic.slots) <= used | {aspect.things for aspect in topic.aspects}


def test_stars_go_with_sentiment(rows: list[dict[str, str]]) -> None:
    praise, blame = Counter[str](), Counter[str]()
    for row in rows:
        praise[row["star_rating"]] += "大満足" in row["review_body"]
        blame[row["star_rating"]] += "最悪" in row["review_body"]
    assert set(praise) == set("12345")
    assert praise["5"] > 300 > 0 == praise["1"]
    assert blame["1"] > 100 > 0 == blame["5"]


@pytest.mark.parametrize(
    ("word", "before", "past", "denied"),
    [
        ("美味しい", "美味しい", "美味しかったです", "美味しくなかったです"),
        ("快適", "快適な", "快適でした", "快適ではありませんでした"),
    ],
)
def test_adjectives(word: str, before: str, past: str, denied: str) -> None:
    forms = adjective(word)
    assert (forms.before, forms.past, forms.denied[0]) == (before, past, denied)


def test_command_line(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "reviews.csv"
    subprocess.run([sys.executable, "-m", "sample", str(out), "--rows", "5", "--seed", "3"], cwd=TESTS, check=True)
    write_csv(tmp_path / "same.csv", rows=5, seed=3)
    assert out.read_bytes() == (tmp_path / "same.csv").read_bytes()


def test_it_is_quick() -> None:
    started = time.process_time()
    for _ in reviews(rows=5000):
        pass
    assert time.process_time() - started < 2
