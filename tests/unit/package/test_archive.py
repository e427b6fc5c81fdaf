from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from builder import archive
from builder.messages import BuildError


def test_trim(tmp_path: Path) -> None:
    kept = [
        "pandas/core/frame.py",
        "pandas/_libs/lib.so",
        "pandas-3.dist-info/METADATA",
        "pandas-3.dist-info/licenses/LICENSE",
        "numpy-2.dist-info/LICENSE.txt",
        "numpy.libs/libopenblas.so",
    ]
    gone = [
        "pandas/tests/test_frame.py",
        "pandas/core/__pycache__/frame.pyc",
        "pandas/core/frame.pyi",
        "numpy/_core/include/numpy/ndarrayobject.h",
        "bin/f2py",
        "pandas-3.dist-info/RECORD",
        "pandas-3.dist-info/direct_url.json",
    ]
    for name in kept + gone:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    archive.trim(tmp_path)

    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()) == sorted(kept)


def test_a_zip_depends_on_nothing_but_its_content(tmp_path: Path) -> None:
    digests = set()
    for turn in range(2):
        tree = tmp_path / f"tree{turn}"
        names = ["b/x.py", "a.so", "c.gz"]
        for name in names[:: 1 if turn else -1]:
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_text(name * 1000)
            (tree / name).chmod(0o600 if turn else 0o777)
            os.utime(tree / name, (turn * 10**9, turn * 10**9))
        assert archive.write_zip(tree, tmp_path / "out" / "p.zip") == sum(len(name) * 1000 for name in names)
        digests.add(hashlib.sha256((tmp_path / "out" / "p.zip").read_bytes()).hexdigest())
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["p.zip"]

    assert len(digests) == 1
    with zipfile.ZipFile(tmp_path / "out" / "p.zip") as zipped:
        assert zipped.namelist() == ["a.so", "b/x.py", "c.gz"]
        assert [oct(entry.external_attr >> 16) for entry in zipped.infolist()] == ["0o755", "0o644", "0o644"]


def test_a_package_too_large_for_lambda(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_UNZIPPED_BYTES", 10)
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "x").write_bytes(b"x" * 11)

    with pytest.raises(BuildError, match="the package has 11 bytes unzipped and Lambda takes 10"):
        archive.write_zip(tmp_path / "tree", tmp_path / "p.zip")
    assert not (tmp_path / "p.zip").exists()


def test_a_package_is_known_by_what_lambda_calls_its_code_sha_256(tmp_path: Path) -> None:
    (tmp_path / "p.zip").write_bytes(b"")

    assert archive.source_code_hash(tmp_path / "p.zip") == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
