"""The shards of many files, from S3 to one corpus on S3."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from ..checks import check_lines
from ..errors import FilesFailedError, InvalidInputError, LostShardError, printable
from ..s3.output import JSON, TEXT, Outputs
from . import map_results, shards
from .concatenation import READS_AT_ONCE, ConcatenatedObject, Copier
from .failures import check_files
from .merged_report import MergedReport

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from botocore.client import BaseClient

    from ..config import Assembly
    from ..s3.output import Output
    from .map_results import MapResults
    from .shards import Shard

#: Called often with the bytes copied so far and in all.
Progress = Callable[[int, int], None]

#: What S3 answers to reading or copying what is not there; the second to a role that may not list.
GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN)


def run(assembly: Assembly, client: BaseClient, *, progress: Progress = lambda done, total: None) -> dict[str, Any]:
    """Concatenate the shards, merge their reports and remove them.

    Parameters
    ----------
    assembly
        What to assemble.
    client
        S3 client.
    progress
        Called often with the bytes copied so far and in all; may raise to stop.

    Returns
    -------
    dict
        As that of :func:`preprocess.pipeline.run`, and what became of the files.

    Raises
    ------
    InvalidInputError
        More files than tolerated can't be used, and says which; or nothing is left to train on. The shards are gone.
    FilesFailedError
        More files than tolerated failed, some of them for reasons that lie elsewhere. The shards are gone.
    LostShardError
        A shard is gone, and nobody has made a corpus of it.
    """
    copier = Copier(client, assembly.run.bucket, progress)
    try:
        result = _assembled(assembly, copier)
    except InvalidInputError as error:
        shards.remove(client, assembly.run)
        raise error.located(file=printable(assembly.source.uri)) from None
    except FilesFailedError:
        shards.remove(client, assembly.run)
        raise
    finally:
        copier.close()
    # After other errors they stay: Step Functions may call again.
    shards.remove(client, assembly.run)
    return result


def _assembled(assembly: Assembly, copier: Copier) -> dict[str, Any]:
    """Assemble. Where shards are gone, another invocation for this run may have done so, and its answer got lost."""
    try:
        with Outputs(copier.client, assembly.run) as outputs:
            return _Assembling(assembly, copier, outputs).process()
    except (ClientError, LostShardError) as error:
        if isinstance(error, ClientError) and _status(error) not in GONE:
            raise
        finished = _finished(assembly, copier.client)
        if finished is None:
            raise
        return finished


def _status(error: ClientError) -> int:
    status: int = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status


def _finished(assembly: Assembly, client: BaseClient) -> dict[str, Any] | None:
    """Return what the run's report says, which is published last and before any shard is removed.

    It is of these shards: no other execution has this prefix.
    """
    if not shards.has_report(client, assembly.run):
        return None
    key = assembly.run.prefix + shards.REPORT
    report = json.load(client.get_object(Bucket=assembly.run.bucket, Key=key)["Body"])
    channels = {
        name: channel and {field: channel[field] for field in ("s3_uri", "lines", "bytes")}
        for name, channel in report["channels"].items()
    }
    files = {name: report["files"][name] for name in ("listed", "read", "passed_over", "failed")}
    return _result(channels, f"s3://{assembly.run.bucket}/{key}", report["rows"], files)


class _Assembling:
    def __init__(self, assembly: Assembly, copier: Copier, outputs: Outputs) -> None:
        self._assembly = assembly
        self._client = copier.client
        self._copier = copier
        self._outputs = outputs
        self._report = MergedReport(assembly.source)

    def process(self) -> dict[str, Any]:
        results = map_results.read(self._client, self._assembly.results)
        check_files(self._assembly, results)
        self._check_shards(results.shards)
        for report in self._reports(results.shards):
            self._report.add(report)
        rows = self._report.rows["read"]
        if not rows:
            raise InvalidInputError(f"its {self._report.read:,} files have headers and no rows")
        check_lines(
            rows,
            self._report.dropped,
            self._report.lines("train"),
            self._report.lines("validation"),
            self._assembly.validation_fraction,
            self._report.labels("train"),
        )
        return self._publish(results)

    def _check_shards(self, found: list[Shard]) -> None:
        """Compare what the functions say they have left with what is there: half of it must not pass for the whole."""
        missing = shards.missing(self._client, self._assembly.run, found)
        if missing:
            raise LostShardError(
                f"{printable(self._assembly.source.uri)}: {len(missing):,} of the objects that {len(found):,} files "
                f"became are not there any more, s3://{self._assembly.run.bucket}/{missing[0]} the first. Start the "
                "run again with the same input"
            )

    def _reports(self, found: list[Shard]) -> Iterator[dict[str, Any]]:
        """Yield the shards' reports, in order, reading ahead as far as threads are free."""
        total = sum(source.bytes for shard in found for source in shard.channels.values())
        ahead: deque[Future[dict[str, Any]]] = deque()
        for shard in found:
            self._copier.tick(0, total)
            ahead.append(self._copier.reads.submit(self._read_report, shard))
            if len(ahead) > 2 * READS_AT_ONCE:
                yield ahead.popleft().result()
        yield from (report.result() for report in ahead)

    def _read_report(self, shard: Shard) -> dict[str, Any]:
        response = self._client.get_object(Bucket=self._assembly.run.bucket, Key=shard.report)
        report: dict[str, Any] = json.load(response["Body"])
        return report

    def _publish(self, results: MapResults) -> dict[str, Any]:
        prefix = self._assembly.run.prefix
        channels: dict[str, Any] = {}
        objects: list[Output] = []
        for channel, name in shards.CHANNELS.items():
            sources = [shard.channels[channel] for shard in results.shards if channel in shard.channels]
            channels[channel] = None
            if sources:
                joined = f"{prefix}{shards.INTERMEDIATE}{channel}/"
                concatenated = ConcatenatedObject(self._copier, prefix + name, TEXT, sources, joined)
                self._outputs.add(concatenated)
                objects.append(concatenated)
                lines = self._report.lines(channel)
                channels[channel] = {"s3_uri": concatenated.uri, "lines": lines, "bytes": concatenated.bytes}
        report = self._outputs.open(shards.REPORT, JSON)
        content = self._report.content(channels, results)
        report.write(json.dumps(content, ensure_ascii=False, indent=2).encode())
        self._outputs.publish(*objects, report)
        return _result(channels, report.uri, content["rows"], self._report.files(results))


def _result(channels: dict[str, Any], report_uri: str, rows: Any, files: dict[str, Any]) -> dict[str, Any]:
    return {**channels, "report_s3_uri": report_uri, "rows": rows, "files": files}
