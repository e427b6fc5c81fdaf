"""The folders of a demo: refused where they can't be used, and cleaned up after whatever end."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import namedtuple
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo import workspace as module
from demo.__main__ import main
from demo.errors import DemoError
from demo.workspace import clean_up, workspace

if TYPE_CHECKING:
    from collections.abc import Callable

TESTS = Path(__file__).parents[2]
REPOSITORY = TESTS.parent
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder that ``TMPDIR`` leads to."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, int], None]:
    """Let a folder, and what lies below it, have so many bytes left."""

    def let(folder: Path, left: int) -> None:
        def usage(path: Path) -> Usage:
            return Usage(10**12, 0, left if path.is_relative_to(folder) else 10**12)

        monkeypatch.setattr(shutil, "disk_usage", usage)

    return let


def test_everything_temporary_is_below_one_folder_and_gone_at_the_end(parent: Path, tmp_path: Path) -> None:
    with workspace(tmp_path / "out", tmp_path / "cache") as folders:
        assert folders.temporary.parent == parent
        assert os.environ["TMPDIR"] == tempfile.gettempdir() == str(folders.temporary)
        assert Path(tempfile.mkdtemp()).parent == folders.temporary
        assert (tmp_path / "out").is_dir()
        folders.check()
    assert os.environ["TMPDIR"] == str(parent)
    assert list(parent.iterdir()) == []


def unwritable(tmp_path: Path) -> Path:
    (tmp_path / "file").touch()
    return tmp_path / "file" / "folder"


def test_out_that_cannot_be_written(
    parent: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = unwritable(tmp_path)
    assert main(["--out", str(out), "--cache", str(tmp_path / "cache")]) == 1
    assert capsys.readouterr().err == (
        f"Error: {out} can't be written (Not a directory): name another folder with OUT=...\n"
    )


def test_a_cache_that_cannot_be_written(parent: Path, tmp_path: Path) -> None:
    with pytest.raises(DemoError, match=r"folder can't be written .*: name another folder with --cache"):
        workspace(tmp_path / "out", unwritable(tmp_path)).__enter__()


def test_a_tmpdir_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python would take another one, and Terraform would not."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "none"))
    with pytest.raises(DemoError, match=r"TMPDIR=.*/none can't be written"):
        workspace(tmp_path / "out", tmp_path / "cache").__enter__()


def test_a_full_tmpdir(
    parent: Path, tmp_path: Path, free: Callable[[Path, int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    free(parent, 3_000_000)
    assert main(["--out", str(tmp_path / "out"), "--cache", str(tmp_path / "cache")]) == 1
    assert capsys.readouterr().err == (
        f"Error: {parent} is full: 3 MB are free and 550 MB needed. Make room there, or name folders on another disk "
        "with TMPDIR=... and OUT=...\n"
    )


def test_a_full_out(parent: Path, tmp_path: Path, free: Callable[[Path, int], None]) -> None:
    free(tmp_path / "out", 1_000_000)
    with pytest.raises(DemoError, match=f"{tmp_path}/out is full: 1 MB are free and 250 MB needed"):
        workspace(tmp_path / "out", tmp_path / "cache").__enter__()


def test_an_out_where_nothing_more_can_be_written(
    parent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(DemoError, match=f"{tmp_path}/out is full"):
        workspace(tmp_path / "out", tmp_path / "cache").__enter__()


def test_a_tmpdir_that_fills_while_the_demo_runs(
    parent: Path, tmp_path: Path, free: Callable[[Path, int], None]
) -> None:
    with workspace(tmp_path / "out", tmp_path / "cache") as folders:
        free(parent, 1_000_000)
        with pytest.raises(DemoError, match="is full: 1 MB are free"):
            folders.check()


def test_two_demos_with_one_out(parent: Path, tmp_path: Path) -> None:
    with workspace(tmp_path / "out", tmp_path / "cache"):
        with pytest.raises(DemoError, match=r"Another demo writes to .*/out: wait until it has ended"):
            workspace(tmp_path / "out", tmp_path / "cache").__enter__()
        with workspace(tmp_path / "another", tmp_path / "cache"):
            pass
    with workspace(tmp_path / "out", tmp_path / "cache"):
        pass


def test_other_errors_of_the_system_are_one_sentence(
    parent: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "x"))

    monkeypatch.setattr("demo.__main__.run", fail)
    assert main(["--out", str(tmp_path / "out"), "--cache", str(tmp_path / "cache")]) == 1
    assert capsys.readouterr().err == (
        f"Error: No space left on device: {tmp_path}/x. Make room, or name folders on another disk with TMPDIR=... and "
        "OUT=...\n"
    )


KILLED = """
import os, subprocess, sys, tempfile
from pathlib import Path
from demo.workspace import workspace

with workspace(Path(sys.argv[1]), Path(sys.argv[1])) as folders:
    tempfile.mkdtemp(dir=sys.argv[2])
    child = subprocess.Popen(["sleep", "300"], start_new_session=True)
    print(child.pid, flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_demo_left_is_cleaned_up_by_the_next(parent: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = os.environ | {"PYTHONPATH": f"{TESTS}{os.pathsep}{REPOSITORY / 'lambda_src'}"}
    command = [sys.executable, "-c", KILLED, str(tmp_path / "out"), str(elsewhere)]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        clean_up(parent)
        assert runs(child), "a demo that runs is left alone"
        process.send_signal(signal.SIGKILL)
    assert runs(child)
    assert len(list(parent.iterdir())) == len(list(elsewhere.iterdir())) == 1

    with workspace(tmp_path / "out", tmp_path / "cache") as folders:
        assert list(parent.iterdir()) == [folders.temporary]
        assert list(elsewhere.iterdir()) == []
        deadline = time.monotonic() + 10
        while runs(child):
            assert time.monotonic() < deadline


def test_folders_of_others_are_left_alone(parent: Path) -> None:
    for name in ("demo-of-mine", "other"):
        (parent / name).mkdir()
        (parent / name / "file").touch()
    clean_up(parent)
    assert sorted(path.name for path in parent.iterdir()) == ["demo-of-mine", "other"]


def test_this_process_is_never_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert os.getpid() not in module._processes()


@pytest.mark.parametrize("python", ["old", "missing"])
def test_a_python_that_cannot_be_used(tmp_path: Path, python: str) -> None:
    """As `make demo PYTHON=...` meets it, whether everything is set up or not."""
    old = tmp_path / "old"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    command = ["make", "demo", f"PYTHON={tmp_path / python}"]
    answer = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert answer.returncode != 0
    assert answer.stderr.splitlines()[0] == (
        f"PYTHON={tmp_path / python} is not Python 3.11, 3.12 or 3.13 with venv: name one that is, or leave PYTHON out."
    )
    assert answer.stdout == ""


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
