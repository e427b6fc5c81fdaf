from __future__ import annotations

from preprocess.text.lines import labeled_line, text_line
from preprocess.text.split import is_validation, validation_limit


def test_lines() -> None:
    assert text_line(["良い", "宿"]) == "良い 宿"
    assert labeled_line("5", "良い 宿") == "__label__5 良い 宿"


def test_a_token_can_not_be_a_label() -> None:
    assert text_line(["__label__1", "x__label__2"]) == "__ label__1 x__ label__2"


def test_a_token_can_not_end_the_line() -> None:
    assert text_line(["a", "</s>", "b"]) == "a < /s> b"


def test_split_is_the_crc_of_the_text() -> None:
    check = 0xCBF43926  # of "123456789", by which implementations of CRC-32 are told apart

    assert is_validation("123456789", check + 1)
    assert not is_validation("123456789", check)
    assert validation_limit(0.25) == 2**30


def test_no_fraction_means_no_validation() -> None:
    assert not any(is_validation(str(i), validation_limit(0)) for i in range(1000))


def test_the_fraction_is_kept() -> None:
    for fraction in (0.05, 0.1, 0.5, 0.9):
        limit = validation_limit(fraction)
        share = sum(is_validation(f"レビュー{i}", limit) for i in range(10_000)) / 10_000
        assert abs(share - fraction) < 0.02
