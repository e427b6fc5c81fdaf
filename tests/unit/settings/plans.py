"""Many settings, planned at once: which Terraform refuses, and what it would tell the function of the others."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from terraform_cli import Terraform

ROOT = Path(__file__).resolve().parents[3]

#: What the variables' validations need.
FILES = ("hyperparameters.tf", "parts_of_speech.tf", "variables.tf")

#: The one local value of statemachine.tf that needs resources.
DEFINITION = re.compile(r"^  definition = templatefile\(.*?^  \}\)\n", re.MULTILINE | re.DOTALL)

CALL = {
    "source": "./settings",
    "name": "reviews",
    "corpus": "${local.%s.corpus}",
    "tokenizer": "${local.%s.tokenizer}",
    "training": "${local.%s.training}",
}

Json = dict[str, Any]


class Plans:
    """The module without its resources, called once for each case.

    Parameters
    ----------
    workdir
        An empty folder.
    cases
        The values of ``corpus``, ``tokenizer`` and ``training`` of each case.

    Attributes
    ----------
    refused
        What Terraform says, by the number of the case that it refuses.
    configs
        What it would tell the function, by the number of the case that it takes.
    """

    def __init__(self, workdir: Path, cases: Sequence[Json]) -> None:
        root = workdir / "root"
        self._write_module(root / "settings")
        for number, case in enumerate(cases):
            name = f"case_{number}"
            # Not as literals: Terraform would take ${ for an expression.
            (root / f"{name}.json").write_text(json.dumps(case), "utf-8")
            call = {key: value.replace("%s", name) for key, value in CALL.items()}
            (root / f"{name}.tf.json").write_text(
                json.dumps(
                    {
                        "locals": {name: f'${{jsondecode(file("${{path.module}}/{name}.json"))}}'},
                        "module": {name: call},
                        "output": {name: {"value": f"${{module.{name}.config}}"}},
                    }
                ),
                "utf-8",
            )
        lines: list[str] = []
        terraform = Terraform(root, workdir=workdir / "work", on_line=lines.append)
        terraform.init()
        self.refused: dict[int, str] = {}
        # Terraform validates first, and plans only what is valid: each tells of other cases.
        while True:
            lines.clear()
            terraform.run("plan", "-json", successes=(0, 1))
            found = _refused(lines)
            if not found:
                break
            self.refused |= found
            for number in found:
                (terraform.directory / f"case_{number}.tf.json").unlink()
        terraform.apply()
        self.configs: dict[int, Json] = {
            int(name.removeprefix("case_")): json.loads(config) for name, config in terraform.output().items()
        }

    @staticmethod
    def _write_module(folder: Path) -> None:
        folder.mkdir(parents=True)
        for name in FILES:
            shutil.copy(ROOT / name, folder / name)
        (folder / "lambda_src").symlink_to(ROOT / "lambda_src")
        told, count = DEFINITION.subn("", (ROOT / "statemachine.tf").read_text("utf-8"))
        assert count == 1
        (folder / "statemachine.tf").write_text(told, "utf-8")
        (folder / "outputs.tf").write_text('output "config" {\n  value = jsonencode(local.config)\n}\n', "utf-8")


def _refused(lines: list[str]) -> dict[int, str]:
    """What Terraform says of each case.

    Raises
    ------
    AssertionError
        It says something else than a validation's message, which would not help anyone.
    """
    found: dict[int, str] = {}
    for line in map(json.loads, lines):
        diagnostic = line.get("diagnostic", {})
        if diagnostic.get("severity") == "error":
            text = f"{diagnostic['summary']}: {diagnostic['detail']}"
            file = diagnostic.get("range", {}).get("filename", "")
            assert diagnostic["summary"] == "Invalid value for variable", f"{file}: {text}"
            found[int(file.removeprefix("case_").removesuffix(".tf.json"))] = text
    return found
