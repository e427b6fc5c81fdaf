"""One execution environment: a process that runs a function's code, one invocation after the other.

Life cycle: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

from __future__ import annotations

import json
import os
import queue
import secrets
import signal
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from localaws.account.current import current
from localaws.services.lambda_ import runtime, sandbox
from localaws.services.lambda_.runtime_api import Invocation, Message, RuntimeApi

MIB = 1024 * 1024
# Initialization has this long for itself; what it needs beyond counts for the function's time-out.
# (Lambda would kill it and start again.)
INIT_SECONDS = 10.0
_POLL_SECONDS = 0.05
# How long the runtime may take to ask for the next invocation before its environment counts as spent.
_NEXT_SECONDS = 1.0


@dataclass(frozen=True)
class Configuration:
    """What an execution environment is made for; it serves invocations of exactly this configuration."""

    name: str
    arn: str
    version: str
    runtime: str
    handler: str
    role: str
    region: str
    memory_mb: int
    timeout: int
    storage_mb: int
    code_digest: str
    variables: tuple[tuple[str, str], ...]
    log_group: str
    log_format: str
    application_log_level: str
    system_log_level: str
    traced: bool


@dataclass
class Result:
    """How one invocation ended.

    Attributes
    ----------
    payload
        What the caller gets: the handler's result, or Lambda's description of the error.
    status
        ``success``, ``error`` or ``timeout``, as the ``REPORT`` line has it.
    error_type
        The error as the ``REPORT`` line has it; empty where there is none.
    error_log
        What Lambda itself logs about the error.
    output
        The lines the function wrote, with their times in milliseconds; the first ``init_lines`` while it initialized.
    duration, init_duration
        Seconds; the latter is ``None`` on a warm start.
    peak_memory
        Bytes.
    """

    request_id: str
    payload: bytes
    status: str = "success"
    error_type: str = ""
    error_log: str = ""
    output: list[tuple[int, str]] = field(default_factory=list)
    init_lines: int = 0
    started_ms: int = 0
    duration: float = 0.0
    init_duration: float | None = None
    peak_memory: int = 0


class _EndedError(Exception):
    """The runtime cannot go on."""

    def __init__(self, status: str, error_type: str, message: str, reported_type: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.error_type = error_type
        self.message = message
        self.reported_type = reported_type or error_type


class ExecutionEnvironment:
    """A process with a function's code, its variables and its role's credentials.

    Parameters
    ----------
    configuration
        What it is made for.
    task_root
        The unzipped package.
    runtime_folder
        Folder of the runtime's packages, see :func:`localaws.services.lambda_.runtime.link_packages`.
    credentials
        ``aws_access_key_id`` and so on of the function's role.

    Attributes
    ----------
    log_stream
        Name of its log stream.
    usable
        Whether it can take an invocation: the runtime waits for one, or is yet to start.
    """

    def __init__(
        self, configuration: Configuration, task_root: Path, runtime_folder: Path, credentials: dict[str, str]
    ) -> None:
        self.configuration = configuration
        self.log_stream = f"{time.strftime('%Y/%m/%d', time.gmtime())}/[{configuration.version}]{uuid.uuid4().hex}"
        self.usable = True
        self._initialized = False
        self._temporary = sandbox.make_folder()
        self._api = RuntimeApi()
        python = runtime.interpreter(configuration.runtime)
        self._process = sandbox.start(
            # Without `site`, so that no package of this machine can be imported.
            [python, "-S", "-m", "awslambdaric", configuration.handler],
            task_root=task_root,
            temporary=Path(self._temporary.name),
            needs=[Path(python), runtime_folder, *(link for link in runtime_folder.iterdir())],
            environment=self._variables(task_root, runtime_folder, credentials),
            max_file_bytes=configuration.storage_mb * MIB,
        )
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        self._memory = sandbox.MemoryMeter(self._process.pid)
        self._partial_line = b""

    def _variables(self, task_root: Path, runtime_folder: Path, credentials: dict[str, str]) -> dict[str, str]:
        # https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
        function = self.configuration
        configured = dict(function.variables)
        own = {
            "_HANDLER": function.handler,
            "AWS_ACCESS_KEY_ID": credentials["aws_access_key_id"],
            "AWS_DEFAULT_REGION": function.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": function.version,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_FORMAT": function.log_format,
            "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": self.log_stream,
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "AWS_REGION": function.region,
            "AWS_SECRET_ACCESS_KEY": credentials["aws_secret_access_key"],
            "AWS_SESSION_TOKEN": credentials["aws_session_token"],
            "LAMBDA_RUNTIME_DIR": str(runtime_folder),
            "LAMBDA_TASK_ROOT": str(task_root),
            "PYTHONPATH": os.pathsep.join(filter(None, [configured.get("PYTHONPATH"), str(runtime_folder)])),
        }
        if function.application_log_level:
            own["AWS_LAMBDA_LOG_LEVEL"] = function.application_log_level
        defaults = {
            "LANG": "en_US.UTF-8",
            "LD_LIBRARY_PATH": f"{task_root}{os.pathsep}{task_root}/lib",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "TZ": ":UTC",
            # The one variable that AWS does not set: it leads the function's clients to this account.
            "AWS_ENDPOINT_URL": current().endpoint,
        }
        return {**defaults, **configured, **own}

    def invoke(self, payload: bytes, request_id: str) -> Result:
        """Run the handler on ``payload``, which is JSON; on the first call, initialize before."""
        result = Result(request_id, b"")
        self.usable = False
        try:
            result.payload = self._run(payload, result)
        except _EndedError as ended:
            error = f"RequestId: {request_id} Error: {ended.message}"
            result.payload = json.dumps({"errorType": ended.error_type, "errorMessage": error}).encode()
            result.status, result.error_type = ended.status, ended.reported_type
            result.error_log = f"{error}\n{ended.error_type}" if ended.status == "error" else ended.message
        result.duration = max(time.time() - result.started_ms / 1000, 0.0)
        self._memory.sample()
        result.peak_memory = min(self._memory.peak, self.configuration.memory_mb * MIB)
        self._drain(result.output, last=not self.usable)
        return result

    def kill(self) -> None:
        """Kill the process. An invocation under way ends with an error."""
        self.usable = False
        sandbox.kill(self._process)

    def stop(self) -> None:
        """Kill the process and clean up; everything it wrote to its ``/tmp`` is gone."""
        self.kill()
        self._api.close()
        self._temporary.cleanup()

    def _run(self, payload: bytes, result: Result) -> bytes:
        start = time.monotonic()
        result.started_ms = int(time.time() * 1000)
        end = start + self.configuration.timeout
        if not self._initialized:
            try:
                message = self._wait(end + INIT_SECONDS, result)
            finally:
                result.init_duration = min(time.monotonic() - start, INIT_SECONDS)
                result.started_ms += int(result.init_duration * 1000)
                self._drain(result.output)
                result.init_lines = len(result.output)
            end += result.init_duration
            if message.kind == "init_error":
                return _failed(message.body, result)
            self._initialized = True
        deadline_ms = int((time.time() + end - time.monotonic()) * 1000)
        self._api.send(Invocation(result.request_id, payload, deadline_ms, self.configuration.arn, _trace_id()))
        message = self._wait(end, result)
        # The runtime comes back for more, or exits once it has answered.
        with suppress(_EndedError):
            self._wait(time.monotonic() + _NEXT_SECONDS, result)
            self.usable = True
        return _failed(message.body, result) if message.kind == "error" else message.body

    def _wait(self, end: float, result: Result) -> Message:
        """The runtime's next message; meanwhile keep the limits.

        Raises
        ------
        _EndedError
            The process exited, took too long or too much memory.
        """
        limit = self.configuration.memory_mb * MIB
        while True:
            self._drain(result.output)
            self._memory.sample()
            if self._memory.peak > limit:
                # Lambda's answer does not tell memory from other kills, only its REPORT line does.
                message = "Runtime exited with error: signal: killed"
                raise _EndedError("error", "Runtime.ExitError", message, "Runtime.OutOfMemory")
            try:
                return self._api.messages.get(timeout=max(min(_POLL_SECONDS, end - time.monotonic()), 0.001))
            except queue.Empty:
                pass
            if self._process.poll() is not None:
                raise _EndedError("error", "Runtime.ExitError", _exit_message(self._process.returncode))
            if time.monotonic() >= end:
                message = f"Task timed out after {self.configuration.timeout:.2f} seconds"
                raise _EndedError("timeout", "Sandbox.Timedout", message)

    def _drain(self, output: list[tuple[int, str]], *, last: bool = False) -> None:
        """Take what the process has written so far, without waiting for more."""
        assert self._process.stdout is not None
        while chunk := _read(self._process.stdout.fileno()):
            *lines, self._partial_line = (self._partial_line + chunk).split(b"\n")
            now = int(time.time() * 1000)
            # The runtime marks line ends inside one log event with carriage returns.
            output.extend((now, line.replace(b"\r", b"\n").decode(errors="replace")) for line in lines if line)
        if last and self._partial_line:
            output.append((int(time.time() * 1000), self._partial_line.decode(errors="replace")))
            self._partial_line = b""


def _failed(body: bytes, result: Result) -> bytes:
    result.status, result.error_type = "error", json.loads(body).get("errorType", "")
    return body


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except BlockingIOError:
        return b""


def _exit_message(code: int) -> str:
    if code == 0:
        return "Runtime exited without providing a reason"
    if code < 0:
        return f"Runtime exited with error: signal: {_signal_name(-code)}"
    return f"Runtime exited with error: exit status {code}"


def _signal_name(number: int) -> str:
    # Lambda is written in Go, which names signals in its own words.
    words: dict[int, str] = {
        signal.SIGABRT: "aborted",
        signal.SIGKILL: "killed",
        signal.SIGSEGV: "segmentation fault",
        signal.SIGTERM: "terminated",
    }
    return words.get(number, f"signal {number}")


def _trace_id() -> str:
    return f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=1"
