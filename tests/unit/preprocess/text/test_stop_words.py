from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from preprocess.text.stop_words import DEFAULT_LIST, default_stop_words

if TYPE_CHECKING:
    from collections.abc import Callable

NEGATED = {
    "部屋は良くない": {"surface": "ない", "normalized": "無い", "dictionary": "ない"},
    "食べなかった": {"surface": "なかっ", "normalized": "ない", "dictionary": "ない"},
    "知らぬ": {"surface": "ぬ", "normalized": "ず", "dictionary": "ぬ"},
    "行かん": {"surface": "ん", "normalized": "ず", "dictionary": "ぬ"},
    "使わず": {"surface": "ず", "normalized": "ず", "dictionary": "ず"},
    "良くありません": {"surface": "ん", "normalized": "ず", "dictionary": "ぬ"},
    "問題なし": {"surface": "なし", "normalized": "なし", "dictionary": "なし"},
    "風呂が無い": {"surface": "無い", "normalized": "無い", "dictionary": "無い"},
    "美味しくなければ": {"surface": "なけれ", "normalized": "無い", "dictionary": "ない"},
    "狭くなく": {"surface": "なく", "normalized": "無い", "dictionary": "ない"},
    "わからへん": {"surface": "へん", "normalized": "へん", "dictionary": "へん"},
    "行くまい": {"surface": "まい", "normalized": "まい", "dictionary": "まい"},
    "行かねば": {"surface": "ね", "normalized": "ず", "dictionary": "ぬ"},
}


@pytest.mark.parametrize("form", ["surface", "normalized", "dictionary"])
@pytest.mark.parametrize("text", NEGATED)
def test_negation_survives(tokenizer: Callable[..., Callable[[str], list[str]]], text: str, form: str) -> None:
    tokens = tokenizer(token_form=form)(text)

    assert NEGATED[text][form] in [token for token in tokens if token not in default_stop_words()]


@pytest.mark.parametrize("form", ["surface", "normalized", "dictionary"])
def test_sentiment_survives(tokenizer: Callable[..., Callable[[str], list[str]]], form: str) -> None:
    words = tokenizer(token_form=form)(
        "とても 最高 最悪 良い 悪い 残念 大変 非常 素敵 綺麗 汚い すごく もっと 全然 まったく しか だけ 嫌い 好き たい"
    )

    assert [word for word in words if word in default_stop_words()] == []


@pytest.mark.parametrize("form", ["surface", "normalized", "dictionary"])
def test_grammar_goes(tokenizer: Callable[..., Callable[[str], list[str]]], form: str) -> None:
    words = tokenizer(token_form=form)("これは（私の）ものです。そのことが、あの時のためになりました！「はい」…")

    assert [word for word in words if word not in default_stop_words()] == ["はい"]


def test_both_widths_of_punctuation() -> None:
    assert set("、。，．・：；？！（）［］｛｝「」『』【】,.:;?!()[]{}｡｢｣､･") <= default_stop_words()


def test_the_list_is_one_word_a_line() -> None:
    words = [line for line in DEFAULT_LIST.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")]

    assert all(word.split() == [word] for word in words)
    assert len(words) == len(set(words)) == len(default_stop_words())
