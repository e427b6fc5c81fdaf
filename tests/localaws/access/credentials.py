"""Credentials of the roles that services assume, and clients that use them."""

from __future__ import annotations

from typing import Any

from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from localaws.access import iam
from localaws.account.current import current


def assume_role(
    role_arn: str, *, service: str, source_arn: str | None = None, session_name: str | None = None
) -> dict[str, str]:
    """Assume a role the way an AWS service does.

    Parameters
    ----------
    role_arn
        The role.
    service
        The service principal that assumes it, ``lambda.amazonaws.com``.
    source_arn
        The resource it acts for, ``aws:SourceArn`` and ``aws:SourceAccount`` of the role's trust policy.
    session_name
        Name of the session in the caller's ARN; the service's own name by default.

    Returns
    -------
    dict
        ``aws_access_key_id``, ``aws_secret_access_key`` and ``aws_session_token``, ready for boto3.
        Calls made with them are checked against the role's policies.

    Raises
    ------
    botocore.exceptions.ClientError
        ``AccessDenied``: the role does not exist or its trust policy does not allow the service.
    """
    iam.check_trust(role_arn, service=service, source_arn=source_arn)
    region = current().region
    session = sts_backends[role_arn.split(":")[4]][get_partition(region)].assume_role(
        region_name=region,
        role_session_name=session_name or service.split(".")[0],
        role_arn=role_arn,
        policy="",
        duration=3600,
        external_id="",
    )
    session.assumed_by = service  # type: ignore[attr-defined]
    return {
        "aws_access_key_id": session.access_key_id,
        "aws_secret_access_key": session.secret_access_key,
        "aws_session_token": session.session_token,
    }


def client(
    service_name: str,
    role_arn: str | None = None,
    *,
    principal: str = "lambda.amazonaws.com",
    source_arn: str | None = None,
    region: str | None = None,
    session_name: str | None = None,
    **options: Any,
) -> Any:
    """A boto3 client of the running local AWS.

    Parameters
    ----------
    service_name
        boto3's name of the service.
    role_arn
        The role whose credentials the client has; ``None`` for the administrator.
    principal, source_arn, session_name
        Who assumes the role and for what, see :func:`assume_role`.
    region
        The client's region; by default the account's.
    options
        Passed on to boto3, such as ``config``.
    """
    if role_arn is not None:
        options |= assume_role(role_arn, service=principal, source_arn=source_arn, session_name=session_name)
    return current().client(service_name, region=region, **options)
