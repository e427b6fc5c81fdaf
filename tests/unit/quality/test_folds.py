from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.quality.corpora import Corpus
from benchmarks.quality.folds import FOLDS, TooFewRowsError, split


def corpus(texts: list[str], labels: list[str]) -> Corpus:
    return Corpus("made up", "here", texts, labels)


REVIEWS = corpus([f"感想{number}" for number in range(300)], (["良"] * 200 + ["悪"] * 100))


def test_every_row_is_tested_on_once_and_learned_from_in_all_other_folds() -> None:
    folds = split(REVIEWS)

    every = [*folds.choose, *folds.report]
    assert (len(folds.choose), len(folds.report)) == (FOLDS // 2, FOLDS // 2)
    assert sorted(row for fold in every for row in fold.test) == list(range(300))
    assert all(sorted(fold.train + fold.test) == list(range(300)) for fold in every)


def test_folds_have_the_shares_of_the_classes() -> None:
    for fold in split(REVIEWS).report:
        assert Counter(REVIEWS.labels[row] for row in fold.test) == {"良": 20, "悪": 10}


def test_equal_texts_stand_in_one_fold() -> None:
    twice = corpus([f"感想{number % 150}" for number in range(300)], ["良", "悪"] * 150)

    folds = split(twice)
    for fold in [*folds.choose, *folds.report]:
        assert not {twice.texts[row] for row in fold.test} & {twice.texts[row] for row in fold.train}


def test_the_same_corpus_is_cut_the_same_way() -> None:
    assert split(REVIEWS) == split(REVIEWS)


def test_a_class_with_fewer_rows_than_folds_is_named() -> None:
    with pytest.raises(TooFewRowsError, match="'稀' has 3 rows and 10 folds"):
        split(corpus([str(number) for number in range(103)], ["多"] * 100 + ["稀"] * 3))


def test_one_class_alone_is_refused() -> None:
    with pytest.raises(TooFewRowsError, match="every row has the label '良'"):
        split(corpus([str(number) for number in range(100)], ["良"] * 100))
