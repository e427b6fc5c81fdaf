"""What the tests of whole runs share: the event, the buckets, and what a run left in them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

INPUT, ARTIFACTS, PREFIX = "input", "artifacts", "runs/1/"


def event(key: str = "reviews.csv", *, shard: bool = False, **config: Any) -> dict[str, Any]:
    """Return the event for a labeled table; ``config`` overrides."""
    return {
        "input": {"bucket": INPUT, "key": key},
        "output": {"bucket": ARTIFACTS, "prefix": PREFIX},
        "config": {"label_column": "star_rating", **config},
        **({"shard": True} if shard else {}),
    }


@dataclass
class Outcome:
    """What a run returned and wrote."""

    result: dict[str, Any]
    objects: dict[str, bytes] = field(default_factory=dict)

    @property
    def train(self) -> list[str]:
        return self._lines("train/train.txt")

    @property
    def validation(self) -> list[str]:
        return self._lines("validation/validation.txt")

    @property
    def report(self) -> Any:
        return json.loads(self.objects["report.json"])

    def _lines(self, name: str) -> list[str]:
        text = self.objects.get(name, b"").decode()
        assert text == "" or text.endswith("\n")
        return text.split("\n")[:-1]


def written(client: Any) -> dict[str, bytes]:
    """Return every object of the artifacts bucket, by its key below the run's prefix."""
    listing = client.list_objects_v2(Bucket=ARTIFACTS).get("Contents", [])
    return {
        entry["Key"].removeprefix(PREFIX): client.get_object(Bucket=ARTIFACTS, Key=entry["Key"])["Body"].read()
        for entry in listing
    }


def assert_nothing_left(client: Any) -> None:
    """Assert that there is neither an object nor an unfinished upload."""
    assert written(client) == {}
    assert client.list_multipart_uploads(Bucket=ARTIFACTS).get("Uploads", []) == []
