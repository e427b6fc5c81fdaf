"""A state machine as Terraform's AWS provider makes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from terraform_cli import Terraform, TerraformError
from unit.localaws.stepfunctions.runner import ANYTHING, make_role

if TYPE_CHECKING:
    from pathlib import Path

    from localaws import LocalAWS

MODULE = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  max_retries                 = 2
}

variable "role_arn" { type = string }
variable "resource" { type = string }

resource "aws_cloudwatch_log_group" "this" {
  name = "/aws/vendedlogs/states/planned"
}

resource "aws_sfn_state_machine" "this" {
  name     = "planned"
  role_arn = var.role_arn
  type     = "STANDARD"
  definition = jsonencode({
    QueryLanguage = "JSONata"
    StartAt       = "Notify"
    States = {
      Notify = {
        Type      = "Task"
        Resource  = var.resource
        Arguments = { TopicArn = "arn:aws:sns:us-east-1:123456789012:t", Message = "{% 'a<b' & $states.input.key %}" }
        End       = true
      }
    }
  })
  logging_configuration {
    log_destination        = "${aws_cloudwatch_log_group.this.arn}:*"
    include_execution_data = true
    level                  = "ALL"
  }
  tracing_configuration { enabled = true }
  tags = { team = "nlp" }
}
"""


@pytest.fixture
def module(aws: LocalAWS, tmp_path: Path) -> Terraform:
    folder = tmp_path / "module"
    folder.mkdir()
    (folder / "main.tf").write_text(MODULE)
    work = tmp_path / "work"
    work.mkdir()
    terraform = Terraform(folder, workdir=work, env=aws.environment())
    terraform.init()
    return terraform


def test_an_applied_machine_needs_no_change(aws: LocalAWS, module: Terraform) -> None:
    variables = {"role_arn": make_role(aws, "planned", ANYTHING), "resource": "arn:aws:states:::sns:publish"}
    # The provider has the definition validated while it plans.
    with pytest.raises(TerraformError, match=r"is not\s+recognized"):
        module.plan(variables | {"resource": "arn:aws:states:::sns:send"})
    module.apply(variables)
    assert module.plan(variables) is False
    client = aws.client("stepfunctions")
    (machine,) = [m for m in client.list_state_machines()["stateMachines"] if m["name"] == "planned"]
    described = client.describe_state_machine(stateMachineArn=machine["stateMachineArn"])
    assert described["loggingConfiguration"]["level"] == "ALL"
    task = json.loads(described["definition"])["States"]["Notify"]
    assert task["Arguments"]["Message"] == "{% 'a<b' & $states.input.key %}"
