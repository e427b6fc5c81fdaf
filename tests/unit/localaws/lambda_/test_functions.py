"""Functions run from their zips as Lambda runs them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from botocore.exceptions import ClientError

from localaws import LocalAWS
from localaws.account.current import Denied
from localaws.services.lambda_ import runtime, sandbox
from localaws.services.lambda_.invocations import invoker
from localaws.services.lambda_.runtime_api import MAX_RESPONSE_BYTES
from unit.localaws.lambda_.functions import RUNTIME, Function, MakeFunction, create, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAWS]:
    with LocalAWS() as local:
        yield local


@pytest.fixture
def make_function(
    aws: LocalAWS, make_role: Callable[..., str], request: pytest.FixtureRequest
) -> Iterator[MakeFunction]:
    """Make a function named after the test, whose role may do what ``statements`` say."""
    name = request.node.name.translate({ord("["): "-", ord("]"): None, ord(" "): "-"})[:60]
    made = []

    def make(source: str, *, statements: list[dict[str, Any]] | None = None, **options: Any) -> Function:
        role = make_role(*(statements or []), name=name)
        made.append(create(aws, role, name, source, **options))
        return made[-1]

    yield make
    for function in made:
        aws.client("lambda").delete_function(FunctionName=function.name)


def runs(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    return bool(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)


def test_result_and_context(make_function: MakeFunction) -> None:
    function = make_function(
        """
def handler(event, context):
    return {"event": event, "arn": context.invoked_function_arn, "name": context.function_name,
            "memory": context.memory_limit_in_mb, "left": context.get_remaining_time_in_millis()}
""",
        MemorySize=256,
        Timeout=20,
    )

    answer = function({"題": "日本語"})

    assert answer.error is None
    left = answer.payload.pop("left")
    assert 15_000 < left <= 20_000
    assert answer.payload == {
        "event": {"題": "日本語"},
        "arn": f"arn:aws:lambda:us-east-1:123456789012:function:{function.name}",
        "name": function.name,
        "memory": "256",
    }


def test_environment_variables(make_function: MakeFunction, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THIS_PROCESS", "must not be seen")
    function = make_function(
        "import os\ndef handler(event, context): return dict(os.environ)",
        Environment={"Variables": {"TABLE": "reviews", "TZ": "Asia/Tokyo"}},
    )

    variables = function().payload

    own = {name for name in variables if name.startswith(("AWS_", "LAMBDA_", "_"))}
    # Python itself sets LC_CTYPE on machines that lack Lambda's locale.
    assert variables.keys() - own - {"TMPDIR", "LC_CTYPE"} == {
        "LANG",
        "LD_LIBRARY_PATH",
        "PATH",
        "PYTHONPATH",
        "TABLE",
        "TZ",
    }
    assert variables["TABLE"] == "reviews"
    assert variables["TZ"] == "Asia/Tokyo"
    assert variables["_HANDLER"] == "app.handler"
    assert variables["AWS_EXECUTION_ENV"] == f"AWS_Lambda_{RUNTIME}"
    assert variables["AWS_LAMBDA_LOG_GROUP_NAME"] == f"/aws/lambda/{function.name}"


def test_calls_have_the_roles_credentials(aws: LocalAWS, make_function: MakeFunction) -> None:
    aws.client("s3").create_bucket(Bucket="readable")
    function = make_function(
        """
import boto3
def handler(bucket, context):
    caller = boto3.client("sts").get_caller_identity()["Arn"]
    return [caller, boto3.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"]]
""",
        statements=[{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::readable"}],
        Timeout=30,
    )

    assert function("readable").payload == [
        f"arn:aws:sts::123456789012:assumed-role/{function.name}/{function.name}",
        0,
    ]
    refused = function("other")
    assert refused.error == "Unhandled"
    assert "AccessDenied" in refused.payload["errorMessage"]
    assert (
        Denied(f"arn:aws:iam::123456789012:role/{function.name}", "s3:ListBucket", "arn:aws:s3:::other") in aws.denied
    )


def test_nothing_but_the_package_and_lambdas_runtime_can_be_imported(make_function: MakeFunction) -> None:
    function = make_function(
        """
import importlib.util, sys
def handler(names, context):
    return {name: getattr(importlib.util.find_spec(name), "origin", None) for name in names}
"""
    )

    found = function(["numpy", "pandas", "pip", "moto", "localaws", "app", "boto3"]).payload

    assert [name for name, origin in found.items() if origin] == ["app", "boto3"]


def test_package_is_found_before_the_runtimes_own(make_function: MakeFunction) -> None:
    function = make_function(
        "",
        Code={"ZipFile": zipped(app="import six\ndef handler(event, context): return six.whose", six="whose = 'ours'")},
    )

    assert function().payload == "ours"


def test_environment_is_reused(make_function: MakeFunction) -> None:
    function = make_function(
        "import os\nn = 0\ndef handler(event, context):\n global n\n n += 1\n return [os.getpid(), n]"
    )

    first, second = function(), function()

    assert first.payload[0] == second.payload[0]
    assert [first.payload[1], second.payload[1]] == [1, 2]
    assert "Init Duration" in first.log
    assert "Init Duration" not in second.log


def test_new_configuration_starts_a_new_environment(aws: LocalAWS, make_function: MakeFunction) -> None:
    function = make_function("import os\ndef handler(event, context): return [os.getpid(), os.environ.get('LEVEL')]")
    old_pid = function().payload[0]

    aws.client("lambda").update_function_configuration(
        FunctionName=function.name, Environment={"Variables": {"LEVEL": "2"}}
    )
    new_pid, level = function().payload

    assert level == "2"
    assert new_pid != old_pid
    assert not runs(old_pid)


def test_new_code_starts_a_new_environment(aws: LocalAWS, make_function: MakeFunction) -> None:
    function = make_function("def handler(event, context): return 1")
    assert function().payload == 1

    new_code = zipped(app="def handler(event, context): return 2")
    aws.client("lambda").update_function_code(FunctionName=function.name, ZipFile=new_code)

    assert function().payload == 2


def test_concurrent_invocations_have_environments_of_their_own(make_function: MakeFunction) -> None:
    function = make_function(
        "import os, time\ndef handler(event, context):\n time.sleep(0.3)\n return os.getpid()", Timeout=30
    )

    with ThreadPoolExecutor(3) as pool:
        pids = {answer.payload for answer in pool.map(function, range(3))}

    assert len(pids) == 3
    assert function().payload in pids


def test_reserved_concurrency_throttles(aws: LocalAWS, make_function: MakeFunction) -> None:
    function = make_function("import time\ndef handler(event, context): time.sleep(0.5)", Timeout=30)
    aws.client("lambda").put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=1)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(function)
        time.sleep(0.25)
        with pytest.raises(ClientError, match=r"TooManyRequestsException.*Rate Exceeded"):
            function()
        assert running.result().error is None

    aws.client("lambda").put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        function()


def test_exception(make_function: MakeFunction) -> None:
    function = make_function(
        """
class InvalidInputError(Exception): pass
def handler(event, context): raise InvalidInputError("reviews.csv: no column")
"""
    )

    answer = function()

    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "InvalidInputError"
    assert answer.payload["errorMessage"] == "reviews.csv: no column"
    assert answer.payload["requestId"] in answer.log
    assert 'app.py", line 3, in handler' in answer.payload["stackTrace"][0]
    assert "[ERROR] InvalidInputError: reviews.csv: no column\nTraceback" in answer.log


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("sys.exit(3)", "Runtime exited with error: exit status 3"),
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("os.kill(os.getpid(), 11)", "Runtime exited with error: signal: segmentation fault"),
    ],
    ids=["exit", "exit-0", "signal"],
)
def test_exit(make_function: MakeFunction, statement: str, message: str) -> None:
    function = make_function(f"import os, sys\ndef handler(event, context): event or {statement}\n")

    answer = function()

    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "Runtime.ExitError"
    assert answer.payload["errorMessage"].endswith(f" Error: {message}")
    assert "Status: error\tError Type: Runtime.ExitError" in answer.log
    # The next invocation has a new environment.
    assert function("be well").error is None


def test_timeout(make_function: MakeFunction) -> None:
    function = make_function(
        """
import os, subprocess, time
def handler(event, context):
    print("children", os.getpid(), subprocess.Popen(["sleep", "60"], start_new_session=True).pid)
    time.sleep(60)
""",
        Timeout=1,
    )

    start = time.monotonic()
    answer = function()

    assert time.monotonic() - start < 4
    assert answer.error == "Unhandled"
    request_id = answer.payload["errorMessage"].split()[1]
    assert answer.payload == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request_id} Error: Task timed out after 1.00 seconds",
    }
    assert f"{request_id} Task timed out after 1.00 seconds" in answer.log
    assert "Status: timeout" in answer.log
    [line] = [line for line in answer.log.splitlines() if line.startswith("children")]
    assert not any(runs(int(pid)) for pid in line.split()[1:])


ALLOCATE = """
import os, time
def grow(mebibytes):
    return [bytearray(os.urandom(4096) * 256) for _ in range(mebibytes)]
"""


def test_memory_limit(make_function: MakeFunction) -> None:
    function = make_function(
        ALLOCATE + "def handler(event, context):\n kept = grow(event)\n time.sleep(0.3)\n return len(kept)",
        MemorySize=128,
        Timeout=30,
    )

    assert function(40).payload == 40
    answer = function(200)

    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "Runtime.ExitError"
    assert answer.payload["errorMessage"].endswith(" Error: Runtime exited with error: signal: killed")
    assert "Max Memory Used: 128 MB" in answer.log
    assert "Status: error\tError Type: Runtime.OutOfMemory" in answer.log


def test_memory_limit_counts_forks_together_and_shared_pages_once(make_function: MakeFunction) -> None:
    function = make_function(
        ALLOCATE
        + """
def handler(event, context):
    kept = grow(event["before"])
    child = os.fork()
    if child == 0:
        more = grow(event["in_child"])
        time.sleep(0.4)
        os._exit(0)
    os.waitpid(child, 0)
    return "done"
""",
        MemorySize=128,
        Timeout=30,
    )

    assert function({"before": 70, "in_child": 1}).payload == "done"
    assert function({"before": 60, "in_child": 70}).payload["errorType"] == "Runtime.ExitError"


def test_mapped_files_do_not_count_as_memory(make_function: MakeFunction) -> None:
    function = make_function(
        """
import mmap, tempfile, time
def handler(event, context):
    with tempfile.TemporaryFile() as file:
        for _ in range(200):
            file.write(bytes(1 << 20))
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            total = sum(mapped[::4096])
            time.sleep(0.2)
            return total
""",
        MemorySize=128,
        Timeout=30,
    )

    assert function().payload == 0


def test_import_error(make_function: MakeFunction) -> None:
    function = make_function("import pandas\n")

    answer = function()

    assert answer.error == "Unhandled"
    assert answer.payload["errorType"] == "Runtime.ImportModuleError"
    assert answer.payload["errorMessage"] == "Unable to import module 'app': No module named 'pandas'"
    assert "Error Type: Runtime.ImportModuleError" in answer.log


def test_missing_handler(make_function: MakeFunction) -> None:
    answer = make_function("", Handler="app.nothing")()

    assert answer.payload["errorType"] == "Runtime.HandlerNotFound"


def test_exit_while_importing(make_function: MakeFunction) -> None:
    answer = make_function("import sys\nprint('starting')\nsys.exit(7)")()

    assert answer.payload["errorType"] == "Runtime.ExitError"
    assert answer.log.index("starting") < answer.log.index("START RequestId")


def test_tail_of_the_log_begins_with_the_start_of_the_call(make_function: MakeFunction) -> None:
    """Recorded."""
    function = make_function("def handler(event, context): print(event)")

    answer = function({})

    assert [line.split(" ")[0] for line in answer.log.splitlines()] == ["START", "{}", "END", "REPORT"]


def test_payload_that_is_no_text(make_function: MakeFunction) -> None:
    """Recorded."""
    function = make_function("def handler(event, context): print(event)")

    with pytest.raises(ClientError, match=r"InvalidRequestContentException.*Invalid UTF-8 start byte 0x87"):
        function.aws.client("lambda").invoke(FunctionName=function.name, Payload=b"n\x87")


def test_permission_to_call_a_url_depends_on_its_protection(make_function: MakeFunction) -> None:
    """Recorded."""
    function = make_function("def handler(event, context): print(event)")

    answer = function.aws.client("lambda").add_permission(
        FunctionName=function.name,
        StatementId="url",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )

    condition = json.loads(answer["Statement"])["Condition"]
    assert condition == {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}


def test_response_size(make_function: MakeFunction) -> None:
    function = make_function("def handler(size, context): return 'x' * (size - 2)", Timeout=30)

    assert len(function(MAX_RESPONSE_BYTES).payload) == MAX_RESPONSE_BYTES - 2
    answer = function(MAX_RESPONSE_BYTES + 1)

    assert answer.error == "Unhandled"
    assert answer.payload == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }
    assert function(10).error is None


def test_request_is_checked(aws: LocalAWS, make_function: MakeFunction) -> None:
    function = make_function("def handler(event, context): return len(event)", Timeout=30)
    client = aws.client("lambda")

    with pytest.raises(ClientError, match="InvalidRequestContentException"):
        client.invoke(FunctionName=function.name, Payload=b"{")
    with pytest.raises(ClientError, match=r"RequestEntityTooLargeException.*6291456"):
        client.invoke(FunctionName=function.name, Payload=b'"' + b"x" * 6_291_455 + b'"')
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.invoke(FunctionName="nowhere", Payload=b"{}")


def test_asynchronous_invocation(aws: LocalAWS, make_function: MakeFunction) -> None:
    function = make_function(
        "import time\ndef handler(event, context):\n time.sleep(0.2)\n print('ran', event)",
        statements=[{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}],
    )

    answer = aws.client("lambda").invoke(FunctionName=function.name, Payload=b"[1]", InvocationType="Event")

    assert answer["StatusCode"] == 202
    assert answer["Payload"].read() == b""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if "ran [1]" in function.log_messages():
                return
        except ClientError:
            pass
        time.sleep(0.05)
    raise AssertionError("the function did not run")


def test_dry_run_does_not_run(aws: LocalAWS, make_function: MakeFunction) -> None:
    function = make_function("n = 0\ndef handler(event, context):\n global n\n n += 1\n return n")

    answer = aws.client("lambda").invoke(FunctionName=function.name, InvocationType="DryRun")

    assert answer["StatusCode"] == 204
    assert function().payload == 1


FILES = """
import multiprocessing, os, tempfile
def handler(step, context):
    if step == "write":
        open(tempfile.gettempdir() + "/only-here", "w").close()
        return [tempfile.gettempdir(), os.listdir(tempfile.gettempdir())]
    if step == "package":
        open("new.py", "w")
    if step == "semaphore":
        multiprocessing.Lock()
    if step == "large":
        with tempfile.TemporaryFile() as file:
            file.truncate(600 << 20)
"""


def test_file_system_of_its_own(make_function: MakeFunction) -> None:
    function = make_function(FILES)

    folder, files = function("write").payload

    assert files == ["only-here"]
    # A kernel without mount namespaces for this user leaves the rest to the machine's permissions, and so does a
    # checkout below /tmp, whose Python would be hidden.
    if sandbox.namespace_command() and not Path(sys.prefix).resolve().is_relative_to("/tmp"):
        assert folder == "/tmp"
        assert not Path("/tmp/only-here").exists()
        assert "Read-only file system" in function("package").payload["errorMessage"]
        assert "Read-only file system" in function("semaphore").payload["errorMessage"]


def test_temporary_folder_without_mount_namespaces(
    make_function: MakeFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "namespace_command", lambda: ())
    function = make_function(
        "import os, tempfile\ndef handler(event, context):\n"
        " open(tempfile.gettempdir() + '/mine', 'w').close()\n return [os.environ['TMPDIR'], tempfile.gettempdir()]"
    )

    folder, used = function().payload

    assert folder == used
    assert [path.name for path in Path(folder).iterdir()] == ["mine"]


def test_files_are_no_larger_than_the_ephemeral_storage(make_function: MakeFunction) -> None:
    answer = make_function(FILES, EphemeralStorage={"Size": 512})("large")

    assert "File too large" in answer.payload["errorMessage"]


def test_python_written_runtime_client(
    make_function: MakeFunction, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What other Python versions than this one use in the place of awslambdaric's compiled client."""
    folder = tmp_path / "runtime"
    runtime.link_packages(folder)
    [compiled] = folder.glob("runtime_client.*.so")
    compiled.unlink()
    monkeypatch.setattr(invoker(), "_runtime_folder", folder)
    function = make_function(
        """
import runtime_client
def handler(event, context):
    if event is None:
        raise ValueError("nothing")
    return [runtime_client.__file__.endswith("runtime_client.py"), event, context.get_remaining_time_in_millis() > 0]
"""
    )

    assert function("日本").payload == [True, "日本", True]
    assert function().payload["errorType"] == "ValueError"
    assert function(1).payload == [True, 1, True]


def test_runtime_must_be_installed(
    make_function: MakeFunction, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    missing = "python3.13" if sys.version_info < (3, 13) else "python3.11"
    shim = tmp_path / missing
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    runtime.interpreter.cache_clear()
    function = make_function("def handler(event, context): pass", Runtime=missing)

    with pytest.raises(ClientError, match=rf"there is no {missing} on the PATH\. Install it"):
        function()


def test_only_python_functions_run(make_function: MakeFunction) -> None:
    function = make_function("", Runtime="nodejs22.x")

    with pytest.raises(ClientError, match=r"runs Python functions only, not nodejs22\.x"):
        function()


def test_role_must_trust_lambda(aws: LocalAWS, make_role: Callable[..., str]) -> None:
    role = make_role(name="of-sagemaker", service="sagemaker.amazonaws.com")

    with pytest.raises(ClientError, match=r"The role defined for the function cannot be assumed by Lambda\."):
        create(aws, role, "untrusted", "")


def test_code_from_s3(aws: LocalAWS, make_function: MakeFunction) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="packages")
    s3.put_bucket_versioning(Bucket="packages", VersioningConfiguration={"Status": "Enabled"})
    versions = [
        s3.put_object(Bucket="packages", Key="f.zip", Body=zipped(app=f"def handler(event, context): return {n}"))[
            "VersionId"
        ]
        for n in (1, 2)
    ]
    code = {"S3Bucket": "packages", "S3Key": "f.zip"}

    function = make_function("", Code={**code, "S3ObjectVersion": versions[0]})
    assert function().payload == 1
    aws.client("lambda").update_function_code(FunctionName=function.name, **code)
    assert function().payload == 2


def test_tracing_needs_permission(aws: LocalAWS, make_function: MakeFunction) -> None:
    function = make_function("def handler(event, context): return 1", TracingConfig={"Mode": "Active"})

    assert function().error is None

    role = f"arn:aws:iam::123456789012:role/{function.name}"
    refused = {denied.action for denied in aws.denied if denied.principal_arn == role}
    assert {"xray:PutTraceSegments", "xray:PutTelemetryRecords"} <= refused


def test_nothing_is_left_running() -> None:
    """In a process of its own, since the fixture's local AWS runs in this one."""
    script = """
import json, sys, threading
sys.path[:0] = sys.argv[1:]
from unit.localaws.lambda_.functions import create
from localaws import LocalAWS
trust = {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}}
with LocalAWS() as aws:
    role = aws.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    source = "import os, time\\ndef handler(event, context):\\n time.sleep(event)\\n return [os.getpid(), os.getcwd()]"
    function = create(aws, role, "f", source, Timeout=60)
    idle = function(0).payload
    busy = threading.Thread(target=function, args=(50,))
    busy.start()
    print(json.dumps(idle), flush=True)
    __import__("time").sleep(0.5)
busy.join(10)
print(json.dumps([thread.name for thread in threading.enumerate()]))
"""
    tests = str(Path(__file__).parents[3])
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", script, tests], capture_output=True, text=True, timeout=40, check=False
    )

    assert done.returncode == 0, done.stderr
    idle, threads = map(json.loads, done.stdout.splitlines())
    assert time.monotonic() - start < 20
    assert not runs(idle[0])
    assert not Path(idle[1]).exists()
    assert threads == ["MainThread"]
