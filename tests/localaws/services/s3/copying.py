"""Where a copy comes from."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote

from localaws.account.errors import AwsError


def source(response: Any) -> tuple[str, str, str | None]:
    """Bucket, key and version that a request of moto's ``S3Response`` copies from.

    Raises
    ------
    AwsError
        ``InvalidArgument``: no key is named.
    """
    path, _, query = str(response.headers["x-amz-copy-source"]).partition("?")
    bucket, slash, key = unquote(path).removeprefix("/").partition("/")
    if not slash or not key:
        raise AwsError("InvalidArgument", "Invalid copy source object key")
    return bucket, key, parse_qs(query).get("versionId", [None])[0]
