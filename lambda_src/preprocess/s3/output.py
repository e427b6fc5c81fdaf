"""Writing a run's objects so that they all appear at the end, or none does."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from .multipart import MultipartUpload

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.client import BaseClient

    from ..config import OutputPrefix
    from .multipart import Part

#: The least that S3 takes as a part, of which it takes 10,000: more than a function can write in its time.
PART_BYTES = 5 * 2**20

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"

#: Metadata of every object: who has written it, where S3 did not say which version it is.
WRITER = "writer"

#: What a bucket answers for a version's id while it keeps no versions any more.
NO_VERSION = "null"

LOGGER = logging.getLogger(__name__)


class Output(ABC):
    """An object that is made first and appears later.

    Step Functions calls a function again whose answer it misses, so two invocations may write the same keys at the
    same time: an object that is withdrawn is only ever one's own.
    """

    def __init__(self, client: BaseClient, bucket: str, key: str, content_type: str) -> None:
        self.uri = f"s3://{bucket}/{key}"
        self._client = client
        self._where = {"Bucket": bucket, "Key": key}
        self._writer = uuid4().hex
        self._described = {"ContentType": content_type, "Metadata": {WRITER: self._writer}}
        self._upload: MultipartUpload | None = None
        self._parts: list[Part] = []
        self._version: str | None = None

    @abstractmethod
    def finish(self) -> None:
        """Do all that can be done before it appears."""

    def publish(self) -> None:
        """Make it appear, after :meth:`finish`."""
        if self._upload is not None:
            self._version = self._upload.complete(self._parts).get("VersionId")
            self._upload = None

    def withdraw(self) -> None:
        """Remove what has been published, or may have been, and nothing that someone else has written since."""
        version = self._version
        if version in (None, NO_VERSION):
            # The answer got lost, or the bucket keeps no versions.
            current = self._head()
            if current.get("Metadata", {}).get(WRITER) != self._writer:
                return
            version = current.get("VersionId")
        versions = {"VersionId": version} if version else {}
        self._client.delete_object(**self._where, **versions)

    def abort(self) -> None:
        """Give it up before it has appeared."""
        if self._upload is not None:
            self._upload.abort()
            self._upload = None

    def _begin(self) -> MultipartUpload:
        self._upload = MultipartUpload(self._client, self._where, **self._described)
        return self._upload

    def _head(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self._client.head_object(**self._where)
        except ClientError as error:
            # Forbidden is what is not there, too, where the role can't list; or it may not look at what it writes.
            if error.response["Error"]["Code"] in ("403", "404"):
                return {}
            raise
        return found


class OutputObject(Output):
    """One object, written in parts that are uploaded while the next one fills: memory and ``/tmp`` stay out of it."""

    def __init__(
        self, client: BaseClient, bucket: str, key: str, content_type: str, uploads: ThreadPoolExecutor
    ) -> None:
        super().__init__(client, bucket, key, content_type)
        self.bytes = 0
        self._uploads = uploads
        self._buffer = bytearray()
        self._uploading: Future[Part] | None = None

    def write(self, data: bytes) -> None:
        """Add bytes to the end."""
        self._buffer += data
        self.bytes += len(data)
        if len(self._buffer) >= PART_BYTES:
            self._send_part()

    def finish(self) -> None:
        """Upload what is left of a large object."""
        if self._upload is not None:
            if self._buffer:
                self._send_part()
            self._wait()

    def publish(self) -> None:
        """Make the object appear, after :meth:`finish`."""
        if self._upload is None:
            response = self._client.put_object(**self._where, **self._described, Body=self._buffer)
            self._version = response.get("VersionId")
        else:
            super().publish()

    def abort(self) -> None:
        """Give up an upload that was not published."""
        if self._uploading is not None:
            self._uploading.exception()  # a part that arrives after the abort would stay, and be paid for
        super().abort()

    def _send_part(self) -> None:
        upload = self._upload or self._begin()
        self._wait()
        body, self._buffer = self._buffer, bytearray()
        self._uploading = self._uploads.submit(upload.upload_part, len(self._parts) + 1, body)

    def _wait(self) -> None:
        if self._uploading is not None:
            self._parts.append(self._uploading.result())
            self._uploading = None


class Outputs:
    """The objects of one run. Leaving the context without :meth:`publish` leaves nothing behind.

    The role needs ``s3:PutObject``, ``s3:AbortMultipartUpload`` and ``s3:DeleteObjectVersion`` under the prefix. With
    ``s3:GetObject``, an object is withdrawn as well whose publication was not answered; without, it stays, and the next
    try writes over it. In a bucket without versions, ``s3:DeleteObject`` and ``s3:GetObject`` are what withdraws.
    """

    def __init__(self, client: BaseClient, target: OutputPrefix) -> None:
        self._client = client
        self._target = target
        self._objects: list[Output] = []
        self._published: list[Output] = []
        self._uploads = ThreadPoolExecutor(2, thread_name_prefix="upload")

    def open(self, name: str, content_type: str) -> OutputObject:
        """Start the object of this name under the prefix."""
        key = self._target.prefix + name
        output = OutputObject(self._client, self._target.bucket, key, content_type, self._uploads)
        self._objects.append(output)
        return output

    def add(self, output: Output) -> None:
        """Take care of an object that is made in another way."""
        self._objects.append(output)

    def publish(self, *objects: Output) -> None:
        """Make these objects appear, in this order, once all of them are uploaded; give up the others."""
        for output in objects:
            output.finish()
        for output in objects:
            # Before the call: an answer that got lost may have been a success.
            self._published.append(output)
            try:
                output.publish()
            except ClientError as error:
                if _refused(error):
                    self._published.remove(output)
                raise
        self._published.clear()

    def __enter__(self) -> Outputs:
        return self

    def __exit__(self, *error: object) -> None:
        for output in self._objects:
            _try(output.abort, output)
        # The last one says that the others are there, so it goes first.
        for output in reversed(self._published):
            _try(output.withdraw, output)
        self._uploads.shutdown()


def _refused(error: ClientError) -> bool:
    """Tell whether S3 says that it has done nothing; after its own errors, it may have."""
    status: int = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", HTTPStatus.INTERNAL_SERVER_ERROR)
    return status < HTTPStatus.INTERNAL_SERVER_ERROR


def _try(clean_up: Callable[[], None], output: Output) -> None:
    """Clean up as far as S3 lets us: what failed first is what the caller must hear of."""
    try:
        clean_up()
    except (ClientError, BotoCoreError):
        LOGGER.exception("could not clean up %s", output.uri)
