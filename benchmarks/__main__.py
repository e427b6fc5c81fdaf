"""Measure every way on the same text, side by side, and compare with what is to be reached."""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks import cold_start, corpus, folders
from benchmarks.memory import Sampler
from benchmarks.ways import WAYS, Columns, text_bytes
from preprocess.text import dictionary_files

MIB = 2**20

#: A text from which on one round is enough: what else the machine does evens out.
LONG_MB = 100

PACKAGES = ("sudachipy", "sudachidict-core", "pandas", "mecab-python3", "unidic-lite", "fugashi", "janome")


@dataclass(frozen=True)
class Measurement:
    """One way on one table: the best time of the rounds, and the highest memory, in bytes."""

    way: str
    text_mb: float
    seconds: float
    peak_rss: int

    @property
    def speed(self) -> float:
        """Megabytes of text a second."""
        return self.text_mb / self.seconds


@dataclass(frozen=True)
class Target:
    """A number to reach."""

    name: str
    value: float
    wanted: float
    at_least: bool

    @property
    def reached(self) -> bool:
        return self.value >= self.wanted if self.at_least else self.value <= self.wanted


def main() -> int:
    """Run the benchmark that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--csv", type=Path, help="measure with this table (UTF-8) in place of generated ones")
    parser.add_argument("--text-column", default="review_body")
    parser.add_argument("--label-column", default="star_rating")
    parser.add_argument(
        "--sizes", default="5,50,500", help="MB of text to generate, from small to large (default: %(default)s)"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="measure texts below 100 MB so often and keep the best time"
    )
    parser.add_argument("--ways", default=",".join(WAYS), help="which ways (default: all)")
    parser.add_argument("--no-cold-start", action="store_true", help="do not build the package and time its start")
    parser.add_argument("--no-folders", action="store_true", help="do not run a folder of files on the local AWS")
    parser.add_argument("--out", type=Path, default=Path(".local"), help="where bench.json goes (default: %(default)s)")
    options = parser.parse_args()
    csv.field_size_limit(2**24)
    directory = options.out / "bench"
    directory.mkdir(parents=True, exist_ok=True)
    console = Console()
    columns = Columns(options.text_column, options.label_column)
    if options.csv and (missing := _missing(options.csv, columns)):
        parser.error(f"{options.csv} has no column {missing!r}: name its columns with --text-column and --label-column")
    tables = [options.csv] if options.csv else [_generated(directory, float(mb)) for mb in options.sizes.split(",")]

    measurements: list[Measurement] = []
    for table in tables:
        text_mb = text_bytes(table, columns) / 1e6
        wanted = options.ways.split(",")
        names = [name for name in wanted if text_mb <= WAYS[name].limit_mb * 1.1]
        with console.status("") as status:
            rounds = []
            for turn in range(options.rounds if text_mb < LONG_MB else 1):
                for name in names:
                    status.update(f"{text_mb:,.0f} MB, round {turn + 1}: {WAYS[name].title}")
                    rounds.append(_measure(name, table, columns, text_mb))
        found = [_best([m for m in rounds if m.way == name]) for name in names]
        console.print(_table(table, text_mb, found, [name for name in wanted if name not in names]))
        measurements += found
    starts = [] if options.no_cold_start else cold_start.measure(directory)
    targets = _targets(measurements, starts)
    console.print(_target_table(targets))
    overhead = None if options.no_folders else folders.measure()
    if overhead is not None:
        folders.show(console, overhead)
    result = {
        "machine": {"cores": len(os.sched_getaffinity(0)), "processor": platform.processor() or platform.machine()},
        "memory_mib": round(psutil.virtual_memory().total / MIB),
        "versions": {"python": platform.python_version(), **{name: metadata.version(name) for name in PACKAGES}},
        "measurements": [{**asdict(m), "mb_per_second": m.speed} for m in measurements],
        "cold_start_seconds": starts,
        "folder": overhead and folders.result(overhead),
        "targets": [{**asdict(target), "reached": target.reached} for target in targets],
    }
    (options.out / "bench.json").write_text(json.dumps(result, indent=2), encoding="utf-8")
    console.print(f"Written to {options.out / 'bench.json'}")
    return 0


def _missing(table: Path, columns: Columns) -> str | None:
    """Return the first of the columns that the table lacks."""
    with table.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
    return next((name for name in (columns.text, columns.label) if name not in header), None)


def _generated(directory: Path, text_mb: float) -> Path:
    version = dictionary_files.locate().result().description["version"]
    path = directory / f"corpus-{corpus.VERSION}-{version}-{text_mb:g}.csv"
    if not path.exists():
        Console().print(f"Generating {text_mb:g} MB of text")
        # In a process of its own: a dictionary that is loaded here too would lower the others' share of its pages.
        subprocess.run([sys.executable, "-m", "benchmarks.corpus", str(path), str(round(text_mb * 1e6))], check=True)
    return path


def _measure(name: str, table: Path, columns: Columns, text_mb: float) -> Measurement:
    """Run one way in a process of its own, watching its memory."""
    command = [sys.executable, "-m", "benchmarks.ways", name, str(table), columns.text, columns.label]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        with Sampler(process.pid) as sampler:
            output, _ = process.communicate()
        if process.returncode:
            raise SystemExit(f"{WAYS[name].title} failed")
    return Measurement(name, text_mb, json.loads(output)["seconds"], sampler.peak)


def _best(rounds: list[Measurement]) -> Measurement:
    best = min(rounds, key=lambda m: m.seconds)
    return replace(best, peak_rss=max(m.peak_rss for m in rounds))


def _table(path: Path, text_mb: float, measurements: list[Measurement], too_slow: list[str]) -> Table:
    table = Table(title=f"{path.name}: {text_mb:,.1f} MB of text", title_justify="left")
    for title in ("", "MB/s", "of the limit", "peak RSS, MiB"):
        table.add_column(title, justify="left" if not title else "right")
    by_way = {m.way: m for m in measurements}
    for m in measurements:
        limit = by_way.get("bare-1" if m.way.endswith("-1") else "bare-all")
        share = f"{m.speed / limit.speed:.2f}" if limit else ""
        table.add_row(WAYS[m.way].title, f"{m.speed:.2f}", share, f"{m.peak_rss / MIB:,.0f}")
    for name in too_slow:
        table.add_row(f"{WAYS[name].title}: up to {WAYS[name].limit_mb:g} MB only", "–", "–", "–")
    return table


def _targets(measurements: list[Measurement], starts: list[float]) -> list[Target]:
    """Compare what is there to compare: ratios on the largest text that both ways had."""
    found = {(m.way, m.text_mb): m for m in measurements}
    sizes = sorted({m.text_mb for m in measurements}, reverse=True)
    targets = []
    for name, way, wanted in (
        ("all workers / bare tokenize on all cores", "bare-all", 0.80),
        ("all workers / pandas apply with SudachiPy", "notebook-sudachi", 3.2),
        ("all workers / pandas apply with MeCab", "notebook-mecab", 1.5),
    ):
        size = next((s for s in sizes if {("preprocess-all", s), (way, s)} <= set(found)), None)
        if size is not None:
            ratio = found["preprocess-all", size].speed / found[way, size].speed
            targets.append(Target(f"{name}, {size:,.0f} MB", ratio, wanted, at_least=True))
    peaks = {size: found["preprocess-all", size].peak_rss for size in sizes if ("preprocess-all", size) in found}
    if peaks:
        targets.append(Target("peak memory, MiB", max(peaks.values()) / MIB, 400, at_least=False))
    large = [peak for size, peak in peaks.items() if size > 40]
    if len(large) > 1:
        targets.append(Target("peak memory at the largest size / at 50 MB", large[0] / large[-1], 1.1, at_least=False))
    if starts:
        targets.append(Target("cold start to the first line, seconds", min(starts), 2.5, at_least=False))
    return targets


def _target_table(targets: list[Target]) -> Table:
    table = Table(title="To reach", title_justify="left")
    for title in ("", "is", "wanted", ""):
        table.add_column(title, justify="right" if title else "left")
    for target in targets:
        wanted = f"{'≥' if target.at_least else '≤'} {target.wanted:g}"
        mark = "[green]✓[/]" if target.reached else "[red]✗[/]"
        table.add_row(target.name, f"{target.value:.2f}", wanted, mark)
    return table


if __name__ == "__main__":
    sys.exit(main())
