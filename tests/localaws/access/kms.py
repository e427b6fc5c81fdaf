"""KMS: which key a call uses, directly or through S3, SNS and SQS, and with which permissions.

AWS managed keys (``alias/aws/…``) are left out: their key policies let the whole account use them
through the service they belong to.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from moto.kms.models import kms_backends
from moto.kms.utils import KEY_ID_LEN
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.utilities.utils import get_partition

from localaws.access.permission import Permission, copy_source
from localaws.account.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from localaws.account.calls import Call

# S3 User Guide, "Using SSE-KMS" and the operations' own pages.
_S3_WRITES = {
    "PutObject": ("kms:GenerateDataKey",),
    "CopyObject": ("kms:GenerateDataKey",),
    "CreateMultipartUpload": ("kms:GenerateDataKey",),
    "UploadPart": ("kms:GenerateDataKey", "kms:Decrypt"),
    "UploadPartCopy": ("kms:GenerateDataKey", "kms:Decrypt"),
    "CompleteMultipartUpload": ("kms:Decrypt",),
}
_S3_READS = ("GetObject", "CopyObject", "UploadPartCopy")


def find_key(account: str, region: str, key_id: str) -> Any | None:
    """moto's key for an id, an ARN or an alias; ``None`` for keys that AWS manages.

    Raises
    ------
    AwsError
        ``NotFoundException``: there is no such key.
    """
    if key_id.startswith("arn:"):
        _, _, _, region, account, _ = key_id.split(":", 5)
    backend = kms_backends[account][region]
    if "alias/aws/" in key_id:
        return None
    key = backend.keys.get(str(backend.any_id_to_key_id(key_id)))
    if key is None:
        raise AwsError("NotFoundException", f"Key '{key_id}' does not exist")
    return key


def permissions(call: Call, account: str) -> list[Permission] | None:
    """What a call of KMS itself needs."""
    parameters = call.parameters
    operation = {"ReEncrypt": "ReEncryptFrom"}.get(call.operation, call.operation)
    key_id = parameters.get("KeyId")
    if key_id is None and "CiphertextBlob" in parameters:
        # moto puts the key's id in front of what it encrypts.
        blob = parameters["CiphertextBlob"]
        key_id = (blob if isinstance(blob, bytes) else base64.b64decode(blob))[:KEY_ID_LEN].decode(errors="replace")
    if key_id is None:
        return None
    key = find_key(account, call.region, key_id)
    if key is None:
        return []
    return [Permission(f"kms:{operation}", key.arn, encryption_context(parameters.get("EncryptionContext", {})))]


def through_services(call: Call, account: str) -> list[Permission]:
    """What a call of S3, SNS or SQS needs of the key its bucket, object, topic or queue is encrypted with."""
    if call.service == "s3":
        return _through_s3(call, account)
    if call.service == "sns" and call.operation in ("Publish", "PublishBatch"):
        topic: Any = sns_backends[account][call.region].topics.get(call.parameters.get("TopicArn", ""))
        return _use(call, account, topic and topic.kms_master_key_id, ("kms:GenerateDataKey", "kms:Decrypt"))
    if call.service == "sqs" and call.operation in ("SendMessage", "SendMessageBatch", "ReceiveMessage"):
        queue: Any = sqs_backends[account][call.region].queues.get(call.parameters["QueueUrl"].rpartition("/")[2])
        actions = ("kms:Decrypt",) if call.operation == "ReceiveMessage" else ("kms:GenerateDataKey", "kms:Decrypt")
        return _use(call, account, queue and queue.kms_master_key_id, actions)
    return []


def for_resource(arn: str) -> list[Permission]:
    """What a service needs of the key of the queue or topic it sends to.

    AWS managed keys let the account's principals in, but no service: neither EventBridge nor CloudWatch can publish to
    a topic on ``alias/aws/sns``. https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    _, _, service, region, account, name = arn.split(":", 5)
    if service == "sqs":
        queue: Any = sqs_backends[account][region].queues.get(name)
        key_id = queue and queue.kms_master_key_id
    elif service == "sns":
        topic: Any = sns_backends[account][region].topics.get(arn)
        key_id = topic and topic.kms_master_key_id
    else:
        key_id = None
    if not key_id:
        return []
    key = find_key(account, region, key_id)
    # No policy is found for the alias, which thus lets nobody in.
    key_arn = key.arn if key else f"arn:{get_partition(region)}:kms:{region}:{account}:{key_id.rpartition(':')[2]}"
    return [Permission(action, key_arn) for action in ("kms:GenerateDataKey", "kms:Decrypt")]


def _through_s3(call: Call, account: str) -> list[Permission]:
    needs: list[Permission] = []
    parameters = call.parameters
    if call.operation in _S3_READS:
        if "CopySource" in parameters:
            bucket_name, name, version = copy_source(call)
        else:
            bucket_name, name, version = parameters["Bucket"], parameters["Key"], parameters.get("VersionId")
        source = _bucket(bucket_name)
        stored = source and s3_backends[source.account_id][source.partition].get_object(bucket_name, name, version)
        if stored and (stored.encryption or "").startswith("aws:kms"):
            needs += _use_for_s3(call, account, stored.kms_key_id, ("kms:Decrypt",), source, name)
    if call.operation in _S3_WRITES:
        target = _bucket(parameters["Bucket"])
        if target is not None:
            key_id = _writing_key(call, target)
            needs += _use_for_s3(call, account, key_id, _S3_WRITES[call.operation], target, parameters["Key"])
    return needs


def _writing_key(call: Call, bucket: Any) -> str | None:
    upload = bucket.multiparts.get(call.parameters.get("UploadId"))
    if upload is not None and upload.sse_encryption:
        algorithm, key_id = upload.sse_encryption, upload.kms_key_id
    elif "ServerSideEncryption" in call.parameters:
        algorithm, key_id = call.parameters["ServerSideEncryption"], call.parameters.get("SSEKMSKeyId")
    elif bucket.encryption:
        rule = bucket.encryption["Rule"]["ApplyServerSideEncryptionByDefault"]
        algorithm, key_id = rule["SSEAlgorithm"], rule.get("KMSMasterKeyID")
    else:
        return None
    return key_id if str(algorithm).startswith("aws:kms") else None


def _bucket(name: str) -> Any | None:
    if name not in s3_backends.bucket_accounts:
        return None
    partition, account = s3_backends.bucket_accounts[name]
    return s3_backends[account][partition].get_bucket(name)


def _use_for_s3(
    call: Call, account: str, key_id: str | None, actions: Sequence[str], bucket: Any, key: str
) -> list[Permission]:
    rule = bucket.encryption["Rule"] if bucket.encryption else {}
    # With a bucket key the encryption context is the bucket, without one it is the object.
    uses_bucket_key = str(rule.get("BucketKeyEnabled", "false")).lower() == "true"
    context = {"aws:s3:arn": bucket.arn if uses_bucket_key else f"{bucket.arn}/{key}"}
    try:
        return _use(call, account, key_id, actions, context)
    except AwsError as error:
        raise AwsError("KMS.NotFoundException", error.message) from error


def _use(
    call: Call,
    account: str,
    key_id: str | None,
    actions: Sequence[str],
    pairs: dict[str, str] | None = None,
) -> list[Permission]:
    key = find_key(account, call.region, key_id) if key_id else None
    if key is None:
        return []
    via = {"kms:ViaService": f"{call.service}.{call.region}.amazonaws.com", "kms:CallerAccount": account}
    return [Permission(action, key.arn, via | encryption_context(pairs or {})) for action in actions]


def encryption_context(pairs: dict[str, str]) -> dict[str, Any]:
    """The condition keys of an encryption context."""
    context: dict[str, Any] = {f"kms:EncryptionContext:{name}": value for name, value in pairs.items()}
    if pairs:
        context["kms:EncryptionContextKeys"] = list(pairs)
    return context
