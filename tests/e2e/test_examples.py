"""Each example can be planned as it stands, with the provider's own settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from e2e.stack import ROOT
from localaws import LocalAWS
from terraform_cli import Terraform

EXAMPLES = sorted(path.parent.name for path in ROOT.glob("examples/*/main.tf"))

#: What an example asks of its user.
VARIABLES: dict[str, dict[str, Any]] = {"text-classification": {"alert_email": "somebody@example.com"}}


@pytest.mark.parametrize("name", EXAMPLES)
def test_plans(name: str, aws: LocalAWS, tmp_path: Path) -> None:
    lines: list[str] = []
    terraform = Terraform(
        ROOT / "examples" / name, workdir=tmp_path, root=ROOT, env=aws.environment(), on_line=lines.append
    )
    terraform.init()

    assert terraform.plan(VARIABLES.get(name, {}))
    assert any("aws_sfn_state_machine.this will be created" in line for line in lines)
