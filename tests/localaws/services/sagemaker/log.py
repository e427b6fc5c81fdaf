"""A training job's log stream."""

from __future__ import annotations

import time
from typing import Any

from botocore.exceptions import ClientError

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
# PutLogEvents takes 1 MiB and 10,000 events a call (CloudWatch Logs quotas); lines here are short.
EVENTS_PER_CALL = 1000


class JobLog:
    """The log stream ``<job>/algo-1-<time>`` in SageMaker's log group.

    Parameters
    ----------
    client
        A CloudWatch Logs client.
    job_name
        The training job.
    """

    def __init__(self, client: Any, job_name: str) -> None:
        self._client = client
        self._stream = f"{job_name}/algo-1-{int(time.time())}"
        self._waiting: list[dict[str, Any]] = []

    def open(self) -> None:
        """Create the group and the stream where they do not exist."""
        try:
            self._client.create_log_group(logGroupName=LOG_GROUP)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
                raise
        streams = self._client.describe_log_streams(logGroupName=LOG_GROUP, logStreamNamePrefix=self._stream)
        if not streams["logStreams"]:
            self._client.create_log_stream(logGroupName=LOG_GROUP, logStreamName=self._stream)

    def write(self, line: str) -> None:
        """Add a line; :meth:`flush` sends it."""
        if line:
            self._waiting.append({"timestamp": int(time.time() * 1000), "message": line})

    def flush(self) -> None:
        """Send the lines that wait."""
        while self._waiting:
            events, self._waiting = self._waiting[:EVENTS_PER_CALL], self._waiting[EVENTS_PER_CALL:]
            self._client.put_log_events(logGroupName=LOG_GROUP, logStreamName=self._stream, logEvents=events)
