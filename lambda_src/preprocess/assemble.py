"""Entry point of the function that makes one corpus of many files' parts: ``preprocess.assemble.handler``."""

from __future__ import annotations

import json
import logging
from collections import deque
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from . import map_results, parts
from .checks import check_lines
from .concatenation import CONNECTIONS, READS_AT_ONCE, ConcatenatedObject, Copier
from .config import Assembly
from .deadline import Deadline
from .errors import FilesFailedError, InvalidInputError, printable
from .merged_report import MergedReport
from .s3_output import JSON, TEXT, Outputs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from botocore.client import BaseClient

    from .map_results import MapResults
    from .parts import Part
    from .s3_output import Output

LOGGER = logging.getLogger(__name__)
LOGGER.setLevel(logging.INFO)

#: S3 answers only once it has copied.
COPY_TIMEOUT_SECONDS = 300

#: Failures that an error names. Step Functions cuts a cause after 32,768 characters, and JSON may take six for one.
MAX_NAMED = 50
MAX_NAMED_CHARACTERS = 24_000

ADVICE = "Start the run over fewer files: small ones joined beforehand, or a folder that is a part of this one"

#: Called often with the bytes copied so far and in all.
Progress = Callable[[int, int], None]


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Assemble the parts that the event names.

    Parameters
    ----------
    event
        See :meth:`preprocess.config.Assembly.from_event`.
    context
        Lambda's context, for the time left.

    Returns
    -------
    dict
        See :func:`run`.
    """
    assembly = Assembly.from_event(event)
    deadline = Deadline(lambda: context.get_remaining_time_in_millis() / 1000, ADVICE)
    result = run(assembly, s3_client(), progress=deadline.check)
    LOGGER.info(json.dumps({"message": "assembled", "source": assembly.source.uri, "files": result["files"]}))
    return result


@cache
def s3_client() -> BaseClient:
    """Return the client that every invocation of a warm function uses."""
    return boto3.client(
        "s3",
        config=Config(
            connect_timeout=5,
            read_timeout=COPY_TIMEOUT_SECONDS,
            retries={"mode": "standard", "max_attempts": 5},
            max_pool_connections=CONNECTIONS,
            # Copied parts have no checksum to be named on completion, so uploaded ones must not have one either.
            request_checksum_calculation="when_required",
        ),
    )


def run(assembly: Assembly, client: BaseClient, *, progress: Progress = lambda done, total: None) -> dict[str, Any]:
    """Concatenate the parts, merge their reports and remove them.

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
        More files than tolerated can't be used, and says which; or nothing is left to train on. The parts are gone.
    FilesFailedError
        More files than tolerated failed, some of them for reasons that lie elsewhere. The parts are gone.
    """
    copier = Copier(client, assembly.run.bucket, progress)
    try:
        with Outputs(client, assembly.run) as outputs:
            result = _finished(assembly, client) or _Assembling(assembly, copier, outputs).process()
    except InvalidInputError as error:
        parts.remove(client, assembly.run)
        raise error.located(file=printable(assembly.source.uri)) from None
    except FilesFailedError:
        parts.remove(client, assembly.run)
        raise
    finally:
        copier.close()
    # After other errors they stay: Step Functions may call again.
    parts.remove(client, assembly.run)
    return result


def _finished(assembly: Assembly, client: BaseClient) -> dict[str, Any] | None:
    """Return the result of an earlier invocation whose answer got lost, which may have left few of the parts."""
    if not parts.has_report(client, assembly.run):
        return None
    key = assembly.run.prefix + parts.REPORT
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
        # A child may have failed after its function had written everything.
        listed = parts.finished_parts(self._client, self._assembly.run)
        found = [part for part in listed if part.prefix not in results.failed_prefixes]
        self._check_files(results, len(found))
        for report in self._reports(found):
            self._report.add(report)
        rows = self._report.rows["read"]
        if not rows:
            raise InvalidInputError(f"its {len(found):,} files have headers and no rows")
        check_lines(
            rows,
            self._report.dropped,
            self._report.lines("train"),
            self._report.lines("validation"),
            self._assembly.validation_fraction,
        )
        return self._publish(results, found)

    def _check_files(self, results: MapResults, read: int) -> None:
        tolerated = self._assembly.tolerated_failure_percentage
        wanted = read + results.failed
        if 100 * results.failed > tolerated * wanted:
            message = (
                f"{results.failed:,} of {wanted:,} files failed, more than the {tolerated:g}% that "
                f"preprocess.tolerated_failure_percentage allows:{_named(results)}"
            )
            if results.failed == results.invalid:
                raise InvalidInputError(message)
            raise FilesFailedError(f"{printable(self._assembly.source.uri)}: {message}")
        if results.failed and not read:
            raise InvalidInputError(f"all of its {results.failed:,} files failed:{_named(results)}")
        if not results.listed:
            raise InvalidInputError("there is no object there")
        if not read:
            raise InvalidInputError(
                f"none of the {results.listed:,} objects there is a file to read: hidden and empty ones are passed "
                "over, and those without a suffix of input.suffixes"
            )

    def _reports(self, found: list[Part]) -> Iterator[dict[str, Any]]:
        """Yield the parts' reports, in order, reading ahead as far as threads are free."""
        total = sum(source.bytes for part in found for source in part.channels.values())
        ahead: deque[Future[dict[str, Any]]] = deque()
        for part in found:
            self._copier.tick(0, total)
            ahead.append(self._copier.reads.submit(self._read_report, part))
            if len(ahead) > 2 * READS_AT_ONCE:
                yield ahead.popleft().result()
        yield from (report.result() for report in ahead)

    def _read_report(self, part: Part) -> dict[str, Any]:
        response = self._client.get_object(Bucket=self._assembly.run.bucket, Key=part.prefix + parts.REPORT)
        report: dict[str, Any] = json.load(response["Body"])
        return report

    def _publish(self, results: MapResults, found: list[Part]) -> dict[str, Any]:
        prefix = self._assembly.run.prefix
        channels: dict[str, Any] = {}
        objects: list[Output] = []
        for channel, name in parts.CHANNELS.items():
            sources = [part.channels[channel] for part in found if channel in part.channels]
            channels[channel] = None
            if sources:
                joined = f"{prefix}{parts.INTERMEDIATE}{channel}/"
                concatenated = ConcatenatedObject(self._copier, prefix + name, TEXT, sources, joined)
                self._outputs.add(concatenated)
                objects.append(concatenated)
                lines = self._report.lines(channel)
                channels[channel] = {"s3_uri": concatenated.uri, "lines": lines, "bytes": concatenated.bytes}
        report = self._outputs.open(parts.REPORT, JSON)
        content = self._report.content(channels, results)
        report.write(json.dumps(content, ensure_ascii=False, indent=2).encode())
        self._outputs.publish(*objects, report)
        return _result(channels, report.uri, content["rows"], self._report.files(results))


def _result(channels: dict[str, Any], report_uri: str, rows: Any, files: dict[str, int]) -> dict[str, Any]:
    return {**channels, "report_s3_uri": report_uri, "rows": rows, "files": files}


def _named(results: MapResults) -> str:
    """Return a line for each file that failed, as many as an error has room for."""
    lines: list[str] = []
    left = MAX_NAMED_CHARACTERS
    for failure in results.failures[:MAX_NAMED]:
        error = "" if failure.error == map_results.INVALID_INPUT else f"{failure.error}: "
        line = f"\n{failure.uri}: {error}{failure.reason}"
        left -= len(json.dumps(line))
        if left < 0:
            break
        lines.append(line)
    more = results.failed - len(lines)
    return "".join(lines) + (f"\nand {more:,} more" if more else "")
