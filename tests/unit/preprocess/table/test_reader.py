from __future__ import annotations

import csv
import re
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from preprocess.config import TableFormat
from preprocess.errors import InvalidInputError
from preprocess.table.batches import Batch
from preprocess.table.columns import Columns, Header
from preprocess.table.grammar import Grammar
from preprocess.table.reader import BatchReader
from preprocess.table.rows import EMPTY_ROW, LABEL_NOT_MAPPED, REPEATED_HEADER, Rows

TABLE = TableFormat("text", "label")


def rows(data: str, line: int = 2, table: TableFormat = TABLE, names: tuple[str, ...] = ("label", "text")) -> Rows:
    grammar = Grammar(table, len(names), returns_end_lines=False)
    return BatchReader(table, grammar, Header(names, 1))(Batch(data, line))


def refused(data: str) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as error:
        rows(data)
    return error.value


def test_text_stays_what_it_is() -> None:
    texts = ["NA", "null", "None", "nan", "", " ", "1.0", "TRUE", "あ"]

    assert rows("".join(f"1,{text}\n" for text in texts)).texts == texts


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_empty_lines_are_no_rows(end: str) -> None:
    data = end.join(["", "", '1,"a', "", 'b"', "", "2,c", "", ""])

    assert rows(data) == Rows([f"a{end}{end}b", "c"], ["1", "2"])
    assert rows(end + end) == Rows([], [])


def test_rows_without_any_value_are_dropped_and_counted() -> None:
    assert rows('1,a\n,\n"", \u3000\n2,b\n') == Rows(["a", "b"], ["1", "2"], {EMPTY_ROW: 2})
    assert rows("1,\n2,a\n") == Rows(["", "a"], ["1", "2"]), "a row with a label is one"

    unlabeled = TableFormat("text", None)
    assert rows("x,\n , \n,a\n", table=unlabeled) == Rows(["", "a"], None, {EMPTY_ROW: 1})


def test_in_a_table_of_one_column_an_empty_line_is_an_empty_row() -> None:
    one = TableFormat("t", None)

    assert rows("a\n\nb\n", table=one, names=("t",)) == Rows(["a", "b"], None, {EMPTY_ROW: 1})
    assert rows("\na\n", table=one, names=("t",)) == Rows(["a"], None, {EMPTY_ROW: 1})


@pytest.mark.parametrize("header", ["label,text,n", '"label","text","n"', "\ufefflabel,text,n", '\ufeff"label",text,n'])
def test_headers_of_files_put_together_are_dropped_and_counted(header: str) -> None:
    names = ("label", "text", "n")

    assert rows(f"1,a,x\n{header}\n2,b,x\n", names=names) == Rows(["a", "b"], ["1", "2"], {REPEATED_HEADER: 1})
    assert rows("1,text,n\n", names=names).texts == ["text"], "one of its names is no header"


def test_a_lone_return_is_a_blank() -> None:
    assert rows("1,a\rb\r\n2,c\r\n") == Rows(["a b", "c"], ["1", "2"])


@pytest.mark.parametrize("text", ['\ufeff"a,5', "\ufeffa", '\ufeff"a"', "a\ufeff", "\ufeff"])
def test_a_byte_order_mark_inside_of_a_table_is_a_character(text: str) -> None:
    """csv reads it so too; pandas takes it away at the start of what it is given, and quotes after it for quotes."""
    (expected,) = csv.reader([f"{text.removesuffix(',5')},1"])

    for lines in (1, 3):
        found = rows(f"{expected[0]},1\n" * lines, names=("text", "label"))
        assert found == Rows([expected[0]] * lines, ["1"] * lines)


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("5", "5"),
        ("-1", "-1"),
        ("007", "7"),
        ("-0", "0"),
        ('"5"', "5"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
    ],
)
def test_labels(value: str, label: str) -> None:
    assert rows(value + ",a\n").labels == [label]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("５", "'５' (U+FF15)"),
        ("1_0", "'1_0'"),
        ("5.0", "'5.0'"),
        (" 5", "' 5'"),
        ("5 ", "'5 '"),
        ("+5", "'+5'"),
        ("", "''"),
        ("9223372036854775808", "'9223372036'…"),
        ("-9223372036854775809", "'-922337203'…"),
        ("1e3", "'1e3'"),
        ("NaN", "'NaN'"),
        ("²", "'²' (U+00B2)"),
        ("−1", "'−1' (U+2212)"),
        ("五つ星", "'五つ星'"),
        ("5\u200b", r"'5\u200b'"),
        ("--1", "'--1'"),
        ("1" * 5000, "'1111111111'…"),
        ("\x1b[31m", r"'\x1b[31m'"),
        ('"5\nERROR forged log line"', r"'5\nERROR fo'…"),
    ],
)
def test_labels_that_are_no_integers(value: str, text: str) -> None:
    error = refused('1,"a\nb"\n\n' + value + ",secret\n")

    assert error.line == 5
    assert f"column 'label' holds {text}, which is not a whole number" in error.reason
    assert "secret" not in error.reason
    assert "\n" not in error.reason


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_int64_is_a_label(value: int) -> None:
    assert rows(f"{value},a\n").labels == [str(value)]


def test_labels_are_int64_to_pandas_too() -> None:
    labels = rows("1,a\n-2,b\n").labels

    assert pd.Series(labels).astype("int64").tolist() == [1, -2]


def test_columns_by_name() -> None:
    assert Columns.find(Header(("a", "label", "text", "a"), 1), TABLE) == Columns(text=2, label=1)
    assert Columns.find(Header(("text",), 1), TableFormat("text", None)) == Columns(text=0, label=None)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("label", "body"), "column 'text' is missing: the first line must name the columns, and has 2 others"),
        (("label", " Text "), "column 'text' is missing: there is ' Text ', which is spelled differently"),
        (("label;text",), "column 'text' is missing: the delimiter is ';': set corpus.delimiter = \";\""),
        (("label|body",), "column 'text' is missing: the header has only one column: is ',' the delimiter?"),
        (("5", "良い宿"), "if the file has no header, name its columns with corpus.columns"),
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


def test_names_may_differ_in_their_normal_form() -> None:
    decomposed = unicodedata.normalize("NFD", "レビュー")
    table = TableFormat("レビュー", None)

    assert Columns.find(Header(("a", decomposed), 1), table) == Columns(text=1, label=None)
    assert Columns.find(Header(("ﾚﾋﾞｭｰ", "a"), 1), table) == Columns(text=0, label=None)
    assert Columns.find(Header((decomposed, "レビュー"), 1), table) == Columns(text=1, label=None), (
        "the exact one first"
    )
    assert Columns.find(Header(("\ufeffレビュー",), 1), table) == Columns(text=0, label=None)


TAB = TableFormat("text", "label", delimiter="\t")


@pytest.mark.parametrize(
    ("data", "table", "names"),
    [
        ('0\t"a\n1\tb\n0\tc"\n', TAB, ("label", "text")),
        ('0\t"a\n1\tb"\n', TAB, ("label", "text")),
        ('0\t"a\r\n1\tb"\r\n', TAB, ("label", "text")),
        ('"a,0\nb,1\nc",0\n', TableFormat("text", "label"), ("text", "label")),
        ('良,"a\n悪,b"\n', TableFormat("text", "label", label_map={"良": "1", "悪": "0"}), ("label", "text")),
        ('x\t"a\ny\tb"\n', TableFormat("text", None, delimiter="\t"), ("id", "text")),
        ('1,"a\n2,b"\n', TableFormat("text", None), ("id", "text")),
    ],
)
def test_quotes_that_pair_up_over_rows_are_refused(data: str, table: TableFormat, names: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError, match=r"corpus\.quoting = false") as error:
        rows(f"{data}", line=7, table=table, names=names)
    assert error.value.line == 7


@pytest.mark.parametrize(
    ("data", "table", "names"),
    [
        ('5,"Nice\nGreat, loved it"\n', TABLE, ("label", "text")),
        ('5,"a\n1,b\nc"\n', TABLE, ("label", "text")),
        ('x,"Nice\nGreat, loved it"\n', TableFormat("text", None), ("id", "text")),
        ('5\t"a\nb"\n', TAB, ("label", "text")),
        ('"a\nb"\n', TableFormat("text", None), ("text",)),
        ('"5","a\n1,b"\n', TABLE, ("label", "text")),
    ],
)
def test_quoted_fields_of_several_lines_are_read(data: str, table: TableFormat, names: tuple[str, ...]) -> None:
    assert len(rows(data, table=table, names=names).texts) == 1


ESCAPED = TableFormat("text", "label", escape="\\")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (r'"a \"b\", c"', 'a "b", c'),
        (r'"a ""b"""', 'a "b"'),
        (r"a\,b", "a,b"),
        (r'"\\"', "\\"),
        (r"\"a", '"a'),
        ("a\\\nb", "a\nb"),
        ('"a\\\nb"', "a\nb"),
        (r"a\nb\tc", "a\nb\tc"),
        (r"a\d", r"a\d"),
        (r"a\0b", "a b"),
        (r"\N", ""),
        (r'"\N"', ""),
        (r"a\N", r"a\N"),
        ('a""b', 'a""b'),
    ],
)
def test_escapes(field: str, text: str) -> None:
    """As Spark, MySQL and Cloud SQL write them."""
    assert rows(f"5,{field}\n1,x\n", table=ESCAPED) == Rows([text, "x"], ["5", "1"])


def test_escapes_without_quoting() -> None:
    table = TableFormat("text", "label", "\t", False, escape="\\")

    assert rows('5\ta\\\tb "c"\n1\t\\N\n\\N\t\\N\n', table=table) == Rows(['a\tb "c"', ""], ["5", "1"], {EMPTY_ROW: 1})


def test_labels_that_are_text() -> None:
    decomposed = unicodedata.normalize("NFD", "ダメ")
    table = TableFormat("text", "label", label_map={"良い": "pos", "ダメ": "neg", "1": "one"})

    assert rows(f"良い,a\n{decomposed},b\n 良い ,c\n普通,d\n,e\n1,f\n", table=table) == Rows(
        ["a", "b", "c", "f"], ["pos", "neg", "pos", "one"], {LABEL_NOT_MAPPED: 2}
    )


def test_labels_that_are_mapped_integers() -> None:
    table = TableFormat("text", "label", label_map={"1": "neg", "-5": "pos"})

    assert rows("01,a\n-5,b\n3,c\n", table=table) == Rows(["a", "b"], ["neg", "pos"], {LABEL_NOT_MAPPED: 1})
    with pytest.raises(InvalidInputError, match="holds 'x'"):
        rows("1,a\nx,b\n", table=table)


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        ("5.0", "write 5, without a decimal point"),
        ("", "a label is never left empty"),
        ("良い", r"say what becomes of each text with corpus\.label_map"),
    ],
)
def test_what_to_do_about_a_label(value: str, advice: str) -> None:
    assert re.search(advice, refused(f"{value},a\n").reason)


@pytest.mark.parametrize(
    ("characters", "written"), [(0, "a value of 6 characters"), (2, "'秘密'…"), (6, "'秘密のラベル'")]
)
def test_as_much_of_a_value_as_may_be_shown(characters: int, written: str) -> None:
    with pytest.raises(InvalidInputError, match=f"holds {written}, which"):
        rows("秘密のラベル,a\n", table=TableFormat("text", "label", show_values=characters))
