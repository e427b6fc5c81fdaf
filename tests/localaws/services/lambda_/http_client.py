"""awslambdaric's ``runtime_client``, in Python: the compiled one of AWS's package fits one version of Python only.

Runs inside the function's process, which can import nothing of the local AWS.
"""

from __future__ import annotations

import http.client
import os
from typing import Any

_PREFIX = "/2018-06-01/runtime/invocation"


def initialize_client(user_agent: str) -> None:
    """Part of the interface; there is nothing to set up."""


def next() -> tuple[bytes, dict[str, Any]]:  # noqa: A001 - the name awslambdaric calls
    """Wait for the next invocation; give its payload and headers."""
    payload, headers = _request("GET", f"{_PREFIX}/next", None, {})
    return payload, {**headers, "Lambda-Runtime-Deadline-Ms": int(headers["Lambda-Runtime-Deadline-Ms"])}


def post_invocation_result(
    invoke_id: str, result_data: bytes, content_type: str, invocation_id: str | None = None
) -> None:
    _request("POST", f"{_PREFIX}/{invoke_id}/response", result_data, {"Content-Type": content_type})


def post_error(invoke_id: str, error_response_data: str, xray_fault: str, invocation_id: str | None = None) -> None:
    _request("POST", f"{_PREFIX}/{invoke_id}/error", error_response_data.encode(), {"Content-Type": "application/json"})


def _request(method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        answer = response.read()
        if response.status >= 300:
            raise RuntimeError(f"Runtime API answered {response.status} to {method} {path}.")
        return answer, dict(response.getheaders())
    finally:
        connection.close()
