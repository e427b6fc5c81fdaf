from __future__ import annotations

import base64
import hashlib
import io
import os
import zipfile
from pathlib import Path

import pytest


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a wheel in it, which only the user's settings name."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    source = b"answer = 42\n"
    digest = base64.urlsafe_b64encode(hashlib.sha256(source).digest()).rstrip(b"=").decode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as wheel:
        wheel.writestr("deep.py", source)
        wheel.writestr("deep-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: deep\nVersion: 1\n")
        wheel.writestr("deep-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("deep-1.dist-info/RECORD", f"deep.py,sha256={digest},{len(source)}\n")
    (folder / "deep-1-py3-none-any.whl").write_bytes(buffer.getvalue())
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return folder
