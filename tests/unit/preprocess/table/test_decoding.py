from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preprocess.errors import InvalidInputError
from preprocess.table.containers import table_bytes
from preprocess.table.decoding import text_blocks
from preprocess.table.encodings import CODECS

TEXT = "評価,本文\n5,とても良い\n"


def decoded(data: bytes, encoding: str = "utf-8", block: int = 7) -> str:
    return "".join(text_blocks(table_bytes(io.BufferedReader(io.BytesIO(data))), encoding, block))


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (TEXT.encode("utf-16"), "utf-16"),
        ("\ufeff".encode("utf-16-be") + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("cp932"), "cp932"),
        (TEXT.encode("euc_jp"), "euc_jp"),
    ],
)
def test_encodings(data: bytes, encoding: str, compress: type) -> None:
    for block in (1, 2, 3, 1000):
        assert decoded(compress(data), encoding, block) == TEXT


@given(text=st.text(), block=st.integers(1, 9))
def test_blocks_never_change_the_text(text: str, block: int) -> None:
    expected = text.replace("\0", " ").rstrip("\x1a")

    assert decoded(text.encode(), "utf-8", block) == expected.removeprefix("\ufeff")
    assert decoded(text.encode("utf-16"), "utf-16", block) == expected


def test_empty() -> None:
    for encoding in ("utf-8", "utf-16", "cp932", "euc_jp"):
        assert decoded(b"", encoding) == ""


def test_gzip_members_one_after_another() -> None:
    assert decoded(gzip.compress(b"a") + gzip.compress(b"b")) == "ab"


def test_nul_becomes_a_space() -> None:
    assert decoded(b"a\0b") == "a b"


@pytest.mark.parametrize("block", [1, 2, 5, 1000])
@pytest.mark.parametrize(
    ("data", "encoding", "byte", "value", "good"),
    [
        pytest.param(b"ab\x80", "utf-8", 2, "0x80", "ab", id="stray byte"),
        pytest.param(b"\xef\xbb\xbfab\xff", "utf-8", 5, "0xFF", "ab", id="after a byte order mark"),
        pytest.param("あ".encode() + "い".encode()[:2], "utf-8", 3, "0xE3", "あ", id="cut off"),
        pytest.param(b"ab\xed\xa0\x80", "utf-8", 2, "0xED", "ab", id="lone surrogate"),
        pytest.param("本".encode("cp932") + b"\x85\xff", "cp932", 2, "0x85", "本", id="cp932"),
        pytest.param("本".encode("euc_jp") + b"\xff", "euc_jp", 2, "0xFF", "本", id="euc_jp"),
        pytest.param("a".encode("utf-16") + b"\x00\xd8a\x00", "utf-16", 4, "0x00", "a", id="lone surrogate in UTF-16"),
        pytest.param("a".encode("utf-16") + b"a", "utf-16", 4, "0x61", "a", id="half a character"),
    ],
)
def test_undecodable(data: bytes, encoding: str, byte: int, value: str, good: str, block: int) -> None:
    before = ""
    with pytest.raises(InvalidInputError) as error:
        for text in text_blocks(io.BytesIO(data), encoding, block):
            before += text

    assert f"byte {byte} of the file ({value}" in str(error.value)
    assert before == good


def test_a_utf16_file_is_recognized() -> None:
    with pytest.raises(InvalidInputError, match=r'it is UTF-16: set corpus\.encoding = "utf-16"'):
        decoded(TEXT.encode("utf-16"))


def test_utf16_needs_its_mark() -> None:
    with pytest.raises(InvalidInputError, match="byte order mark"):
        decoded(TEXT.encode("utf-16-le"), "utf-16")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(gzip.compress(TEXT.encode() * 100)[:-20], id="cut off"),
        pytest.param(gzip.compress(b"a" * 100)[:-8] + b"\0" * 8, id="wrong checksum"),
        pytest.param(gzip.compress(b"a")[:10] + b"\xff" * 30, id="damaged"),
        pytest.param(gzip.compress(b"a") + b"garbage", id="followed by garbage"),
    ],
)
def test_damaged_gzip(data: bytes) -> None:
    with pytest.raises(InvalidInputError, match="gzip data is damaged or cut off"):
        decoded(data)


#: What Python's codecs of these encodings lack: NEC's row 13, and the rows 89 to 92.
VENDOR_ROWS = "①⑳Ⅰ㍉㎝㍻〝№℡㈱∑纊髙﨑ⅰ"


def jis(text: str) -> bytes:
    """Encode characters of cp932 by their place in JIS X 0208's rows, as Windows does."""
    encoded = bytearray()
    for character in text:
        lead, trail = character.encode("cp932")
        if lead >= 0xFA:  # IBM's copy: NEC's is the one that JIS has room for
            lead, trail = NEC_ROWS[character]
        row = 2 * (lead - (0x81 if lead < 0xA0 else 0xC1)) + (trail >= 0x9F) + 0x21
        cell = trail - 0x7E if trail >= 0x9F else trail - 0x1F - (trail >= 0x80)
        encoded += bytes((row, cell))
    return bytes(encoded)


NEC_ROWS = {
    bytes((lead, trail)).decode("cp932"): (lead, trail)
    for lead in (0xED, 0xEE)
    for trail in [*range(0x40, 0x7F), *range(0x80, 0xFC)]
    if bytes((lead, trail)).decode("cp932", "ignore")
}


@pytest.mark.parametrize("block", [1, 2, 3, 1000])
def test_rows_that_the_standard_leaves_open(block: int) -> None:
    euc = bytes(byte | 0x80 for byte in jis(VENDOR_ROWS))
    iso = b"\x1b$B" + jis(VENDOR_ROWS) + b"\x1b(B"

    assert decoded("宿".encode("euc_jp") + euc + b"a", "euc_jp", block) == f"宿{VENDOR_ROWS}a"
    assert decoded("宿".encode("iso2022_jp") + iso + b"a", "iso2022_jp", block) == f"宿{VENDOR_ROWS}a"
    assert decoded("ﾎﾃﾙ".encode("iso2022_jp_ext"), "iso2022_jp", block) == "ﾎﾃﾙ"


def test_half_width_katakana_and_jis_x_0212_in_euc_jp() -> None:
    assert decoded("ﾎﾃﾙ丂".encode("euc_jp"), "euc_jp") == "ﾎﾃﾙ丂"


JAPANESE = "text,label\n部屋がとても広く、朝食もおいしい。,1\n"


ENCODINGS = ("utf-8", "cp932", "euc_jp", "iso2022_jp")


@pytest.mark.parametrize(("actual", "configured"), [*permutations(ENCODINGS, 2)])
def test_a_wrong_encoding_is_answered_with_the_right_one(actual: str, configured: str) -> None:
    with pytest.raises(InvalidInputError, match=f'corpus.encoding = "{actual}"'):
        decoded((JAPANESE * 20).encode(actual), configured, 1000)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize(
    "text", ["text\nabc\n", "text\nﾎﾃﾙ ﾊ ﾖｶｯﾀ\n", "text\n鬱蒼とした森\n", "text\n—–“”é\n", "", "a", "text\n😀宿\n"]
)
def test_a_right_encoding_is_taken(text: str, encoding: str) -> None:
    encodable = text.encode(CODECS.get(encoding, encoding), "ignore")

    assert decoded(encodable, encoding) == encodable.decode(CODECS.get(encoding, encoding))


def test_a_byte_that_no_encoding_explains() -> None:
    with pytest.raises(InvalidInputError, match=r"byte 3 .* is not utf-8: repair it"):
        decoded(b"abc\xff\xfe\xfd")


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.parametrize("mark", ["\x1a", "\x1a\x1a\x1a"])
@pytest.mark.parametrize("block", [1, 3, 1000])
def test_the_end_of_file_mark_of_dos_is_no_character(end: str, mark: str, block: int) -> None:
    assert decoded(f"a{end}{mark}".encode(), block=block) == f"a{end}"
    assert decoded(f"a{mark}b{end}".encode(), block=block) == f"a{mark}b{end}"


def test_blocks_end_inside_no_line_end() -> None:
    blocks = list(text_blocks(io.BytesIO(b"a\r\nb\r\r\nc\r"), "utf-8", 1))

    assert "".join(blocks) == "a\r\nb\r\r\nc\r"
    assert not any(one.endswith("\r") and other.startswith("\n") for one, other in pairwise(blocks))


@pytest.mark.parametrize("character", ["\r", "\x1a", "\n", "\0"])
def test_blocks_of_what_is_held_back_stay_small(character: str) -> None:
    blocks = [len(block) for block in text_blocks(io.BytesIO(character.encode() * 100_000), "utf-8", 1000)]

    assert max(blocks, default=0) < 3000


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (b"PK\x03\x04\x14\0\0\0\x08\0", "a zip archive: unpack it"),
        (b"PK\x03\x04\x14\0\x06\0" + b"\0" * 22 + b"[Content_Types].xml", 'an Excel workbook: save it as "CSV UTF-8"'),
        (bz2.compress(b"a"), "compressed with bzip2: unpack it"),
        (lzma.compress(b"a"), "compressed with xz"),
        (b"\x28\xb5\x2f\xfd\0", "compressed with Zstandard"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "an Excel workbook of the old kind"),
        (b"PAR1\x15\0", "a Parquet file: export it"),
        (b"Obj\x01\x04", "an Avro file"),
        (b"%PDF-1.4", "a PDF"),
        (b"<!DOCTYPE HTML><html>", "an HTML page"),
    ],
)
def test_other_files_are_told_by_name(start: bytes, message: str) -> None:
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        decoded(start)
    with pytest.raises(InvalidInputError, match=re.escape(message)):
        decoded(gzip.compress(start))


def test_gzip_in_gzip() -> None:
    with pytest.raises(InvalidInputError, match="gzip in gzip: decompress it once"):
        decoded(gzip.compress(gzip.compress(b"a")))


@pytest.mark.parametrize("text", ["BZh9,b\n", "ORC,b\n", "PK,b\n", "<b>,c\n"])
def test_names_of_columns_that_begin_alike(text: str) -> None:
    assert decoded(text.encode()) == text
