"""Files that break naive readers: each is tokenized or refused with a clear message, and the invariants hold."""

from __future__ import annotations

import csv
import gzip
import io
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preprocess.errors import InvalidInputError
from preprocess.text.cleaning import cleaned
from unit.preprocess.runs import Outcome, assert_nothing_left

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Preprocess = Callable[..., Outcome]

NOTHING_FILTERED: dict[str, Any] = {"stop_words": [], "excluded_parts_of_speech": []}


def table(rows: Sequence[tuple[Any, str]], header: Sequence[str] = ("star_rating", "review_body")) -> str:
    """Write a table as Python does."""
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return file.getvalue()


def check(outcome: Outcome, *, labeled: bool = True) -> None:
    """Assert what holds for every run."""
    rows = outcome.result["rows"]
    assert rows["kept"] == rows["read"] - sum(rows["dropped"].values())
    assert len(outcome.train) + len(outcome.validation) == rows["kept"]
    for lines in (outcome.train, outcome.validation):
        for line in lines:
            label, *tokens = line.split(" ") if labeled else ["__label__0", *line.split(" ")]
            assert re.fullmatch(r"__label__-?[0-9]+", label)
            assert tokens
            for token in tokens:
                assert token.split() == [token]
                assert not token.startswith("__label__")
                assert token != "</s>"
                assert "\0" not in token


def text_of(line: str) -> str:
    return "".join(line.split(" ")[1:])


TOKENIZED = {
    "U+0085": "とても\x85良い",
    "U+2028": "とても\u2028良い",
    "U+2029": "とても\u2029良い",
    "vertical tab": "とても\x0b良い",
    "form feed": "とても\x0c良い",
    "separators": "とても\x1c\x1d\x1e\x1f良い",
    "ideographic space": "とても\u3000良い",
    "no-break space": "とても\xa0良い",
    "line ends": "とても\n\r\n\r良い",
    "NUL": "とても\0良い",
    "control characters": "とても\x01\x07\x1b[31m\x7f良い",
    "zero-width": "とても\u200b\ufeff\u200d良い",
    "bidirectional": "とても\u202e良い\u202c",
    "emoji": "😀😀👨‍👩‍👧‍👦🇯🇵👍🏽",
    "combining": "か\u3099き\u3099が" + "\u0301" * 50,
    "label": "__label__1 とても __label__5",
    "end of sentence": "</s> とても </s>",
    "noncharacters": "\ufffe\uffff\U0010ffff",
    "private use": "\ue000とても\U000f0000",
    "quotes": '"とても" "" """',
    "formula": '=HYPERLINK("http://x")',
    "template": "{% $states.input %} ${x} {{x}} $.x",
    "json": '{"error": "x", "cause": "\\n"}',
    "ligatures": "㍿㌔ﷺ",
    "half width": "ｱﾊﾟｰﾄｶﾞｲｲ",
    "NA": "NA",
    "49,148 bytes": "良い宿。" * 4095 + "12345678",
    "49,149 bytes": "良い宿。" * 4095 + "123456789",
    "49,150 bytes": "良い宿。" * 4095 + "1234567890",
    "65,535 bytes once normalized": "㍿" * 10_000,
    "131,073 characters": "良い宿" * 43_691,
    "a million characters": "良い宿でした。" * 142_858,
    "no break at all": "あ" * 100_000,
}


#: Of these, how those are read that hold what can't be seen.
READ_AS = {
    "control characters": "とても[31m良い",
    "zero-width": "とても良い",
    "bidirectional": "とても良い",
    "emoji": "😀😀👨👩👧👦🇯🇵👍🏽",
}


@pytest.mark.parametrize("name", TOKENIZED)
def test_texts_that_are_tokenized(preprocess: Preprocess, name: str) -> None:
    text = TOKENIZED[name]
    outcome = preprocess(table([(1, text), (2, "普通")]), **NOTHING_FILTERED)

    check(outcome)
    assert outcome.result["rows"]["kept"] == 2
    assert text_of(outcome.train[0]) == "".join(READ_AS.get(name, text).replace("\0", " ").split())
    assert outcome.train[1] == "__label__2 普通"


@pytest.mark.parametrize(
    "text", ["", " ", "\u3000 \t", "\n\r\n", "\u2028\x85", "\0\0", "<br /><br>", "\x07\x1b", "\u200b\ufeff", "&nbsp;"]
)
def test_texts_of_nothing_but_space_are_dropped_and_counted(preprocess: Preprocess, text: str) -> None:
    outcome = preprocess(table([(1, text), (2, "普通")]), shard=True, **NOTHING_FILTERED)

    check(outcome)
    assert outcome.result["rows"] == {"read": 2, "kept": 1, "dropped": {"empty_text": 1}}


FILES_TOKENIZED: dict[str, tuple[bytes, dict[str, Any]]] = {
    "byte order mark": (table([(1, "良い")]).encode("utf-8-sig"), {}),
    "cp932 with machine-dependent characters": (table([(1, "良い①㈱髙")]).encode("cp932"), {"encoding": "cp932"}),
    "UTF-16": (table([(1, "良い😀")]).encode("utf-16"), {"encoding": "utf-16"}),
    "two byte order marks": (b"\xef\xbb\xbf" * 2 + table([(1, "良い")]).encode(), {}),
    "ISO-2022-JP": (table([(1, "良い")]).encode("iso2022_jp"), {"encoding": "iso2022_jp"}),
    "gzip": (gzip.compress(table([(1, "良い")]).encode()), {}),
    "no line end at the end": (table([(1, "良い")]).encode().rstrip(), {}),
    "empty lines": (b"\n\n" + table([(1, "良い")]).encode().replace(b"\n", b"\n\n"), {}),
    "CRLF": (table([(1, "良い")]).encode().replace(b"\n", b"\r\n"), {}),
    "CRCRLF": (table([(1, "良い")]).encode().replace(b"\n", b"\r\r\n"), {}),
    "CR": (table([(1, "良い")]).encode().replace(b"\n", b"\r"), {}),
    "other columns twice": (table([(1, "良い")]).replace("\n", ",x,x\n").encode(), {}),
    "a thousand columns": (table([(1, "良い")]).replace("\n", ",x" * 1000 + "\n").encode(), {}),
    "columns with quoted line ends": (b'"a\n,b",star_rating,review_body\n"\n",1,\xe8\x89\xaf\xe3\x81\x84\n', {}),
    "unquoted TSV": (
        b'star_rating\treview_body\n1\t"\xe8\x89\xaf\xe3\x81\x84\n',
        {"delimiter": "\t", "quoting": False},
    ),
    "Hive's delimiter": ("star_rating\x01review_body\n1\x01良い\n".encode(), {"delimiter": "\x01", "quoting": False}),
    "label of zeros": ("star_rating,review_body\n0000000001,良い\n".encode(), {}),
    "label -1": (table([(-1, "良い")]).encode(), {}),
}


@pytest.mark.parametrize("name", FILES_TOKENIZED)
@pytest.mark.parametrize("workers", [1, 2])
def test_files_that_are_tokenized(preprocess: Preprocess, name: str, workers: int) -> None:
    body, config = FILES_TOKENIZED[name]
    outcome = preprocess(body, workers=workers, shard=True, **NOTHING_FILTERED, **config)

    check(outcome)
    assert len(outcome.train) == 1
    assert "良い" in outcome.train[0]


FILES_REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "it is empty"),
    "only a byte order mark": (b"\xef\xbb\xbf", "it is empty"),
    "only line ends": (b"\n\r\n", "it is empty"),
    "empty gzip": (gzip.compress(b""), "it is empty"),
    "only a header": (b"star_rating,review_body", "has a header and no rows"),
    "cp932": (table([(1, "良い")]).encode("cp932"), r"line 2: byte 26 of the file \(0x97\) is not utf-8: .*\"cp932\""),
    "UTF-16": (table([(1, "良い")]).encode("utf-16"), "line 1: it is UTF-16: set"),
    "UTF-16 without its mark": (table([(1, "良い")]).encode("utf-16-le"), "line 1: it is UTF-16 without"),
    "a lone surrogate": (b"star_rating,review_body\n1,\xed\xa0\x80\n", r"line 2: byte 26 .* is not utf-8"),
    "a character cut off": (table([(1, "良い")]).encode()[:-2], "line 2: byte 29"),
    "an unclosed quote": (b'star_rating,review_body\n1,a\n2,"b\n3,c\n', "line 3: a quote is opened and never closed"),
    "text after a quote": (b'star_rating,review_body\n1,"a"b\n', "line 2: text follows a closing quote"),
    "100 MB in one field": (
        gzip.compress(b'star_rating,review_body\n1,"' + b"a" * 10**8 + b'"\n', 1),
        "line 2: the record is longer than 4,194,304 characters",
    ),
    "100 MB without a line end": (
        gzip.compress(b"star_rating,review_body\n1," + b"a" * 10**8, 1),
        "line 2: the record is longer than 4,194,304 characters",
    ),
    "an extra comma in the first row": (b"star_rating,review_body\n1,a,\n2,b\n", "line 2: the row has 3 fields where"),
    "an extra comma in every row": (b"star_rating,review_body\n1,a,\n2,b,\n", "line 2: the row has 3 fields where"),
    "a missing field": (b"star_rating,review_body\n1,a\n2\n", "line 3: the row has 1 field where the header has 2"),
    "the text column twice": (
        b"star_rating,review_body,review_body\n1,a,b\n",
        "'review_body' stands in the header 2 times",
    ),
    "the label column twice": (
        b"star_rating,review_body,star_rating\n1,a,2\n",
        "'star_rating' stands in the header 2 times",
    ),
    "no header": (b"5,a\n4,b\n", "line 1: column 'review_body' is missing"),
    "another delimiter": (b"star_rating;review_body\n1;a\n", "line 1: .* the delimiter is ';'"),
    "a damaged gzip": (gzip.compress(table([(1, "良い")] * 999).encode())[:-9], "gzip data is damaged"),
    "an image": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xd8", "it is an image"),
    "an Excel workbook": (b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\xa4\xff", "it is a zip archive"),
    **{
        f"label {label!r}": (
            table([(1, "良い"), (label, "悪い")]).encode(),
            rf"line 3: column 'star_rating' holds {shown}",
        )
        for label, shown in {
            "５": r"'５' \(U\+FF15\)",
            "1_0": "'1_0'",
            "5.0": "'5.0'",
            " 5": "' 5'",
            "": "''",
            "9223372036854775808": "'9223372036'…",
            "5\n2024-01-01 ERROR forged": r"'5\\n2024",
            "5</s>__label__6": "'5</s>__lab'…",
        }.items()
    },
}


@pytest.mark.parametrize("name", FILES_REFUSED)
@pytest.mark.parametrize("workers", [1, 2])
def test_files_that_are_refused(preprocess: Preprocess, s3: Any, name: str, workers: int) -> None:
    body, message = FILES_REFUSED[name]
    with pytest.raises(InvalidInputError, match=message) as error:
        preprocess(body, workers=workers)

    assert str(error.value).startswith("s3://input/reviews.csv")
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 400
    assert_nothing_left(s3)


LABELS = st.integers(-5, 5)
TEXTS = (
    st.text()
    | st.text(st.sampled_from('良い宿。、部屋 \n\r\t\0",<br/>__label__1</s>\u2028\x85…㍿😀'))
    | st.sampled_from([text for text in TOKENIZED.values() if len(text) < 100])
)


@given(
    rows=st.lists(st.tuples(LABELS, TEXTS), min_size=1),
    fraction=st.sampled_from([0, 0.3]),
    delimiter=st.sampled_from(",\t"),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_table(preprocess: Preprocess, rows: list[tuple[int, str]], fraction: float, delimiter: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\r\n", delimiter=delimiter).writerows([("star_rating", "review_body"), *rows])
    outcome = preprocess(
        file.getvalue(), shard=True, validation_fraction=fraction, delimiter=delimiter, **NOTHING_FILTERED
    )

    check(outcome)
    assert outcome.result["rows"]["read"] == len(rows)
    expected = {(str(label), "".join(cleaned(text).split())) for label, text in rows}
    found = {
        (line.split(" ")[0].removeprefix("__label__"), text_of(line)) for line in outcome.train + outcome.validation
    }
    assert {pair for pair in expected if pair[1]} <= found


@given(st.binary() | st.binary().map(lambda tail: b"star_rating,review_body\n1,a\n" + tail))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes(preprocess: Preprocess, body: bytes) -> None:
    try:
        outcome = preprocess(body, **NOTHING_FILTERED)
    except InvalidInputError as error:
        assert str(error).startswith("s3://input/reviews.csv")
        assert str(error).isprintable()
    else:
        check(outcome)
