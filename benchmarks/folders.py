"""What a folder costs beside one file, on the local AWS: ``python -m benchmarks.folders``.

The same rows run as one file, as many files one at a time, and as many files two at a time, each function with one
vCPU. The local AWS takes its part of the cores, so both numbers are worse than AWS's own.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from e2e import folders
from e2e.stack import Execution, Json, Stack, preprocess
from localaws import LocalAWS
from localaws.services.stepfunctions.machine import clock

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE_VCPU = 1769
MAP = "Preprocess files"

FILES, ROWS, ROUNDS = 40, 20_000, 2


@dataclass(frozen=True)
class Overhead:
    """What was measured, in seconds of the Map state.

    Attributes
    ----------
    one_file, one_at_a_time, two_at_a_time
        For all rows in one file, and in ``files`` of them.
    """

    files: int
    rows: int
    one_file: float
    one_at_a_time: float
    two_at_a_time: float

    @property
    def a_file(self) -> float:
        """Seconds that a file costs besides its rows."""
        return (self.one_at_a_time - self.one_file) / (self.files - 1)

    @property
    def efficiency(self) -> float:
        """Share of a second function that is of use: 1 where two take half the time of one."""
        return self.one_at_a_time / (2 * self.two_at_a_time)


def measure(files: int = FILES, rows: int = ROWS, rounds: int = ROUNDS) -> Overhead:
    """Run the same rows in three ways, and keep the best time of each."""
    reviews = folders.rows(rows)
    one, many = folders.spread(reviews, 1), folders.spread(reviews, files)
    clock.SCALE = 0.0
    seconds: dict[str, float] = {}
    with LocalAWS() as aws, tempfile.TemporaryDirectory() as workdir:
        stack = Stack(aws, Path(workdir), _variables(1))
        for name, prefix, content in _runs(("one_file", one), ("one_at_a_time", many), rounds=rounds):
            seconds[name] = min(seconds.get(name, float("inf")), _map_seconds(folders.run(stack, prefix, content)))
        stack.terraform.apply(stack.variables | _variables(2))
        for name, prefix, content in _runs(("two_at_a_time", many), rounds=rounds):
            seconds[name] = min(seconds.get(name, float("inf")), _map_seconds(folders.run(stack, prefix, content)))
    del seconds["warm_up"]
    return Overhead(files, rows, **seconds)


def _variables(concurrency: int) -> Json:
    return {
        "name": "bench",
        "corpus": {"text_column": "review_body"},
        "input": {"each_file": False},
        "preprocess": preprocess(memory_size=ONE_VCPU, max_concurrency=concurrency),
        "training": {"mode": "skipgram", "hyperparameters": {"epochs": 1, "vector_dim": 10}},
    }


def _runs(*ways: tuple[str, dict[str, bytes]], rounds: int) -> Iterator[tuple[str, str, dict[str, bytes]]]:
    """Yield the runs, turn by turn; the first of all only warms the functions up."""
    for turn in range(rounds + 1):
        for name, content in ways:
            yield (name if turn else "warm_up"), f"{name}/{turn}/", content


def _map_seconds(execution: Execution) -> float:
    if execution.status != "SUCCEEDED":
        raise SystemExit(f"the run failed: {execution.error}: {execution.cause}")
    times: dict[str, datetime] = {}
    for event in execution.history:
        for kind in ("stateEnteredEventDetails", "stateExitedEventDetails"):
            if event.get(kind, {}).get("name") == MAP:
                times[kind] = event["timestamp"]
    return (times["stateExitedEventDetails"] - times["stateEnteredEventDetails"]).total_seconds()


def show(console: Console, found: Overhead) -> None:
    """Print what was found."""
    table = Table(title=f"A folder on the local AWS: {found.rows:,} rows", title_justify="left")
    table.add_column("")
    table.add_column("seconds", justify="right")
    table.add_row("one file", f"{found.one_file:.1f}")
    table.add_row(f"{found.files} files, one at a time", f"{found.one_at_a_time:.1f}")
    table.add_row(f"{found.files} files, two at a time", f"{found.two_at_a_time:.1f}")
    console.print(table)
    console.print(
        f"The map costs {1000 * found.a_file:.0f} ms a file. Two at a time: {found.efficiency:.0%} efficient."
    )


def result(found: Overhead) -> Json:
    """Return what was found as JSON values."""
    return {**asdict(found), "seconds_a_file": found.a_file, "efficiency": found.efficiency}


def main() -> None:
    """Measure, print and write down."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.folders", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=FILES, help="default: %(default)s")
    parser.add_argument("--rows", type=int, default=ROWS, help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="keep the best of so many (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path(".local"), help="where bench-folders.json goes")
    options = parser.parse_args()
    found = measure(options.files, options.rows, options.rounds)
    show(Console(), found)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "bench-folders.json").write_text(json.dumps(result(found), indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
