"""The shards of a run over many files, each what one file became, as they lie in S3."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from .concatenation import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from botocore.client import BaseClient

    from ..config import OutputPrefix

#: Below the run's prefix. A shard's folder is the number of its file in the listing, of eight digits: S3 lists shards
#: in the order of the files.
FOLDER = "shards/"

#: Below the folder of the shards, and after all of them.
INTERMEDIATE = "shards/joined/"

REPORT = "report.json"

#: The objects of each channel, below a shard's prefix and below the run's.
CHANNELS = {"train": "train/train.txt", "validation": "validation/validation.txt"}

#: Of a report, which no function tells the size of.
ANY_SIZE = -1

#: DeleteObjects takes so many.
KEYS_A_REQUEST = 1000

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shard:
    """What one file became.

    Attributes
    ----------
    prefix
        Of its objects.
    channels
        Its lines for each channel that it has some for.
    """

    prefix: str
    channels: dict[str, Source] = field(default_factory=dict)

    @classmethod
    def returned(cls, prefix: str, result: dict[str, Any]) -> Shard:
        """Return the shard that a function says it has left; see :func:`preprocess.pipeline.run`."""
        channels = {
            channel: Source(prefix + name, result[channel]["bytes"])
            for channel, name in CHANNELS.items()
            if result[channel]
        }
        return cls(prefix, channels)

    @property
    def report(self) -> str:
        """Key of its report."""
        return self.prefix + REPORT


def missing(client: BaseClient, run: OutputPrefix, shards: Sequence[Shard]) -> list[str]:
    """Return the keys of what the functions say they have left and that is not there, or not of that size, in order."""
    wanted = {shard.report: ANY_SIZE for shard in shards}
    wanted |= {source.key: source.bytes for shard in shards for source in shard.channels.values()}
    for item in _objects(client, run, run.prefix + FOLDER):
        if wanted.get(item["Key"]) in (ANY_SIZE, item["Size"]):
            del wanted[item["Key"]]
    return sorted(wanted)


def remove(client: BaseClient, run: OutputPrefix) -> None:
    """Remove everything that is left of a run's shards, as far as S3 lets us: what stays expires with the run."""
    try:
        keys = [{"Key": item["Key"]} for item in _objects(client, run, run.prefix + FOLDER)]
        for start in range(0, len(keys), KEYS_A_REQUEST):
            request = {"Objects": keys[start : start + KEYS_A_REQUEST], "Quiet": True}
            for error in client.delete_objects(Bucket=run.bucket, Delete=request).get("Errors", []):
                LOGGER.error("could not remove s3://%s/%s: %s", run.bucket, error["Key"], error["Message"])
    except (ClientError, BotoCoreError):
        LOGGER.exception("could not remove what is left below s3://%s/%s%s", run.bucket, run.prefix, FOLDER)


def has_report(client: BaseClient, run: OutputPrefix) -> bool:
    """Tell whether the run has its report. Asking for it would be answered by "access denied" where it is missing."""
    return any(item["Key"] == run.prefix + REPORT for item in _objects(client, run, run.prefix + REPORT))


def _objects(client: BaseClient, run: OutputPrefix, prefix: str) -> Iterator[dict[str, Any]]:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=run.bucket, Prefix=prefix):
        yield from page.get("Contents", [])
