"""Role enforcement: who makes a call, and whether their policies and the resource's allow it.

Calls with the credentials of an assumed role need an allow of the role's policies (or the resource's),
within its permissions boundary. Long-lived keys are the account's administrator, whom only
resource policies can stop.

Not there: session and service control policies, VPC endpoint policies, grants of KMS keys, S3 ACLs, and
condition keys on tags of principals and resources. A condition on a key that a request does not have
fails, so that a grant which hangs on one of these shows as denied.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.utils import utcnow
from moto.iam.exceptions import NotFoundException
from moto.iam.models import Role, iam_backends
from moto.s3.models import s3_backends
from moto.sts.models import AssumedRole, sts_backends
from moto.utilities.utils import get_partition

from localaws.access import kms
from localaws.access.permission import Permission, copy_source
from localaws.access.permissions import UnknownPermissionError, required
from localaws.access.policy import Decision, Policy, Principal, Request, evaluate
from localaws.access.resource_policies import parse, resource_side
from localaws.account.current import Denied, current
from localaws.account.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localaws.account.calls import Call

_ADMINISTRATOR_POLICY = Policy.parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


@dataclass(frozen=True)
class Caller:
    """A principal with its own policies.

    Attributes
    ----------
    principal
        Who it is.
    policies, boundary
        Its identity policies and its permissions boundary.
    assumed_by
        The service that assumed the role, where one did.
    """

    principal: Principal
    policies: Sequence[Policy] = ()
    boundary: Policy | None = None
    assumed_by: str | None = None

    @property
    def arn(self) -> str:
        """What policies and fault injection know the caller by."""
        return self.principal.arn


def identify(call: Call) -> Caller:
    """Find out who makes a call.

    Raises
    ------
    AwsError
        The session token is not one of this account's, has expired, or belongs to a deleted role.
    """
    if call.session_token is None:
        principal = Principal(DEFAULT_ACCOUNT_ID, f"arn:{get_partition(call.region)}:iam::{DEFAULT_ACCOUNT_ID}:root")
        return Caller(principal, [_ADMINISTRATOR_POLICY])
    session = _session(call.access_key)
    if session is None or session.session_token != call.session_token:
        code = "InvalidAccessKeyId" if call.service == "s3" else "UnrecognizedClientException"
        raise AwsError(code, "The security token included in the request is invalid.", 403)
    if session.expiration < utcnow():
        code = "ExpiredToken" if call.service == "s3" else "ExpiredTokenException"
        raise AwsError(code, "The security token included in the request is expired", 403)
    try:
        return _role_caller(session.role_arn, session.session_name, getattr(session, "assumed_by", None))
    except NotFoundException:
        raise AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403) from None


def _session(access_key: str) -> AssumedRole | None:
    for partitions in list(sts_backends.values()):
        for backend in partitions.values():
            session: AssumedRole | None = backend.get_assumed_role_from_access_key(access_key)
            if session is not None:
                return session
    return None


def find_role(role_arn: str) -> Role:
    """moto's role for an ARN; raises its ``NotFoundException``."""
    _, partition, _, _, account, _ = role_arn.split(":", 5)
    return iam_backends[account][partition].get_role_by_arn(role_arn)


def _role_caller(role_arn: str, session_name: str, assumed_by: str | None = None) -> Caller:
    role = find_role(role_arn)
    managed = (_default_version(policy) for policy in role.managed_policies.values())
    boundary = None
    if role.permissions_boundary_arn:
        backend = iam_backends[role.account_id][role.partition]
        boundary = parse(_default_version(backend.get_policy(role.permissions_boundary_arn)))
    session_arn = f"arn:{role.partition}:sts::{role.account_id}:assumed-role/{role.name}/{session_name}"
    return Caller(
        Principal(role.account_id, role_arn, session_arn),
        [parse(document) for document in itertools.chain(role.policies.values(), managed)],
        boundary,
        assumed_by,
    )


def _default_version(policy: Any) -> str:
    return next(str(version.document) for version in policy.versions if version.is_default)


def authorize(call: Call, caller: Caller, denied: list[Denied]) -> None:
    """Check a call against everything it needs.

    Raises
    ------
    AwsError
        The service's own refusal; what was refused is appended to ``denied``.
    """
    administrator = call.session_token is None
    try:
        needs = required(call, caller.principal.account)
    except UnknownPermissionError as error:
        if administrator:
            return
        raise AwsError("NotImplemented", str(error), 501) from None
    if call.operation == "DeleteObjects":
        return  # S3 answers each key by itself, see localaws.services.s3.delete_objects.
    needs = [*needs, *kms.through_services(call, caller.principal.account)]
    for need in needs:
        _demand(call, caller, need, denied)
    _hide_missing_object(call, caller, denied)


def decide(call: Call, caller: Caller, need: Permission) -> Decision:
    """Whether the caller of ``call`` has a permission."""
    side = resource_side(need.resource)
    # An ARN of ECR or SageMaker names the account, an ARN of S3 does not.
    owner = side.account or (need.resource.split(":")[4] if need.resource.startswith("arn:") else None)
    context = _context(caller, owner) | {
        "aws:SecureTransport": str(call.secure).lower(),
        "aws:SourceIp": call.source_ip,
        "aws:RequestedRegion": call.region,
        **need.context,
    }
    if need.action == "kms:CreateGrant":
        # SageMaker's grants are for volumes of its own; what Lambda's code makes is not.
        context["kms:GrantIsForAWSResource"] = str(caller.assumed_by == "sagemaker.amazonaws.com").lower()
    return evaluate(
        Request(caller.principal, need.action, need.resource, context),
        identity=caller.policies,
        boundary=caller.boundary,
        resource=side.policy,
        resource_account=side.account,
        resource_policy_decides=side.decides,
    )


def _demand(call: Call, caller: Caller, need: Permission, denied: list[Denied]) -> None:
    decision = decide(call, caller, need)
    if not decision.allowed:
        denied.append(Denied(caller.arn, need.action, need.resource))
        raise access_denied(call.service, caller.principal, need, decision)


def _context(caller: Caller, resource_account: str | None) -> dict[str, str | Sequence[str]]:
    principal = caller.principal
    context: dict[str, str | Sequence[str]] = {
        "aws:PrincipalArn": principal.arn,
        "aws:PrincipalAccount": principal.account,
        "aws:PrincipalType": "AssumedRole" if principal.session_arn else "Account",
        "aws:PrincipalIsAWSService": str(principal.is_service).lower(),
        "aws:ViaAWSService": "false",
    }
    if resource_account:
        context["aws:ResourceAccount"] = resource_account
    return context


def _hide_missing_object(call: Call, caller: Caller, denied: list[Denied]) -> None:
    """Without ``s3:ListBucket``, S3 does not tell that an object does not exist."""
    if call.service != "s3" or call.operation not in ("GetObject", "HeadObject", "CopyObject", "UploadPartCopy"):
        return
    if "CopySource" in call.parameters:
        bucket, key, version = copy_source(call)
    else:
        bucket, key, version = call.parameters["Bucket"], call.parameters["Key"], call.parameters.get("VersionId")
    if bucket not in s3_backends.bucket_accounts:
        return
    partition, owner = s3_backends.bucket_accounts[bucket]
    if s3_backends[owner][partition].get_object(bucket, key, version) is None:
        _demand(call, caller, Permission("s3:ListBucket", f"arn:{partition}:s3:::{bucket}"), denied)


_CODES = {
    "cloudwatch": ("AccessDenied", 403),
    "ec2": ("UnauthorizedOperation", 403),
    "iam": ("AccessDenied", 403),
    "lambda": ("AccessDeniedException", 403),
    "s3": ("AccessDenied", 403),
    "sns": ("AuthorizationError", 403),
    "sqs": ("AccessDenied", 403),
    "sts": ("AccessDenied", 403),
    "xray": ("AccessDeniedException", 403),
}


def access_denied(service: str, principal: Principal, need: Permission, decision: Decision) -> AwsError:
    """The error with which a service refuses, in its own spelling."""
    prefix, _, operation = need.action.partition(":")
    action, resource = need.action, need.resource
    if prefix == "sns":
        action = f"SNS:{operation}"
    elif prefix == "sqs":
        action = need.action.lower()
    elif prefix == "s3":
        resource = f'"{resource}"'
    reason = decision.reason.replace(need.action, action)
    code, status = _CODES.get(service, ("AccessDeniedException", 400))
    message = f"User: {principal.display_name} is not authorized to perform: {action} on resource: {resource} {reason}"
    return AwsError(code, message, status)


def check_trust(role_arn: str, *, service: str, source_arn: str | None = None) -> None:
    """Whether a service may assume a role on behalf of a resource.

    Raises
    ------
    AwsError
        ``AccessDenied``: there is no such role, or its trust policy does not let the service in.
    """
    account = role_arn.split(":")[4]
    principal = Principal(account, service, is_service=True)
    need = Permission("sts:AssumeRole", role_arn)
    try:
        trust = parse(find_role(role_arn).assume_role_policy_document)
    except NotFoundException:
        decision = Decision(False, "because the role does not exist")
    else:
        decision = evaluate(
            Request(principal, need.action, role_arn, _service_context(principal, account, source_arn)),
            resource=trust,
            resource_policy_decides=True,
        )
    if not decision.allowed:
        error = access_denied("sts", principal, need, decision)
        raise AwsError(error.code, error.message, error.status, "AssumeRole")


def can_assume(role_arn: str, *, service: str, source_arn: str | None = None) -> bool:
    """Whether :func:`check_trust` has nothing against it."""
    try:
        check_trust(role_arn, service=service, source_arn=source_arn)
    except AwsError:
        return False
    return True


def role_decision(
    role_arn: str, action: str, resource: str, context: Mapping[str, str | Sequence[str]] | None = None
) -> Decision:
    """Whether a role may do something, for what a service does in the role's name without an API call."""
    caller = _role_caller(role_arn, "session")
    side = resource_side(resource)
    return evaluate(
        Request(caller.principal, action, resource, _context(caller, side.account) | dict(context or {})),
        identity=caller.policies,
        boundary=caller.boundary,
        resource=side.policy,
        resource_policy_decides=side.decides,
    )


def require(
    role_arn: str,
    action: str,
    resource: str,
    context: Mapping[str, str | Sequence[str]] | None = None,
    *,
    session_name: str = "session",
) -> None:
    """Refuse unless a role may do something; the refusal is recorded in ``LocalAWS.denied``.

    Raises
    ------
    AwsError
        As the service of ``action`` words it.
    """
    decision = role_decision(role_arn, action, resource, context)
    if not decision.allowed:
        principal = _role_caller(role_arn, session_name).principal
        current().denied.append(Denied(role_arn, action, resource))
        raise access_denied(action.partition(":")[0], principal, Permission(action, resource), decision)


def require_service(
    service: str,
    action: str,
    resource: str,
    *,
    source_arn: str,
    context: Mapping[str, str | Sequence[str]] | None = None,
) -> None:
    """Refuse unless a resource's policy lets a service in, such as EventBridge into a queue.

    Parameters
    ----------
    service
        The service principal, ``events.amazonaws.com``.
    action, resource
        What it does on which ARN. A queue's or topic's KMS key is asked for as well.
    source_arn
        For which resource, ``aws:SourceArn``.
    context
        More condition keys.

    Raises
    ------
    AwsError
        As the service of ``action`` words it; recorded in ``LocalAWS.denied``.
    """
    account = source_arn.split(":")[4]
    principal = Principal(account, service, is_service=True)
    keys: Sequence[Permission] = kms.for_resource(resource) if not action.startswith("kms:") else ()
    for need in (Permission(action, resource, context or {}), *keys):
        side = resource_side(need.resource)
        # EventBridge does not tell a topic's key for which rule it comes: a key policy with conditions on the source
        # keeps it out. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
        untold = need in keys and service == "events.amazonaws.com" and action == "sns:Publish"
        request = Request(
            principal,
            need.action,
            need.resource,
            {**_service_context(principal, side.account, None if untold else source_arn), **need.context},
        )
        decision = evaluate(request, resource=side.policy, resource_policy_decides=True)
        if not decision.allowed:
            current().denied.append(Denied(service, need.action, need.resource))
            raise access_denied(action.partition(":")[0], principal, need, decision)


def _service_context(
    principal: Principal, resource_account: str | None, source_arn: str | None
) -> dict[str, str | Sequence[str]]:
    context = _context(Caller(principal), resource_account) | {
        "aws:PrincipalServiceName": principal.arn,
        "aws:PrincipalIsAWSService": "true",
        "aws:SecureTransport": "true",
    }
    del context["aws:PrincipalArn"], context["aws:PrincipalAccount"], context["aws:PrincipalType"]
    if source_arn is not None:
        context["aws:SourceArn"] = source_arn
        context["aws:SourceAccount"] = source_arn.split(":")[4] or principal.account
    return context
