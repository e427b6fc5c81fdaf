"""What the tests of assembling share: shards as preprocessing leaves them, and a map's results."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from unit.preprocess.runs import ARTIFACTS, INPUT, PREFIX

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


def channels(index: int, train: bytes, validation: bytes) -> dict[str, Any]:
    """Return the channels of a shard, as the function's result has them."""
    return {
        name: {
            "s3_uri": f"s3://{ARTIFACTS}/{shard_prefix(index)}{name}/{name}.txt",
            "lines": body.count(b"\n"),
            "bytes": len(body),
        }
        if body
        else None
        for name, body in (("train", train), ("validation", validation))
    }


@dataclass
class Child:
    """One child of the map: that of a file that became a shard with these lines, unless the others say otherwise.

    ``labels`` are the lines by label of each channel.
    """

    index: int
    error: str | None = None
    message: str = ""
    cause: str | None = None
    train: bytes = b""
    validation: bytes = b""
    labels: dict[str, dict[str, int]] = field(default_factory=dict)
    passed_over: str | None = None
    report: dict[str, Any] = field(default_factory=dict)
    output: dict[str, Any] | None = None

    @property
    def key(self) -> str:
        return f"{FOLDER}{self.index:05}.csv"

    def record(self) -> dict[str, Any]:
        """Return the child as the ResultWriter exports it."""
        item = {
            "name": "/" + self.key.removeprefix(FOLDER),
            "size": 1,
            "file": {"bucket": INPUT, "key": self.key, "etag": '"e"'},
            "shard": {"bucket": ARTIFACTS, "prefix": shard_prefix(self.index)},
        }
        shown = {"Input": json.dumps(item), "Status": "SUCCEEDED", "Output": json.dumps(self._output())}
        if self.error:
            cause = json.dumps({"errorMessage": self.message, "errorType": self.error, "stackTrace": []})
            del shown["Output"]
            shown |= {"Status": "FAILED", "Error": self.error, "Cause": self.cause or cause}
        return shown

    def _output(self) -> dict[str, Any]:
        if self.output:
            return self.output
        if self.passed_over:
            return {"passed_over": self.passed_over}
        return {
            **channels(self.index, self.train, self.validation),
            "report_s3_uri": f"s3://{ARTIFACTS}/{shard_prefix(self.index)}report.json",
            "rows": {"read": 1, "kept": 1, "dropped": {}},
        }


def write_results(client: Any, *children: Child, lines: bool = False) -> None:
    """Write the map's results, in two files of each status where there are several children of it."""
    records = [child.record() for child in children]
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


def write_shard(client: Any, child: Child) -> None:
    """Write what the file of a child became, with a report that fits."""
    prefix, written = shard_prefix(child.index), channels(child.index, child.train, child.validation)
    for name, body in (("train", child.train), ("validation", child.validation)):
        if body:
            client.put_object(Bucket=ARTIFACTS, Key=f"{prefix}{name}/{name}.txt", Body=body)
            written[name] |= {"tokens": 2 * body.count(b"\n"), "labels": child.labels.get(name, {})}
    rows = (child.train + child.validation).count(b"\n")
    content = {
        "input": {"bucket": INPUT, "key": child.key, "version_id": None, "etag": "e", "bytes": 1000},
        "rows": {"read": rows + 1, "kept": rows, "dropped": {"empty_text": 1}},
        "channels": written,
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
        **child.report,
    }
    client.put_object(Bucket=ARTIFACTS, Key=f"{prefix}report.json", Body=json.dumps(content).encode())


def write_run(client: Any, *children: Child) -> None:
    """Write the map's results, and the shards of the children that have some."""
    write_results(client, *children)
    for child in children:
        if not child.error and not child.passed_over:
            write_shard(client, child)
