"""Deleting, and what versioning keeps of it: also where it is suspended.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectsfromVersioningSuspendedBuckets.html
"""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow
from moto.s3 import notifications
from moto.s3.exceptions import AccessDeniedByLock, InvalidVersion
from moto.s3.models import FakeDeleteMarker, FakeKey, S3Backend
from moto.s3.notifications import S3NotificationEvent
from moto.s3.responses import S3Response

from localaws.account.patches import patch
from localaws.services.s3 import conditions

_ETAG_OF_NOTHING = '"d41d8cd98f00b204e9800998ecf8427e"'
_moto_put_object = S3Backend.put_object
_moto_delete_object: Any = S3Response.delete_object


@patch(
    S3Backend,
    "put_object",
    fault="an object of a bucket whose versioning is suspended loses its versions",
    gaps=("s3/loses_versions_while_suspended",),
)
def _put_object(self: S3Backend, bucket_name: str, key_name: str, *args: Any, **options: Any) -> Any:
    bucket = self.get_bucket(bucket_name)
    kept = []
    if bucket.versioning_status == "Suspended":
        kept = [each for each in bucket.keys.getlist(key_name, []) if each.version_id != "null"]
        _keep(bucket, key_name, kept)
        # moto clears the data of all that is there.
        dict.pop(bucket.keys, key_name, None)
    key = _moto_put_object(self, bucket_name, key_name, *args, **options)
    if kept:
        bucket.keys.setlist(key_name, [*kept, key])
    return key


@patch(
    S3Response,
    "delete_object",
    fault="conditions and versions that S3 does not have are taken",
    gaps=("s3/takes_conditions_that_s3_does_not_have", "s3/deletes_versions_without_versioning"),
)
def _delete(self: S3Response) -> Any:
    name = self.parse_key_name()
    conditions.check_delete(name, self.backend.get_object(self.bucket_name, name), self.headers)
    version = self._get_param("versionId")
    if version not in (None, "null") and self.backend.get_bucket(self.bucket_name).versioning_status is None:
        raise InvalidVersion(version)
    return _moto_delete_object(self)


@patch(
    S3Backend,
    "delete_object",
    fault="a bucket whose versioning is suspended has no delete markers, nor has a key that is not there; they are not"
    " announced, nor always said to be gone",
    gaps=("s3/makes_no_marker_while_suspended", "s3/announces_no_delete_marker"),
)
def _delete_object(
    self: S3Backend, bucket_name: str, key_name: str, version_id: str | None = None, bypass: bool = False
) -> tuple[bool, dict[str, Any]]:
    bucket: Any = self.get_bucket(bucket_name)
    versions = bucket.keys.getlist(key_name, [])
    if version_id is None and bucket.versioning_status is not None:
        return True, _mark(self, bucket, key_name, versions)
    gone = [each for each in versions if version_id is None or each.version_id == version_id]
    if any(isinstance(each, FakeKey) and each.is_locked(governance_bypass=bypass) for each in gone):
        raise AccessDeniedByLock
    if gone:
        _keep(bucket, key_name, [each for each in versions if each not in gone])
        _remember(bucket, key_name)
        if isinstance(gone[-1], FakeKey):
            notifications.send_event(self.account_id, S3NotificationEvent.OBJECT_REMOVED_DELETE_EVENT, bucket, gone[-1])
    answer = {} if version_id is None else {"version-id": version_id}
    if any(isinstance(each, FakeDeleteMarker) for each in gone):
        answer["delete-marker"] = "true"
    return bool(gone), answer


def _mark(backend: S3Backend, bucket: Any, key_name: str, versions: list[Any]) -> dict[str, str]:
    """Put a delete marker on top; while versioning is suspended it takes the place of the version ``null``."""
    suspended = bucket.versioning_status == "Suspended"
    marked: Any = versions[-1] if versions else _Nothing(key_name)
    marker: Any = FakeDeleteMarker(key=marked)
    marker.size, marker.etag = 0, _ETAG_OF_NOTHING
    if suspended:
        marker._version_id = "null"
        versions = [each for each in versions if each.version_id != "null"]
    _keep(bucket, key_name, [*versions, marker])
    _remember(bucket, key_name)
    notifications.send_event(
        backend.account_id, S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT, bucket, marker
    )
    return {"version-id": marker.version_id, "delete-marker": "true"}


def _remember(bucket: Any, key_name: str) -> None:
    """Keep the time of a key's deletion, with which a conditional upload may conflict."""
    bucket.deleted = {**getattr(bucket, "deleted", {}), key_name: utcnow()}


class _Nothing:
    """What a delete marker marks where there was no object."""

    def __init__(self, name: str) -> None:
        self.name = name


def _keep(bucket: Any, key_name: str, versions: list[Any]) -> None:
    if key_name in bucket.keys:
        bucket.keys.setlist(key_name, versions)
        if not versions:
            bucket.keys.pop(key_name)
    elif versions:
        bucket.keys.setlist(key_name, versions)
