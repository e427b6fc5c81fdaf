"""Objects: their checksums and parts as S3 tells of them, and the conditions of requests.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

from __future__ import annotations

import copy
from typing import Any

from moto.core.responses import ActionResult
from moto.s3.exceptions import MissingKey, MissingVersion, PreconditionFailed
from moto.s3.responses import S3Response

from localaws.account.patches import patch
from localaws.services.s3 import checksums, conditions
from localaws.services.s3.checksums import Checksum
from localaws.services.s3.copying import source
from localaws.services.s3.multipart import checksum_of

_moto_put_object = S3Response.put_object
_moto_get_object = S3Response.get_object
_moto_get_key = S3Response._get_key
_moto_head_object = S3Response.head_object
_moto_get_object_attributes = S3Response.get_object_attributes
_moto_copy_object = S3Response.copy_object


@patch(
    S3Response,
    "_get_checksum",
    fault="a checksum is not compared with the data, and missing where none is sent",
    gaps=("s3/checks_no_checksum", "s3/has_no_default_checksum"),
)
def _get_checksum(self: S3Response, response_headers: dict[str, Any]) -> tuple[str, str]:
    checksum = checksums.of_upload(self)
    if checksum is None:
        algorithm = self.headers.get("x-amz-sdk-checksum-algorithm") or checksums.DEFAULT
        checksum = checksums.compute(algorithm.upper(), self.body or b"")
    response_headers[checksum.header] = checksum.value
    return checksum.algorithm, checksum.value


@patch(
    S3Response,
    "put_object",
    fault="conditions that S3 does not have are taken, and a checksum has no type",
    gaps=("s3/takes_conditions_that_s3_does_not_have", "s3/has_no_default_checksum"),
)
def _put_object(self: S3Response) -> Any:
    name = self.parse_key_name()
    conditions.check_write(name, self.backend.get_object(self.bucket_name, name), self.headers)
    status, headers, body = _moto_put_object(self)
    key: Any = self.backend.get_object(self.bucket_name, name)
    key.checksum_type = "FULL_OBJECT"
    return status, {**headers, "x-amz-checksum-type": "FULL_OBJECT"}, body


class _Unconditional(dict[str, str]):
    """A request's headers without its conditions; names have no case."""

    def __init__(self, headers: Any) -> None:
        conditional = {name.lower() for name in conditions.HEADERS}
        super().__init__({name.lower(): value for name, value in headers.items() if name.lower() not in conditional})

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())


@patch(
    S3Response,
    "_get_key",
    fault="a time in the future counts as one, and a time beside an etag too",
    gaps=("s3/takes_times_in_the_future",),
)
def _get_key(self: S3Response, validate_storage_class: bool = True) -> tuple[Any, bool]:
    asking: Any = copy.copy(self)
    asking.headers = _Unconditional(self.headers)
    key, _ = _moto_get_key(asking, validate_storage_class)
    return key, _not_modified(key, self.headers)


def _not_modified(key: Any, headers: Any) -> bool:
    return conditions.failed_read(key, headers) is not None


@patch(
    S3Response,
    "get_object",
    fault="a part of an object is the whole of it, and so is its checksum",
    gaps=("s3/reads_all_for_a_part",),
)
def _get_object(self: S3Response) -> Any:
    status, headers, body = _moto_get_object(self)
    if status == 304:
        return status, headers, body
    key, _ = self._get_key()
    number = self._get_int_param("partNumber")
    _describe(key, headers, self.headers, number)
    if key.multipart and number:
        first, last = _part_range(key, number)
        return 206, headers, key.value[first : last + 1]
    return status, headers, body


@patch(
    S3Response,
    "head_object",
    fault="a time in the future counts as one, and parts and checksums are described wrongly",
    gaps=("s3/takes_times_in_the_future", "s3/reads_all_for_a_part"),
)
def _head_object(
    self: S3Response, bucket_name: str, query: dict[str, Any], key_name: str, headers: dict[str, Any]
) -> Any:
    number = int(query["partNumber"][0]) if query.get("partNumber") else None
    asked = _Unconditional(headers)
    whole = {name: value for name, value in query.items() if name != "partNumber"}
    status, answer, body = _moto_head_object(self, bucket_name, whole, key_name, asked)
    if status != 200:
        return status, answer, body
    key: Any = self.backend.head_object(bucket_name, key_name, version_id=query.get("versionId", [None])[0])
    try:
        if _not_modified(key, headers):
            return 304, answer, "Not Modified"
    except PreconditionFailed:
        return 412, answer, ""
    if number and not key.multipart:
        return _moto_head_object(self, bucket_name, query, key_name, asked)
    _describe(key, answer, headers, number)
    return 206 if number else 200, answer, body


def _describe(key: Any, answer: dict[str, Any], headers: Any, number: int | None) -> None:
    """Tell of an object's checksum and of one of its parts in a response's headers."""
    for name in [name for name in answer if name.lower().startswith("x-amz-checksum-")]:
        del answer[name]
    checksum = _stated(key)
    if key.multipart and number:
        first, last = _part_range(key, number)
        answer["content-range"] = f"bytes {first}-{last}/{key.size}"
        answer["content-length"] = str(last - first + 1)
        answer["x-amz-mp-parts-count"] = str(len(key.multipart.partlist))
        if key.checksum_type == "COMPOSITE":
            checksum = checksum_of(key.multipart.parts[number])
        elif len(key.multipart.partlist) > 1:
            checksum = None
    if checksum is not None and str(headers.get("x-amz-checksum-mode")).upper() == "ENABLED":
        answer[checksum.header] = checksum.value
        answer["x-amz-checksum-type"] = key.checksum_type


def _stated(key: Any) -> Checksum | None:
    if not key.checksum_algorithm or not key.checksum_value:
        return None
    value = f"{key.checksum_value}-{key.checksum_parts}" if key.checksum_type == "COMPOSITE" else key.checksum_value
    return Checksum(key.checksum_algorithm, value)


def _part_range(key: Any, number: int) -> tuple[int, int]:
    sizes = [(each, key.multipart.parts[each].size) for each in key.multipart.partlist]
    first = sum(size for each, size in sizes if each < number)
    return first, first + dict(sizes)[number] - 1


@patch(
    S3Response,
    "get_object_attributes",
    fault="the parts of an object are left out",
    gaps=("s3/reads_all_for_a_part",),
)
def _get_object_attributes(self: S3Response) -> Any:
    key, _ = self._get_key(validate_storage_class=False)
    attributes = [name.strip() for name in self.headers.get("x-amz-object-attributes", "").split(",")]
    answering: Any = copy.copy(self)

    def serialized(answer: ActionResult) -> Any:
        result: Any = answer.result
        if "ObjectParts" in attributes and key.multipart:
            result["ObjectParts"] = _parts(key)
        return self.serialized(ActionResult(result))

    answering.serialized = serialized
    return _moto_get_object_attributes(answering)


def _parts(key: Any) -> dict[str, Any]:
    numbers = key.multipart.partlist
    described: dict[str, Any] = {"TotalPartsCount": len(numbers)}
    # Only where they have checksums of their own S3 lists the parts.
    if key.checksum_type == "COMPOSITE":
        parts = []
        for number in numbers:
            part = key.multipart.parts[number]
            checksum = checksum_of(part)
            stated = {checksum.field: checksum.value} if checksum else {}
            parts.append({"PartNumber": number, "Size": part.size, **stated})
        described |= {
            "IsTruncated": False,
            "MaxParts": 1000,
            "NextPartNumberMarker": numbers[-1],
            "PartNumberMarker": 0,
            "Parts": parts,
        }
    return described


@patch(
    S3Response,
    "copy_object",
    fault="conditions are not checked, and the checksum is that of the parts",
    gaps=("s3/copies_against_conditions", "s3/copies_the_checksum_of_parts"),
)
def _copy_object(self: S3Response) -> Any:
    bucket, name, version = source(self)
    original: Any = self.backend.get_object(bucket, name, version_id=version)
    if original is None:
        raise MissingVersion() if version else MissingKey(key=name)
    conditions.check_copy_source(original, self.headers)
    target = self.parse_key_name()
    conditions.check_write(target, self.backend.get_object(self.bucket_name, target), self.headers)
    algorithm = self.headers.get("x-amz-checksum-algorithm") or original.checksum_algorithm or checksums.DEFAULT
    answering: Any = copy.copy(self)

    def serialized(answer: ActionResult) -> Any:
        key: Any = self.backend.get_object(self.bucket_name, target)
        checksum = checksums.compute(algorithm.upper(), key.value)
        key.checksum_algorithm, key.checksum_value = checksum.algorithm, checksum.value
        key.checksum_type, key.checksum_parts, key.multipart = "FULL_OBJECT", None, None
        described = {"ETag": key.etag, "LastModified": key.last_modified_ISO8601}
        described |= {checksum.field: checksum.value, "ChecksumType": "FULL_OBJECT"}
        return self.serialized(ActionResult({"CopyObjectResult": described}))

    answering.serialized = serialized
    return _moto_copy_object(answering)
