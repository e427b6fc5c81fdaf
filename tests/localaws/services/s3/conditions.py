"""Conditional requests: what has to hold of an object before it is read, copied or replaced.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from moto.s3.exceptions import MissingKey, PreconditionFailed

from localaws.account.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADERS = ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since")
COPY_SOURCE = "x-amz-copy-source-"
_NOT_IMPLEMENTED = "A header you provided implies functionality that is not implemented"


def failed_read(key: Any, headers: Mapping[str, str]) -> str | None:
    """The condition because of which a reader has the object already, and gets it not again.

    Raises
    ------
    PreconditionFailed
        The object is another one.
    """
    return _check(key, headers, "")


def check_copy_source(key: Any, headers: Mapping[str, str]) -> None:
    """Refuse to copy from an object of which the request's conditions do not hold.

    Raises
    ------
    PreconditionFailed
        Names the condition.
    """
    if failed := _check(key, headers, COPY_SOURCE):
        raise PreconditionFailed(failed)


def _check(key: Any, headers: Mapping[str, str], prefix: str) -> str | None:
    """The condition for which the object counts as not modified; a match beats a time (RFC 9110, 13.2.2)."""
    match, no_match, modified, unmodified = (headers.get(prefix + name) for name in HEADERS)
    if match is not None:
        if not _is(key, match):
            raise PreconditionFailed(prefix + "If-Match")
    elif unmodified is not None and _time(key) > parsedate_to_datetime(unmodified):
        raise PreconditionFailed(prefix + "If-Unmodified-Since")
    if no_match is not None:
        return prefix + "If-None-Match" if _is(key, no_match) else None
    # A time in the future is none. Recorded for reads and copies.
    if modified is not None and _time(key) <= parsedate_to_datetime(modified) <= datetime.now(UTC):
        return prefix + "If-Modified-Since"
    return None


def _is(key: Any, etag: str) -> bool:
    return bool(key.etag.strip('"') == etag.strip('"')) or etag == "*"


def _time(key: Any) -> datetime:
    return key.last_modified.replace(microsecond=0, tzinfo=UTC)  # type: ignore[no-any-return]


def check_write(name: str, existing: Any | None, headers: Mapping[str, str]) -> None:
    """Refuse to write where the request's conditions do not hold of what is there.

    Raises
    ------
    AwsError
        ``NotImplemented``: S3 has no such condition; ``PreconditionFailed``; ``NoSuchKey``: nothing is there.
    """
    match, no_match = headers.get("If-Match"), headers.get("If-None-Match")
    if (match is not None and no_match is not None) or match == "*" or no_match not in (None, "*"):
        raise AwsError("NotImplemented", _NOT_IMPLEMENTED, 501)
    if no_match and existing is not None:
        raise PreconditionFailed("If-None-Match")
    if match is not None:
        if existing is None:
            raise MissingKey(key=name)
        if not _is(existing, match):
            raise PreconditionFailed("If-Match")


def check_delete(name: str, existing: Any | None, headers: Mapping[str, str]) -> None:
    """Refuse to delete where the request's conditions do not hold; only directory buckets know a size and a time."""
    if any(header in headers for header in ("x-amz-if-match-last-modified-time", "x-amz-if-match-size")):
        raise AwsError("NotImplemented", _NOT_IMPLEMENTED, 501)
    match = headers.get("If-Match")
    if match is not None:
        if existing is None:
            raise MissingKey(key=name)
        if not _is(existing, match):
            raise PreconditionFailed("If-Match")
