from __future__ import annotations

from typing import Any

import pytest

from preprocess.config import InputObject, Job, OutputPrefix, TableFormat, TokenizerSettings
from preprocess.errors import InvalidConfigurationError

MINIMAL = {"input": {"bucket": "b", "key": "k.csv"}, "output": {"bucket": "a", "prefix": "runs/1/"}}


def with_config(**config: Any) -> dict[str, Any]:
    return {**MINIMAL, "config": config}


def test_everything_but_places_has_a_default() -> None:
    assert Job.from_event(MINIMAL) == Job(InputObject("b", "k.csv"), OutputPrefix("a", "runs/1/"))


def test_full_event() -> None:
    job = Job.from_event(
        {
            "input": {"bucket": "b", "key": "k.tsv", "version_id": "v", "etag": "e"},
            "output": {"bucket": "a", "prefix": "runs/1/shards/00001/"},
            "config": {
                "text_column": "本文",
                "label_column": "評価",
                "label_map": {"1": "0", "-2": "1"},
                "validation_fraction": 0.1,
                "split_mode": "A",
                "token_form": "normalized",
                "stop_words": ["は"],
                "excluded_parts_of_speech": [["助詞", "格助詞"]],
                "delimiter": "\t",
                "quoting": False,
                "encoding": "cp932",
                "columns": ["評価", "本文"],
                "escape": "\\",
                "show_values": 0,
            },
            "shard": True,
        }
    )

    assert job == Job(
        input=InputObject("b", "k.tsv", "v", "e"),
        output=OutputPrefix("a", "runs/1/shards/00001/"),
        table=TableFormat(
            "本文", "評価", "\t", False, "cp932", ("評価", "本文"), "\\", {"1": "0", "-2": "1"}, show_values=0
        ),
        tokenizer=TokenizerSettings("A", "normalized", ("は",), (("助詞", "格助詞"),)),
        validation_fraction=0.1,
        shard=True,
    )


@pytest.mark.parametrize(
    ("label_map", "text"),
    [
        (None, False),
        ({"1": "a", "-2": "b"}, False),
        ({"良い": "a", "悪い": "b"}, True),
        ({"1": "a", "悪い": "b"}, True),
        ({"1.0": "a"}, True),
        ({"01": "a"}, True),
    ],
)
def test_a_key_that_is_no_integer_makes_the_labels_text(label_map: dict[str, str] | None, text: bool) -> None:
    assert Job.from_event(with_config(label_column="l", label_map=label_map)).table.has_text_labels == text


def test_null_means_the_default_where_nothing_is_a_choice() -> None:
    nothing = dict.fromkeys(("label_column", "label_map", "stop_words", "columns", "escape"))
    job = Job.from_event(with_config(**nothing))

    assert (job.table, job.tokenizer) == (TableFormat(), TokenizerSettings())


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "\x01"])
def test_delimiters(delimiter: str) -> None:
    assert Job.from_event(with_config(delimiter=delimiter)).table.delimiter == delimiter


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (None, "event must be an object"),
        ({}, "input is missing"),
        ({**MINIMAL, "ouput": 1}, "settings that do not exist: 'ouput'"),
        ({**MINIMAL, "input": {"bucket": "b"}}, "input.key is missing"),
        ({**MINIMAL, "input": {"bucket": "b", "key": ""}}, "input.key must be a text that is not empty"),
        ({**MINIMAL, "input": {"bucket": "b", "key": "k", "vers": 1}}, "input has settings that do not exist: 'vers'"),
        ({**MINIMAL, "output": {"bucket": "a", "prefix": "runs/1"}}, "output.prefix must end with '/'"),
        ({**MINIMAL, "shard": 1}, "shard must be true or false"),
        (with_config(txt_column="x"), "config has settings that do not exist: 'txt_column'"),
        (with_config(text_column=1), "config.text_column must be a text"),
        (with_config(text_column="a", label_column="a"), "two different columns"),
        (with_config(label_map={"1": "0"}), "config.label_map needs a config.label_column"),
        (with_config(label_column="l", label_map={}), "config.label_map must be an object with at least one label"),
        (with_config(label_column="l", label_map={"": "1"}), "an empty key"),
        (with_config(label_column="l", label_map={" ": "1"}), "an empty key"),
        (with_config(columns="a,b"), "config.columns must be a list of the names"),
        (with_config(columns=[]), "config.columns must be a list of the names"),
        (with_config(columns=["review_body", ""]), "config.columns must be a list of the names"),
        (with_config(columns=["review_body", "review_body"]), "config.columns names a column twice"),
        (with_config(columns=["a"]), "config.text_column 'review_body' is none of config.columns"),
        (with_config(columns=["review_body"], label_column="l"), "config.label_column 'l' is none of config.columns"),
        (with_config(escape=","), "config.escape and config.delimiter must be two different characters"),
        (with_config(escape="n"), "config.escape must be one ASCII character"),
        (with_config(escape='"'), "config.escape must be one ASCII character"),
        (with_config(show_values=-1), "config.show_values must be a whole number from 0 to 100"),
        (with_config(show_values=101), "config.show_values must be a whole number"),
        (with_config(show_values=True), "config.show_values must be a whole number"),
        (with_config(show_values="10"), "config.show_values must be a whole number"),
        (with_config(label_column="l", label_map={"1": "a b"}), "a text without whitespace"),
        (with_config(label_column="l", label_map={"1": ""}), "a text without whitespace"),
        (with_config(label_column="l", label_map={"1": "\ud800"}), "a text without whitespace"),
        (with_config(label_column="l", label_map={"1": 1}), "a text without whitespace"),
        (with_config(validation_fraction=1), "config.validation_fraction must be a number from 0 to below 1"),
        (with_config(validation_fraction=-0.1), "config.validation_fraction"),
        (with_config(validation_fraction=True), "config.validation_fraction"),
        (with_config(validation_fraction="0.1"), "config.validation_fraction"),
        (with_config(split_mode="c"), "config.split_mode must be one of A, B, C, not 'c'"),
        (with_config(token_form="lemma"), "config.token_form must be one of surface, normalized, dictionary"),
        (with_config(encoding="shift_jis"), "config.encoding must be one of utf-8, utf-16, cp932, euc_jp"),
        (with_config(encoding=["utf-8"]), "config.encoding"),
        (with_config(quoting="yes"), "config.quoting must be true or false"),
        (with_config(stop_words="は"), "config.stop_words must be a list"),
        (with_config(stop_words=["は の"]), "config.stop_words holds 'は の'"),
        (with_config(excluded_parts_of_speech="助詞"), "config.excluded_parts_of_speech must be a list of lists"),
        (with_config(excluded_parts_of_speech=["助詞"]), "config.excluded_parts_of_speech holds '助詞'"),
        (with_config(excluded_parts_of_speech=[[]]), "config.excluded_parts_of_speech holds []"),
        (with_config(excluded_parts_of_speech=[["a"] * 7]), "1 to 6 levels"),
        *[
            (with_config(delimiter=d), "config.delimiter must be one ASCII character")
            for d in ("", "::", "、", '"', "\n", "a")
        ],
    ],
)
def test_refused(event: Any, message: str) -> None:
    with pytest.raises(InvalidConfigurationError) as error:
        Job.from_event(event)

    assert message in str(error.value)
