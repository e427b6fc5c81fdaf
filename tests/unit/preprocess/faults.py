"""An S3 client whose downloads break and whose calls fail, on top of a real one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, IncompleteReadError, ReadTimeoutError, ResponseStreamingError

if TYPE_CHECKING:
    from collections.abc import Sequence

BREAKS = [
    ReadTimeoutError(endpoint_url="s3"),
    IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ResponseStreamingError(error="connection reset"),
    ConnectionResetError(),
    None,  # ends early without any error
]


class Flaky:
    """Wraps a client.

    Parameters
    ----------
    breaks
        After how many bytes each of the first downloads breaks, and how.
    """

    def __init__(self, client: Any, breaks: Sequence[tuple[int, Exception | None]]) -> None:
        self._client = client
        self._breaks = list(breaks)
        self.requests: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def get_object(self, **request: Any) -> Any:
        self.requests.append(request)
        response = self._client.get_object(**request)
        if self._breaks:
            response["Body"] = _Broken(response["Body"], *self._breaks.pop(0))
        return response


class _Broken:
    def __init__(self, body: Any, size: int, error: Exception | None) -> None:
        self._body, self._left, self._error = body, size, error

    def read(self, size: int) -> bytes:
        data: bytes = self._body.read(min(size, self._left))
        self._left -= len(data)
        if not data and self._error:
            raise self._error
        return data

    def close(self) -> None:
        self._body.close()


def fail(client: Any, operation: str, *, after: int = 0, code: str = "InternalError", lost: bool = False) -> None:
    """Let every call of an operation after the first ``after`` fail; with ``lost`` only its answer gets lost."""
    calls = 0
    status = {"AccessDenied": 403, "403": 403}.get(code, 500)
    answer = {"Error": {"Code": code, "Message": "injected"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    error = ClientError(answer, operation)

    def count(**_: Any) -> None:
        nonlocal calls
        calls += 1
        if calls > after:
            raise error

    client.meta.events.register(f"{'after' if lost else 'before'}-call.s3.{operation}", count)
