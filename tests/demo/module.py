"""The module's variables as Terraform itself reads, completes and checks them, in a tenth of a second."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from demo.errors import DemoError
from terraform_cli.terraform import binary, environment

REPOSITORY = Path(__file__).resolve().parents[2]

_NAME = re.compile(r'^variable "(\w+)"', re.MULTILINE)
_UNDECLARED = re.compile(r'does not declare a variable named "(\w+)"')
_ERROR = re.compile(r"^Error: (.*?)(?=^(?:Error|Warning): |^!!!|\Z)", re.MULTILINE | re.DOTALL)
_PLACE = re.compile(r"^ +on (\S+) line (\d+)", re.MULTILINE)
#: Files that declare what the checks of variables refer to.
_DECLARATIONS = ("variables.tf", "hyperparameters.tf", "parts_of_speech.tf", "lambda_src/parts_of_speech.txt")


def names() -> list[str]:
    """Names of the module's variables."""
    return _NAME.findall((REPOSITORY / "variables.tf").read_text("utf-8"))


def read(path: Path) -> dict[str, Any]:
    """What a file of settings says, ``*.tfvars`` or ``*.tfvars.json``.

    Raises
    ------
    DemoError
        It is not there, can't be read, or sets what the module does not have.
    """
    if not path.is_file():
        raise DemoError(f"There is no file {path}: SETTINGS=... takes the module's variables, as in a .tfvars file.")
    if not path.name.endswith((".tfvars", ".tfvars.json")):
        raise DemoError(f"{path.name} must end in .tfvars or .tfvars.json, by which Terraform tells how it is written.")
    with tempfile.TemporaryDirectory(prefix="settings-") as folder:
        declarations = "".join(f'variable "{name}" {{\n  default = null\n}}\n' for name in names())
        (Path(folder) / "variables.tf").write_text(declarations, "utf-8")
        found = _evaluate(Path(folder), path.resolve())
    return {name: value for name, value in found.items() if value is not None}


def complete(variables: dict[str, Any]) -> dict[str, Any]:
    """The module's variables, checked as a plan checks them, with the default of everything that is left out.

    Raises
    ------
    DemoError
        The module refuses one of them; the message is the module's own.
    """
    with tempfile.TemporaryDirectory(prefix="settings-") as name:
        folder = Path(name)
        for declaration in _DECLARATIONS:
            (folder / declaration).parent.mkdir(exist_ok=True)
            shutil.copy(REPOSITORY / declaration, folder / declaration)
        path = folder / "demo.tfvars.json"
        path.write_text(json.dumps(variables, ensure_ascii=False), "utf-8")
        return _evaluate(folder, path)


def _evaluate(folder: Path, settings: Path) -> dict[str, Any]:
    """Evaluate all variables of a root module with a file of values."""
    listed = ", ".join(f"{name} = var.{name}" for name in names())
    inherited = {
        name: value
        for name, value in environment(folder).items()
        if not name.startswith(("TF_VAR_", "TF_CLI_ARGS")) and name not in ("TF_DATA_DIR", "TF_WORKSPACE")
    }
    answer = subprocess.run(
        [binary(), "console", "-no-color", f"-var-file={settings}"],
        cwd=folder,
        env=inherited | {"TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"},
        input=f"base64encode(jsonencode({{{listed}}}))\n",
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if unknown := _UNDECLARED.findall(answer.stdout + answer.stderr):
        raise DemoError(
            f"{settings.name} sets {', '.join(unknown)}, which the module does not have; it has {', '.join(names())}."
        )
    if errors := _ERROR.findall(answer.stderr):
        raise DemoError(" ".join(map(_sentence, errors)))
    try:
        found: dict[str, Any] = json.loads(base64.b64decode(json.loads(answer.stdout.split()[-1])))
    except (IndexError, ValueError):
        raise DemoError(f"Terraform could not read {settings.name}: {answer.stderr.strip()}") from None
    return found


def _sentence(error: str) -> str:
    """What Terraform says of an error, without the excerpt of the source."""
    paragraphs = [" ".join(text.split()) for text in re.split(r"\n\s*\n", error)]
    said = [text for text in paragraphs[1:] if text and not text.startswith(("on ", "This was checked"))]
    place = _PLACE.search(error)
    where = f"{Path(place[1]).name}, line {place[2]}: " if place and not place[1].endswith("demo.tfvars.json") else ""
    return where + " ".join(said or paragraphs[:1])
