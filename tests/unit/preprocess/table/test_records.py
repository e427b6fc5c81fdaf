from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preprocess.config import TableFormat
from preprocess.errors import InvalidInputError
from preprocess.table import records
from preprocess.table.reader import BatchReader, Columns
from preprocess.table.records import Batch, Grammar, Header, RecordReader

CSV = TableFormat("text", "label")
UNQUOTED = TableFormat("text", "label", delimiter="\t", quoting=False)


def read(data: bytes, table: TableFormat = CSV, block: int = 2**18) -> tuple[Header, list[Batch]]:
    """Read a table that comes in blocks of this size."""
    reader = RecordReader((data[i : i + block] for i in range(0, len(data), block)), table)
    header = reader.header()
    return header, list(reader.batches())


def failure(data: bytes, table: TableFormat = CSV, block: int = 2**18) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as error:
        read(data, table, block)
    return error.value


@pytest.mark.parametrize("block", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_records_and_their_lines(end: bytes, block: int) -> None:
    header, batches = read(end.join([b"label,text", b"1,a", b'2,"b', b'c"', b"3,d"]), block=block)

    assert header == Header(("label", "text"), 1)
    assert b"".join(batch.data for batch in batches) == end.join([b"1,a", b'2,"b', b'c"', b"3,d"]) + b"\n"
    line_of_row = {b"1": 2, b"2": 3, b"3": 5}
    assert [batch.line for batch in batches] == [line_of_row[batch.data[:1]] for batch in batches]


def test_header_after_empty_lines_keeps_its_line() -> None:
    header, batches = read(b'\n\r\n"la,bel",text\n1,a\n')

    assert header == Header(("la,bel", "text"), 3)
    assert batches == [Batch(b"1,a\n", 4)]


def test_header_only() -> None:
    assert read(b"label,text\n") == (Header(("label", "text"), 1), [])
    assert read(b"label,text") == (Header(("label", "text"), 1), [])


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\r\n"])
def test_nothing(data: bytes) -> None:
    assert "it is empty" in str(failure(data))


def test_literal_quotes_in_an_unquoted_field() -> None:
    _, batches = read(b'label,text\n1,8" screen\n2,"a ""b"""\n')

    assert batches == [Batch(b'1,8" screen\n2,"a ""b"""\n', 2)]


def test_without_quoting_a_quote_is_a_character() -> None:
    _, batches = read(b'label\ttext\n1\t"a\n2\tb"c\n', UNQUOTED)

    assert batches == [Batch(b'1\t"a\n2\tb"c\n', 2)]


@pytest.mark.parametrize("block", [1, 5, 2**18])
@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        pytest.param(
            b"label,text\n1,a,\n2,b\n", 2, "3 fields where the header has 2", id="extra comma in the first row"
        ),
        pytest.param(b"label,text\n1,a\n2,b,c,d\n", 3, "4 fields where the header has 2", id="extra fields"),
        pytest.param(b"label,text\n1,a\n\n2\n", 4, "1 field where the header has 2", id="missing field"),
        pytest.param(b'label,text\n"1\n2",a\n3\n', 4, "1 field where", id="missing field after a record of two lines"),
        pytest.param(b"label,text\r1,a\r2\r", 3, "1 field where", id="carriage returns"),
        pytest.param(b"label,text\r\n1,a\r\n2\r\n", 3, "1 field where", id="both"),
        pytest.param(b'label,text\n1,a\n2,"b\n3,c\n', 3, "opened and never closed", id="unclosed quote"),
        pytest.param(b'label,text\n1,"a\nb\n"c,d\n', 4, "text follows a closing quote", id="text after a quote"),
        pytest.param(b'label,"text\n1,a\n', 1, "opened and never closed", id="unclosed quote in the header"),
        pytest.param(b'label,"te"xt\n1,a\n', 1, "text follows a closing quote", id="text after a quote in the header"),
    ],
)
def test_malformed(data: bytes, line: int, words: str, block: int) -> None:
    error = failure(data, block=block)

    assert (error.line, words in error.reason) == (line, True)


def test_advice_without_quoting() -> None:
    error = failure(b"label\ttext\n1\ta\tb\n", UNQUOTED)

    assert error.line == 2
    assert "without quoting, no field may hold '\\t'" in error.reason


def test_a_record_may_be_long_but_not_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_RECORD_BYTES", 1000)
    long = b'1,"' + b"x\n" * 400 + b'"\n'

    _, batches = read(b"label,text\n" + long, block=10)
    assert b"".join(batch.data for batch in batches) == long

    error = failure(b'label,text\n1,a\n2,"' + b"x\n" * 4000, block=10)
    assert (error.line, "longer than 1,000 bytes" in error.reason) == (3, True)


def test_header_field_longer_than_csv_takes() -> None:
    assert "the header can't be read" in failure(b"a" * 200_000 + b",b\n1,2\n").reason


def test_errors_of_the_blocks_come_after_those_of_the_records_before_them() -> None:
    def blocks(row: bytes):  # type: ignore[no-untyped-def]
        yield b"label,text\n" + row + b"\n3,"
        raise InvalidInputError("byte 0x80")

    for row, line, reason in ((b"1,a\n2", 3, "1 field where"), (b"1,a\n2,b", 4, "byte 0x80")):
        reader = RecordReader(blocks(row), CSV)
        reader.header()
        with pytest.raises(InvalidInputError, match=reason) as error:
            list(reader.batches())
        assert error.value.line == line


CELLS = st.text(st.sampled_from('ab",\n\r\t あ'), max_size=6)
FILES = st.text(st.sampled_from('a",\n\r'), max_size=30).map(lambda text: f"x,y\n{text}")
LONE_RETURN = re.compile(r"\r(?!\n)")


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1), end=st.sampled_from(["\n", "\r\n"]), block=st.integers(1, 40)
)
def test_what_csv_writes_is_read_back(rows: list[tuple[str, str]], end: str, block: int) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator=end).writerows([("text", "other"), *rows])
    table = TableFormat("text", None)

    _, batches = read(file.getvalue().encode(), table, block)

    texts = BatchReader(table, Grammar(table, 2, returns_end_lines=False), Columns(0, None))
    expected = [LONE_RETURN.sub(" ", text) for text, _ in rows]
    assert [text for batch in batches for text in texts(batch).texts] == expected


@given(file=FILES, block=st.integers(1, 40))
def test_any_file_reads_as_with_csv_or_is_refused(file: str, block: int) -> None:
    try:
        blank = LONE_RETURN.sub(" ", file + "\n")
        expected = [row for row in csv.reader(io.StringIO(blank, newline=""), strict=True) if row][1:]
        refused = any(len(row) != 2 for row in expected)
    except csv.Error:
        refused = True
    table = TableFormat("x", None)

    if refused:
        failure(file.encode(), table, block)
    else:
        _, batches = read(file.encode(), table, block)
        grammar = Grammar(table, 2, returns_end_lines=False)
        cells = [BatchReader(table, grammar, Columns(column, None)) for column in (0, 1)]
        found = [zip(*(cell(batch).texts for cell in cells), strict=True) for batch in batches]
        assert [list(row) for rows in found for row in rows] == expected
