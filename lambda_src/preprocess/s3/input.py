"""Reading one S3 object as a stream that survives broken connections and never mixes two versions."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError

from ..errors import InvalidInputError

if TYPE_CHECKING:
    from botocore.client import BaseClient

    from ..config import InputObject

#: Times that a broken download is taken up again.
MAX_RESUMPTIONS = 8

BROKEN = (HTTPClientError, IncompleteReadError, ConnectionError)

GONE = {
    "NoSuchKey": "it was deleted after its event, or never existed",
    "NoSuchVersion": "this version of it was deleted after its event",
    "MethodNotAllowed": "this version of it is a delete marker",
    "PreconditionFailed": "it was overwritten after its event: the newer upload starts a run of its own",
    "InvalidObjectState": "it is archived: restore it, and upload or start the run again",
}


class S3Object(io.RawIOBase):
    """The bytes of one object, from start to end.

    Parameters
    ----------
    client
        S3 client. Its role needs ``s3:GetObject``, and with a version id ``s3:GetObjectVersion``.
    source
        What to read. The version named, or else only what has the ETag named.

    Raises
    ------
    InvalidInputError
        The object is gone, or is another one by now.

    Attributes
    ----------
    etag, version_id, size
        Of what is read.
    position
        Bytes read so far.
    """

    def __init__(self, client: BaseClient, source: InputObject) -> None:
        self._client = client
        self._object = {"Bucket": source.bucket, "Key": source.key}
        condition = {}
        if source.version_id:
            self._object["VersionId"] = source.version_id
        elif source.etag:
            condition["IfMatch"] = _quoted(source.etag)
        response = self._get(**condition)
        self._body = response["Body"]
        self.position = 0
        self._resumptions = 0
        self.etag: str = response["ETag"].strip('"')
        self.version_id: str | None = response.get("VersionId", source.version_id)
        self.size: int = response["ContentLength"]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            try:
                data = self._body.read(len(buffer))
                if not data and self.position < self.size:
                    raise ConnectionError(f"the download of {self.size:,} bytes ended after {self.position:,}")
            except BROKEN as error:
                self._resume(error)
                continue
            buffer[: len(data)] = data
            self.position += len(data)
            return len(data)

    def close(self) -> None:
        if not self.closed:
            self._body.close()
        super().close()

    def _get(self, **conditions: str) -> Any:
        try:
            return self._client.get_object(**self._object, **conditions)
        except ClientError as error:
            reason = GONE.get(error.response["Error"]["Code"])
            if reason is None:
                raise
            raise InvalidInputError(reason) from None

    def _resume(self, cause: Exception) -> None:
        """Go on where the connection broke, in the same object."""
        self._body.close()
        while self._resumptions < MAX_RESUMPTIONS:
            time.sleep(0.1 * 2**self._resumptions)
            self._resumptions += 1
            try:
                self._body = self._get(Range=f"bytes={self.position}-", IfMatch=_quoted(self.etag))["Body"]
                return
            except BROKEN as error:
                cause = error
        raise cause


def _quoted(etag: str) -> str:
    return etag if etag.startswith('"') else f'"{etag}"'
