"""Fixtures of the local AWS's own tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from localaws import LocalAWS

Statement = dict[str, Any]
MakeRole = Callable[..., str]


@pytest.fixture
def aws() -> Iterator[LocalAWS]:
    """A fresh local AWS."""
    with LocalAWS() as local:
        yield local


@pytest.fixture
def make_role(aws: LocalAWS) -> MakeRole:
    """Make a role that a service may assume, with the statements of its one policy; gives its ARN."""

    def make(
        *statements: Statement,
        name: str = "worker",
        service: str = "lambda.amazonaws.com",
        condition: dict[str, Any] | None = None,
        boundary: str | None = None,
    ) -> str:
        iam = aws.client("iam")
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
        if condition is not None:
            trust["Condition"] = condition
        options = {"PermissionsBoundary": boundary} if boundary else {}
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust), **options)
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=document(*statements))
        return str(role["Role"]["Arn"])

    return make


def document(*statements: Statement) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], resource: str | list[str] = "*", **condition: Any) -> Statement:
    """A statement that allows; conditions by operator, ``StringEquals={...}``."""
    statement: Statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})
