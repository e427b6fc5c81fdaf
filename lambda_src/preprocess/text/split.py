"""Which channel a text belongs to.

The CRC-32 of a text's UTF-8 bytes, over 2**32, is a number in [0, 1) that depends on nothing but the text:
every run, every partitioning of the rows and every other tool (Spark's and zlib's ``crc32``) puts it on the same
side, and equal texts never stand on both. It is no defense against somebody who picks texts for their side,
which a split needs none against, and costs a quarter of what a cryptographic hash does.
"""

from __future__ import annotations

from zlib import crc32


def validation_limit(fraction: float) -> int:
    """Return the CRC-32 from which on a text is for training."""
    return round(fraction * 2**32)


def is_validation(text: str, limit: int) -> bool:
    """Tell whether a text belongs to the validation channel."""
    return crc32(text.encode("utf-8", "surrogatepass")) < limit
