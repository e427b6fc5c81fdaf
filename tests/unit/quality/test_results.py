from __future__ import annotations

from benchmarks.quality.classifiers import Comparison, Result
from benchmarks.quality.corpora import Corpus
from benchmarks.quality.results import comparison_json, comparison_table, effects_table, sizes_table, vectors_table
from benchmarks.quality.scores import Estimate, Score
from benchmarks.quality.similarity import Agreement
from benchmarks.quality.sizes import Size
from benchmarks.quality.tokens import Effect
from benchmarks.quality.vectors import VectorResult

COMPARISON = Comparison(
    Corpus("made up", "here", ["良い", "悪い"], ["1", "0"]),
    [
        Result("ours", [Score(0.9, 0.8), Score(0.8, 0.7)]),
        Result("theirs", [Score(0.7, 0.6), Score(0.6, 0.5)]),
    ],
    {"epochs": "25"},
)


def test_ways_are_compared_fold_by_fold_with_this_modules_defaults() -> None:
    lines = comparison_table(COMPARISON).splitlines()

    assert lines[0] == "made up: 2 texts in 2 classes (here)"
    assert lines[4:6] == ["| ours | 85.0 ± 5.0 | 75.0 ± 5.0 |  |", "| theirs | 65.0 ± 5.0 | 55.0 ± 5.0 | 20.0 ± 0.0 |"]
    assert comparison_json(COMPARISON)["ways"][1]["accuracy"] == {"mean": 0.65, "error": 0.05}


def test_an_option_that_changes_no_text_has_no_effect_to_tell() -> None:
    effects = [
        Effect("URLs dropped", 0.0, Estimate(0, 0), Estimate(0, 0)),
        Effect("surfaces", 0.5, Estimate(-0.011, 0.003), Estimate(0.002, 0.004)),
    ]

    assert effects_table("made up", effects).splitlines()[2:] == [
        "| URLs dropped | 0.0% | – | – |",
        "| surfaces | 50.0% | -1.1 ± 0.3 | +0.2 ± 0.4 |",
    ]


def test_sizes_and_vectors_have_a_line_each() -> None:
    sizes = [Size(300, 463, {0.5: Estimate(0.7, 0.01), 1.0: Estimate(0.71, 0.02)})]
    vectors = [VectorResult("ours", 20_819, 0.48, Agreement(0.2, 0.02, 1_600), Agreement(0.25, 0.02, 2_136))]

    assert sizes_table("made up", sizes).splitlines()[::2] == [
        "| made up: rows | Epochs by the rules | × 0.5 | × 1 |",
        "| 300 | 463 | 70.0 ± 1.0 | 71.0 ± 2.0 |",
    ]
    assert vectors_table(vectors, "there").splitlines()[-1] == (
        "| ours | 20,819 | 0.200 ± 0.020 | 48% | 0.250 ± 0.020 |"
    )
