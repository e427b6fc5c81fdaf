"""Policies that AWS refuses to keep."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from localaws import LocalAWS

ACCOUNT = "123456789012"
NONE = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/none"}}
WRONG_CONDITION = {"Condition": {"StringEqual": {"aws:SourceAccount": ACCOUNT}}}
PUT: dict[str, Callable[[Any, str], Any]] = {
    "trust": lambda aws, text: aws.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument=text),
    "bucket": lambda aws, text: aws.client("s3").put_bucket_policy(Bucket="reviews", Policy=text),
    "key": lambda aws, text: aws.client("kms").create_key(Policy=text),
    "topic": lambda aws, text: aws.client("sns").create_topic(Name="topic", Attributes={"Policy": text}),
    "queue": lambda aws, text: aws.client("sqs").create_queue(QueueName="queue", Attributes={"Policy": text}),
}
VALID: dict[str, dict[str, Any]] = {
    "trust": {"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    "bucket": {
        "Principal": "*",
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": ["arn:aws:s3:::reviews", "arn:aws:s3:::reviews/*"],
    },
    "key": {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"},
    "topic": {"Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish", "Resource": "*"},
    "queue": {"Principal": {"AWS": ACCOUNT}, "Action": "sqs:SendMessage", "Resource": "*"},
}
CODES = {
    "trust": "MalformedPolicyDocument",
    "bucket": "MalformedPolicy",
    "key": "MalformedPolicyDocumentException",
    "topic": "InvalidParameter",
    "queue": "InvalidAttributeValue",
}


def document(kind: str, **changes: Any) -> str:
    """A valid policy with changes; ``None`` takes an element out."""
    statement = {"Effect": "Allow", **VALID[kind], **changes}
    kept = {name: value for name, value in statement.items() if value is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [kept]})


@pytest.fixture
def account(aws: LocalAWS) -> LocalAWS:
    aws.client("s3").create_bucket(Bucket="reviews")
    return aws


@pytest.mark.parametrize("kind", VALID)
def test_a_valid_policy_is_kept(account: LocalAWS, kind: str) -> None:
    PUT[kind](account, document(kind))


@pytest.mark.parametrize("kind", VALID)
@pytest.mark.parametrize(
    "changes",
    [{"Principal": None}, {"Effect": "allow"}, {"Action": []}, {"Foo": "x"}, WRONG_CONDITION, NONE],
    ids=["no principal", "effect", "no action", "unknown element", "unknown operator", "missing role"],
)
def test_what_every_service_refuses(account: LocalAWS, kind: str, changes: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match=f"\\({CODES[kind]}\\)"):
        PUT[kind](account, document(kind, **changes))


@pytest.mark.parametrize("kind", VALID)
@pytest.mark.parametrize("text", ["text", "[]", "{}", '{"Version": "2020-01-01", "Statement": []}'])
def test_what_is_no_policy(account: LocalAWS, kind: str, text: str) -> None:
    with pytest.raises(ClientError, match=f"\\({CODES[kind]}\\)"):
        PUT[kind](account, text)


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        ("trust", {"Resource": "*"}, "Has prohibited field Resource"),
        ("trust", {"Action": "s3:GetObject"}, "AssumeRole policy may only specify STS AssumeRole actions"),
        ("trust", {"Principal": {"Service": "lambda"}}, 'Invalid principal in policy: "SERVICE":"lambda"'),
        ("bucket", {"Resource": "arn:aws:s3:::other/*"}, "Policy has invalid resource"),
        ("bucket", {"Resource": None}, "Missing required field Resource"),
        ("bucket", {"Action": "ec2:RunInstances"}, "Policy has invalid action"),
        ("bucket", {"Resource": "arn:aws:s3:::reviews"}, "Action does not apply to any resource"),
        ("bucket", {"Resource": "arn:aws:s3:::reviews/*"}, "Action does not apply to any resource"),
        ("key", {"Action": "kms:Decrypt"}, "will not allow you to update the key policy in the future"),
        ("key", {"Principal": {"Service": "events.amazonaws.com"}}, "will not allow you to update the key policy"),
        ("topic", {"Action": "sns:*"}, "Policy statement action out of service scope"),
        ("topic", {"Action": "sqs:SendMessage"}, "Policy statement action out of service scope"),
        ("queue", {"Action": "sns:Publish"}, "Invalid value for the parameter Policy"),
    ],
)
def test_what_a_service_refuses(account: LocalAWS, kind: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        PUT[kind](account, document(kind, **changes))


def test_a_bucket_keeps_its_policy_when_another_is_refused(account: LocalAWS) -> None:
    """The messages are recorded."""
    s3 = account.client("s3")
    s3.put_bucket_policy(Bucket="reviews", Policy=document("bucket"))

    for text, message in (("", "the first byte must be '{'"), ("{}", "Missing required field Statement")):
        with pytest.raises(ClientError, match=message):
            s3.put_bucket_policy(Bucket="reviews", Policy=text)

    assert s3.get_bucket_policy(Bucket="reviews")["Policy"] == document("bucket")


def test_roles_have_quotas(account: LocalAWS) -> None:
    iam = account.client("iam")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=document("trust"))
    accounts = {"StringEquals": {"aws:SourceAccount": [str(number) for number in range(10**11, 10**11 + 200)]}}
    long = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "s3:*", "Resource": [f"arn:aws:s3:::{n:050}" for n in range(95)]}
            ],
        }
    )

    with pytest.raises(ClientError, match=r"LimitExceeded.*ACLSizePerRole: 2048"):
        iam.update_assume_role_policy(RoleName="role", PolicyDocument=document("trust", Condition=accounts))
    with pytest.raises(ClientError, match=r"LimitExceeded.*PolicySize: 6144"):
        iam.create_policy(PolicyName="policy", PolicyDocument=long)
    iam.put_role_policy(RoleName="role", PolicyName="one", PolicyDocument=long)
    iam.put_role_policy(RoleName="role", PolicyName="one", PolicyDocument=long)
    with pytest.raises(ClientError, match=r"LimitExceeded.*Maximum policy size of 10240 bytes exceeded for role role"):
        iam.put_role_policy(RoleName="role", PolicyName="two", PolicyDocument=long)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Principal": "*"}, "should not specify a principal"),
        ({"Sid": "a b"}, r"Statement IDs \(SID\) must be alpha-numeric"),
    ],
)
def test_what_no_identity_policy_has(account: LocalAWS, changes: dict[str, Any], message: str) -> None:
    iam = account.client("iam")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=document("trust"))
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", **changes}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    with pytest.raises(ClientError, match=message):
        iam.put_role_policy(RoleName="role", PolicyName="policy", PolicyDocument=policy)
