"""Entry point of the Lambda function: ``preprocess.handler.handler``."""

from __future__ import annotations

import os

from .text import dictionary_files

dictionary_files.locate()  # unpacks in threads while the imports below run
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy would start threads that nothing here has work for

import json  # noqa: E402
import logging  # noqa: E402
import math  # noqa: E402
from functools import cache  # noqa: E402
from typing import TYPE_CHECKING, Any  # noqa: E402

import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402

from . import pipeline  # noqa: E402
from .config import Job  # noqa: E402
from .deadline import Deadline  # noqa: E402

if TYPE_CHECKING:
    from botocore.client import BaseClient

LOGGER = logging.getLogger(__name__)
LOGGER.setLevel(logging.INFO)

#: AWS gives a function one vCPU for each.
MEGABYTES_A_VCPU = 1769


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Preprocess the file that the event names.

    Parameters
    ----------
    event
        See :meth:`preprocess.config.Job.from_event`.
    context
        Lambda's context, for the time left.

    Returns
    -------
    dict
        See :func:`preprocess.pipeline.run`.
    """
    job = Job.from_event(event)
    deadline = Deadline(lambda: context.get_remaining_time_in_millis() / 1000)
    result = pipeline.run(job, s3_client(), workers=vcpus(), progress=deadline.check)
    LOGGER.info(json.dumps({"message": "preprocessed", "input": job.input.uri, "rows": result["rows"]}))
    return result


@cache
def s3_client() -> BaseClient:
    """Return the client that every invocation of a warm function uses."""
    return boto3.client(
        "s3", config=Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 5})
    )


def vcpus() -> int:
    """Return how many vCPUs the function's memory buys. Lambda shows two even where it gives one."""
    available = len(os.sched_getaffinity(0))
    memory = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
    return min(available, math.ceil(int(memory) / MEGABYTES_A_VCPU)) if memory else available
