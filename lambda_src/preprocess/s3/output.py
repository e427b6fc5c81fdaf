"""Writing a run's objects so that they all appear at the end, or none does."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from botocore.client import BaseClient

    from ..config import OutputPrefix

#: The least that S3 takes as a part, of which it takes 10,000: more than a function can write in its time.
PART_BYTES = 5 * 2**20

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"

LOGGER = logging.getLogger(__name__)


class Output(Protocol):
    """An object that is made first and appears later."""

    @property
    def uri(self) -> str: ...

    def finish(self) -> None:
        """Do all that can be done before it appears."""

    def publish(self) -> None:
        """Make it appear."""

    def withdraw(self) -> None:
        """Remove it after it has appeared."""

    def abort(self) -> None:
        """Give it up before it has appeared."""


class OutputObject:
    """One object, written in parts that are uploaded while the next one fills: memory and ``/tmp`` stay out of it."""

    def __init__(
        self, client: BaseClient, bucket: str, key: str, content_type: str, uploads: ThreadPoolExecutor
    ) -> None:
        self.uri = f"s3://{bucket}/{key}"
        self.bytes = 0
        self._client = client
        self._where = {"Bucket": bucket, "Key": key}
        self._content_type = content_type
        self._uploads = uploads
        self._buffer = bytearray()
        self._upload_id: str | None = None
        self._parts: list[dict[str, Any]] = []
        self._uploading: Future[dict[str, Any]] | None = None

    def write(self, data: bytes) -> None:
        """Add bytes to the end."""
        self._buffer += data
        self.bytes += len(data)
        if len(self._buffer) >= PART_BYTES:
            self._send_part()

    def finish(self) -> None:
        """Upload what is left of a large object."""
        if self._upload_id is not None:
            if self._buffer:
                self._send_part()
            self._wait()

    def publish(self) -> None:
        """Make the object appear, after :meth:`finish`."""
        if self._upload_id is None:
            self._client.put_object(**self._where, Body=self._buffer, ContentType=self._content_type)
        else:
            self._client.complete_multipart_upload(
                **self._where, UploadId=self._upload_id, MultipartUpload={"Parts": self._parts}
            )
            self._upload_id = None

    def withdraw(self) -> None:
        """Remove the published object."""
        self._client.delete_object(**self._where)

    def abort(self) -> None:
        """Give up an upload that was not published."""
        if self._uploading is not None:
            self._uploading.exception()  # a part that arrives after the abort would stay, and be paid for
        if self._upload_id is not None:
            self._client.abort_multipart_upload(**self._where, UploadId=self._upload_id)
            self._upload_id = None

    def _send_part(self) -> None:
        if self._upload_id is None:
            response = self._client.create_multipart_upload(**self._where, ContentType=self._content_type)
            self._upload_id = response["UploadId"]
        self._wait()
        body, self._buffer = self._buffer, bytearray()
        self._uploading = self._uploads.submit(self._upload_part, len(self._parts) + 1, body)

    def _wait(self) -> None:
        if self._uploading is not None:
            self._parts.append(self._uploading.result())
            self._uploading = None

    def _upload_part(self, number: int, body: bytearray) -> dict[str, Any]:
        response = self._client.upload_part(**self._where, UploadId=self._upload_id, PartNumber=number, Body=body)
        # Newer SDKs add a checksum to each part by default, and then completing must repeat it.
        checksums = {name: value for name, value in response.items() if name == "ChecksumCRC32"}
        return {"PartNumber": number, "ETag": response["ETag"], **checksums}


class Outputs:
    """The objects of one run. Leaving the context without :meth:`publish` leaves nothing behind.

    The role needs ``s3:PutObject``, ``s3:AbortMultipartUpload`` and ``s3:DeleteObject`` under the prefix.
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
            output.publish()
        self._published.clear()

    def __enter__(self) -> Outputs:
        return self

    def __exit__(self, *error: object) -> None:
        for output in self._objects:
            _try(output.abort, output)
        for output in self._published:
            _try(output.withdraw, output)
        self._uploads.shutdown()


def _try(clean_up: Any, output: Output) -> None:
    """Clean up as far as S3 lets us: what failed first is what the caller must hear of."""
    try:
        clean_up()
    except (ClientError, BotoCoreError):
        LOGGER.exception("could not clean up %s", output.uri)
