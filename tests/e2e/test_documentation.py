"""docs/permissions.md says what the policies say, and what applying the module takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest

from e2e.grants import as_list, policy
from e2e.stack import ROOT, Stack
from localaws.access.permissions import UnknownPermissionError, required
from localaws.account.calls import Call

DOCUMENT = (ROOT / "docs" / "permissions.md").read_text("utf-8")
#: Where IAM's prefix is not boto3's name of the service.
PREFIXES = {"stepfunctions": "states"}


def section(title: str) -> str:
    """What stands under a heading."""
    return DOCUMENT.split(f"\n## {title}", 1)[1].split("\n## ", 1)[0]


def rows(text: str) -> Iterator[str]:
    """The rows of a table, without its head."""
    return (line for line in text.splitlines() if line.startswith("| ") and "`" in line)


def documented(role: str, *marks: str) -> set[str]:
    """Actions in a role's table, those of rows with a mark only where it is named."""
    found: set[str] = set()
    for row in rows(section(f"`<name>-{role}`")):
        if all(mark in marks for mark in ("_key_", "_VPC_") if mark in row):
            found |= set(re.findall(r"`(\w+:\w+)`", row.split("|")[1]))
    return found


def rendered(stack: Stack, role: str) -> set[str]:
    """Actions that a role's policy allows."""
    return {action for statement in policy(stack, role)[1]["Statement"] for action in as_list(statement["Action"])}


@pytest.mark.parametrize("role", ["assemble", "preprocess", "training", "trigger", "workflow"])
def test_tables_are_the_policies(classifier: Stack, secured: Stack, role: str) -> None:
    assert documented(role) == rendered(classifier, role)
    assert documented(role, "_key_", "_VPC_") == rendered(secured, role)


def actions(call: Call) -> set[str]:
    """Actions that a call takes of whoever makes it."""
    try:
        return {permission.action for permission in required(call, "123456789012")}
    except UnknownPermissionError:
        return {f"{PREFIXES.get(call.service, call.service)}:{call.operation}"}


def test_who_applies_may_do_what_terraform_does(every_stack: list[Stack], terraform_calls: list[Call]) -> None:
    assert every_stack
    # With these the provider finds out whose account it is; nobody needs a permission for the first, nor for both.
    identity = {"sts:GetCallerIdentity", "iam:GetUser"}
    needed = {action for call in terraform_calls for action in actions(call)} - identity
    assert len(needed) >= 60
    allowed = {
        pattern for row in rows(section("Who applies")) for pattern in re.findall(r"`(\w+:[\w*]+)`", row.split("|")[2])
    }
    assert {action for action in needed if not any(fnmatchcase(action, pattern) for pattern in allowed)} == set()
