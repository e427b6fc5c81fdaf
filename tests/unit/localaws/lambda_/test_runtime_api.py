"""The Runtime API, as a runtime sees it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from localaws.services.lambda_.runtime_api import MAX_RESPONSE_BYTES, Invocation, Message, RuntimeApi

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPResponse

INVOCATION = Invocation("request-1", '{"題": 1}'.encode(), 1_700_000_000_000, "arn:f", "Root=1-0-0")


@pytest.fixture
def api() -> Iterator[RuntimeApi]:
    served = RuntimeApi()
    yield served
    served.close()


def call(api: RuntimeApi, path: str, body: bytes | None = None) -> HTTPResponse:
    """GET, or POST where there is a body."""
    url = f"http://{api.address}/2018-06-01/runtime/{path}"
    answer: HTTPResponse = urllib.request.urlopen(urllib.request.Request(url, body), timeout=5)
    return answer


def test_invocation_and_response(api: RuntimeApi) -> None:
    api.send(INVOCATION)

    taken = call(api, "invocation/next")
    posted = call(api, "invocation/request-1/response", b'"done"')

    assert json.load(taken) == {"題": 1}
    assert taken.headers["Lambda-Runtime-Aws-Request-Id"] == "request-1"
    assert taken.headers["Lambda-Runtime-Deadline-Ms"] == "1700000000000"
    assert taken.headers["Lambda-Runtime-Invoked-Function-Arn"] == "arn:f"
    assert taken.headers["Lambda-Runtime-Trace-Id"] == "Root=1-0-0"
    assert posted.status == 202
    assert [api.messages.get_nowait() for _ in range(2)] == [Message("next"), Message("response", b'"done"')]


def test_next_waits_for_an_invocation(api: RuntimeApi) -> None:
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(call, api, "invocation/next")
        assert api.messages.get(timeout=5) == Message("next")
        assert not waiting.done()
        api.send(INVOCATION)
        assert waiting.result(timeout=5).status == 200


def test_errors(api: RuntimeApi) -> None:
    api.send(INVOCATION)
    call(api, "invocation/next")

    call(api, "invocation/request-1/error", b'{"errorType": "E"}')
    call(api, "init/error", b'{"errorType": "I"}')

    messages = [api.messages.get_nowait() for _ in range(3)]
    assert messages[1:] == [Message("error", b'{"errorType": "E"}'), Message("init_error", b'{"errorType": "I"}')]


def test_result_of_another_invocation_is_refused(api: RuntimeApi) -> None:
    api.send(INVOCATION)
    call(api, "invocation/next")

    with pytest.raises(urllib.error.HTTPError, match="400"):
        call(api, "invocation/request-2/response", b"1")
    call(api, "invocation/request-1/response", b"1")
    with pytest.raises(urllib.error.HTTPError, match="400"):
        call(api, "invocation/request-1/response", b"2")


def test_large_result_is_refused(api: RuntimeApi) -> None:
    api.send(INVOCATION)
    call(api, "invocation/next")

    with pytest.raises(urllib.error.HTTPError, match="413"):
        call(api, "invocation/request-1/response", bytes(MAX_RESPONSE_BYTES + 1))

    api.messages.get_nowait()
    message = api.messages.get_nowait()
    assert message.kind == "error"
    assert json.loads(message.body)["errorType"] == "Function.ResponseSizeTooLarge"


@pytest.mark.parametrize(("path", "body"), [("invocation/last", None), ("exit/error", b"{}")])
def test_unknown_path(api: RuntimeApi, path: str, body: bytes | None) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        call(api, path, body)
