"""The policies that resources carry, and the accounts they belong to."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.awslambda.utils import get_backend as lambda_backend
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from localaws.access.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class ResourceSide:
    """What the resource has to say about a request.

    Attributes
    ----------
    account
        Whose resource it is; ``None`` where it carries no policy that is looked up here, as with the ECR
        repositories that AWS's accounts offer to everyone.
    policy
        Its policy, if it has one.
    decides
        Whether nothing is allowed without its policy, as with KMS keys.
    """

    account: str | None
    policy: Policy | None = None
    decides: bool = False


@functools.lru_cache(maxsize=512)
def parse(document: str) -> Policy:
    """Parse a policy document, once for each text."""
    return Policy.parse(document)


def resource_side(arn: str) -> ResourceSide:
    """Look up owner and policy of the resource an ARN names."""
    if not arn.startswith("arn:"):
        return ResourceSide(None)
    _, _, service, region, account, name = arn.split(":", 5)
    look_up = _LOOK_UPS.get(service)
    return look_up(region, account, name) if look_up else ResourceSide(None)


def _s3(region: str, account: str, name: str) -> ResourceSide:
    bucket_name = name.partition("/")[0]
    if bucket_name not in s3_backends.bucket_accounts:
        return ResourceSide(None)
    partition, owner = s3_backends.bucket_accounts[bucket_name]
    bucket = s3_backends[owner][partition].get_bucket(bucket_name)
    document = bucket.policy.decode() if bucket.policy else None
    return ResourceSide(owner, parse(document) if document else None)


def _sns(region: str, account: str, name: str) -> ResourceSide:
    topic = next((t for t in sns_backends[account][region].topics.values() if t.arn.endswith(f":{name}")), None)
    return ResourceSide(account, parse(topic.policy) if topic else None)


def _sqs(region: str, account: str, name: str) -> ResourceSide:
    queue = sqs_backends[account][region].queues.get(name)
    return ResourceSide(account, parse(queue.policy) if queue and queue.policy else None)


def _kms(region: str, account: str, name: str) -> ResourceSide:
    key = kms_backends[account][region].keys.get(name.removeprefix("key/"))
    return ResourceSide(account, parse(key.policy) if key else None, decides=True)


def _lambda(region: str, account: str, name: str) -> ResourceSide:
    function_name = name.split(":")[1]
    backend: Any = lambda_backend(account, region)
    function = next((f for f in backend.list_functions() if f.function_name == function_name), None)
    if function is None or not function.policy or not function.policy.statements:
        return ResourceSide(account)
    return ResourceSide(account, Policy.parse(function.policy.get_policy()["Policy"]))


_LOOK_UPS: Mapping[str, Callable[[str, str, str], ResourceSide]] = {
    "kms": _kms,
    "lambda": _lambda,
    "s3": _s3,
    "sns": _sns,
    "sqs": _sqs,
}
