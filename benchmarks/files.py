"""As much of an S3 client as the pipeline calls, on files: what is measured is the pipeline, not a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any


class FileStore:
    """Reads keys as paths, and counts and forgets what is written."""

    def __init__(self) -> None:
        self.bytes_written = 0

    def get_object(self, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - S3's name
        path = Path(Key)
        return {"Body": path.open("rb"), "ContentLength": path.stat().st_size, "ETag": '"0"'}

    def put_object(self, Body: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803 - S3's name
        self.bytes_written += len(Body)
        return {}

    def create_multipart_upload(self, **_: Any) -> dict[str, Any]:
        return {"UploadId": "0"}

    def upload_part(self, Body: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803 - S3's name
        self.bytes_written += len(Body)
        return {"ETag": '"0"'}

    def complete_multipart_upload(self, **_: Any) -> dict[str, Any]:
        return {}
