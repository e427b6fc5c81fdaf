"""Root modules, and the Terraform that runs on them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MINIMUM_VERSION = (1, 9)
PROVIDER = Path("registry.terraform.io/hashicorp/aws")
MIRROR_DEPTH = 3
MIRROR_SECONDS = 3.0
NO_MIRROR = {"proc", "sys", "dev", "run", "boot", "lost+found"}
GRACE_SECONDS = 10.0
TAIL_LINES = 40
_STATE = re.compile(r"\.terraform(\.lock\.hcl)?|.*\.tfstate(\..*)?|crash\.log")


class TerraformError(Exception):
    """Terraform is missing or too old, or a command failed; the message holds the end of what it said."""


class Terraform:
    """A root module, with its state and providers kept outside of the source tree.

    Parameters
    ----------
    directory
        The root module, ``examples/local``.
    workdir
        Folder for everything that Terraform writes; the caller removes it.
    root
        The repository, where ``directory`` lies in one and refers to other parts of it by ``..``.
    env
        Environment variables on top of this process's, such as :meth:`localaws.LocalAWS.environment`. If AWS's are
        among them, this process's AWS settings are left out.
    on_line
        Takes each line of output as it comes.
    grace_seconds
        How long an interrupted Terraform may take to end what it is at and to write its state before it is killed.

    Raises
    ------
    TerraformError
        There is no Terraform, or one that is too old.
    """

    def __init__(
        self,
        directory: Path,
        *,
        workdir: Path,
        root: Path | None = None,
        env: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] | None = None,
        grace_seconds: float | None = None,
    ) -> None:
        self._binary = binary()
        self._grace_seconds = GRACE_SECONDS if grace_seconds is None else grace_seconds
        self.on_line = on_line or (lambda line: None)
        self._variables = workdir / "variables.tfvars.json"
        # Automation: no hints what to type next; checkpoint: no call home for newer versions.
        automation = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
        inherited = environment(workdir)
        # These would lead out of the working folder.
        for name in ("TF_DATA_DIR", "TF_WORKSPACE"):
            inherited.pop(name, None)
        if any(name.startswith("AWS_") for name in env or {}):
            # Here, since whoever means AWS itself has no need of the local one.
            from localaws.account.isolation import without_aws_settings

            inherited = without_aws_settings(inherited)
        self._environment = inherited | automation | dict(env or {})
        self.directory = _stage(directory.resolve(), (root or directory).resolve(), workdir / "source")

    def init(self) -> None:
        """Install providers and modules."""
        self.run("init", "-no-color")

    def validate(self) -> None:
        """Check the configuration."""
        self.run("validate", "-no-color")

    def apply(self, variables: Mapping[str, Any] | None = None) -> None:
        """Make the infrastructure what the configuration says.

        Parameters
        ----------
        variables
            Input variables as JSON takes them.
        """
        self.run("apply", "-no-color", "-auto-approve", "-compact-warnings", *self._variable_file(variables))

    def plan(self, variables: Mapping[str, Any] | None = None) -> bool:
        """Compare the infrastructure with the configuration; true where something would change."""
        arguments = ("plan", "-no-color", "-detailed-exitcode", *self._variable_file(variables))
        return self.run(*arguments, successes=(0, 2)) == 2

    def destroy(self, variables: Mapping[str, Any] | None = None) -> None:
        """Remove the infrastructure."""
        self.run("destroy", "-no-color", "-auto-approve", "-compact-warnings", *self._variable_file(variables))

    def output(self) -> dict[str, Any]:
        """Output values by name."""
        lines: list[str] = []
        self.run("output", "-no-color", "-json", on_line=lines.append)
        return {name: output["value"] for name, output in json.loads("\n".join(lines)).items()}

    def test(self, *arguments: str) -> None:
        """Run the module's ``*.tftest.hcl`` files."""
        self.run("test", "-no-color", *arguments)

    def run(
        self, *arguments: str, successes: tuple[int, ...] = (0,), on_line: Callable[[str], None] | None = None
    ) -> int:
        """Run any command.

        Returns
        -------
        int
            Its exit code, one of ``successes``.

        Raises
        ------
        TerraformError
            Any other exit code.
        """
        process = subprocess.Popen(
            [self._binary, *arguments],
            cwd=self.directory,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            # A group of its own: providers and builds are ended with it, and Ctrl-C reaches it through this process.
            process_group=0,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        errors: deque[str] = deque(maxlen=TAIL_LINES)
        reader = threading.Thread(target=_collect, args=(process.stderr, errors), daemon=True)
        reader.start()
        try:
            for line in process.stdout:
                if line.strip():
                    (on_line or self.on_line)(line.rstrip("\n"))
            code = process.wait()
        except BaseException:
            # Terraform says that it was interrupted, and would die of a closed pipe before its state is written.
            threading.Thread(target=_collect, args=(process.stdout, deque(maxlen=0)), daemon=True).start()
            _end_group(process, self._grace_seconds)
            raise
        process.stdout.close()
        reader.join()
        if code not in successes:
            raise TerraformError(f"terraform {arguments[0]} failed (exit code {code}):\n" + "\n".join(errors).strip())
        return code

    def _variable_file(self, variables: Mapping[str, Any] | None) -> list[str]:
        if variables is None:
            return []
        self._variables.write_text(json.dumps(variables, ensure_ascii=False), encoding="utf-8")
        return [f"-var-file={self._variables}"]


def binary() -> str:
    """Path of a Terraform that is new enough.

    Raises
    ------
    TerraformError
        There is none.
    """
    wanted = ".".join(map(str, MINIMUM_VERSION))
    found = shutil.which("terraform")
    if found is None:
        raise TerraformError(
            f"Terraform is not installed: put terraform {wanted} or later on the PATH "
            "(https://developer.hashicorp.com/terraform/install)."
        )
    answer = subprocess.run([found, "version", "-json"], capture_output=True, encoding="utf-8", check=False)
    version = re.search(r'"terraform_version":\s*"(\d+)\.(\d+)', answer.stdout)
    if version is None:
        raise TerraformError(f"`terraform version` failed (exit code {answer.returncode}):\n{answer.stderr.strip()}")
    if (int(version[1]), int(version[2])) < MINIMUM_VERSION:
        raise TerraformError(f"Terraform {version[1]}.{version[2]} is too old: this module needs {wanted} or later.")
    return found


def environment(workdir: Path) -> dict[str, str]:
    """This process's environment, with a CLI configuration that makes Terraform find the AWS provider.

    Parameters
    ----------
    workdir
        Where a configuration is written if one is needed: the user's own, where it exists, is left alone, and without
        a mirror on this machine the registry answers.
    """
    variables = dict(os.environ)
    configured = variables.get("TF_CLI_CONFIG_FILE")
    if configured and Path(configured).is_file():
        return variables
    # Terraform warns, before anything it says, about a file that is not there.
    variables.pop("TF_CLI_CONFIG_FILE", None)
    mirror = find_mirror()
    if mirror is not None:
        workdir.mkdir(parents=True, exist_ok=True)
        path = workdir / "terraform.rc"
        provider = PROVIDER.as_posix()
        path.write_text(
            "provider_installation {\n"
            f'  filesystem_mirror {{\n    path    = {json.dumps(str(mirror))}\n    include = ["{provider}"]\n  }}\n'
            f'  direct {{\n    exclude = ["{provider}"]\n  }}\n'
            "}\n",
            encoding="utf-8",
        )
        variables["TF_CLI_CONFIG_FILE"] = str(path)
    return variables


def find_mirror(start: Path = Path("/"), depth: int = MIRROR_DEPTH, seconds: float = MIRROR_SECONDS) -> Path | None:
    """A folder on this machine that mirrors the AWS provider.

    Parameters
    ----------
    start
        Where to look, level by level.
    depth
        How many levels below ``start`` the mirror may lie.
    seconds
        When to give up.

    Returns
    -------
    Path or None
        The folder that holds ``registry.terraform.io``, or ``None`` where there is none.
    """
    deadline = time.monotonic() + seconds
    level = [start]
    for remaining in range(depth, -1, -1):
        following: list[Path] = []
        for folder in level:
            if time.monotonic() > deadline:
                return None
            if (folder / PROVIDER).is_dir():
                return folder
            if remaining:
                following.extend(_subfolders(folder))
        level = following
    return None


def _subfolders(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name not in NO_MIRROR and entry.is_dir(follow_symlinks=False):
                    yield Path(entry.path)
    except OSError:
        return


def _stage(directory: Path, root: Path, target: Path) -> Path:
    """Rebuild the way from ``root`` to ``directory`` of links, so that what Terraform writes stays in ``target``.

    Terraform puts its lock file and state beside the configuration, and a module's ``../..`` must still lead to the
    repository.
    """
    current, place = root, target
    for part in (*directory.relative_to(root).parts, None):
        place.mkdir(parents=True, exist_ok=True)
        for entry in current.iterdir():
            link = place / entry.name
            if entry.name != part and not _STATE.fullmatch(entry.name) and not link.is_symlink():
                link.symlink_to(entry)
        if part is not None:
            current, place = current / part, place / part
    return place


def _collect(lines: IO[str], tail: deque[str]) -> None:
    with lines:
        tail.extend(line.rstrip() for line in lines)


def _end_group(process: subprocess.Popen[str], grace_seconds: float) -> None:
    """Interrupt Terraform so that it writes its state; kill what is left of its group."""
    for number, seconds in ((signal.SIGINT, grace_seconds), (signal.SIGKILL, None)):
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, number)
            process.wait(seconds)
