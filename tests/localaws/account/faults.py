"""Faults on demand: errors, broken transfers and delays for the next calls that match."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from localaws.account.errors import AwsError

if TYPE_CHECKING:
    from localaws.account.calls import Call

WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass
class Fault:
    """What happens to the calls it concerns: an error, a broken answer or a delay."""

    service: str
    operation: str
    times: int | None
    match: Callable[[Call], bool] | None
    principal: str | None
    error: AwsError | None = None
    after_bytes: int | None = None
    seconds: float = 0.0

    def concerns(self, call: Call, principal: str) -> bool:
        """Whether the fault is meant for a call by a principal's ARN."""
        return (
            self.times != 0
            and self.service == call.service
            and self.operation in ("*", call.operation)
            and (self.principal is None or self.principal in principal)
            and (self.match is None or self.match(call))
        )

    def befall(self, application: WSGIApplication) -> WSGIApplication:
        """Put the fault in front of the application that serves the call.

        Raises
        ------
        AwsError
            The fault is an error.
        """
        if self.error is not None:
            raise self.error
        if self.after_bytes is not None:
            return _truncated(application, self.after_bytes)
        time.sleep(self.seconds)
        return application


@dataclass
class Faults:
    """The faults that wait for their calls; the first that matches is used up first."""

    _faults: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fail(
        self,
        service: str,
        operation: str,
        *,
        error: str,
        message: str = "",
        status: int = 400,
        times: int | None = 1,
        match: Callable[[Call], bool] | None = None,
        principal: str | None = None,
    ) -> None:
        """Answer the next matching calls with an error; the service sees nothing of them.

        Parameters
        ----------
        service, operation
            boto3's service name and the operation, ``("sagemaker", "CreateTrainingJob")``; ``"*"`` is any operation.
        error, message, status
            The service's error code, its message and the HTTP status.
        times
            How many calls; ``None`` for all until :meth:`clear`.
        match
            Takes the call, says whether the fault is meant for it.
        principal
            A part of the caller's ARN, such as a role's name.
        """
        self._add(Fault(service, operation, times, match, principal, error=AwsError(error, message, status)))

    def truncate(
        self,
        service: str,
        operation: str,
        *,
        after_bytes: int,
        times: int | None = 1,
        match: Callable[[Call], bool] | None = None,
        principal: str | None = None,
    ) -> None:
        """Break the connection of the next matching calls once ``after_bytes`` of the answer's body are sent."""
        self._add(Fault(service, operation, times, match, principal, after_bytes=after_bytes))

    def delay(
        self,
        service: str,
        operation: str,
        *,
        seconds: float,
        times: int | None = 1,
        match: Callable[[Call], bool] | None = None,
        principal: str | None = None,
    ) -> None:
        """Hold the next matching calls back for ``seconds``, then serve them."""
        self._add(Fault(service, operation, times, match, principal, seconds=seconds))

    def clear(self) -> None:
        """Forget every fault that has not been used up."""
        with self._lock:
            self._faults.clear()

    def _add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def take(self, call: Call, principal: str) -> Fault | None:
        """The fault meant for a call, used up once more."""
        with self._lock:
            for fault in self._faults:
                if fault.concerns(call, principal):
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None


def _truncated(application: WSGIApplication, after_bytes: int) -> WSGIApplication:
    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        response = Response.from_app(application, environ)
        start_response(response.status, [*response.headers.to_wsgi_list(), ("Connection", "close")])
        yield response.get_data()[:after_bytes]
        # The rest of what Content-Length promised never comes: the client sees the connection drop.
        environ["werkzeug.socket"].close()

    return serve
