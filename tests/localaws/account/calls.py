"""Which API call an HTTP request is: service, operation and parameters, read with botocore's service models."""

from __future__ import annotations

import functools
import io
import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from botocore.exceptions import UnknownServiceError
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.utils import get_service_model
from werkzeug.datastructures import EnvironHeaders, Headers, MultiDict
from werkzeug.wsgi import LimitedStream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moto.core.model import OperationModel, ServiceModel

SERVICE_OF_SIGNING_NAME = {"states": "stepfunctions", "monitoring": "cloudwatch"}
_CREDENTIAL = re.compile(r"Credential=(?P<access_key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")


@dataclass(frozen=True)
class Call:
    """One API call.

    Attributes
    ----------
    service
        botocore's name of the service (``stepfunctions``, not ``states``).
    operation
        The operation's name in the service model, ``CreateTrainingJob``.
    parameters
        The operation's parameters as boto3 takes them, without streamed bodies.
    access_key, session_token
        Whose call it is; the token is ``None`` for long-lived keys.
    secure
        Whether the caller used TLS. Loopback stands for AWS's TLS endpoints, so this is true
        unless the request carries ``x-localaws-plain-http``.
    """

    service: str
    operation: str
    parameters: dict[str, Any]
    region: str
    access_key: str
    session_token: str | None
    secure: bool
    source_ip: str
    method: str
    path: str
    headers: Headers = field(repr=False)
    model: OperationModel = field(repr=False)


CURRENT_CALL: ContextVar[Call | None] = ContextVar("current_call", default=None)
"""The call this thread serves, for what an event tells about its request."""


def read_call(environ: dict[str, Any]) -> Call | None:
    """Read a WSGI request; its body can be read again afterwards.

    Returns
    -------
    Call or None
        ``None`` where the request is not signed, or botocore does not know what it is.
    """
    headers = EnvironHeaders(environ)
    raw_path, _, raw_query = environ.get("REQUEST_URI", environ["PATH_INFO"]).partition("?")
    raw_path = urlsplit(raw_path).path
    query = MultiDict(parse_qsl(raw_query, keep_blank_values=True))
    presigned = query.get("X-Amz-Credential")
    signed = _CREDENTIAL.search(f"Credential={presigned}" if presigned else headers.get("Authorization", ""))
    if signed is None:
        return None
    try:
        service = get_service_model(SERVICE_OF_SIGNING_NAME.get(signed["service"], signed["service"]))
    except UnknownServiceError:
        return None
    method = environ["REQUEST_METHOD"]
    form: MultiDict[str, str] = MultiDict()
    if service.protocol.startswith("rest-"):
        operation, uri = _match_rest(service, method, raw_path, query, headers)
    else:
        uri = {}
        if headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            form = MultiDict(parse_qsl(read_body(environ).decode(), keep_blank_values=True))
        name = form.get("Action") or headers.get("X-Amz-Target", "").rpartition(".")[2] or raw_path.rpartition("/")[2]
        operation = service.operation_model(name) if name in service.operation_names else None
    if operation is None:
        return None
    return Call(
        service=service.service_name,
        operation=operation.name,
        parameters=_parameters(operation, environ, headers, query, form, uri, raw_path),
        region=signed["region"],
        access_key=unquote(signed["access_key"]),
        session_token=headers.get("X-Amz-Security-Token") or query.get("X-Amz-Security-Token"),
        secure="X-Localaws-Plain-Http" not in headers,
        source_ip=environ.get("REMOTE_ADDR", "127.0.0.1"),
        method=method,
        path=unquote(raw_path),
        headers=headers,
        model=operation,
    )


def read_body(environ: dict[str, Any]) -> bytes:
    """Read a request's body and leave it to be read again."""
    body: bytes = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def limit_body(environ: dict[str, Any]) -> None:
    """Have a request's body end where it does, for whoever reads it again: the connection stays open behind it."""
    # Without a length there is a body only where the server knows its end, as with chunks.
    if not environ.get("wsgi.input_terminated"):
        environ["wsgi.input"] = LimitedStream(environ["wsgi.input"], int(environ.get("CONTENT_LENGTH") or 0))


@dataclass(frozen=True)
class _Route:
    operation: OperationModel
    path: re.Pattern[str]
    static_query: Mapping[str, str]
    required_query: frozenset[str]
    required_headers: frozenset[str]

    @property
    def weight(self) -> int:
        return 2 * len(self.static_query) + len(self.required_query) + len(self.required_headers)


@functools.cache
def _routes(service_name: str, method: str) -> list[_Route]:
    """The REST operations of a service, the most specific first."""
    service = get_service_model(service_name)
    routes = []
    for name in service.operation_names:
        operation = service.operation_model(name)
        if operation.http["method"] != method:
            continue
        path, _, query = operation.http["requestUri"].partition("?")
        members = operation.input_shape.members if operation.input_shape else {}
        required = [
            (members[member].serialization.get("location"), members[member].serialization.get("name", member))
            for member in (operation.input_shape.required_members if operation.input_shape else [])
        ]
        pattern = re.sub(
            r"\\\{(\w+)(\\\+)?\\\}", lambda m: f"(?P<{m[1]}>{'.+' if m[2] else '[^/]+'})", re.escape(path.rstrip("/"))
        )
        routes.append(
            _Route(
                operation=operation,
                path=re.compile(pattern + "/?" if "+}" not in path else pattern, re.DOTALL),
                static_query=dict(parse_qsl(query, keep_blank_values=True)),
                required_query=frozenset(n for location, n in required if location == "querystring"),
                required_headers=frozenset(n for location, n in required if location == "header"),
            )
        )
    return sorted(routes, key=lambda route: route.weight, reverse=True)


def _match_rest(
    service: ServiceModel, method: str, path: str, query: MultiDict[str, str], headers: EnvironHeaders
) -> tuple[OperationModel | None, dict[str, str]]:
    for route in _routes(service.service_name, method):
        match = route.path.fullmatch(path)
        if (
            match
            and all(key in query and (not value or query[key] == value) for key, value in route.static_query.items())
            and all(key in query for key in route.required_query)
            and all(key in headers for key in route.required_headers)
        ):
            return route.operation, {name: unquote(value) for name, value in match.groupdict().items()}
    return None, {}


def _parameters(
    operation: OperationModel,
    environ: dict[str, Any],
    headers: EnvironHeaders,
    query: MultiDict[str, str],
    form: MultiDict[str, str],
    uri: dict[str, str],
    path: str,
) -> dict[str, Any]:
    shape = operation.input_shape
    if shape is None:
        return {}
    payload = shape.serialization.get("payload")
    streamed = payload is not None and shape.members[payload].type_name in ("blob", "string")
    protocol = "query" if form else str(operation.service_model.protocol)
    if protocol == "smithy-rpc-v2-cbor":
        protocol = "json"
    body = b"" if streamed or form else read_body(environ)
    parameters: dict[str, Any] = PROTOCOL_PARSERS[protocol](operation).parse(
        {
            "method": environ["REQUEST_METHOD"],
            "values": form or query,
            "headers": headers,
            "body": body,
            "url_path": path,
            "url_params": uri,
        }
    )
    return parameters
