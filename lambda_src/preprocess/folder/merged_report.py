"""The report of a run over many files: the sum of its shards' reports."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ..config import MAX_LABELS
from ..errors import InvalidInputError

if TYPE_CHECKING:
    from ..config import Folder
    from .map_results import MapResults

#: Files that the report lists; the others are only counted.
MAX_FILES = 10_000


class MergedReport:
    """Adds reports up, in the order of their files."""

    def __init__(self, source: Folder) -> None:
        self._source = source
        self._bytes = self._text_bytes = 0
        self.read = 0
        self.rows: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        self._files: list[dict[str, Any]] = []
        self._channels = {"train": _Channel(), "validation": _Channel()}
        self._seconds = self._worker_seconds = self._tokenizing_seconds = 0.0
        self._versions: list[dict[str, Any]] = []
        self._configuration: dict[str, Any] = {}

    def add(self, report: dict[str, Any]) -> None:
        """Add a shard's report.

        Raises
        ------
        InvalidInputError
            There are too many different labels.
        """
        self.read += 1
        self.rows.update({name: report["rows"][name] for name in ("read", "kept")})
        self.dropped.update(report["rows"]["dropped"])
        self._bytes += report["input"]["bytes"]
        self._text_bytes += report["text_bytes"]
        for name, channel in self._channels.items():
            channel.add(report["channels"][name])
        throughput = report["throughput"]
        self._seconds += throughput["seconds"]
        self._worker_seconds += throughput["seconds"] * throughput["workers"]
        self._tokenizing_seconds += throughput["tokenizing_seconds"]
        if report["versions"] not in self._versions:
            self._versions.append(report["versions"])
        self._configuration = report["configuration"]
        if len(self._files) < MAX_FILES:
            file = {name: report["input"][name] for name in ("key", "etag", "bytes")}
            self._files.append(file | {"rows": report["rows"]["read"], "kept": report["rows"]["kept"]})

    def lines(self, channel: str) -> int:
        """Lines of a channel."""
        return self._channels[channel].lines

    def labels(self, channel: str) -> dict[str, int]:
        """Lines of a channel by label."""
        return self._channels[channel].sorted_labels()

    def content(self, channels: dict[str, Any], results: MapResults) -> dict[str, Any]:
        """Return the report as JSON values.

        Parameters
        ----------
        channels
            Result of each channel, ``None`` for one that was not written.
        results
            Of the map.
        """
        return {
            "input": {"bucket": self._source.bucket, "prefix": self._source.prefix, "bytes": self._bytes},
            "files": {
                **self.files(results),
                "failures": [vars(failure) for failure in results.failures],
                "passed_over_files": [vars(file) for file in results.passed_over_files],
                "listing": self._files,
            },
            "rows": self.all_rows(),
            "channels": {
                name: channels[name] and channels[name] | {"tokens": channel.tokens, "labels": channel.sorted_labels()}
                for name, channel in self._channels.items()
            },
            "text_bytes": self._text_bytes,
            # Of the functions, which worked side by side: their seconds, not the run's.
            "throughput": {
                "seconds": round(self._seconds, 3),
                "worker_seconds": round(self._worker_seconds, 3),
                "megabytes_per_second": _ratio(self._text_bytes / 1e6, self._seconds),
                "tokenizing_seconds": round(self._tokenizing_seconds, 3),
                "tokenizing_share": _ratio(self._tokenizing_seconds, self._worker_seconds),
            },
            # More than one where the function was changed in the middle of the run.
            "versions": self._versions[0] if len(self._versions) == 1 else self._versions,
            "configuration": self._configuration,
        }

    def all_rows(self) -> dict[str, Any]:
        """Rows read, kept and dropped, as the result has them."""
        return {
            "read": self.rows["read"],
            "kept": self.rows["kept"],
            "dropped": dict(sorted(self.dropped.items())),
        }

    def files(self, results: MapResults) -> dict[str, Any]:
        """What became of the files, as the result has it."""
        passed_over = dict(sorted(results.passed_over.items()))
        return {"listed": results.listed, "read": self.read, "passed_over": passed_over, "failed": results.failed}


class _Channel:
    def __init__(self) -> None:
        self.lines = self.tokens = 0
        self._labels: Counter[str] = Counter()

    def add(self, channel: dict[str, Any] | None) -> None:
        if channel is None:
            return
        self.lines += channel["lines"]
        self.tokens += channel["tokens"]
        self._labels.update(channel["labels"])
        if len(self._labels) > MAX_LABELS:
            raise InvalidInputError(
                f"its files hold more than {MAX_LABELS:,} different labels: name the column of the classes as label "
                "column, or map the labels that count"
            )

    def sorted_labels(self) -> dict[str, int]:
        return dict(sorted(self._labels.items()))


def _ratio(value: float, base: float) -> float:
    return round(value / base, 3) if base else 0.0
