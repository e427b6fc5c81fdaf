from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from dataclasses import dataclass
from pathlib import Path

import boto3
import build
import pytest
import sudachidict_core

RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"

#: What Sudachi would split in two.
WORDS = "珈琲庵,4786,4786,-30000,珈琲庵,名詞,固有名詞,一般,*,*,*,コーヒーアン,珈琲庵,*,*,*,*,*\n"


def pins(monkeypatch: pytest.MonkeyPatch, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(build, "REQUIREMENTS", path)


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
    pins(monkeypatch, tmp_path / "requirements.txt", LOCK)
    needed = build.requirements_for(version, architecture).splitlines()

    assert [line.split(" ")[0] for line in needed if "==" in line] == names
    assert not [line for line in needed if ";" in line]
    assert sum("--hash" in line for line in needed) == sum(HASHES[name] for name in names)


def test_pip_is_told_everything_about_lambda(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls = []
    monkeypatch.setattr(build, "pip", lambda *arguments: calls.append(arguments))

    build.install(tmp_path, "python3.12", "arm64")
    build.install(tmp_path, "python3.11", "x86_64")

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

    build.trim(tmp_path)

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
        assert build.write_zip(tree, tmp_path / "out" / "p.zip") == sum(len(name) * 1000 for name in names)
        digests.add(hashlib.sha256((tmp_path / "out" / "p.zip").read_bytes()).hexdigest())
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["p.zip"]

    assert len(digests) == 1
    with zipfile.ZipFile(tmp_path / "out" / "p.zip") as archive:
        assert archive.namelist() == ["a.so", "b/x.py", "c.gz"]
        assert [oct(entry.external_attr >> 16) for entry in archive.infolist()] == ["0o755", "0o644", "0o644"]


def test_a_package_too_large_for_lambda(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "MAX_UNZIPPED_BYTES", 10)
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "x").write_bytes(b"x" * 11)

    with pytest.raises(build.BuildError, match="the package has 11 bytes unzipped and Lambda takes 10"):
        build.write_zip(tmp_path / "tree", tmp_path / "p.zip")
    assert not (tmp_path / "p.zip").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--user-dictionary", "missing.csv"], "there is no user dictionary at missing.csv"),
        ([], "pip install failed:"),
    ],
)
def test_errors_are_one_clear_message(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    pins(monkeypatch, tmp_path / "requirements.txt", "no-such-package==0\\\n    --hash=sha256:" + "0" * 64 + "\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    assert build.main(["--output", str(tmp_path / "p.zip"), *arguments]) == 1
    assert f"build.py: {message}" in capsys.readouterr().err
    assert not (tmp_path / "p.zip").exists()


def test_without_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pip._vendor.packaging.markers", None)

    with pytest.raises(build.BuildError, match="has no pip: install it"):
        build.requirements_for("3.12", "x86_64")


def test_what_is_there_is_not_built_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    zip_file = tmp_path / "p.zip"
    zip_file.touch()

    assert build.main(["--output", str(zip_file), "--if-missing"]) == 0
    assert "is there already" in capsys.readouterr().out


@dataclass
class Package:
    """A package that was built and unzipped."""

    zip: Path
    root: Path
    digests: list[str]

    @property
    def manifest(self) -> dict[str, object]:
        manifest: dict[str, object] = json.loads(
            (self.root / "dictionary" / "manifest.json").read_text(encoding="utf-8")
        )
        return manifest


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The package for this Python with a user dictionary, built twice from one installation by pip."""
    directory = tmp_path_factory.mktemp("package")
    words = directory / "words.csv"
    words.write_text(WORDS, encoding="utf-8")
    installed = directory / "installed"
    output = directory / "package.zip"
    with pytest.MonkeyPatch.context() as patch:
        pip = build.install
        patch.setattr(build, "install", lambda tree, *rest: (pip(tree, *rest), shutil.copytree(tree, installed)))
        digests = []
        for _ in range(2):
            arguments = ["--output", str(output), "--runtime", RUNTIME, "--user-dictionary", str(words)]
            assert build.main(arguments) == 0
            digests.append(hashlib.sha256(output.read_bytes()).hexdigest())
            patch.setattr(build, "install", lambda tree, *_: shutil.copytree(installed, tree))
    with zipfile.ZipFile(output) as archive:
        archive.extractall(directory / "unzipped")
    return Package(output, directory / "unzipped", digests)


def test_the_package_is_reproducible(package: Package) -> None:
    assert len(set(package.digests)) == 1


def test_what_the_package_holds(package: Package) -> None:
    with zipfile.ZipFile(package.zip) as archive:
        names = archive.namelist()
        assert sum(entry.file_size for entry in archive.infolist()) < build.MAX_UNZIPPED_BYTES
    for name in (
        "preprocess/handler.py",
        "preprocess/text/stop_words_ja.txt",
        "dictionary/user.dic",
        "pandas/__init__.py",
    ):
        assert name in names
    version = f"cpython-{sys.version_info.major}{sys.version_info.minor}"
    assert f"preprocess/__pycache__/handler.{version}.pyc" in names
    assert not [name for name in names if "/tests/" in name or name.startswith(("sudachidict_core/", "boto"))]
    assert package.manifest["version"] == "20260723"
    assert package.manifest["user_dictionary"] == {
        "name": "words.csv",
        "sha256": hashlib.sha256(WORDS.encode()).hexdigest(),
    }


RUN = """
import json, sys
import preprocess.handler
from preprocess.table import rows
from preprocess.text import dictionary, dictionary_files
from preprocess.config import TokenizerSettings
from preprocess.text.tokenizer import Tokenizer
tokens = Tokenizer(dictionary.load(), TokenizerSettings())("珈琲庵で食べた")
files = dictionary_files.locate().result()
print(json.dumps({
    "tokens": tokens,
    "pandas": rows.pd.__file__,
    "system": str(files.system),
    "user": files.description["user_dictionary"]["name"],
}))
"""


def test_the_package_tokenizes_with_the_user_dictionary(package: Package, tmp_path: Path) -> None:
    runtime = Path(boto3.__file__).parents[1]  # Lambda brings boto3; the package comes first
    environment = {
        "PYTHONPATH": f"{package.root}:{runtime}",
        "TMPDIR": str(tmp_path),
        "AWS_DEFAULT_REGION": "us-east-1",
    }

    done = subprocess.run(
        [sys.executable, "-S", "-c", RUN], env=environment, capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["tokens"] == ["珈琲庵", "で", "食べ", "た"]
    assert found["user"] == "words.csv"
    assert found["pandas"].startswith(str(package.root))
    assert found["system"].startswith(str(tmp_path))


def test_words_that_do_not_compile(package: Package, tmp_path: Path) -> None:
    words = tmp_path / "words.csv"
    words.write_text("珈琲庵,名詞\n", encoding="utf-8")
    system = Path(sudachidict_core.__file__).with_name("resources") / "system.dic"
    with pytest.raises(build.BuildError, match=r"the user dictionary .*words\.csv does not compile: "):
        build.compile_user_dictionary(words, system, tmp_path / "user.dic")


def test_a_second_build_of_the_same_zip_waits(tmp_path: Path) -> None:
    order: list[str] = []

    def wait() -> None:
        with build.alone(tmp_path / "p.zip"):
            order.append("second")

    with build.alone(tmp_path / "p.zip"):
        second = threading.Thread(target=wait)
        second.start()
        second.join(0.2)
        order.append("first")
    second.join()
    assert order == ["first", "second"]
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_a_killed_build_is_taken_over(tmp_path: Path) -> None:
    lock = tmp_path / "p.zip.lock"
    lock.touch()
    os.utime(lock, (0, 0))
    with build.alone(tmp_path / "p.zip"):
        assert lock.stat().st_mtime > 0
