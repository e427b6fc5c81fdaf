"""Small functions for the tests of the local Lambda."""

from __future__ import annotations

import base64
import io
import json
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from localaws import LocalAWS

RUNTIME = "python{}.{}".format(*sys.version_info)


def zipped(**sources: str) -> bytes:
    """A deployment package with one module for each keyword."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, source in sources.items():
            package.writestr(f"{name}.py", source)
    return buffer.getvalue()


@dataclass
class Answer:
    """What Invoke gave back."""

    payload: Any
    error: str | None
    log: str


@dataclass
class Function:
    """A function of the local Lambda, to be called."""

    aws: LocalAWS
    name: str

    def __call__(self, event: Any = None, **options: Any) -> Answer:
        answer = self.aws.client("lambda").invoke(
            FunctionName=self.name, Payload=json.dumps(event).encode(), LogType="Tail", **options
        )
        text = answer["Payload"].read()
        return Answer(
            payload=json.loads(text) if text else None,
            error=answer.get("FunctionError"),
            log=base64.b64decode(answer.get("LogResult", "")).decode(),
        )

    def log_messages(self, group: str | None = None) -> list[str]:
        """The messages of all its log streams."""
        logs = self.aws.client("logs")
        group = group or f"/aws/lambda/{self.name}"
        return [
            event["message"]
            for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]
            for event in logs.get_log_events(
                logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]


MakeFunction = Callable[..., Function]


def create(aws: LocalAWS, role: str, name: str, source: str, **options: Any) -> Function:
    """Create a function whose module ``app`` has ``source``, with its handler there."""
    settings = {"Runtime": RUNTIME, "Handler": "app.handler", "Code": {"ZipFile": zipped(app=source)}, **options}
    aws.client("lambda").create_function(FunctionName=name, Role=role, **settings)
    return Function(aws, name)
