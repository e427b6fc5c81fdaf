"""Multipart uploads: parts with their checksums, and what an upload asks of its completion.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

from __future__ import annotations

import copy
import hashlib
import re
from typing import Any
from urllib.parse import parse_qsl, quote
from xml.etree import ElementTree

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.s3.exceptions import EntityTooSmall, InvalidPartOrder, MissingKey, MissingVersion, NoSuchUpload
from moto.s3.models import FakeMultipart
from moto.s3.responses import S3Response

from localaws.account.errors import AwsError
from localaws.account.patches import patch
from localaws.services.s3 import checksums, conditions
from localaws.services.s3.checksums import Checksum
from localaws.services.s3.copying import source

_moto_key_response_post = S3Response._key_response_post
_moto_list_parts = S3Response.list_parts
_moto_list_multipart_uploads = S3Response.list_multipart_uploads

_BY_ALGORITHM = {
    "CRC64NVME": ("FULL_OBJECT",),
    "SHA1": ("COMPOSITE",),
    "SHA256": ("COMPOSITE",),
}
_INVALID_PART = (
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified "
    "entity tag may not match the part's entity tag."
)
SMALLEST_PART_BYTES = 5 * 1024**2
_RANGE = re.compile(r"bytes=(\d+)-(\d+)")

MAX_TAGS = 10


def algorithm_of(upload: FakeMultipart) -> str | None:
    """The algorithm that an upload was created with."""
    algorithm: str | None = upload.metadata.get("x-amz-checksum-algorithm")
    return algorithm


def type_of(upload: FakeMultipart) -> str | None:
    """Whether the object's checksum is that of its parts' checksums."""
    kind: str | None = upload.metadata.get("x-amz-checksum-type")
    return kind


def checksum_of(part: Any) -> Checksum | None:
    """The checksum that a part was uploaded with."""
    checksum: Checksum | None = getattr(part, "checksum", None)
    return checksum


def _find(response: S3Response) -> FakeMultipart:
    upload_id = response.querystring["uploadId"][0]
    upload: FakeMultipart | None = response.backend.get_bucket(response.bucket_name).multiparts.get(upload_id)
    # An upload is of one key.
    if upload is None or upload.key_name != response.parse_key_name():
        raise NoSuchUpload(upload_id=upload_id)
    return upload


@patch(
    S3Response,
    "_key_response_post",
    fault="checksums and conditions of a multipart upload are not checked, and it may be completed without parts",
    gaps=(
        "s3/takes_part_checksums_of_uploads_without",
        "s3/takes_any_checksum_type",
        "s3/completes_against_conditions",
    ),
)
def _key_response_post(
    self: S3Response, request: Any, body: bytes, bucket_name: str, query: dict[str, Any], key_name: str
) -> Any:
    if "uploads" in query:
        return _create(self, request, body, bucket_name, query, key_name)
    if query.get("uploadId"):
        return _complete(self, bucket_name, key_name, body)
    return _moto_key_response_post(self, request, body, bucket_name, query, key_name)


def _create(self: S3Response, request: Any, body: bytes, bucket_name: str, query: dict[str, Any], key_name: str) -> Any:
    algorithm, kind = self.headers.get("x-amz-checksum-algorithm"), self.headers.get("x-amz-checksum-type")
    if kind and not algorithm:
        raise AwsError(
            "InvalidRequest",
            "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
        )
    if algorithm and algorithm.upper() not in checksums.ALGORITHMS:
        raise AwsError(
            "InvalidRequest",
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            f"[{', '.join(checksums.ALGORITHMS)}]",
        )
    # Here as for PutObject, where moto refuses them itself.
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
    if len(parse_qsl(self.headers.get("x-amz-tagging") or "", keep_blank_values=True)) > MAX_TAGS:
        raise AwsError("BadRequest", f"Object tags cannot be greater than {MAX_TAGS}")
    types = _BY_ALGORITHM.get(str(algorithm).upper(), ("COMPOSITE", "FULL_OBJECT"))
    if kind and kind not in types:
        raise AwsError(
            "InvalidRequest",
            f"The {kind} checksum type cannot be used with the {str(algorithm).lower()} checksum algorithm.",
        )
    answering: Any = copy.copy(self)

    def serialized(answer: ActionResult) -> Any:
        result: Any = answer.result
        upload: Any = self.backend.get_bucket(bucket_name).multiparts[result["UploadId"]]
        upload.created = utcnow()
        if algorithm:
            upload.metadata["x-amz-checksum-algorithm"] = algorithm.upper()
            upload.metadata["x-amz-checksum-type"] = kind or types[0]
        stated = {"ChecksumAlgorithm": algorithm_of(upload), "ChecksumType": type_of(upload)}
        return S3Response.serialized(self, ActionResult(result | stated))

    answering.serialized = serialized
    return _moto_key_response_post(answering, request, b"", bucket_name, query, key_name)


@patch(
    S3Response,
    "upload_part",
    fault="a part's checksum is not checked, nor kept",
    gaps=("s3/checks_no_checksum", "s3/forgets_the_checksums_of_parts"),
)
def _upload_part(self: S3Response) -> Any:
    upload, number = _find(self), _part_number(self)
    checksum = checksums.of_upload(self)
    algorithm = algorithm_of(upload)
    if algorithm and (checksum is None or checksum.algorithm != algorithm):
        if checksum is not None or type_of(upload) == "COMPOSITE":
            actual = checksum.algorithm.lower() if checksum else "null"
            raise AwsError(
                "InvalidRequest",
                f"Checksum Type mismatch occurred, expected checksum Type: {algorithm.lower()}, "
                f"actual checksum Type: {actual}",
            )
        checksum = checksums.compute(algorithm, self.body or b"")
    part: Any = self.backend.upload_part(self.bucket_name, upload.id, number, self.body or b"")
    part.checksum = checksum
    headers = {**self._get_cors_headers_other(), **part.response_dict, "content-length": "0"}
    if checksum is not None:
        headers[checksum.header] = checksum.value
    return 200, headers, ""


def _part_number(response: S3Response) -> int:
    number = response.querystring["partNumber"][0]
    if not re.fullmatch(r"\d{1,5}", number) or not 1 <= int(number) <= 10_000:
        raise AwsError("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
    return int(number)


@patch(
    S3Response,
    "upload_part_copy",
    fault="conditions and ranges of a copied part are not checked, and it has no checksum",
    gaps=("s3/copies_parts_against_conditions", "s3/copies_any_range", "s3/forgets_the_checksums_of_parts"),
)
def _upload_part_copy(self: S3Response) -> Any:
    upload, number = _find(self), _part_number(self)
    bucket, name, version = source(self)
    original = self.backend.get_object(bucket, name, version_id=version)
    if original is None:
        raise MissingVersion() if version else MissingKey(key=name)
    conditions.check_copy_source(original, self.headers)
    start, end = _range(self.headers.get("x-amz-copy-source-range"), original.size)
    part: Any = self.backend.upload_part_copy(
        self.bucket_name,
        upload.id,
        number,
        src_bucket_name=bucket,
        src_key_name=name,
        src_version_id=version,
        start_byte=start,  # type: ignore[arg-type]
        end_byte=end,  # type: ignore[arg-type]
    )
    algorithm = algorithm_of(upload)
    part.checksum = checksums.compute(algorithm, part.value) if algorithm else None
    result = {"LastModified": part.last_modified_ISO8601, "ETag": part.etag}
    if part.checksum is not None:
        result[part.checksum.field] = part.checksum.value
    self.data["Action"] = "UploadPartCopy"
    answer = {"CopyPartResult": result, "CopySourceVersionId": original.version_id if version else None}
    status, headers, body = self.serialized(ActionResult(answer))
    headers.update({**self._get_cors_headers_other(), **part.response_dict, "content-length": str(len(body))})
    return status, headers, body


def _range(text: str | None, size: int) -> tuple[int | None, int | None]:
    if text is None:
        return None, None
    match = _RANGE.fullmatch(text)
    if match is None or int(match[1]) > int(match[2]):
        raise AwsError(
            "InvalidArgument",
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
            "zero-based offsets of the first and last bytes to copy",
        )
    start, end = int(match[1]), int(match[2])
    if start >= size:
        raise AwsError("InvalidRequest", "The specified copy range is invalid for the source object size")
    if end >= size:
        raise AwsError("InvalidArgument", f"Range specified is not valid for source object of size: {size}")
    return start, end


def _complete(self: S3Response, bucket_name: str, key_name: str, body: bytes) -> Any:
    existing = self.backend.get_object(bucket_name, key_name)
    upload_id = self.querystring["uploadId"][0]
    if existing is not None and existing.multipart and existing.multipart.id == upload_id:
        return _completed(self, existing)  # To complete it again changes nothing.
    upload = _find(self)
    parts = _stated_parts(body)
    conditions.check_write(key_name, existing, self.headers)
    _check_for_conflict(self, upload, existing, key_name)
    _check_parts(upload, parts)
    _check_type(upload, self.headers.get("x-amz-checksum-type"))
    _check_part_checksums(upload, parts)
    size = sum(upload.parts[number].size for number, _, _ in parts)
    stated_size = self.headers.get("x-amz-mp-object-size")
    if stated_size is not None and int(stated_size) != size:
        raise AwsError(
            "InvalidRequest",
            f"The provided 'x-amz-mp-object-size' header value {stated_size} does not match what was computed: {size}",
        )
    _check_object_checksum(self, upload, parts)
    key: Any = self.backend.complete_multipart_upload(
        bucket_name, upload.id, iter([(number, etag) for number, etag, _ in parts])
    )
    key.checksum_algorithm = algorithm_of(upload) or checksums.DEFAULT
    for name in ("x-amz-checksum-algorithm", "x-amz-checksum-type"):
        key.metadata.pop(name, None)
    upload.partlist = [number for number, _, _ in parts]
    return _completed(self, key)


def _stated_parts(body: bytes) -> list[tuple[int, str, list[Checksum]]]:
    """Number, etag and checksums of each part in a request."""
    try:
        root = ElementTree.fromstring(body) if body else None
    except ElementTree.ParseError:
        raise AwsError(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema",
        ) from None
    parts = []
    for element in root.iter() if root is not None else ():
        if element.tag.rpartition("}")[2] == "Part":
            fields = {child.tag.rpartition("}")[2]: child.text or "" for child in element}
            stated = [
                Checksum(name, fields[f"Checksum{name}"])
                for name in checksums.ALGORITHMS
                if f"Checksum{name}" in fields
            ]
            parts.append((int(fields["PartNumber"]), fields.get("ETag", "").strip('"'), stated))
    if not parts:
        raise AwsError("InvalidRequest", "You must specify at least one part")
    return parts


def _check_for_conflict(self: S3Response, upload: Any, existing: Any, key_name: str) -> None:
    """Refuse a conditional completion where the key was written or deleted since the upload began."""
    if "If-Match" not in self.headers and "If-None-Match" not in self.headers:
        return
    deleted = getattr(self.backend.get_bucket(self.bucket_name), "deleted", {}).get(key_name)
    times = [time for time in (deleted, existing and existing.last_modified) if time is not None]
    if any(time > upload.created for time in times):
        raise AwsError(
            "ConditionalRequestConflict",
            "The conditional request cannot succeed due to a conflicting operation against this resource.",
            409,
        )


def _check_parts(upload: FakeMultipart, parts: list[tuple[int, str, list[Checksum]]]) -> None:
    numbers = [number for number, _, _ in parts]
    if numbers != sorted(set(numbers)):
        raise InvalidPartOrder()
    for number, etag, _ in parts:
        if number not in upload.parts or upload.parts[number].etag.strip('"') != etag:
            raise AwsError("InvalidPart", _INVALID_PART)
    if any(upload.parts[number].contentsize < SMALLEST_PART_BYTES for number in numbers[:-1]):
        raise EntityTooSmall()


def _check_type(upload: FakeMultipart, kind: str | None) -> None:
    if kind and type_of(upload) and kind != type_of(upload):
        raise AwsError(
            "InvalidRequest",
            f"The upload was created using the {type_of(upload)} checksum mode. "
            "The complete request must use the same checksum mode.",
        )


def _check_part_checksums(upload: FakeMultipart, parts: list[tuple[int, str, list[Checksum]]]) -> None:
    algorithm = algorithm_of(upload)
    for number, _, stated in parts:
        known = checksum_of(upload.parts[number])
        for checksum in stated:
            if algorithm is None or (checksum.algorithm == algorithm and checksum != known):
                raise AwsError("InvalidPart", _INVALID_PART)
            if checksum.algorithm != algorithm:
                raise AwsError(
                    "BadDigest",
                    f"The {checksum.algorithm.lower()} you specified for part {number} did not match what we received.",
                )
        if not stated and algorithm and type_of(upload) == "COMPOSITE":
            raise AwsError(
                "InvalidRequest",
                f"The upload was created using a {algorithm.lower()} checksum. The complete request must include the "
                f"checksum for each part. It was missing for part {number} in the request.",
            )


def _check_object_checksum(
    self: S3Response, upload: FakeMultipart, parts: list[tuple[int, str, list[Checksum]]]
) -> None:
    stated = checksums.in_headers(self.headers)
    if not stated:
        return
    algorithm = algorithm_of(upload) or checksums.DEFAULT
    kind, value = _whole(upload, [upload.parts[number].value for number, _, _ in parts])
    if kind == "COMPOSITE":
        value = f"{value}-{len(parts)}"
    # Recorded: the right checksum of the whole object is wrong where the request does not name its type.
    named = self.headers.get("x-amz-checksum-type") == "FULL_OBJECT" or kind == "COMPOSITE"
    if stated != [Checksum(algorithm, value)] or not named:
        raise AwsError("BadDigest", f"The {algorithm.lower()} you specified did not match the calculated checksum.")


def _whole(upload: FakeMultipart, values: list[bytes]) -> tuple[str, str]:
    """Type and value of an object's checksum, without the number of parts."""
    algorithm, kind = algorithm_of(upload) or checksums.DEFAULT, type_of(upload) or "FULL_OBJECT"
    if kind == "COMPOSITE":
        return kind, checksums.compute_composite(algorithm, values).value
    return kind, checksums.compute(algorithm, b"".join(values)).value


@patch(
    FakeMultipart,
    "complete",
    fault="CRC32C is answered with a CRC32",
    gaps=("s3/computes_another_checksum",),
)
def _complete_parts(self: FakeMultipart, body: Any) -> tuple[bytes, str, tuple[str, str, int]]:
    parts = [self.parts[number] for number, _ in body]
    values = [part.value for part in parts]
    digest = hashlib.md5(b"".join(bytes.fromhex(part.etag.strip('"')) for part in parts), usedforsecurity=False)
    kind, value = _whole(self, values)
    return b"".join(values), f"{digest.hexdigest()}-{len(parts)}", (kind, value, len(parts))


def _completed(self: S3Response, key: Any) -> Any:
    value = f"{key.checksum_value}-{key.checksum_parts}" if key.checksum_type == "COMPOSITE" else key.checksum_value
    self.data["Action"] = "CompleteMultipartUpload"
    answer = {
        "Location": f"https://{self.bucket_name}.s3.{self.region}.amazonaws.com/{quote(key.name, safe='')}",
        "Bucket": self.bucket_name,
        "Key": key.name,
        "ETag": key.etag,
        f"Checksum{key.checksum_algorithm}": value,
        "ChecksumType": key.checksum_type,
        "VersionId": key.version_id if key.version_id != "null" else None,
        "ServerSideEncryption": key.encryption,
        "SSEKMSKeyId": key.kms_key_id,
    }
    return self.serialized(ActionResult({name: value for name, value in answer.items() if value is not None}))


@patch(
    S3Response,
    "list_parts",
    fault="the checksums of parts are not listed",
    gaps=("s3/forgets_the_checksums_of_parts",),
)
def _list_parts(self: S3Response) -> Any:
    upload = _find(self)
    answering: Any = copy.copy(self)

    def serialized(answer: ActionResult) -> Any:
        result: Any = answer.result
        for listed in result["Parts"]:
            # Of an upload without an algorithm S3 lists none.
            checksum = checksum_of(upload.parts[listed["PartNumber"]]) if algorithm_of(upload) else None
            if checksum is not None:
                listed[checksum.field] = checksum.value
        stated = {"ChecksumAlgorithm": algorithm_of(upload), "ChecksumType": type_of(upload)}
        return self.serialized(ActionResult(result | stated))

    answering.serialized = serialized
    return _moto_list_parts(answering)


@patch(
    S3Response,
    "list_multipart_uploads",
    fault="the last upload listed is not named, and any encoding is taken",
    gaps=("s3/lists_uploads_otherwise",),
)
def _list_multipart_uploads(self: S3Response) -> Any:
    encoding = self.querystring.get("encoding-type", ["url"])[0]
    if encoding != "url":
        raise AwsError("InvalidArgument", "Invalid Encoding Method specified in Request")
    answering: Any = copy.copy(self)

    def serialized(answer: ActionResult) -> Any:
        result: Any = answer.result
        listed = result.get("Uploads") or []
        last = listed[-1] if listed else {"Key": "", "UploadId": ""}
        markers = {"NextKeyMarker": last["Key"], "NextUploadIdMarker": last["UploadId"]}
        return self.serialized(ActionResult(result | markers))

    answering.serialized = serialized
    return _moto_list_multipart_uploads(answering)
