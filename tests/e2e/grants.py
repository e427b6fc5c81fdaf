"""What a stack's roles are granted, one action on one resource at a time, and how to take that away."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from e2e.stack import Json, Stack


@dataclass(frozen=True, order=True)
class Grant:
    """One action of one statement of a role's policy.

    Attributes
    ----------
    role
        The role's name without the stack's.
    sid, action
        The statement and the action.
    resource
        Which of the statement's resources, counted from 0; ``None`` for all, where any of them will do.
    """

    role: str
    sid: str
    action: str
    resource: int | None = 0

    @property
    def service(self) -> str:
        """Prefix of the action."""
        return self.action.partition(":")[0]


def as_list(value: Any) -> list[Any]:
    """IAM writes a list of one as the one."""
    return value if isinstance(value, list) else [value]


def roles(stack: Stack) -> list[str]:
    """Names of the roles that the module has made, without the stack's name."""
    pages = stack.aws.client("iam").get_paginator("list_roles").paginate()
    prefix, suffix = stack.role("@").split("@")
    names = [role["RoleName"] for page in pages for role in page["Roles"]]
    return sorted(name.removeprefix(prefix).removesuffix(suffix) for name in names if name.startswith(prefix))


def policy(stack: Stack, role: str) -> tuple[str, Json]:
    """Name and document of a role's one policy."""
    iam = stack.aws.client("iam")
    name = stack.role(role)
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []
    [only] = iam.list_role_policies(RoleName=name)["PolicyNames"]
    document: Json = iam.get_role_policy(RoleName=name, PolicyName=only)["PolicyDocument"]
    return only, document


#: Statements of which AWS may go by any of the resources: the children of a Distributed Map are executions of
#: ``machine/label``, and AWS's own page names ``machine:*``.
#: https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
ANY_RESOURCE = {"FollowFiles"}


def grants(stack: Stack, role: str) -> list[Grant]:
    """Every action of every statement, on each of its resources."""
    return [
        Grant(role, statement["Sid"], action, resource)
        for statement in policy(stack, role)[1]["Statement"]
        for action in as_list(statement["Action"])
        for resource in ([None] if statement["Sid"] in ANY_RESOURCE else range(len(as_list(statement["Resource"]))))
    ]


def take_out(document: Json, grant: Grant) -> Json:
    """The document without the grant, and with everything else."""
    statements: list[Json] = []
    for statement in document["Statement"]:
        if statement["Sid"] != grant.sid:
            statements.append(statement)
            continue
        actions, resources = as_list(statement["Action"]), as_list(statement["Resource"])
        others = [resource for number, resource in enumerate(resources) if grant.resource not in (None, number)]
        kept = [action for action in actions if action != grant.action]
        if kept:
            statements.append({**statement, "Action": kept})
        if others:
            statements.append({**statement, "Sid": f"{grant.sid}Others", "Action": grant.action, "Resource": others})
    return {**document, "Statement": statements}


@contextlib.contextmanager
def without(stack: Stack, grant: Grant) -> Iterator[None]:
    """Take a grant away, and give it back."""
    iam = stack.aws.client("iam")
    name, document = policy(stack, grant.role)
    role = stack.role(grant.role)

    def put(content: Json) -> None:
        if content["Statement"]:
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(content))
        else:
            iam.delete_role_policy(RoleName=role, PolicyName=name)

    put(take_out(document, grant))
    try:
        yield
    finally:
        put(document)
