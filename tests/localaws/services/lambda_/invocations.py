"""Invoking functions: warm environments, concurrency, logs and traces."""

from __future__ import annotations

import os
import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moto.awslambda.exceptions import LambdaClientError

from localaws.access import credentials, iam
from localaws.account.current import current
from localaws.account.errors import AwsError
from localaws.services.lambda_ import logs, runtime, sandbox
from localaws.services.lambda_.environment import Configuration, ExecutionEnvironment, Result
from localaws.services.lambda_.package import TaskRoots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moto.awslambda.models import LambdaFunction

PRINCIPAL = "lambda.amazonaws.com"
# Invocations that run at once on this machine. More than these wait for their turn, their time-out not yet running.
MAX_RUNNING = max(4, 2 * (os.cpu_count() or 1))


class TooManyRequestsError(LambdaClientError):
    code = 429

    def __init__(self) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.")


@dataclass
class _Warm:
    environment: ExecutionEnvironment
    log_stream: logs.LogStream


class Invoker:
    """The execution environments of one local AWS.

    Environments stay warm for the next invocation of the same function and configuration, and
    take one invocation at a time; concurrent invocations start more.
    """

    def __init__(self) -> None:
        sandbox.check_platform()
        self._folder = sandbox.make_folder()
        folder = Path(self._folder.name)
        self._runtime_folder = folder / "runtime"
        runtime.link_packages(self._runtime_folder)
        self._task_roots = TaskRoots(folder / "task")
        self._lock = threading.Lock()
        self._quiet = threading.Condition(self._lock)
        self._idle: list[_Warm] = []
        self._all: set[ExecutionEnvironment] = set()
        self._in_flight: Counter[str] = Counter()
        self._running = threading.BoundedSemaphore(MAX_RUNNING)
        self._background = ThreadPoolExecutor(thread_name_prefix="lambda-event")
        self._closed = False

    def invoke(self, function: LambdaFunction, payload: bytes) -> tuple[Result, list[logs.LogEvent]]:
        """Invoke a function and wait for it.

        Parameters
        ----------
        function
            moto's function.
        payload
            The event, JSON.

        Returns
        -------
        Result, list of log events
            Errors of the function are results too.

        Raises
        ------
        LambdaClientError
            Lambda could not run it: throttled, no role to assume, no interpreter.
        """
        configuration = configuration_of(function)
        with self._reserve(function):
            with self._running:
                warm = self._take(configuration, function)
                try:
                    result = warm.environment.invoke(payload, str(uuid.uuid4()))
                finally:
                    self._give_back(warm)
            log_events = logs.events(configuration, result)
            warm.log_stream.write(log_events)
            if configuration.traced:
                _trace(configuration)
        return result, log_events

    def invoke_later(self, function: LambdaFunction, payload: bytes) -> None:
        """Invoke a function and forget the result. (Lambda would try a failed one twice again.)"""
        self._background.submit(self.invoke, function, payload)

    def forget(self, function: LambdaFunction) -> None:
        """Stop the idle environments of a function, whose code or configuration has changed."""
        self._stop([warm for warm in self._idle if warm.environment.configuration.arn == function.function_arn])

    def close(self) -> None:
        """Kill every environment and wait until all is gone."""
        with self._lock:
            self._closed = True
            environments = list(self._all)
        for environment in environments:
            environment.kill()
        self._background.shutdown(wait=True, cancel_futures=True)
        with self._quiet:
            # What was cut off still writes its log, for which the server must answer.
            self._quiet.wait_for(lambda: not self._in_flight.total())
            idle, self._idle = self._idle, []
        for warm in idle:
            warm.environment.stop()
        self._folder.cleanup()

    @contextmanager
    def _reserve(self, function: LambdaFunction) -> Iterator[None]:
        limit = function.reserved_concurrency
        with self._lock:
            if limit is not None and self._in_flight[function.function_arn] >= int(limit):
                raise TooManyRequestsError()
            self._in_flight[function.function_arn] += 1
        try:
            yield
        finally:
            with self._quiet:
                self._in_flight[function.function_arn] -= 1
                self._quiet.notify_all()

    def _take(self, configuration: Configuration, function: LambdaFunction) -> _Warm:
        with self._lock:
            for warm in self._idle:
                if warm.environment.configuration == configuration:
                    self._idle.remove(warm)
                    return warm
        return self._start(configuration, function)

    def _start(self, configuration: Configuration, function: LambdaFunction) -> _Warm:
        role = assume_role(configuration.role, configuration.arn)
        environment = ExecutionEnvironment(
            configuration,
            self._task_roots.unzip(function.code_bytes, function.code_digest),
            self._runtime_folder,
            role,
        )
        with self._lock:
            self._all.add(environment)
            closed = self._closed
        if closed:
            environment.kill()
        return _Warm(environment, logs.LogStream(configuration, environment.log_stream, role))

    def _give_back(self, warm: _Warm) -> None:
        with self._lock:
            if warm.environment.usable and not self._closed:
                self._idle.append(warm)
                return
            self._all.discard(warm.environment)
        warm.environment.stop()

    def _stop(self, unwanted: list[_Warm]) -> None:
        with self._lock:
            stopped = [warm for warm in unwanted if warm in self._idle]
            for warm in stopped:
                self._idle.remove(warm)
                self._all.discard(warm.environment)
        for warm in stopped:
            warm.environment.stop()


def configuration_of(function: LambdaFunction) -> Configuration:
    """What a function's environments are made for now."""
    logging: dict[str, Any] = function.get_configuration()["LoggingConfig"]
    return Configuration(
        name=function.function_name,
        arn=function.function_arn,
        version=str(function.version),
        runtime=function.run_time or "",
        handler=function.handler or "",
        role=function.role,
        region=function.region,
        memory_mb=int(function.memory_size),
        timeout=int(function.timeout),
        storage_mb=int(function.ephemeral_storage),
        code_digest=function.code_digest,
        variables=tuple(sorted(function.environment_vars.items())),
        log_group=logging["LogGroup"],
        log_format=logging["LogFormat"],
        application_log_level=logging.get("ApplicationLogLevel", ""),
        system_log_level=logging.get("SystemLogLevel", ""),
        traced=function.tracing_config.get("Mode") == "Active",
    )


def assume_role(role: str, function_arn: str) -> dict[str, str]:
    """Credentials of a function's role.

    Raises
    ------
    LambdaClientError
        ``InvalidParameterValueException``: the role is missing or does not trust Lambda.
    """
    try:
        return credentials.assume_role(
            role, service=PRINCIPAL, source_arn=function_arn, session_name=function_arn.split(":")[6]
        )
    except AwsError:
        raise LambdaClientError(
            "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda."
        ) from None


def _trace(configuration: Configuration) -> None:
    """Ask for what active tracing does with the function's role.

    There is no X-Ray here to send a segment to. As on AWS, a role that may not loses its traces
    and nothing else; the refusal is in ``LocalAWS.denied``.
    """
    for action in ("xray:PutTraceSegments", "xray:PutTelemetryRecords"):
        with suppress(AwsError):
            iam.require(configuration.role, action, "*", session_name=configuration.name)


_invoker: Invoker | None = None
_invoker_lock = threading.Lock()


def invoker() -> Invoker:
    """The invoker of the running local AWS; it is closed when that ends."""
    global _invoker
    with _invoker_lock:
        if _invoker is None:
            _invoker = Invoker()
            current().on_exit(_close)
        return _invoker


def _close() -> None:
    global _invoker
    with _invoker_lock:
        closing, _invoker = _invoker, None
    if closing is not None:
        closing.close()
