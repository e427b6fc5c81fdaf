from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
import sudachidict_core

from builder import cli, dictionary, libraries
from builder.archive import MAX_UNZIPPED_BYTES
from builder.messages import BuildError

RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"

#: What Sudachi would split in two.
WORDS = "珈琲庵,4786,4786,-30000,珈琲庵,名詞,固有名詞,一般,*,*,*,コーヒーアン,珈琲庵,*,*,*,*,*\n"


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
        pip = libraries.install
        patch.setattr(cli, "install", lambda tree, *rest: (pip(tree, *rest), shutil.copytree(tree, installed)))
        digests = []
        for _ in range(2):
            arguments = ["--output", str(output), "--runtime", RUNTIME, "--user-dictionary", str(words)]
            assert cli.main(arguments) == 0
            digests.append(hashlib.sha256(output.read_bytes()).hexdigest())
            patch.setattr(cli, "install", lambda tree, *_: shutil.copytree(installed, tree))
    with zipfile.ZipFile(output) as archive:
        archive.extractall(directory / "unzipped")
    return Package(output, directory / "unzipped", digests)


def test_the_package_is_reproducible(package: Package) -> None:
    assert len(set(package.digests)) == 1


def test_what_the_package_holds(package: Package) -> None:
    with zipfile.ZipFile(package.zip) as archive:
        names = archive.namelist()
        assert sum(entry.file_size for entry in archive.infolist()) < MAX_UNZIPPED_BYTES
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
    with pytest.raises(BuildError, match=r"the user dictionary .*words\.csv does not compile: "):
        dictionary.compile_user_dictionary(words, system, tmp_path / "user.dic")
