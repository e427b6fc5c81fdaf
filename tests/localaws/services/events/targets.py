"""One attempt to deliver an event to a target, with what lets EventBridge in there: a role or the target's policy.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from localaws.access import credentials, iam
from localaws.account.current import current
from localaws.account.errors import AwsError
from localaws.services.events.inputs import InvalidInputError, target_input

if TYPE_CHECKING:
    from collections.abc import Callable

PRINCIPAL = "events.amazonaws.com"


@dataclass(frozen=True)
class Failure:
    """Why an attempt failed, in the words of the dead-letter queue's messages."""

    code: str
    message: str
    retriable: bool


def service_of(target: dict[str, Any]) -> str:
    """The service of a target's ARN, ``states``."""
    return str(target["Arn"]).split(":")[2]


def attempt(rule_arn: str, target: dict[str, Any], event: dict[str, Any]) -> Failure | None:
    """Deliver an event once; give what went wrong."""
    try:
        text = target_input(target, event, rule_arn)
    except InvalidInputError as error:
        # The code is inferred.
        return Failure("INVALID_JSON", str(error), False)
    try:
        DELIVERIES[service_of(target)](rule_arn, target, event, text)
    except _AssumeRoleError as error:
        return Failure("FAILED_TO_ASSUME_ROLE", str(error), False)
    except ClientError as error:
        return _classify(error)
    except ReadTimeoutError as error:
        return Failure("TIMEOUT", str(error), True)
    except BotoCoreError as error:
        return Failure("CONNECTION_FAILURE", str(error), True)
    return None


class _AssumeRoleError(Exception):
    """EventBridge may not assume the target's role."""


def execution_name(rule_arn: str, target: dict[str, Any], event: dict[str, Any]) -> str:
    """The execution's name, two UUIDs: the event's id, and one that stands for the target.

    An event that is delivered twice thus starts one execution. How EventBridge makes the second
    part is not documented.
    """
    return f"{event['id']}_{uuid.uuid5(uuid.NAMESPACE_URL, rule_arn + '/' + target['Id'])}"


def _start_execution(rule_arn: str, target: dict[str, Any], event: dict[str, Any], text: str) -> None:
    try:
        states = credentials.client(
            "stepfunctions",
            target["RoleArn"],
            principal=PRINCIPAL,
            source_arn=rule_arn,
            region=target["Arn"].split(":")[3],
            session_name=rule_arn.rpartition("/")[2][:64],
        )
    except AwsError as error:
        raise _AssumeRoleError(error.message) from None
    states.start_execution(
        stateMachineArn=target["Arn"],
        name=execution_name(rule_arn, target, event),
        input=text,
    )


def _send_message(rule_arn: str, target: dict[str, Any], event: dict[str, Any], text: str) -> None:
    *_, region, _, name = target["Arn"].split(":")
    iam.require_service(PRINCIPAL, "sqs:SendMessage", target["Arn"], source_arn=rule_arn)
    sqs = current().client("sqs", region=region)
    group = target.get("SqsParameters", {}).get("MessageGroupId")
    options = {"MessageGroupId": group} if group else {}
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"], MessageBody=text, **options)


def _publish(rule_arn: str, target: dict[str, Any], event: dict[str, Any], text: str) -> None:
    iam.require_service(PRINCIPAL, "sns:Publish", target["Arn"], source_arn=rule_arn)
    current().client("sns", region=target["Arn"].split(":")[3]).publish(TopicArn=target["Arn"], Message=text)


def _invoke(rule_arn: str, target: dict[str, Any], event: dict[str, Any], text: str) -> None:
    iam.require_service(PRINCIPAL, "lambda:InvokeFunction", target["Arn"], source_arn=rule_arn)
    client = current().client("lambda", region=target["Arn"].split(":")[3])
    client.invoke(FunctionName=target["Arn"], InvocationType="Event", Payload=text.encode())


DELIVERIES: dict[str, Callable[[str, dict[str, Any], dict[str, Any], str], None]] = {
    "lambda": _invoke,
    "sns": _publish,
    "sqs": _send_message,
    "states": _start_execution,
}
"""How to deliver to a service."""


def _classify(error: ClientError) -> Failure:
    name, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if name.startswith(("AccessDenied", "AuthorizationError", "KMSAccessDenied")):
        return Failure("NO_PERMISSIONS", message, False)
    if name in _MISSING or name.endswith(("NonExistentQueue", "QueueDoesNotExist")):
        return Failure("NO_RESOURCE", message, False)
    if name == "ExecutionAlreadyExists":
        return Failure("RESOURCE_ALREADY_EXISTS", message, False)
    if name == "ExecutionLimitExceeded":
        return Failure("RESOURCE_LIMIT_EXCEEDED", message, True)
    if "Throttl" in name or name == "TooManyRequestsException":
        return Failure("THROTTLING", message, True)
    if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
        return Failure("ERROR_FROM_TARGET", message, True)
    return Failure("INVALID_PARAMETER", message, False)


_MISSING = (
    "NotFound",
    "NotFoundException",
    "ResourceNotFound",
    "ResourceNotFoundException",
    "StateMachineDeleting",
    "StateMachineDoesNotExist",
)
