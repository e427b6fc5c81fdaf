"""The local AWS as the account of a trial, to try the trial itself. Nothing else here imports it."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from localaws import LocalAWS
from on_aws.account import Account

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Everything as in the example, but for a training that takes a second.
TRAINING = {
    "mode": "skipgram",
    "hyperparameters": {"epochs": 1, "min_count": 5, "vector_dim": 10},
    "spot_max_wait_seconds": 3600,
}


@contextmanager
def local_account(region: str) -> Iterator[Account]:
    """A local AWS for the length of the block."""
    with LocalAWS(region=region) as aws:

        @cache
        def client(service: str) -> Any:
            return aws.client(service)

        runtime = f"python{sys.version_info.major}.{sys.version_info.minor}"
        yield Account(
            region,
            None,
            client,
            environment=aws.environment(),
            poll_seconds=0.1,
            settle_seconds=2,
            overrides={"training": TRAINING, "preprocess": {"runtime": runtime}},
        )
