"""A function's deployment package: its size limit, and its files on disk."""

from __future__ import annotations

import io
import threading
import zipfile
from pathlib import Path

from moto.awslambda.exceptions import LambdaClientError

MAX_UNZIPPED_BYTES = 262_144_000


def check_size(code: bytes) -> None:
    """Refuse a package that Lambda would refuse.

    Raises
    ------
    LambdaClientError
        ``InvalidParameterValueException``: it is no zip file, or its files are too large together.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(code)) as package:
            size = sum(entry.file_size for entry in package.infolist())
    except zipfile.BadZipFile:
        raise LambdaClientError(
            "InvalidParameterValueException",
            "Could not unzip uploaded file. Please check your file, then try to upload again.",
        ) from None
    if size > MAX_UNZIPPED_BYTES:
        raise LambdaClientError(
            "InvalidParameterValueException", f"Unzipped size must be smaller than {MAX_UNZIPPED_BYTES} bytes"
        )


class TaskRoots:
    """Unzipped packages, one folder for each distinct zip."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def unzip(self, code: bytes, digest: str) -> Path:
        """The folder with the files of ``code``, whose SHA-256 is ``digest``, with their permissions."""
        root = self._folder / digest
        with self._lock:
            if not root.exists():
                partial = root.with_suffix(".partial")
                with zipfile.ZipFile(io.BytesIO(code)) as package:
                    for entry in package.infolist():
                        path = Path(package.extract(entry, partial))
                        mode = entry.external_attr >> 16 & 0o777
                        if mode and not entry.is_dir():
                            path.chmod(mode)
                partial.rename(root)
        return root
