"""What separates a function's process from this machine: files, limits, memory.

Lambda gives each execution environment a ``/tmp`` of its own, a read-only ``/var/task`` and no
``/dev/shm``. Where the kernel allows mount namespaces (user namespaces, or root) the process gets
the same: its folder mounted on ``/tmp``, its package read-only, ``/dev/shm`` read-only and empty.
Elsewhere only ``TMPDIR`` leads to its own folder, and what writes to ``/tmp`` by name shares it.
"""

from __future__ import annotations

import functools
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

# Files open at once: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_OPEN_FILES = 1024

_MOUNTS = """
set -eu
mount --bind "$1" /tmp
mount -t tmpfs -o ro,size=4k tmpfs /dev/shm
mount --bind "$2" "$2"
mount -o remount,bind,ro "$2"
cd "$2"
shift 2
"""
# The shell's ulimit counts in blocks of 512 bytes.
_LIMITS = """
ulimit -n "$1"
ulimit -f "$2"
shift 2
unset OLDPWD PWD
exec "$@"
"""


@functools.cache
def namespace_command() -> tuple[str, ...]:
    """The command that starts another one with its own mounts; empty where the kernel refuses."""
    with tempfile.TemporaryDirectory(dir=_outside_tmp()) as folder:
        for command in (("unshare", "--mount"), ("unshare", "--map-root-user", "--mount")):
            probe = [*command, "sh", "-c", _MOUNTS, "sh", folder, folder]
            try:
                if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
                    return command
            except FileNotFoundError:
                break
    return ()


def _outside_tmp() -> str | None:
    # What lies under /tmp is hidden once another folder is mounted there.
    return "/var/tmp" if os.access("/var/tmp", os.W_OK) else None


def make_folder() -> tempfile.TemporaryDirectory[str]:
    """A temporary folder that a process with its own ``/tmp`` still sees."""
    return tempfile.TemporaryDirectory(prefix="localaws-lambda-", dir=_outside_tmp(), ignore_cleanup_errors=True)


def start(
    command: list[str],
    *,
    task_root: Path,
    temporary: Path,
    needs: list[Path],
    environment: dict[str, str],
    max_file_bytes: int,
) -> subprocess.Popen[bytes]:
    """Start ``command`` in ``task_root``, in a session of its own.

    Parameters
    ----------
    temporary
        The folder that is its ``/tmp``.
    needs
        Files and folders it must see: where one lies under ``/tmp``, that is left as it is.
    environment
        All its environment variables; ``TMPDIR`` is added where ``/tmp`` could not be replaced.
    max_file_bytes
        Largest file it may write. A file cannot outgrow Lambda's ephemeral storage; the sum of several is not watched.
    """
    limits = [str(MAX_OPEN_FILES), str(max_file_bytes // 512), *command]
    namespace = namespace_command()
    if namespace and not any(path.resolve().is_relative_to("/tmp") for path in [task_root, *needs]):
        full = [*namespace, "sh", "-c", _MOUNTS + _LIMITS, "sh", str(temporary), str(task_root), *limits]
    else:
        full = ["sh", "-c", _LIMITS, "sh", *limits]
        environment = {**environment, "TMPDIR": str(temporary)}
    return subprocess.Popen(
        full,
        cwd=task_root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and all it started, and wait for it."""
    members = process_tree(process.pid)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for pid in members:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def process_tree(pid: int) -> list[int]:
    """The process and its descendants."""
    pids = [pid]
    # Any of them may end at any time.
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - Path.iterdir would raise while iterating
            with suppress(FileNotFoundError, ProcessLookupError):
                for child in Path(f"/proc/{pid}/task/{thread}/children").read_text().split():
                    pids += process_tree(int(child))
    return pids


class MemoryMeter:
    """Memory of a process tree that cannot be given back: anonymous and shared pages, each counted once.

    Pages of mapped files (a dictionary, shared libraries) do not count, since the kernel drops
    them when memory is short.

    Attributes
    ----------
    peak
        The most seen, bytes.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.peak = 0
        self._exact_again = 0.0

    def sample(self) -> None:
        """Look again."""
        pids = process_tree(self._pid)
        used = sum(_kilobytes(pid, "status", r"Rss(?:Anon|Shmem)") for pid in pids) * 1024
        if used <= self.peak:
            return
        if len(pids) > 1:
            # Pages that a fork shares with its parent were counted in both. Counting them exactly walks all
            # pages, 10 ms for each 100 MB; it may take a tenth of the time.
            start = time.monotonic()
            if start < self._exact_again:
                return
            used = sum(_kilobytes(pid, "smaps_rollup", r"Pss_(?:Anon|Shmem)") for pid in pids) * 1024
            now = time.monotonic()
            self._exact_again = now + 9 * (now - start)
        self.peak = max(self.peak, used)


def _kilobytes(pid: int, file: str, names: str) -> int:
    try:
        text = Path(f"/proc/{pid}/{file}").read_text()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return sum(int(amount) for amount in re.findall(rf"^{names}:\s*(\d+) kB", text, re.MULTILINE))


def check_platform() -> None:
    """Raise where functions cannot run at all."""
    if sys.platform != "linux":
        raise RuntimeError(
            "The local Lambda needs Linux, as Lambda itself does; open the project in its dev container."
        )
