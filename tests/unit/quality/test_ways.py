from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from benchmarks.quality import trainer
from benchmarks.quality.pipeline import channels, preprocessor_of
from benchmarks.quality.rules import DEFAULT_TOKENS
from benchmarks.quality.ways import CharacterBaseline, Majority, ThisModule, Way

THINGS = ["部屋", "朝食", "風呂", "駅", "値段", "対応", "景色", "料理", "枕", "庭"]
GOOD, BAD = (
    ["とても良かったです。", "最高でした。", "素晴らしい。"],
    ["とても悪かったです。", "最悪でした。", "ひどい。"],
)

ROWS = [(f"{thing}が{end}", label) for label, ends in (("0", BAD), ("1", GOOD)) for thing, end in product(THINGS, ends)]
NEW = ["廊下が最高でした。", "廊下が最悪でした。"]


@pytest.mark.parametrize("way", [ThisModule("this module's defaults"), CharacterBaseline()], ids=lambda way: way.title)
def test_a_way_learns_what_is_there_to_learn(way: Way) -> None:
    assert way.predict(ROWS, NEW) == ["1", "0"]


def test_the_majority_is_the_same_for_every_text() -> None:
    assert Majority().predict([*ROWS, ("普通でした。", "0")], NEW) == ["0", "0"]


def test_the_same_rows_give_the_same_model_whatever_their_number() -> None:
    # From two megabytes on, the stand-in would start a thread a core.
    lines = list(preprocessor_of(DEFAULT_TOKENS["supervised"]).lines(ROWS * 900))
    assert sum(len(line.encode()) + 1 for line in lines) > 2 * 2**20

    first, second = (trainer.classifier({"epochs": "1", "buckets": "1000"}, lines) for _ in range(2))

    assert np.array_equal(first.weights, second.weights)


def test_rows_are_parted_as_the_module_parts_them() -> None:
    train, validation = channels((f"感想{number}", "1") for number in range(2_000))

    assert len(train) + len(validation) == 2_000
    assert 0.08 < len(validation) / 2_000 < 0.12


def test_a_text_of_which_nothing_is_left_is_no_line() -> None:
    preprocessor = preprocessor_of(DEFAULT_TOKENS["skipgram"])

    assert list(preprocessor.lines([("の、が", "1"), ("朝食が最高", "1")])) == ["__label__1 朝食 最高"]
    assert preprocessor.line("の、が") == ""
