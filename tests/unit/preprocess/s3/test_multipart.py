"""Uploads in parts against S3's own rules about checksums."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from preprocess.config import OutputPrefix
from preprocess.folder.concatenation import ConcatenatedObject, Copier, Source
from preprocess.s3 import multipart
from preprocess.s3.multipart import MultipartUpload
from preprocess.s3.output import Outputs
from unit.preprocess.recorded import CHECKSUM, RecordedS3, crc32
from unit.preprocess.runs import ARTIFACTS

MIB = 2**20
WHERE = {"Bucket": "b", "Key": "k"}


def test_written_parts_are_checked_until_they_are_an_object() -> None:
    s3 = RecordedS3()
    with Outputs(s3, OutputPrefix("b", "runs/1/")) as outputs:
        output = outputs.open("train", "text/plain")
        for number in range(11):
            output.write(bytes([number]) * MIB)
        outputs.publish(output)

    assert s3.objects == {"runs/1/train": b"".join(bytes([number]) * MIB for number in range(11))}
    assert s3.algorithms == {"runs/1/train": "CRC32"}


def test_copied_and_joined_parts_are_checked_until_they_are_an_object() -> None:
    sizes = {"a": 6 * MIB, "b": 1 * MIB, "c": 9 * MIB, "d": 3}
    s3 = RecordedS3(**{key: key.encode() * size for key, size in sizes.items()})
    whole = b"".join(s3.objects.values())
    copier = Copier(s3, "b", lambda done, total: None)
    sources = [Source(key, size) for key, size in sizes.items()]
    target = ConcatenatedObject(copier, "all", "text/plain", sources, "between/")
    target.finish()
    target.publish()
    copier.close()

    assert s3.objects["all"] == whole
    assert s3.algorithms == {"all": "CRC32"}


def test_a_part_that_is_damaged_on_its_way_is_refused() -> None:
    s3 = RecordedS3()
    upload = MultipartUpload(s3, WHERE)
    s3.damage = True

    with pytest.raises(ClientError, match="BadDigest"):
        upload.upload_part(1, b"abc")


def test_a_part_that_is_another_than_was_uploaded_is_refused() -> None:
    upload = MultipartUpload(RecordedS3(), WHERE)
    part = upload.upload_part(1, b"abc")

    with pytest.raises(ClientError, match="InvalidPart"):
        upload.complete([part | {CHECKSUM: crc32(b"abd")}])


@pytest.mark.parametrize(
    ("created", "completed", "code"),
    [(None, True, "InvalidPart"), ("CRC32", False, "InvalidRequest"), (None, False, None), ("CRC32", True, None)],
)
def test_what_s3_refuses(created: str | None, completed: bool, code: str | None) -> None:
    """An upload names its checksums from start to end, or never: what the code above stands on."""
    s3 = RecordedS3()
    upload = s3.create_multipart_upload(ChecksumAlgorithm=created)["UploadId"]
    answer = s3.upload_part(UploadId=upload, PartNumber=1, Body=b"abc")
    part: dict[str, Any] = {"PartNumber": 1} | {
        name: value for name, value in answer.items() if completed or name != CHECKSUM
    }
    try:
        s3.complete_multipart_upload(Key="k", UploadId=upload, MultipartUpload={"Parts": [part]})
    except ClientError as error:
        assert error.response["Error"]["Code"] == code
    else:
        assert code is None


def test_the_algorithm_is_sent(s3: Any) -> None:
    """By boto3, too: an older one computes no checksum unless it is told to."""
    sent: dict[str, Any] = {}
    s3.meta.events.register("before-call.s3", lambda model, params, **_: sent.update({model.name: params["headers"]}))
    upload = MultipartUpload(s3, {"Bucket": ARTIFACTS, "Key": "k"})
    upload.complete([upload.upload_part(1, b"abc")])

    assert sent["CreateMultipartUpload"]["x-amz-checksum-algorithm"] == multipart.ALGORITHM
    assert sent["UploadPart"]["x-amz-sdk-checksum-algorithm"] == multipart.ALGORITHM
