"""Checksums of objects and parts: what a request says of them, and what they are.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from awscrt import checksums as crt

from localaws.account.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEFAULT = "CRC64NVME"
"""What S3 computes where nobody asks for another."""

_DIGESTS: dict[str, Callable[[bytes], bytes]] = {
    "CRC32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "CRC32C": lambda data: int(crt.crc32c(data)).to_bytes(4, "big"),
    "CRC64NVME": lambda data: int(crt.crc64nvme(data)).to_bytes(8, "big"),
    "SHA1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "SHA256": lambda data: hashlib.sha256(data).digest(),
}
ALGORITHMS = tuple(_DIGESTS)
_HEADER = re.compile(rf"x-amz-checksum-({'|'.join(ALGORITHMS)})", re.IGNORECASE)
_TRAILER = re.compile(rb"x-amz-checksum-(\w+):(\S+)")


@dataclass(frozen=True)
class Checksum:
    """A checksum.

    Attributes
    ----------
    algorithm
        One of :data:`ALGORITHMS`.
    value
        In base64.
    """

    algorithm: str
    value: str

    @property
    def header(self) -> str:
        """Name of the header that carries it."""
        return f"x-amz-checksum-{self.algorithm.lower()}"

    @property
    def field(self) -> str:
        """Name of the field that carries it."""
        return f"Checksum{self.algorithm}"


def compute(algorithm: str, data: bytes) -> Checksum:
    """The checksum of data."""
    return Checksum(algorithm, base64.b64encode(_DIGESTS[algorithm](data)).decode())


def compute_composite(algorithm: str, parts: list[bytes]) -> Checksum:
    """The checksum of the parts' checksums, without the number of parts that S3 appends."""
    return compute(algorithm, b"".join(_DIGESTS[algorithm](part) for part in parts))


def in_headers(headers: Mapping[str, str]) -> list[Checksum]:
    """The checksums that a request's headers hold."""
    found = ((_HEADER.fullmatch(name), value) for name, value in headers.items())
    return [Checksum(match[1].upper(), value) for match, value in found if match]


def of_upload(response: Any) -> Checksum | None:
    """The checksum that comes with an upload's data, in a header or behind them.

    Parameters
    ----------
    response
        moto's ``S3Response``.

    Raises
    ------
    AwsError
        ``InvalidRequest``: there are two, or it is none of its algorithm; ``BadDigest``: it is another's.
    """
    stated = in_headers(response.headers)
    if "x-amz-trailer" in response.headers:
        found = _TRAILER.findall(response.raw_body[-256:])
        stated += [Checksum(name.decode().upper(), value.decode()) for name, value in found]
    if len(stated) > 1:
        raise AwsError(
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        )
    if stated:
        checksum = stated[0]
        data = response.body or b""
        computed = compute(checksum.algorithm, data if isinstance(data, bytes) else data.encode())
        if not _has_the_right_length(checksum, computed):
            raise AwsError("InvalidRequest", f"Value for {checksum.header} header is invalid.")
        if checksum != computed:
            raise AwsError(
                "BadDigest", f"The {checksum.algorithm} you specified did not match the calculated checksum."
            )
        return checksum
    return None


def _has_the_right_length(checksum: Checksum, computed: Checksum) -> bool:
    try:
        data = base64.b64decode(checksum.value, validate=True)
    except binascii.Error:
        return False
    return len(data) == len(base64.b64decode(computed.value))
