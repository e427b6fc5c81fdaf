"""Where a demo works: a folder for the results and one for all that is temporary, taken, checked and cleaned up."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from demo.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "demo-"
LOCK = "lock"
#: Lists the temporary folders of a demo that lie elsewhere.
ELSEWHERE = "elsewhere"

#: What building the package takes at most, as measured (366 MB), and half as much again.
TEMPORARY_BYTES = 550_000_000
#: What two functions unpack (832 MB), and half as much again.
FUNCTIONS_BYTES = 1_250_000_000
#: The package and the model.
OUT_BYTES = 250_000_000
#: With less, the next write may be one that fails half-way, and the services of the local AWS try again for minutes.
LOW_BYTES = 20_000_000

#: Where the local AWS puts functions, if it can: what lies below ``/tmp`` is hidden from them.
FUNCTIONS = Path("/var/tmp")

KILL_SECONDS = 5.0


class Workspace:
    """The folders of one demo.

    Attributes
    ----------
    temporary
        Gone when the demo ends. ``TMPDIR`` leads to it, so that all that the demo starts can be told by it.
    """

    def __init__(self, temporary: Path, out: Path) -> None:
        self.temporary = temporary
        self._watched = [temporary, out]

    def check(self) -> None:
        """Stop while there is still room to say why.

        Raises
        ------
        DemoError
            A disk is full.
        """
        for folder in self._watched:
            _check_space(folder, LOW_BYTES)


@contextlib.contextmanager
def workspace(out: Path, cache: Path) -> Iterator[Workspace]:
    """Take the folders of a demo for the length of the block.

    Parameters
    ----------
    out
        For what the run leaves.
    cache
        For what stays from one demo to the next.

    Raises
    ------
    DemoError
        One can't be written, has no room, or another demo works there.
    """
    parent = _temporary_folder()
    clean_up(parent)
    _check_writable(out, "OUT=...")
    _check_writable(cache, "--cache")
    for folder in (out, cache):
        _check_space(folder, OUT_BYTES)
    _check_space(parent, TEMPORARY_BYTES)
    _check_space(FUNCTIONS if os.access(FUNCTIONS, os.W_OK) else parent, FUNCTIONS_BYTES)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_taken(out))
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX, dir=parent)))
        stack.enter_context(_locked(temporary / LOCK))
        stack.enter_context(_leading_to(temporary))
        stack.enter_context(_listing(temporary))
        yield Workspace(temporary, out)


def clean_up(parent: Path) -> None:
    """Remove what demos that were killed have left below a folder: their processes, and their temporary folders."""
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), (folder / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # refused while its demo runs
            listed = folder / ELSEWHERE
            elsewhere = [Path(line) for line in listed.read_text("utf-8").splitlines()] if listed.exists() else []
            _end_processes([folder, *elsewhere])
            for left in (*elsewhere, folder):
                shutil.rmtree(left, ignore_errors=True)


def _temporary_folder() -> Path:
    # Python would take the next best folder where TMPDIR is full, and Terraform would not.
    named = os.environ.get("TMPDIR")
    folder = Path(named) if named else Path(tempfile.gettempdir())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise DemoError(f"TMPDIR={folder} can't be written: name another folder with TMPDIR=..., or leave it out.")
    return folder.resolve()


def _check_writable(folder: Path, option: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DemoError(_full(folder, LOW_BYTES)) from None
        raise DemoError(f"{folder} can't be written ({error.strerror}): name another folder with {option}") from None


def _check_space(folder: Path, needed: int) -> None:
    if shutil.disk_usage(folder).free < needed:
        raise DemoError(_full(folder, needed))


def _full(folder: Path, needed: int) -> str:
    free = shutil.disk_usage(folder).free
    return (
        f"{folder} is full: {free / 1e6:,.0f} MB are free and {needed / 1e6:,.0f} MB needed. Make room there, or name "
        "folders on another disk with TMPDIR=... and OUT=..."
    )


@contextlib.contextmanager
def _taken(folder: Path) -> Iterator[None]:
    """Hold a folder: the kernel lets go of it however this process ends."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError(
                f"Another demo writes to {folder}: wait until it has ended, or name another folder with OUT=..."
            ) from None
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    unnamed = path.with_suffix(".new")
    with unnamed.open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unnamed.rename(path)  # under its name it is always held, or its demo is gone
        yield


@contextlib.contextmanager
def _leading_to(folder: Path) -> Iterator[None]:
    """Let ``TMPDIR`` lead to a folder, here and in all that is started."""
    before, directory = os.environ.get("TMPDIR"), tempfile.tempdir
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = directory
        os.environ.pop("TMPDIR")
        if before is not None:
            os.environ["TMPDIR"] = before


@contextlib.contextmanager
def _listing(folder: Path) -> Iterator[None]:
    """List the temporary folders that this process makes elsewhere, as they are made."""
    with (folder / ELSEWHERE).open("w", encoding="utf-8", buffering=1) as file:
        listing = True

        def note(event: str, arguments: tuple[object, ...]) -> None:
            if event == "tempfile.mkdtemp" and listing:
                made = Path(str(arguments[0]))
                if not made.is_relative_to(folder):
                    file.write(f"{made}\n")

        sys.addaudithook(note)  # stays until the process ends, and is then told to rest
        try:
            yield
        finally:
            listing = False


def _end_processes(folders: list[Path]) -> None:
    """Kill the processes whose temporary folder is one of these."""
    deadline = time.monotonic() + KILL_SECONDS
    while (found := [pid for pid in _processes() if _works_in(pid, folders)]) and time.monotonic() < deadline:
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and path.name != str(os.getpid())]


def _works_in(pid: int, folders: list[Path]) -> bool:
    process = Path("/proc") / str(pid)
    try:
        if (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return False
        variables = (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False
    places = [Path(os.fsdecode(text.removeprefix(b"TMPDIR="))) for text in variables if text.startswith(b"TMPDIR=")]
    return any(place.is_relative_to(folder) for place in places for folder in folders)
