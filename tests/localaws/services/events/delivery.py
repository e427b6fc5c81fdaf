"""Delivery to targets: with the target's role, again after passing failures, at last to the dead-letter queue.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html
"""

from __future__ import annotations

import json
import random
import threading
import uuid
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from localaws.access import credentials, iam
from localaws.account.current import current
from localaws.account.errors import AwsError
from localaws.services.events.inputs import target_input

PRINCIPAL = "events.amazonaws.com"
# EventBridge waits seconds, then minutes between its attempts. This many seconds pass here for one of EventBridge's.
TIME_SCALE = 0.01
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 300.0
# Defaults of a target's RetryPolicy.
MAXIMUM_RETRY_ATTEMPTS = 185
MAXIMUM_EVENT_AGE_SECONDS = 86_400


@dataclass(frozen=True)
class Failure:
    """Why an attempt failed, in the words of the dead-letter queue's messages."""

    code: str
    message: str
    retriable: bool


class Deliverer:
    """Delivers events in the background, each target by itself."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="eventbridge")
        self._closing = threading.Event()
        self._pending: set[Future[None]] = set()

    def submit(self, rule_arn: str, target: dict[str, Any], event: dict[str, Any]) -> None:
        """Deliver an event to a state machine."""
        future = self._pool.submit(self._deliver, rule_arn, target, event)
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)

    def settle(self, timeout: float) -> bool:
        """Wait until nothing is under way; give whether that is so within ``timeout`` seconds."""
        return not wait(list(self._pending), timeout).not_done

    def close(self) -> None:
        """Give up what waits for its next attempt, and wait for the rest."""
        self._closing.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _deliver(self, rule_arn: str, target: dict[str, Any], event: dict[str, Any]) -> None:
        policy = target.get("RetryPolicy", {})
        most = policy.get("MaximumRetryAttempts", MAXIMUM_RETRY_ATTEMPTS)
        oldest = policy.get("MaximumEventAgeInSeconds", MAXIMUM_EVENT_AGE_SECONDS)
        retries, age, exhausted = 0, 0.0, None
        while (failure := _start_execution(rule_arn, target, event)) is not None and failure.retriable:
            pause = min(FIRST_WAIT_SECONDS * 2**retries, LONGEST_WAIT_SECONDS) * random.uniform(0.5, 1.0)
            if retries == most:
                exhausted = "MaximumRetryAttempts"
            elif age + pause > oldest:
                exhausted = "MaximumEventAgeInSeconds"
            if exhausted or self._closing.wait(pause * TIME_SCALE):
                break
            retries, age = retries + 1, age + pause
        if failure is not None and "Arn" in target.get("DeadLetterConfig", {}):
            _bury(rule_arn, target, event, failure, retries, exhausted)


def execution_name(rule_arn: str, target: dict[str, Any], event: dict[str, Any]) -> str:
    """The execution's name, two UUIDs: the event's id, and one that stands for the target.

    An event that is delivered twice thus starts one execution. How EventBridge makes the second
    part is not documented.
    """
    return f"{event['id']}_{uuid.uuid5(uuid.NAMESPACE_URL, rule_arn + '/' + target['Id'])}"


def _start_execution(rule_arn: str, target: dict[str, Any], event: dict[str, Any]) -> Failure | None:
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
        return Failure("FAILED_TO_ASSUME_ROLE", error.message, False)
    try:
        states.start_execution(
            stateMachineArn=target["Arn"],
            name=execution_name(rule_arn, target, event),
            input=target_input(target, event, rule_arn),
        )
    except ClientError as error:
        return _classify(error)
    except ReadTimeoutError as error:
        return Failure("TIMEOUT", str(error), True)
    except BotoCoreError as error:
        return Failure("CONNECTION_FAILURE", str(error), True)
    return None


def _classify(error: ClientError) -> Failure:
    name, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if name.startswith("AccessDenied"):
        return Failure("NO_PERMISSIONS", message, False)
    if name in ("StateMachineDoesNotExist", "StateMachineDeleting", "ResourceNotFound"):
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


def _bury(
    rule_arn: str, target: dict[str, Any], event: dict[str, Any], failure: Failure, retries: int, exhausted: str | None
) -> None:
    """Send the event to the target's dead-letter queue, if the queue's policy lets the rule; else it is lost."""
    queue_arn = target["DeadLetterConfig"]["Arn"]
    attributes = {
        "RULE_ARN": rule_arn,
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": failure.code,
        "ERROR_MESSAGE": failure.message,
        "RETRY_ATTEMPTS": str(retries),
    }
    if exhausted:
        attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
    *_, region, _, name = queue_arn.split(":")
    sqs = current().client("sqs", region=region)
    try:
        iam.require_service(PRINCIPAL, "sqs:SendMessage", queue_arn, source_arn=rule_arn)
        sqs.send_message(
            QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"],
            MessageBody=json.dumps(event, ensure_ascii=False),
            MessageAttributes={
                key: {"DataType": "String", "StringValue": value} for key, value in attributes.items() if value
            },
        )
    except (AwsError, ClientError):
        pass
