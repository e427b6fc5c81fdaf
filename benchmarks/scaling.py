"""What corpora of 1 GB to 10 TB cost and take, as Markdown: ``python -m benchmarks.scaling``.

``--report report.json`` computes with the speed of a run of your own.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from preprocess.folder.concatenation import COPIES_AT_ONCE, COPY_BYTES
from preprocess.s3.output import PART_BYTES

GB = 1e9
TB = 1e12
CORPORA = {"1 GB": GB, "100 GB": 100 * GB, "1 TB": TB, "10 TB": 10 * TB}

FILE_BYTES = 256e6
DEFAULT_CONCURRENCY = 100
ACCOUNT_CONCURRENCY = 1000
MEMORY_SIZES = (1769, 3008, 10_240)
DEFAULT_MEMORY = 3008

#: Lambda ends a function after 900 seconds; this one stops ten seconds before.
FUNCTION_SECONDS = 890
MEGABYTES_A_VCPU = 1769


@dataclass(frozen=True)
class Measured:
    """What was measured.

    Attributes
    ----------
    megabytes_per_second
        Text that one vCPU turns into lines, from ``report.json``.
    serial_share
        Share of the work that can't be shared, as it needs Python's lock: two vCPUs are as fast as measured by
        Amdahl's law with it.
    line_bytes_per_byte
        Bytes of lines that a byte of text becomes.
    assembling_seconds_per_shard
        Time of the assembling function's vCPU for a shard of two channels that S3 copies or that is joined.
    """

    megabytes_per_second: float = 2.3
    serial_share: float = 0.1
    line_bytes_per_byte: float = 0.64
    assembling_seconds_per_shard: float = 0.0065

    def speed(self, memory: int) -> float:
        """Megabytes a second of a function with so many MB of memory."""
        return self.megabytes_per_second * _speedup(self.serial_share, memory / MEGABYTES_A_VCPU)


@dataclass(frozen=True)
class Assumed:
    """What can't be measured without AWS.

    Attributes
    ----------
    file_seconds
        From the end of one file to the start of the next: a child execution and a call of the function.
    start_seconds
        Until the first functions are warm.
    copy_megabytes_per_second
        One of S3's copies, of which ``COPIES_AT_ONCE`` run.
    job_start_seconds
        Until a SageMaker job has its instance.
    """

    file_seconds: float = 1.0
    start_seconds: float = 5.0
    copy_megabytes_per_second: float = 50.0
    job_start_seconds: float = 180.0


@dataclass(frozen=True)
class Prices:
    """US dollars in US East (N. Virginia), on demand, without free tier."""

    lambda_gb_second: float = 0.0000166667
    lambda_request: float = 0.20 / 1e6
    state_transition: float = 0.025 / 1e3
    s3_write: float = 0.005 / 1e3  # PUT, COPY, LIST
    s3_read: float = 0.0004 / 1e3
    processing_hour: float = 3.672  # ml.c5.18xlarge


PROCESSING_VCPUS = 72
TRANSITIONS_A_FILE = 3
TRANSITIONS_A_RUN = 8


@dataclass(frozen=True)
class Estimate:
    """Seconds and dollars."""

    seconds: float
    dollars: float

    def __str__(self) -> str:
        return f"{_duration(self.seconds)}, {_money(self.dollars)}"


@dataclass(frozen=True)
class Model:
    """Computes the estimates."""

    measured: Measured = Measured()
    assumed: Assumed = Assumed()
    prices: Prices = Prices()

    def one_function(self, corpus: float, memory: int = DEFAULT_MEMORY) -> Estimate | None:
        """One file in one function; ``None`` where it does not get through."""
        seconds = self.assumed.start_seconds + self._working_seconds(corpus, memory)
        if seconds > FUNCTION_SECONDS:
            return None
        transitions = TRANSITIONS_A_RUN * self.prices.state_transition
        return Estimate(seconds, self._function_dollars(seconds, memory) + transitions + self._writing_dollars(corpus))

    def folder(self, corpus: float, concurrency: int, memory: int = DEFAULT_MEMORY) -> Estimate:
        """As many files of ``FILE_BYTES`` as the corpus has, and their assembly."""
        files = self.files(corpus)
        size = corpus / files
        working = self._working_seconds(size, memory)
        rounds = math.ceil(files / concurrency)
        assembling = self.assembling_seconds(corpus, files)
        seconds = self.assumed.start_seconds + rounds * (working + self.assumed.file_seconds) + assembling
        copies = files + math.ceil(corpus * self.measured.line_bytes_per_byte / COPY_BYTES)
        dollars = (
            files * (self._function_dollars(working, memory) + self._writing_dollars(size))
            + self._function_dollars(assembling, MEGABYTES_A_VCPU)
            + (files * TRANSITIONS_A_FILE + TRANSITIONS_A_RUN) * self.prices.state_transition
            + copies * self.prices.s3_write
            + files * self.prices.s3_read
        )
        return Estimate(seconds, dollars)

    def processing(self, corpus: float) -> Estimate:
        """One SageMaker Processing job that keeps all vCPUs of its instance busy, reading and writing for free."""
        working = corpus / 1e6 / (PROCESSING_VCPUS * self.measured.megabytes_per_second)
        seconds = self.assumed.job_start_seconds + working
        return Estimate(seconds, seconds / 3600 * self.prices.processing_hour)

    def files(self, corpus: float) -> int:
        """Files that the corpus lies in."""
        return math.ceil(corpus / FILE_BYTES)

    def assembling_seconds(self, corpus: float, files: int) -> float:
        """Time of the assembling function."""
        copied = corpus * self.measured.line_bytes_per_byte / 1e6
        copying = copied / (COPIES_AT_ONCE * self.assumed.copy_megabytes_per_second)
        return self.assumed.start_seconds + files * self.measured.assembling_seconds_per_shard + copying

    def largest_file(self, memory: int) -> float:
        """Bytes that a function gets through in its time."""
        seconds = FUNCTION_SECONDS - self.assumed.start_seconds
        return seconds * 1e6 * self.measured.speed(memory)

    def most_files(self) -> float:
        """Files that the assembling function gets through in its time, where copying takes none."""
        return (FUNCTION_SECONDS - self.assumed.start_seconds) / self.measured.assembling_seconds_per_shard

    def volume_size(self, corpus: float) -> int:
        """GB that ``training.volume_size`` must be, as the state machine computes it."""
        return math.ceil(corpus * self.measured.line_bytes_per_byte * 1.2 / 1e9) + 1

    def _working_seconds(self, size: float, memory: int) -> float:
        return size / 1e6 / self.measured.speed(memory)

    def _function_dollars(self, seconds: float, memory: int) -> float:
        return seconds * memory / 1024 * self.prices.lambda_gb_second + self.prices.lambda_request

    def _writing_dollars(self, size: float) -> float:
        """One read, the parts of the lines, and for each channel two requests around them, and the report."""
        parts = math.ceil(size * self.measured.line_bytes_per_byte / PART_BYTES)
        return self.prices.s3_read + (parts + 5) * self.prices.s3_write


def tables(model: Model) -> str:
    """Return what docs/scaling.md shows."""
    ways = [
        "| Corpus | Files | One function | Folder, 100 at a time | Folder, 1,000 at a time | Processing job |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    volumes = ["| Corpus | Assembling | `train.txt` | `training.volume_size` at least |", "|---|--:|--:|--:|"]
    for name, corpus in CORPORA.items():
        cells = [
            name,
            f"{model.files(corpus):,}",
            model.one_function(corpus) or "does not fit",
            model.folder(corpus, DEFAULT_CONCURRENCY),
            model.folder(corpus, ACCOUNT_CONCURRENCY),
            model.processing(corpus),
        ]
        ways.append(f"| {' | '.join(map(str, cells))} |")
        lines = corpus * model.measured.line_bytes_per_byte
        assembling = _duration(model.assembling_seconds(corpus, model.files(corpus)))
        volumes.append(f"| {name} | {assembling} | {lines / GB:,.1f} GB | {model.volume_size(corpus):,} GB |")
    sizes = ["| `preprocess.memory_size` | vCPUs | MB/s | Largest file in 15 minutes |", "|--:|--:|--:|--:|"]
    for memory in MEMORY_SIZES:
        vcpus = memory / MEGABYTES_A_VCPU
        speed = model.measured.speed(memory)
        sizes.append(f"| {memory:,} MB | {vcpus:.1f} | {speed:.1f} | {model.largest_file(memory) / GB:.1f} GB |")
    most = f"In its 15 minutes, the assembling function gets through about {round(model.most_files(), -4):,.0f} files."
    return "\n\n".join(["\n".join(table) for table in (ways, volumes, sizes)] + [most])


def measured_by(report: dict[str, Any]) -> Measured:
    """Return what a run's report says, be it a file's or a folder's."""
    throughput = report["throughput"]
    workers = throughput.get("workers") or throughput["worker_seconds"] / throughput["seconds"]
    speedup = _speedup(Measured().serial_share, workers)
    written = sum(channel["bytes"] for channel in report["channels"].values() if channel)
    return replace(
        Measured(),
        megabytes_per_second=report["text_bytes"] / 1e6 / throughput["seconds"] / speedup,
        line_bytes_per_byte=written / report["text_bytes"],
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--report", type=Path, help="report.json of a run, whose speed is computed with")
    options = parser.parse_args()
    model = Model(measured_by(json.loads(options.report.read_text(encoding="utf-8")))) if options.report else Model()
    print(tables(model))


def _speedup(serial_share: float, vcpus: float) -> float:
    """Amdahl's law."""
    return 1 / (serial_share + (1 - serial_share) / vcpus)


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3600 else f"{seconds / 3600:.1f} h"


def _money(dollars: float) -> str:
    return f"${dollars:,.2f}" if dollars < 100 else f"${dollars:,.0f}"


if __name__ == "__main__":
    main()
