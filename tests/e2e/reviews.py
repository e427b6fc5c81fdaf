"""Small files of reviews."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from sample import write_csv

SIX = [
    ("朝食がとても美味しかったです。", 5),
    ("部屋が狭くて残念でした。", 1),
    ("駅から近くて便利です。", 4),
    ("スタッフの対応が悪い。", 2),
    ("普通のホテルです。", 3),
    ("また泊まりたいと思います。", 5),
]


@functools.cache
def sample(rows: int = 400) -> bytes:
    """A CSV from the sample corpus."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.csv"
        write_csv(path, rows=rows, seed=1)
        return path.read_bytes()
