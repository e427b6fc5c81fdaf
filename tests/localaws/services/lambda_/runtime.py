"""Lambda's Python runtime on this machine: an interpreter, and the packages that Lambda ships beside it."""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

from moto.awslambda.exceptions import LambdaClientError

# What Lambda's runtime ships: AWS's runtime interface client and boto3, each with what it needs itself.
RUNTIME_PACKAGES = (
    "awslambdaric",
    "boto3",
    "botocore",
    "dateutil",
    "jmespath",
    "s3transfer",
    "simplejson",
    "six",
    "snapshot_restore_py",
    "urllib3",
)
_CLIENT = "runtime_client"


@functools.cache
def interpreter(runtime: str) -> str:
    """Path of the Python interpreter for a function's runtime.

    Parameters
    ----------
    runtime
        Lambda's name of it, ``python3.13``.

    Raises
    ------
    LambdaClientError
        ``InvalidRuntimeException``: it is no Python runtime, or this machine has no such Python.
    """
    version = re.fullmatch(r"python(3\.\d+)", runtime)
    if version is None:
        raise LambdaClientError("InvalidRuntimeException", f"The local AWS runs Python functions only, not {runtime}.")
    if version[1] == "{}.{}".format(*sys.version_info):
        # The interpreter itself, not the virtual environment around it.
        return str(getattr(sys, "_base_executable", sys.executable))
    for folder in os.get_exec_path():
        found = Path(folder, runtime)
        if os.access(found, os.X_OK):
            actual, _, path = _ask(found).partition(" ")
            if actual == version[1]:
                return path
    raise LambdaClientError(
        "InvalidRuntimeException",
        f"The function's runtime is {runtime}, but there is no {runtime} on the PATH. "
        f"Install it, or give the function the runtime python{sys.version_info.major}.{sys.version_info.minor}.",
    )


def _ask(python: Path) -> str:
    """Version and path of an interpreter, as it says itself.

    What is on the PATH may be a version manager's shim: for a version that is not installed, or
    one that works only with this process's PATH.
    """
    question = "import sys; print('{}.{}'.format(*sys.version_info), sys._base_executable)"
    return subprocess.run([python, "-S", "-c", question], capture_output=True, text=True, check=False).stdout.strip()


def link_packages(folder: Path) -> None:
    """Fill ``folder`` with links to exactly the packages of Lambda's runtime.

    The virtual environment as a whole must not be importable: a function whose zip lacks pandas
    would find it here, and not on AWS.
    """
    folder.mkdir(parents=True)
    for name in RUNTIME_PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise RuntimeError(f"{name} is not installed; it is in requirements/dev.txt.")
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (folder / source.name).symlink_to(source)
    # awslambdaric's compiled client fits one Python version. Every other one passes it over and
    # takes the module of the same name beside it.
    spec = importlib.util.find_spec(_CLIENT)
    if spec is not None and spec.origin is not None:
        (folder / Path(spec.origin).name).symlink_to(spec.origin)
    (folder / f"{_CLIENT}.py").symlink_to(Path(__file__).with_name("http_client.py"))
