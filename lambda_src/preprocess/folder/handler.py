"""Entry point of the function that makes one corpus of many files' shards: ``preprocess.folder.handler.handler``."""

from __future__ import annotations

import json
import logging
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from ..config import Assembly
from ..deadline import Deadline
from . import pipeline
from .concatenation import CONNECTIONS

if TYPE_CHECKING:
    from botocore.client import BaseClient

LOGGER = logging.getLogger(__name__)
LOGGER.setLevel(logging.INFO)

#: S3 answers only once it has copied.
COPY_TIMEOUT_SECONDS = 300

ADVICE = "Start the run over fewer files: small ones joined beforehand, or some of them in a folder of their own"


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Assemble the shards that the event names.

    Parameters
    ----------
    event
        See :meth:`preprocess.config.Assembly.from_event`.
    context
        Lambda's context, for the time left.

    Returns
    -------
    dict
        See :func:`preprocess.folder.pipeline.run`.
    """
    assembly = Assembly.from_event(event)
    deadline = Deadline(lambda: context.get_remaining_time_in_millis() / 1000, ADVICE)
    result = pipeline.run(assembly, s3_client(), progress=deadline.check)
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
        ),
    )
