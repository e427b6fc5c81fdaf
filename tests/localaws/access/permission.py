"""One permission, and the names that permissions are given on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from moto.utilities.utils import get_partition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localaws.account.calls import Call


@dataclass(frozen=True)
class Permission:
    """One action on one resource, with the condition keys that only this service sets."""

    action: str
    resource: str
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


class Names:
    """ARNs in the caller's account and region."""

    def __init__(self, region: str, account: str) -> None:
        self.region = region
        self.account = account
        self.partition = get_partition(region)

    def arn(self, service: str, resource: str) -> str:
        """ARN of a resource that has a region and an account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def s3(self, bucket: str, key: str | None = None) -> str:
        """ARN of a bucket or an object."""
        return f"arn:{self.partition}:s3:::{bucket}" + ("" if key is None else f"/{key}")


def copy_source(call: Call) -> tuple[str, str, str | None]:
    """Bucket, key and version of a copy's source."""
    source, _, version = call.parameters["CopySource"].partition("?versionId=")
    bucket, _, key = unquote(source).lstrip("/").partition("/")
    return bucket, key, version or None
