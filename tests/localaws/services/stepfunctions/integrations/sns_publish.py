"""``arn:aws:states:::sns:publish``.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-sns.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localaws.services.stepfunctions.integrations.task import Integration, with_sdk_metadata
from localaws.services.stepfunctions.language import payloads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moto.stepfunctions.parser.asl.eval.environment import Environment


class SnsPublish(Integration):
    """Publish a message; one that is no string is published as its JSON."""

    boto_service = "sns"
    prefix = "SNS"
    base_error = "AmazonSNSException"
    service_name = "AmazonSNS"
    actions = frozenset({"publish"})
    supported = frozenset(
        {
            "Message",
            "MessageAttributes",
            "MessageDeduplicationId",
            "MessageGroupId",
            "MessageStructure",
            "PhoneNumber",
            "Subject",
            "TargetArn",
            "TopicArn",
        }
    )

    def argument_problems(self, values: Any) -> Iterator[str]:
        if isinstance(values, dict) and "Message" in values:
            values = {**values, "Message": "any JSON is taken"}
        yield from super().argument_problems(values)

    def perform(self, env: Environment, client: Any, values: dict[str, Any]) -> Any:
        message = values.get("Message")
        if not isinstance(message, str):
            values = {**values, "Message": payloads.dump(message)}
        return with_sdk_metadata(client.publish(**values))
