from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import sem, ttest_rel

from benchmarks.quality.scores import Estimate, Score


def test_a_class_that_is_never_predicted_counts_in_macro_f1_as_0() -> None:
    score = Score.of(["a", "a", "a", "b", "b", "c"], ["a", "a", "b", "b", "a", "a"])

    # a: precision 2/4, recall 2/3; b: precision 1/2, recall 1/2; c: never found.
    assert score.accuracy == pytest.approx(3 / 6)
    assert score.macro_f1 == pytest.approx((4 / 7 + 1 / 2 + 0) / 3)


def test_a_prediction_that_is_no_class_is_only_wrong() -> None:
    assert Score.of(["a", "b"], ["a", ""]).macro_f1 == pytest.approx((1 + 0) / 2)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_the_standard_error_is_scipys(values: list[float]) -> None:
    assert Estimate.over(values).error == pytest.approx(float(sem(values)), abs=1e-12)


def test_a_difference_is_judged_fold_by_fold() -> None:
    ours, theirs = [0.81, 0.71, 0.91, 0.62], [0.80, 0.70, 0.89, 0.60]

    difference = Estimate.of_difference(ours, theirs)

    assert difference.mean == pytest.approx(0.015)
    assert difference.error < Estimate.over(ours).error / 10
    assert difference.mean / difference.error == pytest.approx(float(ttest_rel(ours, theirs).statistic))
    assert difference.percent() == "1.5 ± 0.3"
