"""Terraform as a library, on machines with and without a network."""

from __future__ import annotations

from terraform_cli.terraform import Terraform, TerraformError, find_mirror

__all__ = ["Terraform", "TerraformError", "find_mirror"]
