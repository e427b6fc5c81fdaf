from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from preprocess.config import TableFormat
from preprocess.errors import InvalidInputError
from preprocess.table.reader import BatchReader, Columns, Rows
from preprocess.table.records import Batch, Grammar, Header

TABLE = TableFormat("text", "label")
LABEL_FIRST = Columns(text=1, label=0)


def rows(
    data: bytes, line: int = 2, table: TableFormat = TABLE, columns: Columns = LABEL_FIRST, count: int = 2
) -> Rows:
    return BatchReader(table, Grammar(table, count, returns_end_lines=False), columns)(Batch(data, line))


def refused(data: bytes) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as error:
        rows(data)
    return error.value


def test_text_stays_what_it_is() -> None:
    texts = ["NA", "null", "None", "nan", "", " ", "1.0", "TRUE", "あ"]

    assert rows("".join(f"1,{text}\n" for text in texts).encode()).texts == texts


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_empty_lines_are_no_rows(end: bytes) -> None:
    data = end.join([b"", b"", b'1,"a', b"", b'b"', b"", b"2,c", b"", b""])

    inner = end.replace(b"\r", b" ").decode() if end == b"\n" else "\r\n"
    assert rows(data) == Rows([f"a{inner}{inner}b", "c"], ["1", "2"])
    assert rows(end + end) == Rows([], [])


def test_empty_fields_and_blanks_are_rows() -> None:
    assert rows(b"\t\n \t \n", table=TableFormat("t", None, "\t"), columns=Columns(0, None)) == Rows(["", " "], None)


def test_in_a_table_of_one_column_an_empty_line_is_a_row() -> None:
    assert rows(b"a\n\nb\n", table=TableFormat("t", None), columns=Columns(0, None), count=1).texts == ["a", "", "b"]


def test_a_lone_return_is_a_blank() -> None:
    assert rows(b"1,a\rb\r\n2,c\r\n") == Rows(["a b", "c"], ["1", "2"])


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (b"5", "5"),
        (b"-1", "-1"),
        (b"007", "7"),
        (b"-0", "0"),
        (b'"5"', "5"),
        (b"9223372036854775807", "9223372036854775807"),
        (b"-9223372036854775808", "-9223372036854775808"),
    ],
)
def test_labels(value: bytes, label: str) -> None:
    assert rows(value + b",a\n").labels == [label]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("５", r"'\uff15'"),
        ("1_0", "'1_0'"),
        ("5.0", "'5.0'"),
        (" 5", "' 5'"),
        ("5 ", "'5 '"),
        ("+5", "'+5'"),
        ("", "''"),
        ("9223372036854775808", "'9223372036854775808'"),
        ("-9223372036854775809", "'-9223372036854775809'"),
        ("1e3", "'1e3'"),
        ("NaN", "'NaN'"),
        ("²", r"'\xb2'"),
        ("--1", "'--1'"),
        ("1" * 5000, "'" + "1" * 40 + "'…"),
        ("\x1b[31m", r"'\x1b[31m'"),
        ('"5\nERROR forged log line"', r"'5\nERROR forged log line'"),
    ],
)
def test_labels_that_are_no_integers(value: str, text: str) -> None:
    error = refused(b'1,"a\nb"\n\n' + value.encode() + b",secret\n")

    assert error.line == 5
    assert f"column 'label' holds {text}, which is not a whole number" in error.reason
    assert "secret" not in error.reason
    assert "\n" not in error.reason


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_int64_is_a_label(value: int) -> None:
    assert rows(f"{value},a\n".encode()).labels == [str(value)]


def test_labels_are_int64_to_pandas_too() -> None:
    labels = rows(b"1,a\n-2,b\n").labels

    assert pd.Series(labels).astype("int64").tolist() == [1, -2]


def test_columns_by_name() -> None:
    assert Columns.find(Header(("a", "label", "text", "a"), 1), TABLE) == Columns(text=2, label=1)
    assert Columns.find(Header(("text",), 1), TableFormat("text", None)) == Columns(text=0, label=None)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("label", "body"), "column 'text' is missing: the first line must name the columns, and has 2 others"),
        (("label", " Text "), "column 'text' is missing: there is ' Text ', which is spelled differently"),
        (("label;text",), "column 'text' is missing: the header has only one column: is ',' the delimiter?"),
        (("label", "text", "text"), "column 'text' stands in the header 2 times"),
    ],
)
def test_columns_that_are_not_clear(names: tuple[str, ...], words: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        Columns.find(Header(names, 3), TABLE)

    assert error.value.line == 3
    assert words in error.value.reason


def test_a_file_without_header_shows_no_review() -> None:
    with pytest.raises(InvalidInputError) as error:
        Columns.find(Header(("5", "秘密のレビュー"), 1), TABLE)

    assert "秘密" not in str(error.value)
