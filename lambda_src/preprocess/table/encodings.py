"""The encodings of Japanese text: what Python's codecs lack, and which one some bytes fit."""

from __future__ import annotations

import codecs
import re

#: Codecs of the encodings that have names of their own here.
CODECS = {"iso2022_jp": "iso2022_jp_ext"}  # with half-width katakana, which mail programs write too

#: For :func:`codecs.getincrementaldecoder`.
VENDOR_ROWS = "preprocess.vendor_rows"

#: Escape sequences of ISO-2022-JP: to JIS X 0208 and 0212, and to half-width katakana.
ISO_2022_JP = re.compile(r"\x1b(?:\$[@B(]|\(I)")

KANA = re.compile(r"[ぁ-んァ-ヶー、。]")

#: Of the characters that are no ASCII, the share that kana have in any Japanese text of some length, and in none that
#: is read in a wrong encoding, which gives rare kanji or half-width katakana.
KANA_SHARE = 0.2

CANDIDATES = ("utf-8", "cp932", "euc_jp")


def fitting(sample: bytes, *other_than: str) -> str | None:
    """Return the encoding that some bytes fit best, or ``None`` if none makes Japanese text of them.

    Being valid is not enough: EUC-JP is mostly valid cp932 too, as half-width katakana.
    """
    if ISO_2022_JP.search(sample.decode("latin-1")):
        return None if "iso2022_jp" in other_than else "iso2022_jp"
    shares = {name: _share_of_kana(sample, name) for name in CANDIDATES if name not in other_than}
    best = max(shares, key=shares.__getitem__)
    return best if shares[best] > KANA_SHARE else None


def _share_of_kana(sample: bytes, encoding: str) -> float:
    """Return how many of the characters that are no ASCII are kana, 0 where bytes are invalid."""
    decoder = codecs.getincrementaldecoder(encoding)(VENDOR_ROWS)
    try:
        text = decoder.decode(sample)  # may end inside a character
    except UnicodeDecodeError:
        return 0.0
    wide = [character for character in text if not character.isascii()]
    return len(KANA.findall(text)) / len(wide) if wide else 0.0


def _vendor_row(error: UnicodeError) -> tuple[str, int]:
    """Decode a character of NEC's row 13 (①, ㎝, ㈱) or of the rows 89 to 92, which JIS X 0208 leaves open.

    Windows and most Unix tools write them in EUC-JP and ISO-2022-JP at the place where they stand in Shift_JIS; cp932
    is the one codec of Python that has them. https://encoding.spec.whatwg.org/#index-jis0208
    """
    if not isinstance(error, UnicodeDecodeError) or error.encoding not in ("euc_jp", "iso2022_jp_ext"):
        raise error
    pair = error.object[error.start : error.start + 2]
    high = 0x80 if error.encoding == "euc_jp" else 0
    if len(pair) < 2 or not all(0x21 <= byte - high <= 0x7E for byte in pair):
        raise error
    row, cell = (byte - high for byte in pair)
    lead = (row - 0x21) // 2 + 0x81
    trail = cell + 0x7E if row % 2 == 0 else cell + 0x1F + (cell >= 0x60)
    try:
        return bytes((lead + 0x40 * (lead > 0x9F), trail)).decode("cp932"), error.start + 2
    except UnicodeDecodeError:
        raise error from None


codecs.register_error(VENDOR_ROWS, _vendor_row)
