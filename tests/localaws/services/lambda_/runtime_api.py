"""The Lambda Runtime API: how a function's process takes its invocations and gives back their results.

Runtime API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import Any

MAX_RESPONSE_BYTES = 6_291_556
_RESULT_PATH = re.compile(r"/2018-06-01/runtime/invocation/([^/]+)/(response|error)")


@dataclass(frozen=True)
class Invocation:
    """One call of a function, as the runtime receives it."""

    request_id: str
    payload: bytes
    deadline_ms: int
    function_arn: str
    trace_id: str


@dataclass(frozen=True)
class Message:
    """What a runtime says: ``next`` (it waits for an invocation), ``response``, ``error`` or ``init_error``."""

    kind: str
    body: bytes = b""


class RuntimeApi:
    """The Runtime API of one execution environment.

    Attributes
    ----------
    address
        ``host:port``, what ``AWS_LAMBDA_RUNTIME_API`` takes.
    messages
        What the runtime said, in order.
    """

    def __init__(self) -> None:
        self.messages: SimpleQueue[Message] = SimpleQueue()
        self._invocations: SimpleQueue[Invocation | None] = SimpleQueue()
        self._current: Invocation | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"api": self}))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="runtime-api", daemon=True
        )
        self._thread.start()
        self.address = f"127.0.0.1:{self._server.server_port}"

    def send(self, invocation: Invocation) -> None:
        """Hand the invocation to the runtime, which waits for it or will."""
        self._invocations.put(invocation)

    def close(self) -> None:
        """Stop serving. The runtime's process is expected to be gone."""
        self._invocations.put(None)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def next_invocation(self) -> Invocation | None:
        self.messages.put(Message("next"))
        self._current = self._invocations.get()
        return self._current

    def accept_result(self, request_id: str, kind: str, body: bytes) -> tuple[int, str]:
        current = self._current
        if current is None or request_id != current.request_id:
            return 400, "InvalidRequestID"
        self._current = None
        if len(body) > MAX_RESPONSE_BYTES:
            error = {
                "errorType": "Function.ResponseSizeTooLarge",
                "errorMessage": "Response payload size exceeded maximum allowed payload size "
                f"({MAX_RESPONSE_BYTES} bytes).",
            }
            self.messages.put(Message("error", json.dumps(error).encode()))
            return 413, "RequestEntityTooLarge"
        self.messages.put(Message(kind, body))
        return 202, ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One segment an answer: the compiled client otherwise waits 40 ms for a delayed acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    api: RuntimeApi

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path != "/2018-06-01/runtime/invocation/next":
            self._answer(404, {"errorType": "NotFound"})
            return
        invocation = self.api.next_invocation()
        if invocation is None:
            self.close_connection = True
            return
        self._send(
            200,
            invocation.payload,
            {
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
                "Lambda-Runtime-Trace-Id": invocation.trace_id,
            },
        )

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        result = _RESULT_PATH.fullmatch(self.path)
        if result:
            status, error = self.api.accept_result(result[1], result[2], body)
        elif self.path == "/2018-06-01/runtime/init/error":
            self.api.messages.put(Message("init_error", body))
            status, error = 202, ""
        else:
            status, error = 404, "NotFound"
        self._answer(status, {"errorType": error} if error else {"status": "OK"})

    def _answer(self, status: int, body: dict[str, str]) -> None:
        self._send(status, json.dumps(body).encode(), {})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
