from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sudachipy import SplitMode
from sudachipy.errors import SudachiError

from preprocess.config import TokenizerSettings
from preprocess.errors import InvalidConfigurationError
from preprocess.text import dictionary
from preprocess.text.tokenizer import MAX_NUMBERS, NUMBER, Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., Tokenizer]

REVIEWS = [
    "国家公務員は2012年に電子計算機を1,234台買った。",
    "部屋はとても綺麗でしたが、フロントの対応が良くありませんでした！！",
    "スマホアプリをダウンロードし、ｳｪﾌﾞで予約。…楽しかった😀👨‍👩‍👧",
    "選挙管理委員会へ行かなかった。New York の 東京国際空港",
]


def test_split_modes(tokenizer: Make) -> None:
    text = "選挙管理委員会"

    assert [tokenizer(split_mode=mode)(text) for mode in "ABC"] == [
        ["選挙", "管理", "委員", "会"],
        ["選挙", "管理", "委員会"],
        ["選挙管理委員会"],
    ]


def test_token_forms(tokenizer: Make) -> None:
    text = "シュミレーションを行わなかった"

    assert {form: tokenizer(token_form=form)(text) for form in ("surface", "normalized", "dictionary")} == {
        "surface": ["シュミレーション", "を", "行わ", "なかっ", "た"],
        "normalized": ["シミュレーション", "を", "行う", "ない", "た"],
        "dictionary": ["シュミレーション", "を", "行う", "ない", "た"],
    }


@pytest.mark.parametrize("mode", ["A", "B", "C"])
@pytest.mark.parametrize("form", ["surface", "normalized", "dictionary"])
def test_the_fast_way_gives_what_asking_each_morpheme_gives(tokenizer: Make, mode: str, form: str) -> None:
    every_field = dictionary.load().create(getattr(SplitMode, mode))
    method = form if form == "surface" else f"{form}_form"

    for text in REVIEWS:
        expected = " ".join(getattr(morpheme, method)() for morpheme in every_field.tokenize(text)).split()
        assert tokenizer(split_mode=mode, token_form=form)(text) == expected


def test_excluded_parts_of_speech(tokenizer: Make) -> None:
    text = "部屋から海が見えた。"

    assert tokenizer(excluded_parts_of_speech=(("助詞", "格助詞"), ("補助記号",)))(text) == ["部屋", "海", "見え", "た"]
    assert tokenizer(excluded_parts_of_speech=(("助詞",),), token_form="dictionary")(text)[2:] == ["見える", "た", "。"]


def test_a_part_of_speech_that_does_not_exist(tokenizer: Make) -> None:
    with pytest.raises(InvalidConfigurationError, match=r"no part of speech of the dictionary starts with \['助詩'\]"):
        tokenizer(excluded_parts_of_speech=(("助詞",), ("助詩",)))


def test_tokens_hold_no_whitespace(tokenizer: Make) -> None:
    text = "a\u2028b\u2029c\x85d\x0be\x0cf\u3000g\xa0h\ti\nj\x1ck"

    assert tokenizer()(text) == list("abcdefghijk")
    assert tokenizer()(" \u3000\u2028\n") == tokenizer()("") == []


def test_the_ellipsis_gives_no_empty_token(tokenizer: Make) -> None:
    assert tokenizer()("ね…") == ["ね", "…"]


@pytest.mark.parametrize("size", [49_148, 49_149, 49_150, 200_000])
def test_texts_at_and_over_what_sudachi_takes(tokenizer: Make, size: int) -> None:
    sentence = "良い宿でした。"
    text = (sentence * (size // 21 + 1)).encode()[:size].decode(errors="ignore")
    text += "a" * (size - len(text.encode()))

    tokens = tokenizer()(text)

    assert "".join(tokens) == text
    assert tokens[:5] == ["良い", "宿", "でし", "た", "。"]


def test_a_text_that_is_too_long_only_once_normalized(tokenizer: Make) -> None:
    text = "㍿" * 10_000
    with pytest.raises(SudachiError):
        dictionary.load().create().tokenize(text)

    assert "".join(tokenizer()(text)) == text


def test_long_texts_are_cut_between_sentences(tokenizer: Make) -> None:
    sentence = "選挙管理委員会が東京国際空港を利用しました。"
    tokens = tokenizer()(sentence * 2000)

    assert tokens == tokenizer()(sentence) * 2000


def test_long_texts_without_sentences_are_cut_between_words(tokenizer: Make) -> None:
    assert set(tokenizer()("東京国際空港 " * 5000)) == {"東京国際空港"}


def test_a_character_that_sudachi_refuses_alone_is_named() -> None:
    """None is known. Halving the text for ever would help nobody."""

    class Refusing:
        def create(self, *_: object, **__: object) -> Refusing:
            return self

        def tokenize(self, text: str, **_: object) -> None:
            if text:
                raise SudachiError("refused")

    tokenize = Tokenizer(Refusing(), TokenizerSettings())

    with pytest.raises(RuntimeError, match=r"can't tokenize the character U\+3042"):
        tokenize("あの")


def test_lone_surrogates_become_question_marks(tokenizer: Make) -> None:
    assert tokenizer()("良い\ud800宿") == tokenizer()("良い?宿")


@given(st.text())
@settings(max_examples=200)
def test_surfaces_give_back_the_text_without_its_whitespace(text: str) -> None:
    for mode in "ABC":
        tokens = Tokenizer(dictionary.load(), TokenizerSettings(split_mode=mode))(text)
        assert "".join(tokens) == "".join(text.split())
        assert all(token.split() == [token] for token in tokens)


@pytest.mark.parametrize("unit", ["12,", "12:", "１２，", "九九、", "12 ", "2012年", "1.2,"])
def test_no_analysis_holds_more_numbers_than_sudachi_joins_in_good_time(
    tokenizer: Make, monkeypatch: pytest.MonkeyPatch, unit: str
) -> None:
    """SudachiPy takes 20 times as long for 16,000 characters of them as for text."""
    tokenize = tokenizer()
    analyzed: list[str] = []

    def analyze(text: str, **options: Any) -> Any:
        analyzed.append(text)
        return original(text, **options)

    original = tokenize._analyze
    monkeypatch.setattr(tokenize, "_analyze", analyze)

    tokens = tokenize(unit * 5000)

    assert "".join(tokens) == "".join((unit * 5000).split())
    assert max(len(NUMBER.findall(text)) for text in analyzed) <= MAX_NUMBERS
    assert "".join(analyzed) == unit * 5000
    assert all(text.startswith(unit[:2]) for text in analyzed), "numbers stay whole"


def test_one_endless_number(tokenizer: Make) -> None:
    assert "".join(tokenizer()("1" * 100_000)) == "1" * 100_000
