"""Policy documents that AWS refuses to keep: malformed ones, and those a service's own rules forbid.

moto checks the grammar of identity policies and takes anything for the rest, so that a wrong trust, bucket, key, topic
or queue policy would show only when somebody is denied. The rules are those of the IAM User Guide, "Grammar of the IAM
JSON policy language", and of each service's guide. The wordings of S3's first two are recorded; the others are as users
report them.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends

from localaws.access.policy import matches_action
from localaws.account.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localaws.account.calls import Call

_ELEMENTS = {
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
_OPERATORS = re.compile(
    r"(?:ForAllValues:|ForAnyValue:)?(?:"
    r"String(?:Not)?(?:Equals(?:IgnoreCase)?|Like)|Arn(?:Not)?(?:Equals|Like)|Bool|BinaryEquals|(?:Not)?IpAddress|"
    r"(?:Numeric|Date)(?:(?:Not)?Equals|(?:Less|Greater)Than(?:Equals)?))(?:IfExists)?|Null"
)
_SERVICE = re.compile(r"[a-z0-9.-]+\.(?:amazonaws\.com(?:\.cn)?|aws\.internal)")
_UNIQUE_ID = re.compile(r"A[A-Z]{2}A[A-Z0-9]{12,}")
# IAM and STS quotas, in characters that are no white space.
MOST_IN_TRUST = 2_048
MOST_IN_MANAGED = 6_144
MOST_IN_ROLE = 10_240
# https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
_TOPIC_ACTIONS = {
    "addpermission",
    "deletetopic",
    "getdataprotectionpolicy",
    "gettopicattributes",
    "listsubscriptionsbytopic",
    "listtagsforresource",
    "publish",
    "putdataprotectionpolicy",
    "receive",
    "removepermission",
    "settopicattributes",
    "subscribe",
}
_OBJECT_ACTIONS = re.compile(
    r"s3:(?!\w*Bucket)(?:\w*Object\w*|AbortMultipartUpload|ListMultipartUploadParts)", re.IGNORECASE
)
_BUCKET_ACTIONS = re.compile(r"s3:(?:List(?:Bucket\w*)|\w+Bucket\w*)", re.IGNORECASE)


class _DocumentError(Exception):
    """What is wrong with a document, as most services say it."""


def check(call: Call, account: str) -> None:
    """Refuse a call that brings a policy which AWS would not keep.

    Raises
    ------
    AwsError
        As the service of the call words it.
    """
    rules = _CALLS.get((call.service, call.operation))
    if rules is None:
        return
    document = rules.document(call.parameters)
    if document is None:
        return
    try:
        rules.check(document, call, account)
    except _DocumentError as fault:
        raise AwsError(rules.code, rules.message.format(fault), 400) from None


def _statements(text: str, invalid: str) -> list[dict[str, Any]]:
    """The statements of a document whose grammar is right."""
    try:
        document = json.loads(text)
    except ValueError:
        raise _DocumentError(invalid) from None
    if not isinstance(document, dict):
        raise _DocumentError(invalid)
    if "Statement" not in document:
        raise _DocumentError("Missing required field Statement")
    if unknown := document.keys() - {"Version", "Id", "Statement"}:
        raise _DocumentError(f"Unknown field {min(unknown)}")
    if document.get("Version", "2012-10-17") not in ("2012-10-17", "2008-10-17"):
        raise _DocumentError("The policy must contain a valid version string")
    found = document["Statement"]
    statements = found if isinstance(found, list) else [found]
    if not statements:
        raise _DocumentError("Could not parse the policy: Statement is empty!")
    for statement in statements:
        _check_statement(statement)
    sids = [statement["Sid"] for statement in statements if statement.get("Sid")]
    if len(sids) != len(set(sids)):
        raise _DocumentError("Statement IDs (SID) in a single policy must be unique.")
    return statements


def _check_statement(statement: Any) -> None:
    if not isinstance(statement, dict):
        raise _DocumentError("Invalid policy syntax.")
    if unknown := statement.keys() - _ELEMENTS:
        raise _DocumentError(f"Unknown field {min(unknown)}")
    for name in ("Principal", "Action", "Resource"):
        if name in statement and f"Not{name}" in statement:
            raise _DocumentError("Invalid policy syntax.")
    if "Effect" not in statement:
        raise _DocumentError("Missing required field Effect")
    if statement["Effect"] not in ("Allow", "Deny"):
        raise _DocumentError(f"Invalid effect: {statement['Effect']}")
    if not _listed(statement, "Action") and not _listed(statement, "NotAction"):
        raise _DocumentError("Missing required field Action")
    conditions = statement.get("Condition", {})
    if not isinstance(conditions, dict):
        raise _DocumentError("Invalid policy syntax.")
    for operator, keys in conditions.items():
        if not _OPERATORS.fullmatch(operator):
            raise _DocumentError(f"Invalid Condition type : {operator}")
        if not isinstance(keys, dict) or not keys:
            raise _DocumentError("Invalid policy syntax.")


def _listed(statement: Mapping[str, Any], name: str) -> list[str]:
    value = statement.get(name, [])
    return value if isinstance(value, list) else [value]


def _require(statement: Mapping[str, Any], name: str) -> None:
    if not statement.get(name) and not statement.get(f"Not{name}"):
        raise _DocumentError(f"Missing required field {name}")


def _unknown_principals(statement: Mapping[str, Any], account: str) -> Iterator[tuple[str, str]]:
    """Kind and name of each principal that AWS does not know."""
    principals = statement.get("Principal") or statement.get("NotPrincipal")
    if isinstance(principals, str):
        principals = {"AWS": principals}
    for kind, names in (principals or {}).items():
        for name in names if isinstance(names, list) else [names]:
            if not _is_principal(kind, str(name), account):
                yield kind, str(name)


def _is_principal(kind: str, name: str, account: str) -> bool:
    if kind == "Service":
        return _SERVICE.fullmatch(name) is not None
    if kind != "AWS":
        return kind in ("Federated", "CanonicalUser")
    # Who was deleted stays as a unique id.
    if name == "*" or re.fullmatch(r"\d{12}", name) or _UNIQUE_ID.fullmatch(name):
        return True
    parts = name.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[2] not in ("iam", "sts") or not re.fullmatch(r"\d{12}", parts[4]):
        return False
    kind_of_arn, _, rest = parts[5].partition("/")
    # What other accounts have is not known here.
    if parts[4] != account or kind_of_arn not in ("role", "user"):
        return kind_of_arn in ("root", "role", "user", "assumed-role", "federated-user")
    backend: Any = iam_backends[account][parts[1]]
    if kind_of_arn == "role":
        return any(role.arn == name for role in backend.roles.values())
    return rest.rpartition("/")[2] in backend.users


def _check_trust(text: str, call: Call, account: str) -> None:
    for statement in _statements(text, "This policy contains invalid Json"):
        _require(statement, "Principal")
        for name in ("Resource", "NotResource"):
            if name in statement:
                raise _DocumentError(f"Has prohibited field {name}")
        if not all(action == "*" or action.lower().startswith("sts:") for action in _listed(statement, "Action")):
            raise _DocumentError("AssumeRole policy may only specify STS AssumeRole actions.")
        for kind, name in _unknown_principals(statement, account):
            raise _DocumentError(f'Invalid principal in policy: "{kind.upper()}":"{name}"')
    _check_length(text, MOST_IN_TRUST, f"Cannot exceed quota for ACLSizePerRole: {MOST_IN_TRUST}")


def _check_inline(text: str, call: Call, account: str) -> None:
    _check_identity(text)
    name = call.parameters["RoleName"]
    roles: Any = iam_backends[account]["aws"].roles
    kept: dict[str, str] = next((each.policies for each in roles.values() if each.name == name), {})
    others = [other for policy, other in kept.items() if policy != call.parameters["PolicyName"]]
    _check_length(
        "".join([text, *others]), MOST_IN_ROLE, f"Maximum policy size of {MOST_IN_ROLE} bytes exceeded for role {name}"
    )


def _check_managed(text: str, call: Call, account: str) -> None:
    _check_identity(text)
    _check_length(text, MOST_IN_MANAGED, f"Cannot exceed quota for PolicySize: {MOST_IN_MANAGED}")


def _check_identity(text: str) -> None:
    """What moto does not see of an identity policy; the rest it refuses in IAM's words."""
    try:
        found = json.loads(text)["Statement"]
    except (ValueError, KeyError, TypeError):
        return
    for statement in found if isinstance(found, list) else [found]:
        if isinstance(statement, dict):
            if "Principal" in statement or "NotPrincipal" in statement:
                raise _DocumentError("Policy document should not specify a principal.")
            if not re.fullmatch(r"[0-9A-Za-z]*", str(statement.get("Sid", ""))):
                raise _DocumentError(
                    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
                    "[0-9A-Za-z]*"
                )


def _check_length(text: str, most: int, message: str) -> None:
    if len(re.sub(r"\s", "", text)) > most:
        raise AwsError("LimitExceeded", message, 409)


def check_bucket_policy(text: str, name: str, account: str) -> None:
    """Refuse what S3 would not keep as a bucket's policy.

    Raises
    ------
    AwsError
        ``MalformedPolicy``.
    """
    try:
        _check_bucket(text, f"arn:aws:s3:::{name}", account)
    except _DocumentError as error:
        raise AwsError("MalformedPolicy", str(error)) from None


def _check_bucket(text: str, bucket: str, account: str) -> None:
    for statement in _statements(text, "Policies must be valid JSON and the first byte must be '{'"):
        _require(statement, "Principal")
        _require(statement, "Resource")
        if any(_unknown_principals(statement, account)):
            raise _DocumentError("Invalid principal in policy")
        actions, resources = _listed(statement, "Action"), _listed(statement, "Resource")
        if not all(action == "*" or action.lower().startswith("s3:") for action in actions):
            raise _DocumentError("Policy has invalid action")
        if not all(each == bucket or each.startswith((f"{bucket}/", f"{bucket}*")) for each in resources):
            raise _DocumentError("Policy has invalid resource")
        of_objects, of_buckets = (any(each.startswith(bucket + "/") for each in resources), bucket in resources)
        for action in actions:
            if "*" in action or any(fnmatch.fnmatchcase(bucket, each) and "*" in each for each in resources):
                continue
            if (_OBJECT_ACTIONS.fullmatch(action) and not of_objects) or (
                _BUCKET_ACTIONS.fullmatch(action) and resources and not of_buckets
            ):
                raise _DocumentError("Action does not apply to any resource(s) in statement")


def _check_key(text: str, call: Call, account: str) -> None:
    statements = _statements(text, "")
    for statement in statements:
        _require(statement, "Principal")
        _require(statement, "Resource")
        if any(_unknown_principals(statement, account)):
            raise _DocumentError("Policy contains a statement with one or more invalid principals.")
    if call.parameters.get("BypassPolicyLockoutSafetyCheck"):
        return
    if not any(_lets_the_account_change(statement, account) for statement in statements):
        raise _DocumentError("The new key policy will not allow you to update the key policy in the future.")


def _lets_the_account_change(statement: Mapping[str, Any], account: str) -> bool:
    """Whether someone of the account may change a key's policy; who calls is not told apart here."""
    if statement["Effect"] != "Allow" or not any(
        matches_action(action, "kms:PutKeyPolicy") for action in _listed(statement, "Action")
    ):
        return False
    principals = statement.get("Principal", {})
    names = principals if isinstance(principals, str) else principals.get("AWS", [])
    return any(name == "*" or account in name for name in (names if isinstance(names, list) else [names]))


def _check_topic(text: str, call: Call, account: str) -> None:
    for statement in _statements(text, "null"):
        _require(statement, "Principal")
        if any(_unknown_principals(statement, account)):
            raise _DocumentError("PrincipalNotFound")
        for action in _listed(statement, "Action"):
            service, _, name = action.lower().partition(":")
            # Users report that not even `sns:*` is taken.
            if service != "sns" or name not in _TOPIC_ACTIONS:
                raise AwsError("InvalidParameter", "Invalid parameter: Policy statement action out of service scope!")


def _check_queue(text: str, call: Call, account: str) -> None:
    for statement in _statements(text, ""):
        _require(statement, "Principal")
        if any(_unknown_principals(statement, account)):
            raise _DocumentError("")
        if not all(action == "*" or action.lower().startswith("sqs:") for action in _listed(statement, "Action")):
            raise _DocumentError("")


@dataclass(frozen=True)
class _Rules:
    """Where a call has its document, what is asked of it, and how the service refuses it."""

    document: Callable[[dict[str, Any]], str | None]
    check: Callable[[str, Call, str], None]
    code: str
    message: str = "{}"


def _parameter(name: str) -> Callable[[dict[str, Any]], str | None]:
    return lambda parameters: parameters.get(name)


def _attribute(name: str) -> Callable[[dict[str, Any]], str | None]:
    return lambda parameters: (parameters.get("Attributes") or {}).get(name) or None


_TRUST = _Rules(_parameter("AssumeRolePolicyDocument"), _check_trust, "MalformedPolicyDocument")
_MANAGED = _Rules(_parameter("PolicyDocument"), _check_managed, "MalformedPolicyDocument")
_KEY = _Rules(_parameter("Policy"), _check_key, "MalformedPolicyDocumentException")
_TOPIC = ("InvalidParameter", "Invalid parameter: Policy Error: {}")
_QUEUE = _Rules(_attribute("Policy"), _check_queue, "InvalidAttributeValue", "Invalid value for the parameter Policy.")
_CALLS: dict[tuple[str, str], _Rules] = {
    ("iam", "CreateRole"): _TRUST,
    ("iam", "UpdateAssumeRolePolicy"): _Rules(_parameter("PolicyDocument"), _check_trust, "MalformedPolicyDocument"),
    ("iam", "PutRolePolicy"): _Rules(_parameter("PolicyDocument"), _check_inline, "MalformedPolicyDocument"),
    ("iam", "CreatePolicy"): _MANAGED,
    ("iam", "CreatePolicyVersion"): _MANAGED,
    ("kms", "CreateKey"): _KEY,
    ("kms", "PutKeyPolicy"): _KEY,
    ("sns", "CreateTopic"): _Rules(_attribute("Policy"), _check_topic, *_TOPIC),
    ("sns", "SetTopicAttributes"): _Rules(
        lambda parameters: parameters.get("AttributeValue") if parameters["AttributeName"] == "Policy" else None,
        _check_topic,
        *_TOPIC,
    ),
    ("sqs", "CreateQueue"): _QUEUE,
    ("sqs", "SetQueueAttributes"): _QUEUE,
}
