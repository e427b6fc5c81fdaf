"""Bucket policies, which :mod:`localaws.access.iam` evaluates with everything else."""

from __future__ import annotations

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from localaws.account.patches import patch


@patch(
    FakeBucket,
    "get_permission",
    fault="conditions in bucket policies are ignored, so that a Deny of plain HTTP denies everything",
    gaps=("s3/ignores_conditions_of_bucket_policies",),
)
def _get_permission(self: FakeBucket, action: str, resource: str) -> PermissionResult:
    return PermissionResult.NEUTRAL
