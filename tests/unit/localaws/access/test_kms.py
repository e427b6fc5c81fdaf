"""KMS keys behind buckets, topics, queues and log groups are asked for, key policy included."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws import LocalAWS
from localaws.access import credentials, iam
from localaws.account.current import Denied
from unit.localaws.conftest import MakeRole, allow, document

ROOT = "arn:aws:iam::123456789012:root"


def make_key(aws: LocalAWS, *statements: dict[str, Any]) -> str:
    to_account = allow("kms:*") | {"Principal": {"AWS": ROOT}}
    policy = document(*(statements or (to_account,)))
    # KMS keeps no policy that shuts its own account out, unless it is told to.
    key = aws.client("kms").create_key(Policy=policy, BypassPolicyLockoutSafetyCheck=True)
    return str(key["KeyMetadata"]["Arn"])


def encrypted_bucket(aws: LocalAWS, key: str, *, bucket_key: bool = False) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="reviews")
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    s3.put_bucket_encryption(
        Bucket="reviews",
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": bucket_key}]
        },
    )


def test_writing_needs_generate_data_key_and_reading_needs_decrypt(aws: LocalAWS, make_role: MakeRole) -> None:
    key = make_key(aws)
    encrypted_bucket(aws, key)
    objects = allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::reviews/*")
    via = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    bare = credentials.client("s3", make_role(objects, name="bare"))
    writer = credentials.client("s3", make_role(objects, allow("kms:GenerateDataKey", key, **via), name="writer"))
    reader = credentials.client("s3", make_role(objects, allow("kms:Decrypt", key, **via), name="reader"))
    with pytest.raises(ClientError, match=f"AccessDenied.*kms:GenerateDataKey on resource: {key} because no identity"):
        bare.put_object(Bucket="reviews", Key="a", Body=b"x")
    writer.put_object(Bucket="reviews", Key="a", Body=b"x")
    with pytest.raises(ClientError, match="kms:Decrypt"):
        writer.get_object(Bucket="reviews", Key="a")
    assert reader.get_object(Bucket="reviews", Key="a")["Body"].read() == b"x"
    assert aws.client("s3").head_object(Bucket="reviews", Key="a")["SSEKMSKeyId"] == key
    assert Denied("arn:aws:iam::123456789012:role/bare", "kms:GenerateDataKey", key) in aws.denied


def test_a_multipart_upload_needs_decrypt_as_well(aws: LocalAWS, make_role: MakeRole) -> None:
    key = make_key(aws)
    encrypted_bucket(aws, key)
    objects = allow("s3:PutObject", "arn:aws:s3:::reviews/*")
    writer = credentials.client("s3", make_role(objects, allow("kms:GenerateDataKey", key)))
    upload = writer.create_multipart_upload(Bucket="reviews", Key="a")["UploadId"]
    with pytest.raises(ClientError, match="kms:Decrypt"):
        writer.upload_part(Bucket="reviews", Key="a", UploadId=upload, PartNumber=1, Body=b"x")


@pytest.mark.parametrize(("bucket_key", "context"), [(False, "arn:aws:s3:::reviews/a"), (True, "arn:aws:s3:::reviews")])
def test_the_encryption_context_is_the_object_or_with_a_bucket_key_the_bucket(
    aws: LocalAWS, make_role: MakeRole, bucket_key: bool, context: str
) -> None:
    key = make_key(aws)
    encrypted_bucket(aws, key, bucket_key=bucket_key)
    bound = allow("kms:GenerateDataKey", key, StringEquals={"kms:EncryptionContext:aws:s3:arn": context})
    writer = credentials.client("s3", make_role(allow("s3:PutObject", "arn:aws:s3:::reviews/*"), bound))
    writer.put_object(Bucket="reviews", Key="a", Body=b"x")


def test_a_key_policy_that_leaves_the_account_out_shuts_out_its_roles(aws: LocalAWS, make_role: MakeRole) -> None:
    role = make_role(allow("kms:*"))
    aws_only = {"Principal": {"Service": "logs.us-east-1.amazonaws.com"}}
    key = make_key(aws, allow("kms:*") | aws_only)
    with pytest.raises(ClientError, match="no resource-based policy allows the kms:Encrypt action"):
        credentials.client("kms", role).encrypt(KeyId=key, Plaintext=b"x")
    named = make_key(aws, allow("kms:Encrypt") | {"Principal": {"AWS": make_role(name="named")}})
    named_role = "arn:aws:iam::123456789012:role/named"
    credentials.client("kms", named_role).encrypt(KeyId=named, Plaintext=b"x")


def test_a_key_is_found_by_alias_id_and_ciphertext(aws: LocalAWS, make_role: MakeRole) -> None:
    key = make_key(aws)
    aws.client("kms").create_alias(AliasName="alias/reviews", TargetKeyId=key)
    role = make_role(allow("kms:Encrypt", key))
    kms = credentials.client("kms", role)
    for name in ("alias/reviews", key, key.rpartition("/")[2]):
        blob = kms.encrypt(KeyId=name, Plaintext=b"x")["CiphertextBlob"]
    with pytest.raises(ClientError, match=f"kms:Decrypt on resource: {key}"):
        kms.decrypt(CiphertextBlob=blob)


def test_a_missing_key_is_an_error_of_its_own(aws: LocalAWS) -> None:
    encrypted_bucket(aws, "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000")
    with pytest.raises(ClientError, match=r"KMS\.NotFoundException"):
        aws.client("s3").put_object(Bucket="reviews", Key="a", Body=b"x")


def test_s3_managed_keys_need_nothing(aws: LocalAWS, make_role: MakeRole) -> None:
    aws.client("s3").create_bucket(Bucket="reviews")
    role = make_role(allow("s3:PutObject", "arn:aws:s3:::reviews/*"))
    s3 = credentials.client("s3", role)
    s3.put_object(Bucket="reviews", Key="a", Body=b"x", ServerSideEncryption="AES256")
    s3.put_object(Bucket="reviews", Key="b", Body=b"x", ServerSideEncryption="aws:kms")


def test_publishing_to_an_encrypted_topic_needs_its_key(aws: LocalAWS, make_role: MakeRole) -> None:
    key = make_key(aws)
    topic = aws.client("sns").create_topic(Name="runs", Attributes={"KmsMasterKeyId": key})["TopicArn"]
    publish = allow("sns:Publish", topic)
    with pytest.raises(ClientError, match="kms:GenerateDataKey"):
        credentials.client("sns", make_role(publish)).publish(TopicArn=topic, Message="m")
    keyed = make_role(publish, allow(["kms:GenerateDataKey", "kms:Decrypt"], key), name="keyed")
    credentials.client("sns", keyed).publish(TopicArn=topic, Message="m")


def test_a_service_needs_the_key_of_the_queue_it_sends_to(aws: LocalAWS) -> None:
    to_account = allow("kms:*") | {"Principal": {"AWS": ROOT}}
    key = make_key(aws, to_account)
    queue, rule = "arn:aws:sqs:us-east-1:123456789012:dlq", "arn:aws:events:us-east-1:123456789012:rule/uploads"
    let_in = allow("sqs:SendMessage", queue) | {"Principal": {"Service": "events.amazonaws.com"}}
    aws.client("sqs").create_queue(QueueName="dlq", Attributes={"KmsMasterKeyId": key, "Policy": document(let_in)})
    with pytest.raises(ClientError, match="kms:GenerateDataKey"):
        iam.require_service("events.amazonaws.com", "sqs:SendMessage", queue, source_arn=rule)
    to_events = allow(["kms:GenerateDataKey", "kms:Decrypt"]) | {"Principal": {"Service": "events.amazonaws.com"}}
    aws.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=document(to_account, to_events))
    iam.require_service("events.amazonaws.com", "sqs:SendMessage", queue, source_arn=rule)


def test_a_log_group_takes_only_a_key_that_lets_cloudwatch_logs_in(aws: LocalAWS) -> None:
    to_account = allow("kms:*") | {"Principal": {"AWS": ROOT}}
    closed = make_key(aws, to_account)
    logs = aws.client("logs")
    with pytest.raises(
        ClientError, match=r"AccessDeniedException.*does not exist or is not allowed to be used with Arn"
    ):
        logs.create_log_group(logGroupName="runs", kmsKeyId=closed)
    group = "arn:aws:logs:us-east-1:123456789012:log-group:runs"
    to_logs = allow(
        ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        ArnEquals={"kms:EncryptionContext:aws:logs:arn": group},
    ) | {"Principal": {"Service": "logs.us-east-1.amazonaws.com"}}
    logs.create_log_group(logGroupName="runs", kmsKeyId=make_key(aws, to_account, to_logs))
    with pytest.raises(ClientError, match="is not allowed to be used"):
        logs.create_log_group(logGroupName="other", kmsKeyId=make_key(aws, to_account, to_logs))


def test_a_grant_for_an_aws_resource_is_one_that_sagemaker_makes(aws: LocalAWS, make_role: MakeRole) -> None:
    key = make_key(aws)
    for_volumes = allow("kms:CreateGrant", key, Bool={"kms:GrantIsForAWSResource": "true"})
    grant = {"KeyId": key, "GranteePrincipal": ROOT, "Operations": ["Decrypt"]}
    training = make_role(for_volumes, name="training", service="sagemaker.amazonaws.com")
    credentials.client("kms", training, principal="sagemaker.amazonaws.com").create_grant(**grant)
    with pytest.raises(ClientError, match="kms:CreateGrant"):
        credentials.client("kms", make_role(for_volumes)).create_grant(**grant)
