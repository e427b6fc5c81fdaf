from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from benchmarks.quality import corpora
from benchmarks.quality.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path


def test_the_sample_has_three_classes_and_no_empty_text() -> None:
    sample = corpora.generated()

    assert sample.classes == ["negative", "neutral", "positive"]
    assert len(sample.texts) == len(sample.labels) > corpora.SAMPLE_ROWS * 0.99
    assert all(sample.texts)


def test_rows_without_text_or_label_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("\ufeffstars,body\n5,良い\n,普通\n1, \n1,悪い\n", encoding="utf-8")

    found = corpora.table(path, "body", "stars", most_rows=10)

    assert (found.texts, found.labels) == (["良い", "悪い"], ["5", "1"])
    assert len(corpora.table(path, "body", "stars", most_rows=1).texts) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("stars,body\n5,良い\n".encode(), "no column 'review_body' and no column 'star_rating'.*TEXT_COLUMN="),
        ("star_rating,review_body\n5,良い\n".encode("cp932"), "is not UTF-8: convert it first"),
        (b"star_rating,review_body\n", "has no row with a text and a label"),
        ("star_rating,review_body\n5,良い\n1,悪い\n".encode(), "the class '1' has 1 rows and 10 folds"),
    ],
)
def test_a_table_that_can_not_be_measured_with_is_told_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    path = tmp_path / "reviews.csv"
    path.write_bytes(content)

    with pytest.raises(SystemExit) as ended:
        main(["--csv", str(path), "--out", str(tmp_path)])

    assert ended.value.code == 2
    assert re.search(said, capsys.readouterr().err)


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--csv", str(tmp_path / "none.csv")])

    assert f"there is no file {tmp_path / 'none.csv'}" in capsys.readouterr().err
