from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from builder.lock import alone


def test_a_second_build_of_the_same_zip_waits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    order: list[str] = []

    def wait() -> None:
        with alone(tmp_path / "p.zip"):
            order.append("second")

    with alone(tmp_path / "p.zip"):
        second = threading.Thread(target=wait)
        second.start()
        second.join(0.2)
        said = capsys.readouterr().out
        order.append("first")
    second.join()
    assert said.startswith("Waiting for another build of p.zip, for 900 seconds at most; if none runs, delete ")
    assert said.count("Waiting") == 1
    assert order == ["first", "second"]
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_a_killed_build_is_taken_over(tmp_path: Path) -> None:
    lock = tmp_path / "p.zip.lock"
    lock.touch()
    os.utime(lock, (0, 0))
    with alone(tmp_path / "p.zip"):
        assert lock.stat().st_mtime > 0
