"""Bucket policies: S3 keeps no wrong one, and :mod:`localaws.access.iam` evaluates them with everything else."""

from __future__ import annotations

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket, S3Backend

from localaws.access import documents
from localaws.account.patches import patch

_moto_put_bucket_policy = S3Backend.put_bucket_policy


@patch(
    FakeBucket,
    "get_permission",
    fault="conditions in bucket policies are ignored, so that a Deny of plain HTTP denies everything",
    gaps=("s3/ignores_conditions_of_bucket_policies",),
)
def _get_permission(self: FakeBucket, action: str, resource: str) -> PermissionResult:
    return PermissionResult.NEUTRAL


@patch(
    S3Backend,
    "put_bucket_policy",
    fault="a policy may be anything",
    gaps=("s3/takes_any_bucket_policy",),
)
def _put_bucket_policy(self: S3Backend, bucket_name: str, policy: bytes) -> None:
    documents.check_bucket_policy(policy.decode(errors="replace"), bucket_name, self.account_id)
    _moto_put_bucket_policy(self, bucket_name, policy)
