from __future__ import annotations

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preprocess.errors import InvalidInputError
from preprocess.table.decoding import decompressed, utf8_blocks

TEXT = "評価,本文\n5,とても良い\n"


def decoded(data: bytes, encoding: str = "utf-8", block: int = 7) -> bytes:
    return b"".join(utf8_blocks(decompressed(io.BufferedReader(io.BytesIO(data))), encoding, block))


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
        assert decoded(compress(data), encoding, block) == TEXT.encode()


@given(text=st.text(), block=st.integers(1, 9))
def test_blocks_never_change_the_text(text: str, block: int) -> None:
    expected = text.replace("\0", " ").removeprefix("\ufeff").encode()

    assert decoded(text.encode(), "utf-8", block) == expected
    assert decoded(text.encode("utf-16"), "utf-16", block) == text.replace("\0", " ").encode()


def test_empty() -> None:
    for encoding in ("utf-8", "utf-16", "cp932", "euc_jp"):
        assert decoded(b"", encoding) == b""


def test_gzip_members_one_after_another() -> None:
    assert decoded(gzip.compress(b"a") + gzip.compress(b"b")) == b"ab"


def test_nul_becomes_a_space() -> None:
    assert decoded(b"a\0b") == b"a b"


@pytest.mark.parametrize("block", [1, 2, 5, 1000])
@pytest.mark.parametrize(
    ("data", "encoding", "byte", "value", "good"),
    [
        pytest.param(b"ab\x80", "utf-8", 2, "0x80", b"ab", id="stray byte"),
        pytest.param(b"\xef\xbb\xbfab\xff", "utf-8", 5, "0xFF", b"ab", id="after a byte order mark"),
        pytest.param("あ".encode() + "い".encode()[:2], "utf-8", 3, "0xE3", "あ".encode(), id="cut off"),
        pytest.param(b"ab\xed\xa0\x80", "utf-8", 2, "0xED", b"ab", id="lone surrogate"),
        pytest.param("本".encode("cp932") + b"\x85\xff", "cp932", 2, "0x85", "本".encode(), id="cp932"),
        pytest.param("本".encode("euc_jp") + b"\xff", "euc_jp", 2, "0xFF", "本".encode(), id="euc_jp"),
        pytest.param("a".encode("utf-16") + b"\x00\xd8a\x00", "utf-16", 4, "0x00", b"a", id="lone surrogate in UTF-16"),
        pytest.param("a".encode("utf-16") + b"a", "utf-16", 4, "0x61", b"a", id="half a character"),
    ],
)
def test_undecodable(data: bytes, encoding: str, byte: int, value: str, good: bytes, block: int) -> None:
    before = b""
    with pytest.raises(InvalidInputError) as error:
        for part in utf8_blocks(io.BytesIO(data), encoding, block):
            before += part

    assert f"byte {byte} of the file ({value}" in str(error.value)
    assert before.startswith(good)
    assert len(before) - len(good) < 3, "at most the start of the broken character"


def test_a_utf16_file_is_recognized() -> None:
    with pytest.raises(InvalidInputError, match="it is UTF-16, not UTF-8: set the encoding to 'utf-16'"):
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
