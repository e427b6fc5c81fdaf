"""What a Distributed Map's ResultWriter exported: what became of each file, and why it is not in the corpus.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

from ..config import InputObject
from ..errors import printable
from ..s3.input import S3Object
from .shards import Shard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.client import BaseClient

#: Failures kept with their reason; the others are only counted.
MAX_FAILURES = 1000

#: Objects kept that were passed over; the others are only counted.
MAX_PASSED_OVER = 1000

#: Of a reason. One bad file must not crowd out the names of the others.
REASON_CHARACTERS = 300

INVALID_INPUT = "InvalidInputError"

BLOCK_CHARACTERS = 2**20

#: What stands between the records, of an array or of lines.
BETWEEN = re.compile(r"[\s\[\],]*")


@dataclass(frozen=True)
class Failure:
    """A file that could not be preprocessed."""

    uri: str
    error: str
    reason: str


@dataclass(frozen=True)
class PassedOver:
    """An object that is no file to read, and what it is instead: ``hidden``, ``suffix`` or ``empty``."""

    key: str
    reason: str


@dataclass
class MapResults:
    """The children of a Map Run.

    Attributes
    ----------
    listed
        Children, one for each object that was listed.
    shards
        What the functions of those that succeeded say they have left, in the order of the listing.
    failed
        How many failed, whatever the reason.
    invalid
        How many of these failed because of what is in the file.
    failures
        The first of those that failed, in the order of the listing.
    passed_over
        How many objects were passed over, by reason.
    passed_over_files
        The first of these, in the order of the listing.
    """

    listed: int = 0
    shards: list[Shard] = field(default_factory=list)
    failed: int = 0
    invalid: int = 0
    failures: list[Failure] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    passed_over_files: list[PassedOver] = field(default_factory=list)


def read(client: BaseClient, manifest: InputObject) -> MapResults:
    """Read the results that a manifest names; as a stream, since they grow with the files."""
    content = json.loads(S3Object(client, manifest).read())
    results = MapResults()
    failures: list[tuple[str, Failure]] = []
    passed_over: list[tuple[str, PassedOver]] = []
    for status, files in content["ResultFiles"].items():
        for file in files:
            for child in _records(client, InputObject(content["DestinationBucket"], file["Key"])):
                item = json.loads(child["Input"])
                source, prefix = InputObject(item["file"]["bucket"], item["file"]["key"]), item["shard"]["prefix"]
                results.listed += 1
                if status != "SUCCEEDED":
                    failure = _failure(source, child)
                    results.failed += 1
                    results.invalid += failure.error == INVALID_INPUT
                    failures.append((prefix, failure))
                    continue
                output = json.loads(child["Output"])
                if "passed_over" in output:
                    results.passed_over[output["passed_over"]] += 1
                    passed_over.append((prefix, PassedOver(source.key, output["passed_over"])))
                else:
                    results.shards.append(Shard.returned(prefix, output))
    # Children end in any order; prefixes have the order of the listing.
    results.shards.sort(key=lambda shard: shard.prefix)
    results.failures = [failure for _, failure in sorted(failures, key=_prefix)[:MAX_FAILURES]]
    results.passed_over_files = [file for _, file in sorted(passed_over, key=_prefix)[:MAX_PASSED_OVER]]
    return results


def _prefix(item: tuple[str, Any]) -> str:
    return item[0]


def _failure(source: InputObject, child: dict[str, Any]) -> Failure:
    uri = printable(source.uri)
    message = _message(child.get("Cause") or "") or f"its execution ended as {child['Status']}"
    reason = message.removeprefix(uri).lstrip(":, ")
    if len(reason) > REASON_CHARACTERS:
        reason = reason[:REASON_CHARACTERS] + "…"
    return Failure(uri, child.get("Error") or child["Status"], reason)


def _message(cause: str) -> str:
    """Return the message in the cause of a function's error, or else the cause."""
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, TypeError, KeyError):
        return cause


def _records(client: BaseClient, source: InputObject) -> Iterator[dict[str, Any]]:
    with S3Object(client, source) as stream, io.BufferedReader(stream) as buffered:
        yield from _objects(io.TextIOWrapper(buffered, encoding="utf-8"))


def _objects(text: TextIO) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON array, or of JSON lines, one by one."""
    decode = json.JSONDecoder().raw_decode
    buffer = ""
    while block := text.read(BLOCK_CHARACTERS):
        buffer += block
        position = 0
        while True:
            start = BETWEEN.match(buffer, position).end()  # type: ignore[union-attr]
            try:
                value, position = decode(buffer, start)
            except json.JSONDecodeError:
                break
            yield value
        buffer = buffer[start:]
    if buffer:
        raise ValueError("a file of the map's results ends in the middle of a record")
