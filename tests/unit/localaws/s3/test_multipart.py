"""Multipart uploads and checksums, as recorded on AWS unless a test says otherwise."""

from __future__ import annotations

import base64
import hashlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from localaws.services.s3 import checksums

if TYPE_CHECKING:
    from localaws import LocalAWS

BIG = b"a" * 5 * 1024**2
WHOLE = "FULL_OBJECT"
SHA256_OF_PART = base64.b64encode(hashlib.sha256(b"part").digest()).decode()


def crc32(data: bytes) -> str:
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


@dataclass
class Bucket:
    """A bucket whose name and key are filled in."""

    client: Any

    def call(self, operation: str, **parameters: Any) -> Any:
        return getattr(self.client, operation)(**{"Bucket": "reviews", "Key": "a", **parameters})

    def start(self, **options: Any) -> str:
        return str(self.call("create_multipart_upload", **options)["UploadId"])

    def part(self, upload: str, body: bytes = b"part", number: int = 1, **options: Any) -> dict[str, Any]:
        """Upload a part; what completion asks of it, with its checksum."""
        answer = self.call("upload_part", UploadId=upload, PartNumber=number, Body=body, **options)
        stated = {name: value for name, value in answer.items() if name.startswith("Checksum")}
        return {"PartNumber": number, "ETag": answer["ETag"], **stated}

    def complete(self, upload: str, *parts: dict[str, Any], **options: Any) -> Any:
        return self.call(
            "complete_multipart_upload", UploadId=upload, MultipartUpload={"Parts": list(parts)}, **options
        )


@pytest.fixture
def bucket(aws: LocalAWS) -> Bucket:
    client = aws.client("s3")
    client.create_bucket(Bucket="reviews")
    return Bucket(client)


def bare(part: dict[str, Any]) -> dict[str, Any]:
    return {"PartNumber": part["PartNumber"], "ETag": part["ETag"]}


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        # Check values of the catalogue of CRC algorithms, https://reveng.sourceforge.io/crc-catalogue/all.htm
        ("CRC32", "cbf43926"),
        ("CRC32C", "e3069283"),
        ("CRC64NVME", "ae8b14860a799888"),
    ],
)
def test_algorithms(algorithm: str, expected: str) -> None:
    assert base64.b64decode(checksums.compute(algorithm, b"123456789").value).hex() == expected


def test_upload_without_an_algorithm_echoes_part_checksums_and_refuses_them_at_completion(bucket: Bucket) -> None:
    """https://github.com/aws/aws-sdk-go-v2/issues/3005 met it; recorded too."""
    upload = bucket.start()
    part = bucket.part(upload)

    assert part["ChecksumCRC32"] == crc32(b"part")
    [listed] = bucket.call("list_parts", UploadId=upload)["Parts"]
    assert "ChecksumCRC32" not in listed
    with pytest.raises(ClientError, match=r"InvalidPart.*could not be found"):
        bucket.complete(upload, part)
    done = bucket.complete(upload, bare(part))
    assert (done["ChecksumType"], done["ChecksumCRC64NVME"]) == (WHOLE, checksums.compute("CRC64NVME", b"part").value)


def test_composite_checksum(bucket: Bucket) -> None:
    upload = bucket.start(ChecksumAlgorithm="CRC32")
    parts = [bucket.part(upload, body, n, ChecksumAlgorithm="CRC32") for n, body in ((1, BIG), (2, b"end"))]

    listed = bucket.call("list_parts", UploadId=upload)
    assert (listed["ChecksumAlgorithm"], listed["ChecksumType"]) == ("CRC32", "COMPOSITE")
    assert [part["ChecksumCRC32"] for part in listed["Parts"]] == [crc32(BIG), crc32(b"end")]
    with pytest.raises(ClientError, match=r"InvalidRequest.*crc32 checksum.*missing for part 1"):
        bucket.complete(upload, *map(bare, parts))
    with pytest.raises(ClientError, match="InvalidPart"):
        bucket.complete(upload, {**parts[0], "ChecksumCRC32": crc32(b"x")}, parts[1])
    with pytest.raises(ClientError, match=r"BadDigest.*sha256 you specified for part 1"):
        bucket.complete(upload, {**bare(parts[0]), "ChecksumSHA256": SHA256_OF_PART}, parts[1])
    with pytest.raises(ClientError, match=r"InvalidRequest.*COMPOSITE checksum mode"):
        bucket.complete(upload, *parts, ChecksumType=WHOLE)

    done = bucket.complete(upload, *parts)

    both = zlib.crc32(BIG).to_bytes(4, "big") + zlib.crc32(b"end").to_bytes(4, "big")
    composite = crc32(both)
    assert (done["ChecksumCRC32"], done["ChecksumType"]) == (f"{composite}-2", "COMPOSITE")
    head = bucket.call("head_object", ChecksumMode="ENABLED")
    assert head["ChecksumCRC32"] == f"{composite}-2"
    attributes = bucket.call("get_object_attributes", ObjectAttributes=["Checksum", "ObjectParts"])
    assert attributes["Checksum"] == {"ChecksumCRC32": composite, "ChecksumType": "COMPOSITE"}
    assert [part["Size"] for part in attributes["ObjectParts"]["Parts"]] == [len(BIG), 3]
    second = bucket.call("get_object", PartNumber=2, ChecksumMode="ENABLED")
    assert second["Body"].read() == b"end"
    assert second["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert second["ContentRange"] == f"bytes {len(BIG)}-{len(BIG) + 2}/{len(BIG) + 3}"
    assert (second["ChecksumCRC32"], second["PartsCount"]) == (crc32(b"end"), 2)


def test_checksum_of_the_whole_object(bucket: Bucket) -> None:
    upload = bucket.start(ChecksumAlgorithm="CRC32", ChecksumType=WHOLE)
    part = bucket.part(upload)
    right = crc32(b"part")

    with pytest.raises(ClientError, match=r"BadDigest.*crc32 you specified did not match the calculated checksum"):
        bucket.complete(upload, part, ChecksumCRC32=crc32(b"x"), ChecksumType=WHOLE)
    with pytest.raises(ClientError, match="BadDigest"):
        bucket.complete(upload, part, ChecksumCRC32=right)
    done = bucket.complete(upload, bare(part), ChecksumCRC32=right, ChecksumType=WHOLE)

    assert (done["ChecksumCRC32"], done["ChecksumType"]) == (right, WHOLE)
    attributes = bucket.call("get_object_attributes", ObjectAttributes=["Checksum", "ObjectParts"])
    assert attributes["ObjectParts"] == {"TotalPartsCount": 1}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"ChecksumType": "COMPOSITE"}, "can only be used with the x-amz-checksum-algorithm header"),
        ({"ChecksumAlgorithm": "MD4"}, r"unsupported.*\[CRC32, CRC32C, CRC64NVME, SHA1, SHA256\]"),
        ({"ChecksumAlgorithm": "SHA256", "ChecksumType": WHOLE}, "FULL_OBJECT checksum type cannot be used with"),
        ({"ChecksumAlgorithm": "CRC64NVME", "ChecksumType": "COMPOSITE"}, "COMPOSITE checksum type cannot be used"),
    ],
)
def test_wrong_checksum_of_an_upload(bucket: Bucket, options: dict[str, str], reason: str) -> None:
    """Recorded, but for the wording of the last two."""
    with pytest.raises(ClientError, match=f"InvalidRequest.*{reason}"):
        bucket.start(**options)


def test_algorithm_of_a_part_is_that_of_its_upload(bucket: Bucket) -> None:
    upload = bucket.start(ChecksumAlgorithm="SHA256")

    with pytest.raises(
        ClientError, match=r"InvalidRequest.*expected checksum Type: sha256, actual checksum Type: crc32"
    ):
        bucket.part(upload)


@pytest.mark.parametrize("operation", ["put_object", "upload_part"])
@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ({"ChecksumSHA256": "no base64"}, r"InvalidRequest.*Value for x-amz-checksum-sha256 header is invalid"),
        ({"ChecksumCRC32": "AAAAAAA="}, r"InvalidRequest.*Value for x-amz-checksum-crc32 header is invalid"),
        ({"ChecksumSHA256": SHA256_OF_PART}, r"BadDigest.*The SHA256 you specified did not match"),
        ({"ChecksumSHA256": SHA256_OF_PART, "ChecksumCRC32": "AAAAAA=="}, "Expecting a single x-amz-checksum- header"),
    ],
)
def test_checksum_of_other_data_is_refused(bucket: Bucket, operation: str, sent: dict[str, str], reason: str) -> None:
    options = {"UploadId": bucket.start(), "PartNumber": 1} if operation == "upload_part" else {}

    with pytest.raises(ClientError, match=reason):
        bucket.call(operation, Body=b"other", **sent, **options)


def test_copied_parts_have_the_checksum_of_their_upload(bucket: Bucket) -> None:
    bucket.call("put_object", Key="source", Body=b"part")
    upload, plain = bucket.start(ChecksumAlgorithm="SHA256"), bucket.start()

    def copied(upload: str) -> dict[str, Any]:
        answer = bucket.call("upload_part_copy", UploadId=upload, PartNumber=1, CopySource="reviews/source")
        result: dict[str, Any] = answer["CopyPartResult"]
        return result

    assert not [name for name in copied(plain) if name.startswith("Checksum")]
    part = copied(upload)
    assert part["ChecksumSHA256"] == SHA256_OF_PART
    with pytest.raises(ClientError, match="It was missing for part 1"):
        bucket.complete(upload, {"PartNumber": 1, "ETag": part["ETag"]})
    stated = {"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": SHA256_OF_PART}
    assert bucket.complete(upload, stated)["ChecksumSHA256"].endswith("-1")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"CopySourceRange": "0-8"}, "InvalidArgument.*must be of the form bytes=first-last"),
        ({"CopySourceRange": "bytes=1-0"}, "InvalidArgument.*must be of the form bytes=first-last"),
        ({"CopySourceRange": "bytes=1-"}, "InvalidArgument.*must be of the form bytes=first-last"),
        ({"CopySourceRange": "bytes=0-100"}, "InvalidArgument.*not valid for source object of size: 10"),
        ({"CopySourceRange": "bytes=100-200"}, "InvalidRequest.*copy range is invalid for the source object size"),
        ({"CopySourceIfMatch": "x"}, "PreconditionFailed"),
        ({"CopySource": "reviews/none"}, "NoSuchKey"),
        ({"CopySource": "reviews"}, "InvalidArgument.*Invalid copy source object key"),
        ({"PartNumber": 10_001}, "InvalidArgument.*integer between 1 and 10000"),
        ({"UploadId": "none"}, "NoSuchUpload"),
    ],
)
def test_part_that_cannot_be_copied(bucket: Bucket, options: dict[str, Any], reason: str) -> None:
    bucket.call("put_object", Key="source", Body=b"0123456789")
    parameters = {"UploadId": bucket.start(), "PartNumber": 1, "CopySource": "reviews/source", **options}

    with pytest.raises(ClientError, match=reason):
        bucket.call("upload_part_copy", **parameters)


def test_a_range_is_copied(bucket: Bucket) -> None:
    bucket.call("put_object", Key="source", Body=b"0123456789")
    upload = bucket.start()
    part = bucket.call(
        "upload_part_copy", UploadId=upload, PartNumber=1, CopySource="reviews/source", CopySourceRange="bytes=2-4"
    )["CopyPartResult"]
    bucket.complete(upload, {"PartNumber": 1, "ETag": part["ETag"]})

    assert bucket.call("get_object")["Body"].read() == b"234"


def test_what_completion_refuses(bucket: Bucket) -> None:
    upload = bucket.start()
    first, second = bucket.part(upload, b"small", 1), bucket.part(upload, b"end", 2)

    with pytest.raises(ClientError, match=r"InvalidRequest.*must specify at least one part"):
        bucket.call("complete_multipart_upload", UploadId=upload)
    with pytest.raises(ClientError, match="InvalidPartOrder"):
        bucket.complete(upload, bare(second), bare(first))
    with pytest.raises(ClientError, match="InvalidPart"):
        bucket.complete(upload, {"PartNumber": 3, "ETag": first["ETag"]})
    with pytest.raises(ClientError, match="InvalidPart"):
        bucket.complete(upload, {"PartNumber": 1, "ETag": second["ETag"]})
    with pytest.raises(ClientError, match="EntityTooSmall"):
        bucket.complete(upload, bare(first), bare(second))
    with pytest.raises(ClientError, match=r"header value 5 does not match what was computed: 3"):
        bucket.complete(upload, bare(second), MpuObjectSize=5)
    with pytest.raises(ClientError, match="NoSuchUpload"):
        bucket.complete("none", bare(first))
    bucket.complete(upload, bare(second), MpuObjectSize=3)
    assert bucket.call("get_object")["Body"].read() == b"end"


def test_conditions_of_completion(bucket: Bucket) -> None:
    upload = bucket.start()
    part = bare(bucket.part(upload))

    with pytest.raises(ClientError, match="NoSuchKey"):
        bucket.complete(upload, part, IfMatch='"x"')
    etag = bucket.call("put_object", Body=b"1")["ETag"]
    with pytest.raises(ClientError, match="PreconditionFailed"):
        bucket.complete(upload, part, IfNoneMatch="*")
    # The object is the one that is meant, but younger than the upload.
    with pytest.raises(ClientError, match="ConditionalRequestConflict") as refused:
        bucket.complete(upload, part, IfMatch=etag)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    upload = bucket.start()
    bucket.complete(upload, bare(bucket.part(upload)), IfMatch=etag)


def test_copy_of_parts_has_the_checksum_of_the_whole(bucket: Bucket) -> None:
    upload = bucket.start(ChecksumAlgorithm="SHA256")
    bucket.complete(upload, bucket.part(upload, ChecksumAlgorithm="SHA256"))

    copied = bucket.call("copy_object", Key="b", CopySource="reviews/a")["CopyObjectResult"]

    assert (copied["ChecksumSHA256"], copied["ChecksumType"]) == (SHA256_OF_PART, WHOLE)
    asked = bucket.call("copy_object", Key="c", CopySource="reviews/a", ChecksumAlgorithm="CRC32")
    assert asked["CopyObjectResult"]["ChecksumCRC32"] == crc32(b"part")


@pytest.mark.parametrize("operation", ["put_object", "create_multipart_upload"])
def test_an_object_takes_ten_tags(bucket: Bucket, operation: str) -> None:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
    bucket.call(operation, Tagging="&".join(f"key-{number}=value" for number in range(10)))
    with pytest.raises(ClientError, match="Object tags cannot be greater than 10"):
        bucket.call(operation, Tagging="&".join(f"key-{number}=value" for number in range(11)))
