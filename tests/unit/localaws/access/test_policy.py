"""The policy evaluator against AWS's documented evaluation logic."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.access.policy import (
    Grant,
    Policy,
    PolicyError,
    Principal,
    Request,
    evaluate,
    matches_action,
    matches_resource,
)

ACCOUNT = "123456789012"
ROLE = Principal(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/worker", f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/session")
EVENTS = Principal(ACCOUNT, "events.amazonaws.com", is_service=True)
OBJECT = "arn:aws:s3:::bucket/runs/1/train.txt"


def policy(*statements: dict[str, Any]) -> Policy:
    return Policy.parse({"Version": "2012-10-17", "Statement": list(statements)})


def statement(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": "s3:GetObject", "Resource": OBJECT} | elements


def request(
    action: str = "s3:GetObject", resource: str = OBJECT, principal: Principal = ROLE, **context: Any
) -> Request:
    return Request(principal, action, resource, {key.replace("__", ":"): value for key, value in context.items()})


@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("s3:GetObject", "s3:GetObject", True),
        ("S3:getobject", "s3:GetObject", True),
        ("s3:Get*", "s3:GetObjectVersion", True),
        ("s3:?etObject", "s3:GetObject", True),
        ("*", "sns:Publish", True),
        ("s3:Get", "s3:GetObject", False),
        ("s3:*", "s3express:CreateSession", False),
    ],
)
def test_action_wildcards(pattern: str, action: str, expected: bool) -> None:
    assert matches_action(pattern, action) is expected


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        ("*", OBJECT, True),
        ("arn:aws:s3:::bucket/*", OBJECT, True),
        ("arn:aws:s3:::bucket", OBJECT, False),
        ("arn:aws:s3:::bucket/runs/*/train.txt", OBJECT, True),
        ("arn:aws:s3:::Bucket/*", OBJECT, False),
        ("arn:aws:s3:::bucket/runs/?/train.txt", OBJECT, True),
        ("arn:aws:s3:::bucket/[a-z]*", OBJECT, False),
        ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a:b\nc", True),
        ("arn:aws:logs:*", "arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:s", True),
        ("arn:aws:logs:*-1:123456789012:log-group:g", "arn:aws:logs:us-east-1:123456789012:log-group:g", True),
        ("arn:aws:logs:us*1:log-group:g", "arn:aws:logs:us-east-1:123456789012:log-group:g", False),
        (
            "arn:aws:logs:us-east-1:123456789012:log-group:g",
            "arn:aws:logs:us-east-1:123456789012:log-group:g:log-stream:",
            False,
        ),
    ],
)
def test_resource_wildcards(pattern: str, resource: str, expected: bool) -> None:
    assert matches_resource(pattern, resource) is expected


def test_nothing_is_allowed_without_a_policy() -> None:
    decision = evaluate(request())
    assert not decision.allowed
    assert decision.reason == "because no identity-based policy allows the s3:GetObject action"


def test_not_action_and_not_resource_cover_the_rest() -> None:
    others = policy({"Effect": "Allow", "NotAction": "s3:Get*", "NotResource": "arn:aws:s3:::secret/*"})
    assert evaluate(request("s3:PutObject"), identity=[others]).allowed
    assert not evaluate(request("s3:GetObject"), identity=[others]).allowed
    assert not evaluate(request("s3:PutObject", "arn:aws:s3:::secret/a"), identity=[others]).allowed


def test_an_explicit_deny_wins_wherever_it_stands() -> None:
    allowing, denying = policy(statement()), policy(statement("Deny"))
    bucket_deny = policy(statement("Deny", Principal="*"))
    assert evaluate(request(), identity=[allowing]).allowed
    assert (
        evaluate(request(), identity=[allowing, denying]).reason == "with an explicit deny in an identity-based policy"
    )
    assert evaluate(request(), identity=[allowing], resource=bucket_deny).reason == (
        "with an explicit deny in a resource-based policy"
    )
    assert evaluate(request(), identity=[allowing], boundary=policy(statement(), statement("Deny"))).reason == (
        "with an explicit deny in a permissions boundary"
    )


def test_a_boundary_limits_but_does_not_grant() -> None:
    allowing, other = policy(statement()), policy(statement(Action="s3:PutObject"))
    assert evaluate(request(), identity=[allowing], boundary=allowing).allowed
    assert evaluate(request(), identity=[allowing], boundary=other).reason == (
        "because no permissions boundary allows the s3:GetObject action"
    )
    assert not evaluate(request(), identity=[], boundary=allowing).allowed


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("*", Grant.PRINCIPAL),
        ({"AWS": "*"}, Grant.PRINCIPAL),
        ({"AWS": ROLE.arn}, Grant.PRINCIPAL),
        ({"AWS": ROLE.session_arn}, Grant.SESSION),
        ({"AWS": ACCOUNT}, Grant.ACCOUNT),
        ({"AWS": ["210987654321", f"arn:aws:iam::{ACCOUNT}:root"]}, Grant.ACCOUNT),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/other"}, Grant.NONE),
        ({"Service": "lambda.amazonaws.com"}, Grant.NONE),
    ],
)
def test_principals_of_a_role(named: Any, expected: Grant) -> None:
    assert policy(statement(Principal=named)).allows(request()) is expected


def test_a_resource_policy_alone_is_enough_in_one_account() -> None:
    bucket = policy(statement(Principal={"AWS": ROLE.arn}))
    assert evaluate(request(), resource=bucket).allowed
    # The account as principal leaves the decision to the account's identity policies.
    assert not evaluate(request(), resource=policy(statement(Principal={"AWS": ACCOUNT}))).allowed


def test_across_accounts_both_sides_must_allow() -> None:
    mine, theirs = policy(statement()), policy(statement(Principal={"AWS": ACCOUNT}))
    other = "210987654321"
    assert evaluate(request(), identity=[mine], resource=theirs, resource_account=other).allowed
    assert not evaluate(request(), identity=[mine], resource_account=other).allowed
    assert not evaluate(request(), resource=theirs, resource_account=other).allowed


def test_a_session_named_by_a_resource_policy_is_free_of_its_roles_boundary() -> None:
    boundary = policy(statement(Action="s3:PutObject"))
    assert evaluate(
        request(), boundary=boundary, resource=policy(statement(Principal={"AWS": ROLE.session_arn}))
    ).allowed
    assert not evaluate(request(), boundary=boundary, resource=policy(statement(Principal={"AWS": ROLE.arn}))).allowed


def test_a_key_policy_decides_alone_or_hands_over_to_the_account() -> None:
    identity = policy(statement())
    to_account = policy(statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
    to_role = policy(statement(Principal={"AWS": ROLE.arn}))
    assert evaluate(request(), identity=[identity], resource=to_account, resource_policy_decides=True).allowed
    assert evaluate(request(), resource=to_role, resource_policy_decides=True).allowed
    assert not evaluate(request(), resource=to_account, resource_policy_decides=True).allowed
    assert not evaluate(request(), identity=[identity], resource=policy(), resource_policy_decides=True).allowed


def test_services_need_a_resource_policy_that_names_them() -> None:
    queue = policy(statement(Principal={"Service": "events.amazonaws.com"}))
    assert evaluate(request(principal=EVENTS), resource=queue).allowed
    assert not evaluate(request(principal=EVENTS), identity=[policy(statement())]).allowed
    assert not evaluate(
        request(principal=EVENTS), resource=policy(statement(Principal={"Service": "sns.amazonaws.com"}))
    ).allowed


ARN = "arn:aws:events:us-east-1:123456789012:rule/name"


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", ["b", "a"], "a", True),
        ("StringEquals", "A", "a", False),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "a", None, False),
        ("StringEqualsIgnoreCase", "A", "a", True),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIfExists", "a", "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", "a", None, True),
        ("StringLike", "runs/*", "runs/1", True),
        ("StringLike", "runs/?", "runs/12", False),
        ("StringNotLike", "runs/*", "runs/1", False),
        ("ArnLike", "arn:aws:events:*:123456789012:rule/*", ARN, True),
        ("ArnLike", "arn:aws:events:*", ARN, False),
        ("ArnEquals", ARN, ARN, True),
        ("ArnNotLike", "arn:aws:events:*:*:rule/other", ARN, True),
        ("Bool", True, "true", True),
        ("Bool", "false", "true", False),
        ("Null", "true", None, True),
        ("Null", "true", "a", False),
        ("Null", "false", "a", True),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericGreaterThan", 10, "10", False),
        ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
        ("NotIpAddress", "10.0.0.0/8", "10.1.2.3", False),
        ("ForAnyValue:StringEquals", ["a"], ["b", "a"], True),
        ("ForAnyValue:StringEquals", ["a"], ["b"], False),
        ("ForAnyValue:StringEquals", ["a"], None, False),
        ("ForAllValues:StringEquals", ["a", "b"], ["b", "a"], True),
        ("ForAllValues:StringEquals", ["a"], ["a", "c"], False),
        ("ForAllValues:StringEquals", ["a"], None, True),
    ],
)
def test_conditions(operator: str, wanted: Any, given: Any, expected: bool) -> None:
    conditioned = policy(statement(Condition={operator: {"aws:Key": wanted}}))
    context = {} if given is None else {"AWS__key": given}
    assert evaluate(request(**context), identity=[conditioned]).allowed is expected


def test_all_conditions_of_a_statement_must_hold() -> None:
    both = policy(statement(Condition={"StringEquals": {"aws:a": "1", "aws:b": "2"}, "Bool": {"aws:c": "true"}}))
    assert evaluate(request(aws__a="1", aws__b="2", aws__c="true"), identity=[both]).allowed
    assert not evaluate(request(aws__a="1", aws__b="2", aws__c="false"), identity=[both]).allowed
    assert not evaluate(request(aws__a="1", aws__b="3", aws__c="true"), identity=[both]).allowed


def test_policy_variables() -> None:
    own = policy(statement(Resource="arn:aws:s3:::bucket/${aws:PrincipalAccount}/*"))
    mine = f"arn:aws:s3:::bucket/{ACCOUNT}/a"
    assert evaluate(request(resource=mine, aws__PrincipalAccount=ACCOUNT), identity=[own]).allowed
    assert not evaluate(request(resource=mine), identity=[own]).allowed


@pytest.mark.parametrize(
    "broken",
    [
        statement(Condition={"DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}),
        statement(Condition={"ForSomeValues:StringEquals": {"aws:TagKeys": "a"}}),
        statement("Permit"),
        statement(Actions="s3:*"),
    ],
)
def test_what_is_not_implemented_is_refused_loudly(broken: dict[str, Any]) -> None:
    with pytest.raises(PolicyError):
        policy(broken)
