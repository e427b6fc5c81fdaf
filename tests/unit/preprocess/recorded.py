"""The multipart uploads of an S3 client with AWS's own answers about checksums, which moto does not give.

As AWS answered LocalStack's tests (Apache License 2.0, commit 8b9a79f0, `tests/aws/services/s3/test_s3.snapshot.json`):
`test_complete_multipart_parts_checksum_composite`, `..._default`, `test_multipart_upload_part_copy_checksum`,
`test_multipart_upload_part_checksum_exception`.
"""

from __future__ import annotations

import base64
import zlib
from hashlib import md5
from typing import Any

from botocore.exceptions import ClientError

CHECKSUM = "ChecksumCRC32"


def crc32(data: bytes) -> str:
    """Return a CRC32 as S3 writes it."""
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


class RecordedS3:
    """Objects in memory.

    Attributes
    ----------
    objects
        Bodies by key.
    algorithms
        Checksum algorithm of each object that was made of parts.
    damage
        Whether the network changes a byte of each part.
    """

    def __init__(self, **objects: bytes) -> None:
        self.objects = dict(objects)
        self.algorithms: dict[str, str | None] = {}
        self.damage = False
        self._uploads: dict[str, tuple[str | None, dict[int, bytes]]] = {}

    def create_multipart_upload(self, *, ChecksumAlgorithm: str | None = None, **_: Any) -> dict[str, Any]:  # noqa: N803
        upload = str(len(self._uploads))
        self._uploads[upload] = (ChecksumAlgorithm, {})
        return {"UploadId": upload}

    def upload_part(
        self,
        *,
        UploadId: str,  # noqa: N803
        PartNumber: int,  # noqa: N803
        Body: bytes,  # noqa: N803
        ChecksumAlgorithm: str = "CRC32",  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        """Take a part: SDKs send its CRC32 by default, and S3 echoes it whatever the upload was created with."""
        sent, body = crc32(Body), bytes(Body)
        if self.damage:
            body = b"\0" + body[1:]
        if crc32(body) != sent:
            raise _error("BadDigest", "The CRC32 you specified did not match the calculated checksum.", "UploadPart")
        algorithm, parts = self._uploads[UploadId]
        if algorithm not in (None, ChecksumAlgorithm):
            message = f"expected checksum Type: {algorithm}, actual checksum Type: {ChecksumAlgorithm}"
            raise _error("InvalidRequest", f"Checksum Type mismatch occurred, {message}", "UploadPart")
        parts[PartNumber] = body
        return {"ETag": _etag(body), CHECKSUM: sent}

    def upload_part_copy(
        self,
        *,
        UploadId: str,  # noqa: N803
        PartNumber: int,  # noqa: N803
        CopySource: dict[str, str],  # noqa: N803
        CopySourceRange: str | None = None,  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        """Copy a part: S3 names its checksum where the upload was created with an algorithm."""
        body = self.objects[CopySource["Key"]]
        if CopySourceRange:
            start, end = map(int, CopySourceRange.removeprefix("bytes=").split("-"))
            body = body[start : end + 1]
        algorithm, parts = self._uploads[UploadId]
        parts[PartNumber] = body
        return {"CopyPartResult": {"ETag": _etag(body)} | ({CHECKSUM: crc32(body)} if algorithm else {})}

    def complete_multipart_upload(
        self,
        *,
        Key: str,  # noqa: N803
        UploadId: str,  # noqa: N803
        MultipartUpload: dict[str, Any],  # noqa: N803
        **_: Any,
    ) -> dict[str, Any]:
        algorithm, parts = self._uploads.pop(UploadId)
        for part in MultipartUpload["Parts"]:
            body, checksum = parts[part["PartNumber"]], part.get(CHECKSUM)
            if algorithm and checksum is None:
                message = (
                    f"The upload was created using a {algorithm.lower()} checksum. The complete request must include "
                    "the checksum for each part."
                )
                raise _error("InvalidRequest", message, "CompleteMultipartUpload")
            if part["ETag"] != _etag(body) or checksum not in ((crc32(body),) if algorithm else (None,)):
                message = "One or more of the specified parts could not be found."
                raise _error("InvalidPart", message, "CompleteMultipartUpload")
        self.objects[Key] = b"".join(parts[part["PartNumber"]] for part in MultipartUpload["Parts"])
        self.algorithms[Key] = algorithm
        return {}

    def abort_multipart_upload(self, *, UploadId: str, **_: Any) -> None:  # noqa: N803
        del self._uploads[UploadId]

    def get_object(self, *, Key: str, Range: str | None = None, **_: Any) -> dict[str, Any]:  # noqa: N803
        body = self.objects[Key]
        if Range:
            start, end = map(int, Range.removeprefix("bytes=").split("-"))
            body = body[start : end + 1]
        return {"Body": _Body(body)}


class _Body:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def read(self) -> bytes:
        return self._body


def _etag(body: bytes) -> str:
    return f'"{md5(body).hexdigest()}"'


def _error(code: str, message: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)
