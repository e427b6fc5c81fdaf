from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from benchmarks.quality.similarity import Pair, agreement, read_pairs, similarities

if TYPE_CHECKING:
    from pathlib import Path

VECTORS = {"犬": np.array([1.0, 0.0]), "猫": np.array([2.0, 2.0]), "車": np.array([0.0, 3.0])}


def test_a_pair_with_a_word_without_vector_is_left_out() -> None:
    pairs = [Pair("犬", "猫", 8), Pair("犬", "車", 1), Pair("犬", "象", 5), Pair("象", "鯨", 5)]

    cosines = similarities(pairs, VECTORS.get)

    assert cosines[:2] == pytest.approx([2**-0.5, 0])
    assert np.isnan(cosines[2:]).all()


def test_agreement_is_that_of_ranks_among_the_pairs_that_are_asked_for() -> None:
    cosines: Any = np.array([0.8, 0.7, 0.6, np.nan, 0.4, 0.3, 0.2, 0.1, 0.0])
    judged = np.array([10.0, 9.0, 7.0, 0.0, 8.0, 3.5, 3.0, 1.0, 2.0])

    found = agreement(cosines, judged, ~np.isnan(cosines))

    # Two neighbors of eight are swapped, twice.
    assert found.rho == pytest.approx(1 - 6 * 4 / (8 * 63))
    assert found.pairs == 8


def test_the_standard_error_is_about_that_of_many_independent_pairs() -> None:
    draw = np.random.default_rng(3)
    first = draw.normal(size=900)
    second = first + draw.normal(size=900) * 3

    found = agreement(first, second, np.full(900, True))

    assert 0.2 < found.rho < 0.4
    assert found.error == pytest.approx((1 - found.rho**2) / 900**0.5, rel=0.2)


def test_the_four_files_are_read(tmp_path: Path) -> None:
    for name in ("noun", "verb", "adj", "adv"):
        (tmp_path / f"score_{name}.csv").write_text(f"word1,word2,a1,mean\n{name}1,{name}2,3,4.5\n", encoding="utf-8")

    assert read_pairs(tmp_path)[1] == Pair("verb1", "verb2", 4.5)
    assert len(read_pairs(tmp_path)) == 4
