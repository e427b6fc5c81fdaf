from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preprocess.config import TableFormat
from preprocess.errors import InvalidInputError
from preprocess.table import json_lines
from preprocess.table.opening import open_table
from preprocess.table.rows import EMPTY_ROW, LABEL_NOT_MAPPED, TEXT_COLUMN_MISSING, Rows

TABLE = TableFormat("text", "label")
UNLABELED = TableFormat("text")


class Raw(io.BytesIO, io.RawIOBase):
    """A file's bytes, as S3 gives them."""


def read(data: str | bytes, table: TableFormat = TABLE, block: int = 2**18, key: str = "a.jsonl") -> Rows:
    """Read a file, whose batches become one."""
    opened = open_table(Raw(data.encode() if isinstance(data, str) else data), key, table, block)
    texts: list[str] = []
    labels: list[str] = []
    dropped: dict[str, int] = {}
    for batch in opened.batches:
        rows = opened.read(batch)
        texts += rows.texts
        labels += rows.labels or []
        for reason, count in rows.dropped.items():
            dropped[reason] = dropped.get(reason, 0) + count
    return Rows(texts, None if table.label_column is None else labels, dropped)


@pytest.mark.parametrize("key", ["a.jsonl", "A.JSONL", "a.jsonl.gz", "a.ndjson", "a.ndjson.GZ"])
def test_the_name_tells_the_format(key: str) -> None:
    assert read('{"text": "良い宿", "label": 5}\n', key=key) == Rows(["良い宿"], ["5"])


@pytest.mark.parametrize("block", [1, 7, 2**18])
@pytest.mark.parametrize("between", ["\n", "\r\n", "\n\n", "", " ", ", "])
def test_objects_and_what_stands_between_them(between: str, block: int) -> None:
    """Athena and BigQuery end each with a line end; Firehose puts nothing between."""
    objects = [
        '{"text": "a", "label": 1}',
        '{"label": "2", "text": "b {\\"x\\": 1} \u2028\\n"}',
        '{"text":"","label":3}',
    ]

    assert read(between.join(objects), block=block) == Rows(["a", 'b {"x": 1} \u2028\n', ""], ["1", "2", "3"])


def test_numbers_are_texts_as_they_are_written() -> None:
    assert read('{"text": 1.50}\n{"text": 1e5}\n{"text": ' + "1" * 5000 + '}\n{"text": true}', UNLABELED).texts == [
        "1.50",
        "1e5",
        "1" * 5000,
        "true",
    ]
    with pytest.raises(InvalidInputError, match=r"line 2: column 'label' holds '5\.0'"):
        read('{"text": "a", "label": 5}\n{"text": "a", "label": 5.0}\n')


def test_no_value() -> None:
    data = '{"text": null, "label": 1}\n{"label": 2, "text": "b"}\n{}\n{"text": "", "label": null}\n{"label": 1}\n'

    assert read(data) == Rows(["", "b"], ["1", "2"], {EMPTY_ROW: 2, TEXT_COLUMN_MISSING: 1})


def test_labels() -> None:
    table = TableFormat("text", "label", label_map={"良": "1", "true": "0"})
    data = '{"text": "a", "label": "良"}\n{"text": "b", "label": true}\n{"text": "c"}\n'

    assert read(data, table) == Rows(["a", "b"], ["1", "0"], {LABEL_NOT_MAPPED: 1})


def test_half_a_character() -> None:
    assert read(r'{"text": "a\ud83d b \ud83d\ude00"}', UNLABELED).texts == ["a\ufffd b 😀"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("", "it is empty"),
        ("\n \n", "it is empty"),
        ('[{"text": "a"}]', "line 1: it is a JSON array: write one object a line"),
        ('\n\n  [\n{"text": "a"}]', "line 1: it is a JSON array"),
        ('{"text": "a"}\n{"text": "b"\n', "line 2: it is no JSON object: Expecting"),
        ('{"text": "a"}\n\ntext\n', "line 3: it is no JSON object"),
        ('{"text": "a"}\n"b"\n', "line 2: it is JSON, and no object"),
        ('{"text": "a"}\n{"text": ["b"]}\n', "line 2: column 'text' holds a JSON list"),
        ('{"text": {"S": "b"}}\n', "line 1: column 'text' holds a JSON object"),
        ('{"text": "a"}\n{"text": "b', "line 2: it is no JSON object"),
        ('{"text": ' + "[" * 100_000 + "\n", "line 1: its JSON is nested too deeply"),
        ('{"a": ' * 100_000 + "\n", "line 1: its JSON is nested too deeply"),
        (b'{"text": "a"}\n{"text": "\x83"}\n', "line 2: byte 24 of the file"),
    ],
)
@pytest.mark.parametrize("block", [1000, 2**18])
def test_refused(data: str | bytes, message: str, block: int) -> None:
    with pytest.raises(InvalidInputError) as error:
        read(data, UNLABELED, block)
    assert str(error.value).startswith(message)


def test_an_object_is_not_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "MAX_RECORD_CHARACTERS", 1000)

    with pytest.raises(InvalidInputError, match="line 2: the object is longer than 1,000 characters"):
        read('{"text": "a"}\n{"text": "' + "b" * 10_000, UNLABELED, 100)
    assert read('{"text": "' + "b" * 900 + '"}', UNLABELED, 100).texts == ["b" * 900]


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1), ascii=st.booleans())
def test_what_json_writes_is_read_back(texts: list[str], ascii: bool) -> None:  # noqa: A002
    data = "".join(json.dumps({"text": text}, ensure_ascii=ascii) + "\n" for text in texts)

    assert read(data, UNLABELED, 50).texts == texts
