"""An S3 object made of parts, whose bytes S3 checks on their way and once more when the parts become the object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from botocore.client import BaseClient

#: What every part is checked by. S3 has to be told when an upload is created: of one without an algorithm it echoes the
#: parts' checksums all the same, and then refuses them on completion as `InvalidPart`; of one with an algorithm it
#: wants them (a composite checksum, CRC32's default). Parts that it copies itself are answered with theirs.
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html, and as AWS answered
#: LocalStack's tests of multipart checksums.
ALGORITHM = "CRC32"
CHECKSUM = f"Checksum{ALGORITHM}"

#: As completing an upload wants it: number, ETag and checksum.
Part = dict[str, Any]


class MultipartUpload:
    """An upload that has begun: either completed or aborted, or else it stays and is paid for.

    Parameters
    ----------
    client
        S3 client. Its role needs ``s3:PutObject`` and ``s3:AbortMultipartUpload``.
    where
        Bucket and key of the object.
    described
        Content type and metadata of the object.
    """

    def __init__(self, client: BaseClient, where: Mapping[str, str], **described: Any) -> None:
        self._client = client
        response = client.create_multipart_upload(**where, **described, ChecksumAlgorithm=ALGORITHM)
        self._upload = {**where, "UploadId": response["UploadId"]}

    def upload_part(self, number: int, body: bytes | bytearray) -> Part:
        """Upload bytes as a part."""
        response = self._client.upload_part(**self._upload, PartNumber=number, Body=body, ChecksumAlgorithm=ALGORITHM)
        return _part(number, response)

    def copy_part(self, number: int, **source: Any) -> Part:
        """Let S3 copy an object, or a range of one, as a part. Needs ``s3:GetObject``, too."""
        response = self._client.upload_part_copy(**self._upload, PartNumber=number, **source)
        return _part(number, response["CopyPartResult"])

    def complete(self, parts: Sequence[Part]) -> Any:
        """Make the object appear; gives S3's answer."""
        return self._client.complete_multipart_upload(**self._upload, MultipartUpload={"Parts": parts})

    def abort(self) -> None:
        """Give the parts up."""
        self._client.abort_multipart_upload(**self._upload)


def _part(number: int, answer: Mapping[str, Any]) -> Part:
    checksum = {CHECKSUM: answer[CHECKSUM]} if CHECKSUM in answer else {}
    return {"PartNumber": number, "ETag": answer["ETag"], **checksum}
