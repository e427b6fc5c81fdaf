"""Folders of small files of reviews: put into the input bucket, closed, and what runs over them left."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from e2e.reviews import sample
from e2e.stack import Execution, Json, Stack, table

MARKER = "_SUCCESS"

#: Files that are uploaded at a time.
UPLOADS = 4


def rows(count: int) -> list[tuple[str, str]]:
    """Return the texts and labels of a sample."""
    with io.StringIO(sample(count).decode(), newline="") as text:
        return [(row["review_body"], row["star_rating"]) for row in csv.DictReader(text)]


def spread(reviews: list[tuple[str, str]], files: int) -> dict[str, bytes]:
    """Spread reviews over as many files, by name; neighbors may end up in different ones."""
    return {f"part-{number:05}.csv": table(reviews[number::files]) for number in range(files)}


def upload(stack: Stack, prefix: str, files: Mapping[str, bytes]) -> None:
    """Put files under a prefix of the input bucket."""
    with ThreadPoolExecutor(UPLOADS) as pool:
        list(pool.map(lambda name: stack.upload(files[name], prefix + name), files))


def run(stack: Stack, prefix: str, files: Mapping[str, bytes]) -> Execution:
    """Put files under a prefix, close it with the marker, and wait for the execution that starts by itself."""
    upload(stack, prefix, files)
    return stack.run(b"", prefix + MARKER)


def by_hand(prefix: str, stack: Stack, **event: str) -> Json:
    """Return the input of an execution that is started by hand over a prefix."""
    return {"detail": {"bucket": {"name": stack.outputs["input_bucket"]}, "prefix": prefix}, **event}


def lines(stack: Stack, execution: Execution, channel: str) -> list[str]:
    """Return the lines of a channel that an execution wrote."""
    key = f"runs/{execution.output['run_id']}/{channel}/{channel}.txt"
    return stack.artifact(key).decode().split("\n")[:-1]


def report(stack: Stack, execution: Execution) -> Json:
    """Return the report that an execution wrote."""
    content: Json = json.loads(stack.artifact(f"runs/{execution.output['run_id']}/report.json"))
    return content


def kept(stack: Stack, run_id: str) -> list[str]:
    """Return the keys below a run's prefix, without the map's own results."""
    prefix = f"runs/{run_id}/"
    keys = [key.removeprefix(prefix) for key in stack.artifacts(prefix)]
    return [key for key in keys if not key.startswith("files/")]
