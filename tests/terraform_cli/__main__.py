"""Terraform's commands with this project's providers and settings.

``python -m terraform_cli validate DIRECTORY...`` checks root modules, ``... test`` runs the tests of this repository,
and any other arguments are handed to Terraform.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from terraform_cli.terraform import Terraform, TerraformError, binary, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).resolve().parents[2]
TESTS = "tests/terraform"


def _validate(*directories: str) -> None:
    """Check root modules, each in a copy made of links."""
    for directory in directories:
        with _terraform(Path(directory)) as terraform:
            terraform.run("init", "-no-color", "-backend=false", on_line=lambda line: None)
            terraform.validate()


def _test(*arguments: str) -> None:
    """Run the repository's Terraform tests."""
    with _terraform(REPOSITORY) as terraform:
        folder = f"-test-directory={TESTS}"
        terraform.run("init", "-no-color", "-backend=false", folder, on_line=lambda line: None)
        terraform.test(folder, *arguments)


@contextlib.contextmanager
def _terraform(directory: Path) -> Iterator[Terraform]:
    with tempfile.TemporaryDirectory(prefix="terraform-") as workdir:
        yield Terraform(directory, workdir=Path(workdir), root=REPOSITORY, on_line=_print)


def _print(line: str) -> None:
    print(line, flush=True)


def main(arguments: list[str]) -> int:
    """Run ``validate DIRECTORY...`` or ``test``, or hand any other command to Terraform as it is."""
    commands = {"validate": _validate, "test": _test}
    try:
        if arguments and arguments[0] in commands:
            commands[arguments[0]](*arguments[1:])
            return 0
        with tempfile.TemporaryDirectory(prefix="terraform-") as workdir:
            return subprocess.run([binary(), *arguments], env=environment(Path(workdir)), check=False).returncode
    except TerraformError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
