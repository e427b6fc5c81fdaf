"""``build.py`` itself: any Python can read it."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import builder

BUILD = Path(builder.__file__).parents[1] / "build.py"


def run_with(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, str(BUILD), "--help"], capture_output=True, text=True, check=False, cwd="/"
    )


def test_help() -> None:
    done = subprocess.run([sys.executable, str(BUILD), "--help"], capture_output=True, text=True, check=False, cwd="/")

    assert done.returncode == 0
    assert "--output" in done.stdout


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 8)])
def test_a_python_that_is_too_old_says_what_to_do(version: tuple[int, int]) -> None:
    pretend = f"import runpy, sys; sys.version_info = {version}; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0])"

    done = run_with(pretend)

    assert done.returncode == 1
    assert f"is Python {version[0]}.{version[1]}, and the build takes 3.9 or later" in done.stderr
    assert "preprocess.python" in done.stderr


def test_has_no_syntax_that_an_old_python_cannot_read() -> None:
    tree = ast.parse(BUILD.read_text("utf-8"), feature_version=(3, 4))

    newer = (ast.AnnAssign, ast.JoinedStr, ast.NamedExpr)
    assert not [node for node in ast.walk(tree) if isinstance(node, newer)]
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
    assert BUILD.read_text("utf-8").isascii(), "Python 2 would ask for the encoding"


def test_a_checkout_on_windows_has_the_same_bytes(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=test", "-c", "user.email=test@example.com")
        subprocess.run(["git", "-c", "core.autocrlf=true", *identity, *arguments], cwd=tmp_path, check=True)

    shutil.copy(BUILD.parents[1] / ".gitattributes", tmp_path)
    git("init", "--quiet")
    (tmp_path / "module.py").write_bytes(b"a\nb\n")
    git("add", ".")
    git("commit", "--quiet", "--message", "x")
    (tmp_path / "module.py").unlink()
    git("checkout", "--quiet", "module.py")

    assert (tmp_path / "module.py").read_bytes() == b"a\nb\n"
