"""Delivery to targets: with the target's role, again after passing failures, at last to the dead-letter queue.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html
"""

from __future__ import annotations

import json
import random
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from botocore.exceptions import ClientError

from localaws.access import iam
from localaws.account.current import current
from localaws.account.errors import AwsError
from localaws.services.events.targets import PRINCIPAL, Failure, attempt

# EventBridge waits seconds, then minutes between its attempts. This many seconds pass here for one of EventBridge's.
TIME_SCALE = 0.01
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 300.0
# Defaults of a target's RetryPolicy.
MAXIMUM_RETRY_ATTEMPTS = 185
MAXIMUM_EVENT_AGE_SECONDS = 86_400


class Deliverer:
    """Delivers events in the background, each target by itself."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="eventbridge")
        self._closing = threading.Event()
        self._pending: set[Future[None]] = set()

    def deliver(self, rule_arn: str, target: dict[str, Any], event: dict[str, Any]) -> None:
        """Deliver an event at once, so that events come in the order they were sent; what fails goes on behind."""
        failure = attempt(rule_arn, target, event)
        if failure is not None:
            self.submit(rule_arn, target, event, failure)

    def submit(
        self, rule_arn: str, target: dict[str, Any], event: dict[str, Any], failure: Failure | None = None
    ) -> None:
        """Deliver an event behind the caller's back, where that has not failed once already."""
        future = self._pool.submit(self._deliver, rule_arn, target, event, failure)
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)

    def settle(self, timeout: float) -> bool:
        """Wait until nothing is under way; give whether that is so within ``timeout`` seconds."""
        return not wait(list(self._pending), timeout).not_done

    def close(self) -> None:
        """Give up what waits for its next attempt, and wait for the rest."""
        self._closing.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _deliver(self, rule_arn: str, target: dict[str, Any], event: dict[str, Any], failure: Failure | None) -> None:
        policy = target.get("RetryPolicy", {})
        most = policy.get("MaximumRetryAttempts", MAXIMUM_RETRY_ATTEMPTS)
        oldest = policy.get("MaximumEventAgeInSeconds", MAXIMUM_EVENT_AGE_SECONDS)
        retries, age, exhausted = 0, 0.0, None
        failure = failure or attempt(rule_arn, target, event)
        while failure is not None and failure.retriable:
            pause = min(FIRST_WAIT_SECONDS * 2**retries, LONGEST_WAIT_SECONDS) * random.uniform(0.5, 1.0)
            if retries == most:
                exhausted = "MaximumRetryAttempts"
            elif age + pause > oldest:
                exhausted = "MaximumEventAgeInSeconds"
            if exhausted or self._closing.wait(pause * TIME_SCALE):
                break
            retries, age = retries + 1, age + pause
            failure = attempt(rule_arn, target, event)
        if failure is not None and "Arn" in target.get("DeadLetterConfig", {}):
            _bury(rule_arn, target, event, failure, retries, exhausted)


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
