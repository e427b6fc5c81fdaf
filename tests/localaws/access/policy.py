"""IAM policy evaluation: may this principal do this action on this resource?

Pure functions on policy documents, after AWS's documented evaluation logic
(IAM User Guide, "Policy evaluation logic"). What is not implemented raises :class:`PolicyError`,
so that a policy is never taken to be weaker or stronger than it is.
"""

from __future__ import annotations

import functools
import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

ContextValue = str | Sequence[str]


class PolicyError(Exception):
    """A policy document says something this evaluator cannot judge."""


@dataclass(frozen=True)
class Principal:
    """Who asks.

    Attributes
    ----------
    account
        Account number; that of the resource for an AWS service.
    arn
        ARN of the user or role, or the name of the service principal.
    session_arn
        ARN of the role session, where there is one.
    is_service
        Whether ``arn`` is a service principal such as ``events.amazonaws.com``.
    """

    account: str
    arn: str
    session_arn: str | None = None
    is_service: bool = False

    @property
    def display_name(self) -> str:
        """How AWS's error messages name the principal."""
        return self.session_arn or self.arn


@dataclass(frozen=True)
class Request:
    """One question to the evaluator.

    Attributes
    ----------
    principal, action, resource
        Who, what (``s3:GetObject``) and on which ARN (``*`` where the action takes no resource).
    context
        Condition keys and their values, the keys in any case.
    """

    principal: Principal
    action: str
    resource: str
    context: Mapping[str, ContextValue] = field(default_factory=dict)

    def values(self, key: str) -> list[str] | None:
        """The values of a condition key; ``None`` where the request does not have it."""
        for name, value in self.context.items():
            if name.lower() == key.lower():
                return [value] if isinstance(value, str) else list(value)
        return None


@dataclass(frozen=True)
class Decision:
    """The answer, with AWS's wording of the reason where it is no."""

    allowed: bool
    reason: str = ""


class Grant(IntEnum):
    """How directly a resource policy grants: what else must agree grows smaller."""

    NONE = 0
    ACCOUNT = 1  # to the account: its identity policies decide
    PRINCIPAL = 2  # to the principal, within its permissions boundary
    SESSION = 3  # to the role session, whatever its role's boundary says


@functools.lru_cache(maxsize=4096)
def _wildcard(pattern: str, stop_at_colon: bool = False) -> re.Pattern[str]:
    any_run = "[^:]*" if stop_at_colon else ".*"
    parts = ({"*": any_run, "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.compile("".join(parts), re.DOTALL)


def matches_action(pattern: str, action: str) -> bool:
    """Whether an Action element covers an action; both in any case."""
    return _wildcard(pattern.lower()).fullmatch(action.lower()) is not None


@functools.lru_cache(maxsize=4096)
def _resource_pattern(pattern: str) -> re.Pattern[str]:
    # A `*` stays within its ARN segment unless it is the segment's last character (IAM User Guide, "Resource").
    expressions = []
    for index, segment in enumerate(pattern.split(":", 5)):
        if index == 5:
            expressions.append(_wildcard(segment).pattern)
        elif segment.endswith("*"):
            expressions.append(_wildcard(segment[:-1], stop_at_colon=True).pattern + ".*")
        else:
            expressions.append(_wildcard(segment, stop_at_colon=True).pattern)
    return re.compile(":".join(expressions), re.DOTALL)


def matches_resource(pattern: str, resource: str) -> bool:
    """Whether a Resource element covers an ARN."""
    return pattern == "*" or _resource_pattern(pattern).fullmatch(resource) is not None


def _matches_arn(pattern: str, arn: str) -> bool:
    # Each of the six parts is compared by itself (IAM User Guide, "ARN condition operators").
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    return len(wanted) == len(given) == 6 and all(
        _wildcard(part).fullmatch(value) is not None for part, value in zip(wanted, given, strict=True)
    )


def _number(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    return lambda wanted, given: compare(float(given), float(wanted))


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, given: wanted == given,
    "StringEqualsIgnoreCase": lambda wanted, given: wanted.lower() == given.lower(),
    "StringLike": lambda wanted, given: _wildcard(wanted).fullmatch(given) is not None,
    "ArnEquals": _matches_arn,
    "ArnLike": _matches_arn,
    "Bool": lambda wanted, given: wanted.lower() == given.lower(),
    "NumericEquals": _number(lambda given, wanted: given == wanted),
    "NumericLessThan": _number(lambda given, wanted: given < wanted),
    "NumericLessThanEquals": _number(lambda given, wanted: given <= wanted),
    "NumericGreaterThan": _number(lambda given, wanted: given > wanted),
    "NumericGreaterThanEquals": _number(lambda given, wanted: given >= wanted),
    "IpAddress": lambda wanted, given: ipaddress.ip_address(given) in ipaddress.ip_network(wanted),
}
_NEGATIONS = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "NotIpAddress": "IpAddress",
}
_VARIABLE = re.compile(r"\$\{([^}]+)\}")


def _substitute(text: str, request: Request) -> str | None:
    """Fill in policy variables; ``None`` where the request lacks one, which matches nothing."""
    for name in _VARIABLE.findall(text):
        if name in ("*", "?", "$"):
            raise PolicyError(f"The escape ${{{name}}} in {text!r} is not implemented.")
        if request.values(name) is None:
            return None
    return _VARIABLE.sub(lambda match: (request.values(match[1]) or [""])[0], text)


@dataclass(frozen=True)
class Condition:
    """One operator on one key of a Condition element."""

    operator: str
    key: str
    wanted: tuple[str, ...]
    negated: bool
    if_exists: bool
    quantifier: str | None

    @classmethod
    def parse(cls, name: str, key: str, wanted: Any) -> Condition:
        quantifier, _, operator = name.rpartition(":")
        if quantifier not in ("", "ForAnyValue", "ForAllValues"):
            raise PolicyError(f"Unknown set operator in condition {name!r}.")
        base = operator.removesuffix("IfExists")
        negated = base in _NEGATIONS
        positive = _NEGATIONS.get(base, base)
        if positive not in _OPERATORS and base != "Null":
            raise PolicyError(f"Unknown condition operator {name!r}: add it to localaws/policy.py.")
        values = tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in _listed(wanted))
        return cls(positive, key, values, negated, operator != base, quantifier or None)

    def holds(self, request: Request) -> bool:
        """Whether the request meets the condition."""
        given = request.values(self.key)
        if self.operator == "Null":
            return (given is None) == (self.wanted[0] == "true")
        if given is None or (self.quantifier and not given):
            return self.if_exists or self.quantifier == "ForAllValues" or (self.negated and not self.quantifier)
        wanted = [value for value in (_substitute(text, request) for text in self.wanted) if value is not None]
        compare = _OPERATORS[self.operator]
        verdicts = [any(compare(value, each) for value in wanted) != self.negated for each in given]
        if self.quantifier == "ForAllValues":
            return all(verdicts)
        if self.quantifier == "ForAnyValue":
            return any(verdicts)
        return all(verdicts) if self.negated else any(verdicts)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


@dataclass(frozen=True)
class Statement:
    """One statement of a policy."""

    allow: bool
    actions: tuple[str, ...]
    actions_excluded: bool
    resources: tuple[str, ...] | None
    resources_excluded: bool
    principals: tuple[tuple[str, str], ...] | None
    principals_excluded: bool
    conditions: tuple[Condition, ...]

    _ELEMENTS = frozenset(
        {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"}
    )

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Statement:
        unknown = set(document) - cls._ELEMENTS
        if unknown or document.get("Effect") not in ("Allow", "Deny"):
            raise PolicyError(f"Not a policy statement: {json.dumps(document)}")
        resources = document.get("Resource", document.get("NotResource"))
        principals = document.get("Principal", document.get("NotPrincipal"))
        if principals == "*":
            principals = {"AWS": "*"}
        return cls(
            allow=document["Effect"] == "Allow",
            actions=tuple(_listed(document.get("Action", document.get("NotAction", [])))),
            actions_excluded="NotAction" in document,
            resources=None if resources is None else tuple(_listed(resources)),
            resources_excluded="NotResource" in document,
            principals=None
            if principals is None
            else tuple((kind, name) for kind, names in principals.items() for name in _listed(names)),
            principals_excluded="NotPrincipal" in document,
            conditions=tuple(
                Condition.parse(operator, key, wanted)
                for operator, keys in document.get("Condition", {}).items()
                for key, wanted in keys.items()
            ),
        )

    def covers(self, request: Request) -> bool:
        """Whether action, resource and conditions fit the request; the principal is left to :meth:`grants`."""
        if any(matches_action(action, request.action) for action in self.actions) == self.actions_excluded:
            return False
        if self.resources is not None:
            patterns = [_substitute(pattern, request) for pattern in self.resources]
            covered = any(pattern is not None and matches_resource(pattern, request.resource) for pattern in patterns)
            if covered == self.resources_excluded:
                return False
        return all(condition.holds(request) for condition in self.conditions)

    def grants(self, principal: Principal) -> Grant:
        """How the statement's Principal element names the principal."""
        if self.principals is None:
            return Grant.PRINCIPAL
        grant = max((_principal_grant(kind, name, principal) for kind, name in self.principals), default=Grant.NONE)
        if self.principals_excluded:
            return Grant.NONE if grant else Grant.PRINCIPAL
        return grant


def _principal_grant(kind: str, name: str, principal: Principal) -> Grant:
    if kind == "Service":
        return Grant.PRINCIPAL if principal.is_service and name == principal.arn else Grant.NONE
    if kind != "AWS":
        return Grant.NONE
    if name == "*":
        return Grant.PRINCIPAL
    if principal.is_service:
        return Grant.NONE
    if name == principal.session_arn:
        return Grant.SESSION
    if name == principal.arn:
        return Grant.PRINCIPAL
    is_account = name == principal.account or re.fullmatch(rf"arn:[\w-]+:iam::{principal.account}:root", name)
    return Grant.ACCOUNT if is_account else Grant.NONE


@dataclass(frozen=True)
class Policy:
    """A policy document."""

    statements: tuple[Statement, ...]

    @classmethod
    def parse(cls, document: str | bytes | Mapping[str, Any]) -> Policy:
        """Read a policy document.

        Raises
        ------
        PolicyError
            The document holds an element or condition operator that is not implemented.
        """
        content = json.loads(document) if isinstance(document, str | bytes) else document
        return cls(tuple(Statement.parse(statement) for statement in _listed(content.get("Statement", []))))

    def denies(self, request: Request) -> bool:
        """Whether a statement denies the request explicitly."""
        return any(
            not statement.allow and statement.grants(request.principal) and statement.covers(request)
            for statement in self.statements
        )

    def allows(self, request: Request) -> Grant:
        """The most direct grant among the statements that allow the request."""
        return max(
            (
                statement.grants(request.principal)
                for statement in self.statements
                if statement.allow and statement.covers(request)
            ),
            default=Grant.NONE,
        )


def evaluate(
    request: Request,
    *,
    identity: Iterable[Policy] = (),
    boundary: Policy | None = None,
    resource: Policy | None = None,
    resource_account: str | None = None,
    resource_policy_decides: bool = False,
) -> Decision:
    """Decide a request.

    Parameters
    ----------
    request
        The request.
    identity
        The principal's own policies.
    boundary
        The principal's permissions boundary.
    resource
        The policy of the resource.
    resource_account
        The account of the resource. Where it is not the principal's, both sides must allow.
    resource_policy_decides
        For KMS keys and roles' trust policies: without a grant of the resource's policy nothing is
        allowed, and identity policies count only where it grants to the account.
    """
    identity = list(identity)
    action = request.action
    if any(policy.denies(request) for policy in identity):
        return Decision(False, "with an explicit deny in an identity-based policy")
    if resource is not None and resource.denies(request):
        return Decision(False, "with an explicit deny in a resource-based policy")
    if boundary is not None and boundary.denies(request):
        return Decision(False, "with an explicit deny in a permissions boundary")

    granted = resource.allows(request) if resource is not None else Grant.NONE
    by_identity = any(policy.allows(request) for policy in identity)
    within_boundary = boundary is None or bool(boundary.allows(request))
    foreign = resource_account is not None and resource_account != request.principal.account

    if request.principal.is_service:
        by_identity, foreign = False, False
    no_resource_policy = Decision(False, f"because no resource-based policy allows the {action} action")
    if (foreign or resource_policy_decides or request.principal.is_service) and not granted:
        return no_resource_policy
    if granted == Grant.SESSION and not foreign:
        return Decision(True)
    if not by_identity and (foreign or granted < Grant.PRINCIPAL):
        return Decision(False, f"because no identity-based policy allows the {action} action")
    if not within_boundary:
        return Decision(False, f"because no permissions boundary allows the {action} action")
    return Decision(True)
