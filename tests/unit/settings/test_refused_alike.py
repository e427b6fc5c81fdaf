"""Whatever the function refuses of its configuration, ``terraform plan`` refuses: a run would find out too late."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

import hcl2
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from preprocess.config import ENCODINGS, SPLIT_MODES, TOKEN_FORMS, Job
from preprocess.errors import InvalidConfigurationError
from preprocess.text import dictionary
from preprocess.text.tokenizer import Tokenizer
from unit.settings.plans import ROOT, Plans

#: Characters that one of the two might take for white space, for nothing, or for a sign.
ODD = "\0\t\n\v\f\r\x1c\x1f\x7f\x85\xa0\xad\u1680\u2003\u200b\u2028\u202f\u205f\u3000\ufeff\ue000\"'\\${%|_-"

#: Of the code points that have no character yet, Terraform knows more or fewer than this Python.
CHARACTERS = st.characters(codec="utf-8").filter(lambda character: unicodedata.category(character) != "Cn")
TEXTS = st.text(st.one_of(st.sampled_from(ODD), CHARACTERS), max_size=4)
WORDS = st.one_of(st.sampled_from(["0", "1", "positive", "良い", "😀", "a_b", "__label__"]), TEXTS)
LABELS = st.one_of(st.integers(-10, 10).map(str), st.sampled_from(["01", "-0", "+1", "1.0", "５", "", " 1"]), TEXTS)
LEVELS = st.sampled_from(
    ["名詞", "普通名詞", "一般", "助詞", "格助詞", "動詞", "非自立可能", "*", "サ行変格", "", "noun", "名詞,普通名詞"]
)

#: What to try of each setting, what is right more often than not. One that is not named keeps its default.
SETTINGS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "corpus": {
        "text_column": st.sampled_from(["body", "本文", "a b", "${x}"]) | TEXTS | st.none(),
        "label_column": st.none() | st.just("stars") | TEXTS,
        "label_map": st.none()
        | st.just({"1": "0", "5": "1"})
        | st.dictionaries(LABELS, WORDS | st.none(), max_size=3)
        | st.dictionaries(st.integers(-3, 3).map(str), WORDS, min_size=2, max_size=3),
        "validation_fraction": st.just(0.1) | st.floats(-0.5, 1.5, width=32) | st.sampled_from([0, 0.5, 1]),
        "delimiter": st.sampled_from([",", "\t", ";", "|", "\x01"]) | st.characters(codec="ascii") | TEXTS | st.none(),
        "quoting": st.booleans() | st.none(),
        "escape": st.none() | st.sampled_from(["\\", "'", ",", "\x01"]) | st.characters(codec="ascii") | TEXTS,
        "columns": st.none() | st.lists(st.sampled_from(["body", "stars", "本文", ""]) | st.none(), max_size=4),
        "show_values": st.integers(-2, 102) | st.floats(0, 10, width=32) | st.none(),
        "encoding": st.sampled_from(ENCODINGS) | st.sampled_from(["shift_jis", "UTF-8", ""]) | st.none(),
    },
    "tokenizer": {
        "split_mode": st.sampled_from(SPLIT_MODES) | st.sampled_from(["a", "D", ""]) | st.none(),
        "token_form": st.sampled_from(TOKEN_FORMS) | st.sampled_from(["lemma", ""]) | st.none(),
        "stop_words": st.none() | st.lists(WORDS | st.none(), max_size=3),
        "excluded_parts_of_speech": st.just([["助詞"]])
        | st.lists(st.lists(LEVELS | st.none(), max_size=7) | st.none(), max_size=2)
        | st.none(),
    },
}
BASE = {"corpus": {"text_column": "body", "label_column": "stars"}, "tokenizer": {}}
MODES = st.sampled_from(["supervised", "skipgram"])


@st.composite
def cases(draw: st.DrawFn) -> dict[str, Any]:
    """A case: right, but for up to three settings that may be anything."""
    case: dict[str, Any] = {variable: dict(BASE[variable]) for variable in SETTINGS}
    every = [(variable, name) for variable, names in SETTINGS.items() for name in names]
    for variable, name in draw(st.lists(st.sampled_from(every), min_size=1, max_size=3, unique=True)):
        case[variable][name] = draw(SETTINGS[variable][name])
    return {**case, "training": {"mode": draw(MODES)}}


def refusal(config: dict[str, Any]) -> str | None:
    """What the function has to say against a configuration."""
    event = {"input": {"bucket": "b", "key": "k.csv"}, "output": {"bucket": "a", "prefix": "runs/1/"}, "config": config}
    try:
        Tokenizer(dictionary.load(), Job.from_event(event).tokenizer)
    except InvalidConfigurationError as error:
        return str(error)
    return None


def drawn(count: int) -> list[dict[str, Any]]:
    """Cases, the same in every run. They are planned together, so nothing is shrunk: the message names the case."""
    found: list[dict[str, Any]] = []

    @settings(max_examples=count, database=None, derandomize=True, phases=[Phase.generate])
    @given(cases())
    def collect(case: dict[str, Any]) -> None:
        found.append(case)

    collect()
    return found


def test_what_plan_takes_the_function_takes(tmp_path: Path) -> None:
    tried = drawn(200)
    plans = Plans(tmp_path, tried)

    assert len(plans.configs) > 50
    assert len(plans.refused) > 50
    refusals = {number: refusal(config) for number, config in plans.configs.items()}
    assert [(tried[number], reason) for number, reason in refusals.items() if reason] == []


TAKEN: list[dict[str, Any]] = [
    {"corpus": {"delimiter": delimiter}}
    for delimiter in [",", "\t", ";", "|", "_", " ", "'", "~", "\x01", "\x1f", "\x7f"]
] + [
    {"corpus": {"label_map": {"-1": "否定", "1": "肯定"}}},
    {"corpus": {"label_map": {"0": "😀", "10": "§-1.5'"}}},
    {"corpus": {"label_map": {"0": "a\u0301", "10": "a\u0323"}}},
    {"tokenizer": {"stop_words": ["は", "😀", "a\u200bb", "\\n"]}},
    {"tokenizer": {"stop_words": []}},
    {"tokenizer": {"excluded_parts_of_speech": [["助詞", "格助詞"], ["動詞", "非自立可能", "*", "*", "サ行変格"]]}},
    {"tokenizer": {"excluded_parts_of_speech": [["動詞", "非自立可能", "*", "*", "サ行変格", "連用形-一般"]]}},
]

REFUSED: list[dict[str, Any]] = [
    *(
        {"corpus": {"delimiter": delimiter}}
        for delimiter in ["a", "Z", "0", "、", "１", "é", '"', "\n", "\r\n", "\0", "", ",,"]
    ),
    {"corpus": {"text_column": None}},
    {"corpus": {"label_column": ""}},
    {"corpus": {"label_map": {"1": "a\u3000b", "2": "c"}}},
    {"corpus": {"label_map": {"1": "a\x85", "2": "c"}}},
    {"corpus": {"label_map": {"1": "a\u200b", "2": "c"}}},
    {"tokenizer": {"stop_words": ["a\u3000b"]}},
    {"tokenizer": {"stop_words": ["a\x1fb"]}},
    {"tokenizer": {"excluded_parts_of_speech": [["名詞", None]]}},
    {"tokenizer": {"excluded_parts_of_speech": [None]}},
    {"tokenizer": {"excluded_parts_of_speech": [["noun"]]}},
    {"tokenizer": {"excluded_parts_of_speech": [["名詞,普通名詞"]]}},
    {"tokenizer": {"excluded_parts_of_speech": [["動詞", "*"]]}},
]


def test_cases_that_were_told_apart_wrongly_or_nearly(tmp_path: Path) -> None:
    def whole(case: dict[str, Any]) -> dict[str, Any]:
        merged = {variable: {**BASE[variable], **case.get(variable, {})} for variable in SETTINGS}
        return {**merged, "training": {"mode": "supervised"}}

    plans = Plans(tmp_path, [whole(case) for case in TAKEN + REFUSED])

    assert {number: reason for number, reason in plans.refused.items() if number < len(TAKEN)} == {}
    assert [case for number, case in enumerate(REFUSED, len(TAKEN)) if number not in plans.refused] == []
    assert [refusal(config) for config in plans.configs.values()] == [None] * len(TAKEN)


@pytest.mark.parametrize("variable", SETTINGS)
def test_every_setting_is_tried(variable: str) -> None:
    blocks = hcl2.loads((ROOT / "variables.tf").read_text("utf-8"))["variable"]
    [block] = [found for entry in blocks for name, found in entry.items() if name.strip('"') == variable]

    names = set(re.findall(r"(?:\{|, )(\w+) = ", block["type"]))

    assert names == set(SETTINGS[variable]), "name in SETTINGS what to try of a new setting"
