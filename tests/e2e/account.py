"""What an account with strict rules has before the module comes: keys, a network, a permissions boundary, a bucket."""

from __future__ import annotations

import json
from typing import Any

from e2e.stack import Json
from localaws import LocalAWS

BUCKET = "exports-of-another-team"
BOUNDARY = "boundary"


def statement(sid: str, actions: list[str], service: str, **condition: Any) -> Json:
    """A statement of a key's policy that lets a service in."""
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": actions,
        "Resource": "*",
        "Principal": {"Service": service},
        "Condition": condition,
    }


def make_key(aws: LocalAWS, *statements: Json) -> str:
    """A KMS key that the account and the statements' principals may use; gives its ARN."""
    account = {
        "Sid": "Account",
        "Effect": "Allow",
        "Action": "kms:*",
        "Resource": "*",
        "Principal": {"AWS": f"arn:aws:iam::{aws.account_id}:root"},
    }
    document = {"Version": "2012-10-17", "Statement": [account, *statements]}
    return str(aws.client("kms").create_key(Policy=json.dumps(document))["KeyMetadata"]["Arn"])


def make_module_key(aws: LocalAWS) -> str:
    """A key with the policy that docs/permissions.md asks for; gives its ARN."""
    logs = ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    groups = f"arn:aws:logs:{aws.region}:{aws.account_id}:log-group:*"
    return make_key(
        aws,
        statement(
            "Logs", logs, f"logs.{aws.region}.amazonaws.com", ArnLike={"kms:EncryptionContext:aws:logs:arn": groups}
        ),
        # EventBridge sends no source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption.html
        statement("Announce", ["kms:Decrypt", "kms:GenerateDataKey*"], "events.amazonaws.com"),
        statement("Alarm", ["kms:Decrypt", "kms:GenerateDataKey*"], "cloudwatch.amazonaws.com"),
    )


def make_input_bucket(aws: LocalAWS) -> Json:
    """An unversioned bucket with a key of its own; gives the module's ``input``."""
    key, s3 = make_key(aws), aws.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    return {"bucket": {"name": BUCKET, "kms_key_arn": key}, "prefix": "reviews/"}


def make_network(aws: LocalAWS) -> Json:
    """Subnets and a security group; gives the module's ``vpc``."""
    ec2 = aws.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"][:2]
    group = ec2.create_security_group(GroupName="blazingtext", Description="blazingtext", VpcId=vpc)
    return {"subnet_ids": [subnet["SubnetId"] for subnet in subnets], "security_group_ids": [group["GroupId"]]}


def boundary(*forbidden: str) -> str:
    """A permissions boundary: all that the module's roles may do, but for some actions."""
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    never = {"Effect": "Deny", "Action": ["iam:Create*", "iam:Put*", "organizations:*", *forbidden], "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [everything, never]})


def make_boundary(aws: LocalAWS) -> str:
    """A permissions boundary; gives its ARN."""
    answer = aws.client("iam").create_policy(PolicyName=BOUNDARY, PolicyDocument=boundary())
    return str(answer["Policy"]["Arn"])
