from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.quality.rules import WORD2VEC_MODES, chosen
from blazingtext.hyperparameters import MODES, parse

SIZES = st.integers(2, 10**10)


@pytest.mark.parametrize("mode", MODES)
@given(lines=SIZES, tokens=SIZES, classes=st.integers(2, 10_000), validation=st.integers(0, 10**9))
def test_blazingtext_takes_every_choice(mode: str, lines: int, tokens: int, classes: int, validation: int) -> None:
    found = chosen(mode, lines=lines, tokens=tokens, classes=classes, validation=validation)

    parsed = parse({"mode": mode, **found})
    assert 5 <= parsed["epochs"] <= 500
    assert parsed.get("min_epochs", 1) <= max(5, parsed["epochs"])


@given(lines=SIZES, tokens=SIZES, classes=st.integers(2, 10_000), validation=st.integers(0, 10**9))
def test_the_rules_of_classifiers_are_those_that_the_documentation_tells(
    lines: int, tokens: int, classes: int, validation: int
) -> None:
    passes = max(125_000 / lines, 2_500 / math.sqrt(lines)) * max(1.0, math.sqrt(classes / 3))
    epochs = min(max(math.ceil(passes), 5), 500)
    expected: dict[str, str | float] = {
        "buckets": 200_000 if tokens < 2_000_000 else 2_000_000,
        "epochs": epochs,
        "learning_rate": 0.05,
        "min_count": 1 if lines < 1_000 else 2 if lines < 100_000 else 5,
        "vector_dim": 20,
        "word_ngrams": 2,
    }
    if validation >= 1_000:
        expected |= {
            "early_stopping": "True",
            "min_epochs": math.ceil(epochs / 2),
            "patience": max(4, math.ceil(epochs / 5)),
        }

    found = chosen("supervised", lines=lines, tokens=tokens, classes=classes, validation=validation)

    assert found == {name: str(value) for name, value in expected.items()}


@pytest.mark.parametrize(
    ("lines", "classes", "epochs"),
    [(50, 2, 500), (1_000, 3, 125), (1_000, 27, 375), (5_000, 2, 36), (20_000, 3, 18), (250_000, 3, 5), (10**7, 3, 5)],
)
def test_small_corpora_and_many_classes_take_more_epochs(lines: int, classes: int, epochs: int) -> None:
    found = chosen("supervised", lines=lines, tokens=lines * 20, classes=classes)

    assert found["epochs"] == str(epochs)
    assert "early_stopping" not in found


def test_a_model_of_a_small_corpus_is_small() -> None:
    found = chosen("supervised", lines=50_000, tokens=1_999_999, classes=3)

    assert int(found["buckets"]) * int(found["vector_dim"]) * 4 < 20e6  # bytes: fastText keeps 32-bit floats


@pytest.mark.parametrize("mode", WORD2VEC_MODES)
@given(tokens=SIZES)
def test_the_rules_of_word_vectors_are_those_that_the_documentation_tells(mode: str, tokens: int) -> None:
    found = chosen(mode, lines=max(1, tokens // 20), tokens=tokens)

    assert found == {
        "epochs": str(min(max(math.ceil(10_000_000 / tokens), 5), 50)),
        "learning_rate": "0.05",
        "min_count": "1" if tokens < 100_000 else "2" if tokens < 5_000_000 else "5",
        "negative_samples": "5",
        "sampling_threshold": "0.0001",
        "vector_dim": "100",
        "window_size": "5",
    }
