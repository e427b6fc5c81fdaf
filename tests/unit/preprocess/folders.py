"""What the tests of assembling share: shards as preprocessing leaves them, and a map's results."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from unit.preprocess.runs import ARTIFACTS, INPUT, PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = "exports/2026-11/"
MANIFEST = f"{PREFIX}files/map-run/manifest.json"


def event(**config: Any) -> dict[str, Any]:
    """Return the event of the assembling function."""
    return {
        "run": {"bucket": ARTIFACTS, "prefix": PREFIX},
        "source": {"bucket": INPUT, "prefix": FOLDER},
        "results": {"bucket": ARTIFACTS, "key": MANIFEST},
        "config": config,
    }


def shard_prefix(index: int) -> str:
    """Return the prefix of the shard that the file of this index became."""
    return f"{PREFIX}shards/{index:08}/"


@dataclass
class Child:
    """One child of the map: that of a file that is fine, unless ``error`` says otherwise."""

    index: int
    error: str | None = None
    message: str = ""
    cause: str | None = None

    @property
    def key(self) -> str:
        return f"{FOLDER}{self.index:05}.csv"

    def record(self) -> dict[str, Any]:
        """Return the child as the ResultWriter exports it."""
        payload = {
            "input": {"bucket": INPUT, "key": self.key, "etag": '"e"'},
            "output": {"bucket": ARTIFACTS, "prefix": shard_prefix(self.index)},
            "shard": True,
        }
        shown = {"Input": json.dumps({"size": 1, "payload": payload}), "Status": "SUCCEEDED", "Output": "{}"}
        if self.error:
            cause = json.dumps({"errorMessage": self.message, "errorType": self.error, "stackTrace": []})
            shown |= {"Status": "FAILED", "Error": self.error, "Cause": self.cause or cause}
        return shown


def write_results(client: Any, *children: Child, passed_over: int = 0, lines: bool = False) -> None:
    """Write the map's results, in two files of each status where there are several children of it."""
    records = [child.record() for child in children]
    records += [{"Input": '{"size": 0}', "Output": '{"size": 0}', "Status": "SUCCEEDED"}] * passed_over
    files: dict[str, list[dict[str, Any]]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    for status, listed in files.items():
        chosen = [record for record in records if record["Status"] == status]
        for number, half in enumerate((chosen[1::2], chosen[::2])):
            if half:
                key = f"{PREFIX}files/map-run/{status}_{number}.json"
                body = "".join(json.dumps(record) + "\n" for record in half) if lines else json.dumps(half)
                client.put_object(Bucket=ARTIFACTS, Key=key, Body=body.encode())
                listed.append({"Key": key, "Size": len(body)})
    manifest = {"DestinationBucket": ARTIFACTS, "MapRunArn": "arn", "ResultFiles": files}
    client.put_object(Bucket=ARTIFACTS, Key=MANIFEST, Body=json.dumps(manifest).encode())


def write_shard(
    client: Any,
    index: int,
    train: bytes = b"",
    validation: bytes = b"",
    labels: Mapping[str, dict[str, int]] = MappingProxyType({}),
    **report: Any,
) -> None:
    """Write what one file became, with a report that fits: ``labels`` are the lines by label of each channel."""
    prefix = shard_prefix(index)
    channels: dict[str, Any] = {}
    for name, body in (("train", train), ("validation", validation)):
        channels[name] = None
        if body:
            client.put_object(Bucket=ARTIFACTS, Key=f"{prefix}{name}/{name}.txt", Body=body)
            count = body.count(b"\n")
            channels[name] = {"lines": count, "bytes": len(body), "tokens": 2 * count, "labels": labels.get(name, {})}
    rows = (train + validation).count(b"\n")
    content = {
        "input": {"bucket": INPUT, "key": Child(index).key, "version_id": None, "etag": "e", "bytes": 1000},
        "rows": {"read": rows + 1, "kept": rows, "dropped": {"empty_text": 1}},
        "channels": channels,
        "text_bytes": 500,
        "throughput": {
            "seconds": 2.0,
            "workers": 2,
            "megabytes_per_second": 0.0,
            "tokenizing_seconds": 3.0,
            "tokenizing_share": 0.75,
        },
        "versions": {"sudachipy": "0.6.11"},
        "configuration": {"text_column": "review_body"},
        **report,
    }
    client.put_object(Bucket=ARTIFACTS, Key=f"{prefix}report.json", Body=json.dumps(content).encode())
