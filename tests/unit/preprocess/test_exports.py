"""Tables as other tools write them, from the file to the lines."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from preprocess.errors import InvalidInputError
from unit.preprocess.runs import Outcome, assert_nothing_left

if TYPE_CHECKING:
    from collections.abc import Callable

    Preprocess = Callable[..., Outcome]

SETTINGS: dict[str, Any] = {"text_column": "text", "label_column": "label", "stop_words": []}
LINES = ["__label__1 駅 から 近い", "__label__0 朝食 が 冷たい"]

#: Each with the settings that it takes beside the names of the columns.
READ: dict[str, tuple[str | bytes, dict[str, Any]]] = {
    "Excel's empty rows": ("\ufefflabel,text\r\n1,駅から近い\r\n0,朝食が冷たい\r\n,\r\n,\r\n", {}),
    "Excel's line for the delimiter": ("sep=;\r\nlabel;text\r\n1;駅から近い\r\n0;朝食が冷たい\r\n", {"delimiter": ";"}),
    "DOS": ("label,text\r\n1,駅から近い\r\n0,朝食が冷たい\r\n\x1a".encode("cp932"), {"encoding": "cp932"}),
    "cat": ("label,text\n1,駅から近い\nlabel,text\n0,朝食が冷たい\n", {}),
    "cat of files with byte order marks": ('\ufefflabel,text\n1,駅から近い\n\ufeff"label",text\n0,朝食が冷たい\n', {}),
    "an old Macintosh": ("label,text\r1,駅から近い\r0,朝食が冷たい\r", {}),
    "an old Macintosh, below another header": ("label,text\n1,駅から近い\r0,朝食が冷たい\r", {}),
    "mail": (
        "label\ttext\n1\t駅から近い\n0\t朝食が冷たい\n".encode("iso2022_jp"),
        {"delimiter": "\t", "encoding": "iso2022_jp"},
    ),
    "Spark": ("1,駅から近い\n0,朝食が冷たい\n", {"columns": ["label", "text"], "escape": "\\"}),
    "MySQL": (
        "1\t駅から近い\n0\t朝食が冷たい\n\\N\t\\N\n",
        {"columns": ["label", "text"], "escape": "\\", "delimiter": "\t", "quoting": False},
    ),
    "text labels": ("label,text\n良,駅から近い\n悪,朝食が冷たい\n", {"label_map": {"良": "1", "悪": "0"}}),
    "decimal labels, mapped": (
        "label,text\n1.0,駅から近い\n0.0,朝食が冷たい\n",
        {"label_map": {"1.0": "1", "0.0": "0"}},
    ),
    "a page": ("label,text\n1,駅&#12363;ら近い<br />\n0,<p>朝食が&nbsp;冷たい\n", {}),
    "a terminal": ("label,text\n1,駅から\x1b近い\n0,朝\u200b食が\ufeff冷たい\x7f\n", {}),
}


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("workers", [1, 2])
def test_read(preprocess: Preprocess, name: str, workers: int) -> None:
    body, settings = READ[name]

    assert preprocess(body, workers=workers, **SETTINGS, **settings).train == LINES


def test_quotes_that_spark_escapes(preprocess: Preprocess) -> None:
    body = 'label,text\n1,"駅前で \\"満室\\", と"\n0,朝食\n'

    assert preprocess(body, **SETTINGS, escape="\\").train == ['__label__1 駅前 で " 満室 " , と', "__label__0 朝食"]


REFUSED: dict[str, tuple[str | bytes, dict[str, Any], str]] = {
    "an unquoted TSV": (
        'label\ttext\n1\t"駅から近い\n0\t朝食"\n',
        {"delimiter": "\t"},
        r"line 2: a quoted field holds 1 line ends.*corpus\.quoting = false",
    ),
    "Spark without a header": ("1,駅から近い\n", {}, r"line 1: column 'text' is missing:.*corpus\.columns"),
    "Spark's quotes": ('label,text\n1,"駅 \\"前\\""\n', {}, r'line 2:.*corpus\.escape = "\\\\"'),
    "text labels": ("label,text\n良,駅\n", {}, r"line 2: column 'label' holds '良', .*corpus\.label_map"),
    "decimal labels": ("label,text\n1.0,駅\n", {}, r"line 2: column 'label' holds '1\.0', .*: write 1, without"),
    "the wrong label column": (
        "label,text\n田中一郎様 03-1234-5678,駅\n",
        {},
        r"line 2: column 'label' holds '田中一郎様 03-1'…, which is no",
    ),
    "Excel's cp932": (
        "label,text\n1,駅から近い\n".encode("cp932"),
        {},
        r'line 2: byte 13 .*corpus\.encoding = "cp932"',
    ),
    "mail": ("label,text\n1,駅\n".encode("iso2022_jp"), {}, r'line 1: it is ISO-2022-JP: .*"iso2022_jp"'),
    "semicolons": ("label;text\n1;駅\n", {}, r'line 1: .*corpus\.delimiter = ";"'),
    "delimiters at the ends": (
        "label,text\n1,駅,\n0,朝食,\n",
        {},
        "line 2: .*it ends with ',' and the header does not",
    ),
    "one class": ("label,text\n1,駅\n1,朝食\n", {}, "all 2 lines for training have the label '1'"),
    "one class, mapped": ("label,text\n1,駅\n2,朝食\n", {"label_map": {"1": "a", "2": "a"}}, "have the label 'a'"),
    "mixed line ends": ("text,label\n駅\r前,1\n", {}, "line 2: some lines end in carriage returns"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("workers", [1, 2])
def test_refused(preprocess: Preprocess, s3: Any, name: str, workers: int) -> None:
    body, settings, message = REFUSED[name]

    with pytest.raises(InvalidInputError) as error:
        preprocess(body, workers=workers, **SETTINGS, **settings)
    assert re.search(message, str(error.value))
    assert_nothing_left(s3)


@pytest.mark.parametrize("before", [2**18 - 2, 2**18 - 1, 2**18, 2**18 + 1, 700_000])
def test_a_bad_byte_anywhere_is_named_with_its_line(preprocess: Preprocess, before: int) -> None:
    """A block's border may cut the character before it."""
    start = b"text\n"
    row = "駅から近い\n".encode()
    rows = row * ((before - len(start)) // len(row))
    data = start + rows + b"a" * (before - len(start + rows) - 2) + "駅".encode()[:2] + b"(\n"

    line = data.count(b"\n")
    with pytest.raises(InvalidInputError, match=rf", line {line}: byte {before - 2} of the file \(0xE9"):
        preprocess(gzip.compress(data), label_column=None, text_column="text")


def test_equal_texts_become_equal_lines_wherever_they_stand(preprocess: Preprocess) -> None:
    outcome = preprocess("text\n" + "\ufeff駅から近い\n" * 3 + "駅から近い\n", text_column="text", label_column=None)

    assert len(set(outcome.train)) == 1
    assert len(outcome.train) == 4


def test_json_lines_and_csv_give_the_same_lines(preprocess: Preprocess, s3: Any) -> None:
    rows = [(n % 2, f'{n}号室は\n広く、"静か"{"な" * (n % 3)}部屋') for n in range(50)]
    file = io.StringIO(newline="")
    csv.writer(file).writerows([("label", "text"), *rows])
    lines = "".join(json.dumps({"text": text, "label": label}) + "\n" for label, text in rows)

    for key, body in (("a.jsonl", lines.encode()), ("A.JSONL.gz", gzip.compress(lines.encode()))):
        assert preprocess(body, key=key, **SETTINGS).train == preprocess(file.getvalue(), **SETTINGS).train


def test_json_lines_without_the_text_column(preprocess: Preprocess) -> None:
    with pytest.raises(InvalidInputError, match="column 'text' is missing: none of its 2 JSON objects has it"):
        preprocess('{"a": 1}\n{"a": 2}\n', key="a.jsonl", shard=True, **SETTINGS)
