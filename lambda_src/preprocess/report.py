"""The report of a run: enough to trace a model to what it learned from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import sudachipy

from .text.stop_words import default_stop_words

if TYPE_CHECKING:
    from .batch import ChannelCounts, Counts
    from .config import Job


@dataclass(frozen=True)
class Timing:
    """How long a run took, in seconds of the clock, with how many workers."""

    seconds: float
    workers: int


def build(
    job: Job,
    source: dict[str, Any],
    counts: Counts,
    timing: Timing,
    dictionary: dict[str, Any],
    channels: dict[str, Any],
) -> dict[str, Any]:
    """Return the report as JSON values.

    Parameters
    ----------
    source
        Bucket, key, version, ETag and size of what was read.
    dictionary
        Name and version of the dictionary and of the user dictionary in it.
    channels
        Result of each channel, ``None`` for one that was not written.
    """
    words = job.tokenizer.stop_words
    tokenizing = counts.tokenizing_seconds
    return {
        "input": source,
        "rows": rows(counts),
        "channels": {
            "train": _channel(counts.train, channels["train"]),
            "validation": _channel(counts.validation, channels["validation"]),
        },
        "text_bytes": counts.text_bytes,
        "throughput": {
            "seconds": round(timing.seconds, 3),
            "workers": timing.workers,
            "megabytes_per_second": round(counts.text_bytes / 1e6 / timing.seconds, 3),
            "tokenizing_seconds": round(tokenizing, 3),
            "tokenizing_share": round(tokenizing / (timing.seconds * timing.workers), 3),
        },
        "versions": {"sudachipy": sudachipy.__version__, "pandas": pd.__version__, "dictionary": dictionary},
        "configuration": {
            **asdict(job.table),
            **asdict(job.tokenizer),
            "stop_words": sorted(default_stop_words()) if words is None else list(words),
            "validation_fraction": job.validation_fraction,
        },
    }


def rows(counts: Counts) -> dict[str, Any]:
    """Return how many rows were read and kept, and how many were dropped for which reason."""
    kept = counts.train.lines + counts.validation.lines
    return {"read": counts.rows, "kept": kept, "dropped": dict(sorted(counts.dropped.items()))}


def _channel(counts: ChannelCounts, written: dict[str, Any] | None) -> dict[str, Any] | None:
    if written is None:
        return None
    return {**written, "tokens": counts.tokens, "labels": dict(sorted(counts.labels.items()))}
