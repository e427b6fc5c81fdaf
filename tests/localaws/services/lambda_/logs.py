"""What Lambda writes to CloudWatch Logs about an invocation: its own lines and the function's output."""

from __future__ import annotations

import json
import math
import time
from itertools import accumulate
from typing import Any

from botocore.exceptions import ClientError

from localaws.access import credentials
from localaws.services.lambda_.environment import MIB, Configuration, Result

_MAX_BATCH_EVENTS = 10_000
_MAX_BATCH_BYTES = 1_048_576
_EVENT_OVERHEAD_BYTES = 26
_MAX_EVENT_BYTES = 262_144 - _EVENT_OVERHEAD_BYTES
LogEvent = tuple[int, str]


def events(configuration: Configuration, result: Result) -> list[LogEvent]:
    """The log events of one invocation: time in milliseconds and message, in order."""
    platform = _json_lines if configuration.log_format == "JSON" else _text_lines
    init, start, end = platform(configuration, result)
    init_ms = result.started_ms - int((result.init_duration or 0) * 1000)
    # Lambda's own times and those of the output come from different clocks; CloudWatch shows events by time.
    lines = [
        *((init_ms, line) for line in init),
        *result.output[: result.init_lines],
        *((result.started_ms, line) for line in start),
        *result.output[result.init_lines :],
        *((result.started_ms + int(result.duration * 1000), line) for line in end),
    ]
    times = accumulate((time_ms for time_ms, _ in lines), max)
    return [(time_ms, line) for time_ms, (_, line) in zip(times, lines, strict=True)]


def report(configuration: Configuration, result: Result) -> dict[str, Any]:
    """The metrics of the ``REPORT`` line, under the names that its JSON form has."""
    metrics: dict[str, Any] = {
        "durationMs": round(result.duration * 1000, 3),
        "billedDurationMs": math.ceil((result.duration + (result.init_duration or 0)) * 1000),
        "memorySizeMB": configuration.memory_mb,
        "maxMemoryUsedMB": math.ceil(result.peak_memory / MIB),
    }
    if result.init_duration is not None:
        metrics["initDurationMs"] = round(result.init_duration * 1000, 3)
    return metrics


def _text_lines(configuration: Configuration, result: Result) -> tuple[list[str], list[str], list[str]]:
    metrics = report(configuration, result)
    request = f"RequestId: {result.request_id}"
    line = (
        f"REPORT {request}\tDuration: {metrics['durationMs']:.2f} ms\t"
        f"Billed Duration: {metrics['billedDurationMs']} ms\t"
        f"Memory Size: {metrics['memorySizeMB']} MB\tMax Memory Used: {metrics['maxMemoryUsedMB']} MB\t"
    )
    if "initDurationMs" in metrics:
        line += f"Init Duration: {metrics['initDurationMs']:.2f} ms\t"
    if result.status != "success":
        line += f"Status: {result.status}\t"
    if result.status == "error":
        line += f"Error Type: {result.error_type}\t"
    init = []
    if result.init_duration is not None:
        init = [f"INIT_START Runtime Version: {configuration.runtime.replace('python', 'python:')}"]
    own = []
    if result.status == "timeout":
        own = [f"{_timestamp(time.time())} {result.request_id} {result.error_log}"]
    elif result.error_log:
        own = [result.error_log]
    start = [f"START {request} Version: {configuration.version}"]
    return init, start, [*own, f"END {request}", line]


def _json_lines(configuration: Configuration, result: Result) -> tuple[list[str], list[str], list[str]]:
    if configuration.system_log_level == "WARN":
        return [], [], []
    init = []
    if result.init_duration is not None:
        init = [
            _platform("platform.initStart", {"initializationType": "on-demand", "functionName": configuration.name})
        ]
    start = _platform("platform.start", {"requestId": result.request_id, "version": configuration.version})
    record = {
        "requestId": result.request_id,
        "metrics": report(configuration, result),
        "status": result.status,
    }
    if result.status == "error":
        record["errorType"] = result.error_type
    return init, [start], [_platform("platform.report", record)]


def _platform(kind: str, record: dict[str, Any]) -> str:
    return json.dumps({"time": _timestamp(time.time()), "type": kind, "record": record})


def _timestamp(seconds: float) -> str:
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{int(seconds % 1 * 1000):03d}Z"


class LogStream:
    """A log stream that is written with the function's role.

    Where the role may not write, the lines are lost and nobody is told, as on AWS; the refused
    calls are in ``LocalAWS.denied``.
    """

    def __init__(self, configuration: Configuration, name: str, role_credentials: dict[str, str]) -> None:
        self._names = {"logGroupName": configuration.log_group, "logStreamName": name}
        self._client = credentials.client("logs", region=configuration.region, **role_credentials)
        self._created = False

    def write(self, log_events: list[LogEvent]) -> None:
        """Write the events, which are in order."""
        try:
            self._create()
            for batch in _batches(log_events):
                self._client.put_log_events(**self._names, logEvents=batch)
        except ClientError:
            pass

    def _create(self) -> None:
        if self._created:
            return
        try:
            self._client.create_log_stream(**self._names)
        except self._client.exceptions.ResourceNotFoundException:
            self._client.create_log_group(logGroupName=self._names["logGroupName"])
            self._client.create_log_stream(**self._names)
        self._created = True


def _batches(log_events: list[LogEvent]) -> list[list[dict[str, Any]]]:
    """Split into batches that PutLogEvents takes."""
    batches: list[list[dict[str, Any]]] = []
    room = 0
    for time_ms, message in log_events:
        text = message.encode()[:_MAX_EVENT_BYTES].decode(errors="ignore")
        size = len(text.encode()) + _EVENT_OVERHEAD_BYTES
        if not batches or size > room or len(batches[-1]) == _MAX_BATCH_EVENTS:
            batches.append([])
            room = _MAX_BATCH_BYTES
        room -= size
        batches[-1].append({"timestamp": time_ms, "message": text})
    return batches
