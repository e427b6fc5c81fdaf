from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from preprocess.config import TableFormat
from preprocess.errors import InvalidInputError
from preprocess.table import records
from preprocess.table.batches import Batch
from preprocess.table.columns import Header
from preprocess.table.decoding import text_blocks
from preprocess.table.grammar import Grammar
from preprocess.table.reader import BatchReader
from preprocess.table.records import RecordReader

CSV = TableFormat("text", "label")
UNQUOTED = TableFormat("text", "label", delimiter="\t", quoting=False)


def read(data: str, table: TableFormat = CSV, block: int = 2**18) -> tuple[Header, list[Batch]]:
    """Read a table that comes in blocks of this size."""
    reader = RecordReader(text_blocks(io.BytesIO(data.encode()), "utf-8", block), table)
    header = reader.header()
    return header, list(reader.batches())


def failure(data: str, table: TableFormat = CSV, block: int = 2**18) -> InvalidInputError:
    with pytest.raises(InvalidInputError) as error:
        read(data, table, block)
    return error.value


@pytest.mark.parametrize("block", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_records_and_their_lines(end: str, block: int) -> None:
    header, batches = read(end.join(["label,text", "1,a", '2,"b', 'c"', "3,d"]), block=block)

    assert header == Header(("label", "text"), 1)
    assert "".join(batch.data for batch in batches) == end.join(["1,a", '2,"b', 'c"', "3,d"]) + "\n"
    line_of_row = {"1": 2, "2": 3, "3": 5}
    assert [batch.line for batch in batches] == [line_of_row[batch.data[:1]] for batch in batches]


def test_header_after_empty_lines_keeps_its_line() -> None:
    header, batches = read('\n\r\n"la,bel",text\n1,a\n')

    assert header == Header(("la,bel", "text"), 3)
    assert batches == [Batch("1,a\n", 4)]


def test_header_only() -> None:
    assert read("label,text\n") == (Header(("label", "text"), 1), [])
    assert read("label,text") == (Header(("label", "text"), 1), [])


@pytest.mark.parametrize("data", ["", "\n\n", "\r\n"])
def test_nothing(data: str) -> None:
    assert "it is empty" in str(failure(data))


def test_literal_quotes_in_an_unquoted_field() -> None:
    _, batches = read('label,text\n1,8" screen\n2,"a ""b"""\n')

    assert batches == [Batch('1,8" screen\n2,"a ""b"""\n', 2)]


def test_without_quoting_a_quote_is_a_character() -> None:
    _, batches = read('label\ttext\n1\t"a\n2\tb"c\n', UNQUOTED)

    assert batches == [Batch('1\t"a\n2\tb"c\n', 2)]


@pytest.mark.parametrize("block", [1, 5, 2**18])
@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        pytest.param(
            "label,text\n1,a,\n2,b\n", 2, "3 fields where the header has 2", id="extra comma in the first row"
        ),
        pytest.param("label,text\n1,a\n2,b,c,d\n", 3, "4 fields where the header has 2", id="extra fields"),
        pytest.param("label,text\n1,a\n\n2\n", 4, "1 field where the header has 2", id="missing field"),
        pytest.param('label,text\n"1\n2",a\n3\n', 4, "1 field where", id="missing field after a record of two lines"),
        pytest.param("label,text\r1,a\r2\r", 3, "1 field where", id="carriage returns"),
        pytest.param("label,text\r\n1,a\r\n2\r\n", 3, "1 field where", id="both"),
        pytest.param('label,text\n1,a\n2,"b\n3,c\n', 3, "opened and never closed", id="unclosed quote"),
        pytest.param('label,text\n1,"a\nb\n"c,d\n', 4, "text follows a closing quote", id="text after a quote"),
        pytest.param('label,"text\n1,a\n', 1, "opened and never closed", id="unclosed quote in the header"),
        pytest.param('label,"te"xt\n1,a\n', 1, "text follows a closing quote", id="text after a quote in the header"),
    ],
)
def test_malformed(data: str, line: int, words: str, block: int) -> None:
    error = failure(data, block=block)

    assert (error.line, words in error.reason) == (line, True)


def test_advice_without_quoting() -> None:
    error = failure("label\ttext\n1\ta\tb\n", UNQUOTED)

    assert error.line == 2
    assert "without quoting, no field may hold '\\t'" in error.reason


ESCAPED = TableFormat("text", "label", escape="\\")


@pytest.mark.parametrize(
    ("data", "table", "line", "advice"),
    [
        ("text,label\na,1,\n", CSV, 2, "it ends with ',' and the header does not: end both alike"),
        ('label,text\n1, "a, b"\n', CSV, 2, "a quote after a blank quotes nothing"),
        ('label,text\n1, "a\nb"\n', CSV, 3, "a quote after a blank quotes nothing"),
        ('label,text\n1,\u3000"a, b"\n', CSV, 2, "a quote after a blank quotes nothing"),
        ('label,text\n1,"a \\"b\\" c"\n', CSV, 2, 'set corpus.escape = "\\\\"'),
        ("label,text\n1,a\\,b\n", CSV, 2, 'set corpus.escape = "\\\\"'),
        ('label,text\n1,"a"b\n', CSV, 2, "set corpus.quoting = false"),
        ('label,text\n1,"a\n', CSV, 2, "set corpus.quoting = false"),
        ("label,text\n1,a\\", ESCAPED, 2, "the file ends with an escape character"),
        ("1,a\n1,a,b\n", TableFormat("text", columns=("n", "text")), 2, "3 fields where corpus.columns has 2"),
        ("label,text\n1,a\r2\n3,b\n4,c,d\n", CSV, 4, "quote the fields that hold ','"),
        ("sep=;\nlabel;text\n", CSV, 1, 'set corpus.delimiter = ";"'),
        ("sep=\t\r\nlabel\ttext\r\n", CSV, 1, r'set corpus.delimiter = "\t"'),
    ],
)
@pytest.mark.parametrize("block", [1, 2**18])
def test_what_to_do_about_a_row(data: str, table: TableFormat, line: int, advice: str, block: int) -> None:
    error = failure(data, table, block)

    assert error.line == line
    assert advice in error.reason


@pytest.mark.parametrize("first", ["sep=,\n", "sep=,\r\n", '"sep=,"\n', "\nsep=,\n\n"])
def test_a_line_that_tells_excel_the_delimiter_is_no_header(first: str) -> None:
    header, batches = read(first + "label,text\n1,a\n")

    assert header.names == ("label", "text")
    assert batches[0].data == "1,a\n"


def test_columns_that_no_header_names() -> None:
    header, batches = read("1,a\n2,b", TableFormat("text", columns=("label", "text")))

    assert header == Header(("label", "text"), None)
    assert batches == [Batch("1,a\n2,b\n", 1)]


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        ("t\na\rb\rc\r", 3),
        ("t\na\rb", 2),
        ("t\r\na\rb\r", 2),
        ("t,u\na,1\rb,2\n", 2),
        ("t,u\na,1\rb,2\r", 2),
        ("t\na\rb\nc\n", 2),
        ('t\n"a\rb\rc"\n', 1),
        ("t,u\na\rb,1\nc,2\n", 2),
        ("t\ra\nb\n", 2),
    ],
)
@pytest.mark.parametrize("block", [1, 2, 2**18])
def test_rows_that_end_in_returns(data: str, rows: int, block: int) -> None:
    names = data[: min(data.index(end) for end in "\r\n" if end in data)].split(",")
    table = TableFormat(names[0])
    reader = RecordReader(text_blocks(io.BytesIO(data.encode()), "utf-8", block), table)
    header = reader.header()
    batches = list(reader.batches())

    assert sum(len(BatchReader(table, reader.grammar, header)(batch).texts) for batch in batches) == rows


@pytest.mark.parametrize("data", ["t\na\rb\rc\n", "t\na\rb\n", "t,u\na\rb,1\n"])
@pytest.mark.parametrize("block", [1, 2**18])
def test_rows_that_may_end_in_returns_are_refused(data: str, block: int) -> None:
    error = failure(data, TableFormat("t"), block)

    assert error.line == 2
    assert "some lines end in carriage returns and some in line feeds" in error.reason


def test_a_record_may_be_long_but_not_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_RECORD_CHARACTERS", 1000)
    long = '1,"' + "x\n" * 400 + '"\n'

    _, batches = read("label,text\n" + long, block=10)
    assert "".join(batch.data for batch in batches) == long

    error = failure('label,text\n1,a\n2,"' + "x\n" * 4000, block=10)
    assert (error.line, "longer than 1,000 characters" in error.reason) == (3, True)


def test_a_name_may_be_longer_than_csv_takes() -> None:
    header, _ = read("a" * 200_000 + ",b\n1,2\n")

    assert header == Header(("a" * 200_000, "b"), 1)


def test_errors_of_the_blocks_come_after_those_of_the_records_before_them() -> None:
    def blocks(row: str):  # type: ignore[no-untyped-def]
        yield "label,text\n" + row + "\n3,"
        raise InvalidInputError("byte 0x80")

    for row, line, reason in (("1,a\n2", 3, "1 field where"), ("1,a\n2,b", 4, "byte 0x80")):
        reader = RecordReader(blocks(row), CSV)
        reader.header()
        with pytest.raises(InvalidInputError, match=reason) as error:
            list(reader.batches())
        assert error.value.line == line


CELLS = st.text(st.sampled_from('ab",\n\r\t あ'), max_size=6)
FILES = st.text(st.sampled_from('a",\n\r'), max_size=30).map(lambda text: f"x,y\n{text}")
LONE_RETURN = re.compile(r"\r(?!\n)")


def returns_may_end_rows(file: str) -> bool:
    """Tell whether as many lone returns as line feeds stand outside of quotes, below the header."""
    _, _, bare = re.sub('"[^"]*"', "", file).partition("\n")
    return 0 < len(LONE_RETURN.findall(bare)) >= bare.count("\n")


@given(
    rows=st.lists(st.tuples(CELLS, CELLS), min_size=1), end=st.sampled_from(["\n", "\r\n"]), block=st.integers(1, 40)
)
def test_what_csv_writes_is_read_back(rows: list[tuple[str, str]], end: str, block: int) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator=end).writerows([("text", "other"), *rows])
    table = TableFormat("text", None)

    assume(not returns_may_end_rows(file.getvalue()))
    _, batches = read(file.getvalue(), table, block)

    texts = BatchReader(table, Grammar(table, 2, returns_end_lines=False), Header(("text", "other"), 1))
    expected = [LONE_RETURN.sub(" ", text) for text, other in rows if (text + other).strip()]
    assert [text for batch in batches for text in texts(batch).texts] == expected


@given(file=FILES, block=st.integers(1, 40))
def test_any_file_reads_as_with_csv_or_is_refused(file: str, block: int) -> None:
    try:
        blank = LONE_RETURN.sub(" ", file + "\n")
        expected = [row for row in csv.reader(io.StringIO(blank, newline=""), strict=True) if row][1:]
        refused = any(len(row) != 2 for row in expected)
    except csv.Error:
        refused = True
    assume(not returns_may_end_rows(file))

    if refused:
        failure(file, TableFormat("x"), block)
    else:
        header, batches = read(file, TableFormat("x"), block)
        grammar = Grammar(TableFormat(), 2, returns_end_lines=False)
        cells = [BatchReader(TableFormat(name), grammar, header) for name in header.names]
        found = [zip(*(cell(batch).texts for cell in cells), strict=True) for batch in batches]
        assert [list(row) for rows in found for row in rows] == [row for row in expected if "".join(row).strip()]
