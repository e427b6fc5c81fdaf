from __future__ import annotations

import hashlib
import re
import sys
import zipfile
from pathlib import Path

import pytest

from builder import libraries, runtimes
from builder.messages import BuildError

LOCK = """\
numpy==1.0 ; python_full_version < '3.13' \\
    --hash=sha256:aa \\
    --hash=sha256:ab
    # via pandas
numpy==2.0 ; python_full_version >= '3.13' \\
    --hash=sha256:bb
six==1.0 \\
    --hash=sha256:cc
tzdata==1.0 ; sys_platform == 'emscripten' or sys_platform == 'win32' \\
    --hash=sha256:dd
uname==1.0 ; platform_machine == 'aarch64' \\
    --hash=sha256:ee
"""
HASHES = {"numpy==1.0": 2, "numpy==2.0": 1, "six==1.0": 1, "uname==1.0": 1}


@pytest.mark.parametrize(
    ("version", "architecture", "names"),
    [
        ("3.12", "x86_64", ["numpy==1.0", "six==1.0"]),
        ("3.13", "x86_64", ["numpy==2.0", "six==1.0"]),
        ("3.12", "arm64", ["numpy==1.0", "six==1.0", "uname==1.0"]),
    ],
)
def test_markers_are_judged_for_lambda_not_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, architecture: str, names: list[str]
) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text(LOCK, encoding="utf-8")
    monkeypatch.setattr(libraries, "REQUIREMENTS", lock)
    needed = libraries.requirements_for(version, architecture).splitlines()

    assert [line.split(" ")[0] for line in needed if "==" in line] == names
    assert not [line for line in needed if ";" in line]
    assert sum("--hash" in line for line in needed) == sum(HASHES[name] for name in names)


def test_pip_is_told_everything_about_lambda(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls = []
    monkeypatch.setattr(libraries, "pip", lambda *arguments: calls.append(arguments))

    libraries.install(tmp_path, "python3.12", "arm64")
    libraries.install(tmp_path, "python3.11", "x86_64")

    for option in (
        "--only-binary=:all:",
        "--no-deps",
        "--require-hashes",
        "--python-version=3.12",
        "--implementation=cp",
    ):
        assert option in calls[0]
    assert "--platform=manylinux_2_34_aarch64" in calls[0]
    assert "--platform=manylinux_2_26_x86_64" in calls[1]
    assert "--platform=manylinux_2_28_x86_64" not in calls[1], "Amazon Linux 2 has glibc 2.26"


def test_runtimes_are_those_of_the_module() -> None:
    variables = (Path(libraries.__file__).parents[2] / "variables.tf").read_text("utf-8")
    [default] = re.findall(r'runtime += optional\(string, "(python[\d.]+)"\)', variables)
    [taken] = re.findall(r"contains\(\[([^]]*)\], var\.preprocess\.runtime\)", variables)

    assert default == runtimes.DEFAULT_RUNTIME
    assert re.findall(r"python[\d.]+", taken) == list(runtimes.GLIBC)


def test_without_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pip._vendor.packaging.markers", None)

    with pytest.raises(BuildError, match="has no pip: install it"):
        libraries.requirements_for("3.12", "x86_64")


def test_the_python_that_builds_may_be_older_than_the_libraries_take(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [wheel] = index.iterdir()
    with zipfile.ZipFile(wheel) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["deep-1.dist-info/METADATA"] += b"Requires-Python: >=3.99\n"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"deep==1 \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n", "utf-8")
    monkeypatch.setattr(libraries, "REQUIREMENTS", lock)
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))

    libraries.install(tmp_path / "tree", "python3.12", "x86_64")

    assert (tmp_path / "tree" / "deep.py").is_file()
