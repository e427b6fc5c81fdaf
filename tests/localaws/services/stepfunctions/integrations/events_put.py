"""``arn:aws:states:::events:putEvents``.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html; what entries become and how a refused one
fails was recorded on AWS by localstack's tests ``TestTaskServiceEvents``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from localaws.services.stepfunctions.integrations.task import Integration
from localaws.services.stepfunctions.language import payloads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moto.stepfunctions.parser.asl.eval.environment import Environment

_MALFORMED = {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}


class PutEvents(Integration):
    """Send events; where one is refused the others are sent, and the task fails."""

    boto_service = "events"
    prefix = "EventBridge"
    # Names of errors of the call as a whole: inferred from those of the other services.
    base_error = "AmazonEventBridgeException"
    service_name = "AmazonEventBridge"
    actions = frozenset({"putEvents"})
    supported = frozenset({"Entries"})

    def argument_problems(self, values: Any) -> Iterator[str]:
        if isinstance(values, dict) and isinstance(values.get("Entries"), list):
            values = {**values, "Entries": [_with_text(entry) for entry in values["Entries"]]}
        yield from super().argument_problems(values)

    def perform(self, env: Environment, client: Any, values: dict[str, Any]) -> Any:
        context = env.states.context_object.context_object_data
        sources = [context["StateMachine"]["Id"], context["Execution"]["Id"]]
        entries = [_with_text(entry) for entry in values["Entries"]]
        sound = [
            {**entry, "Resources": [*entry.get("Resources", []), *sources]} for entry in entries if _is_sound(entry)
        ]
        answers = iter(client.put_events(Entries=sound)["Entries"] if sound else [])
        told = [next(answers) if _is_sound(entry) else _MALFORMED for entry in entries]
        result = {"Entries": told, "FailedEntryCount": sum("ErrorCode" in answer for answer in told)}
        if result["FailedEntryCount"]:
            raise self.failed(env, "EventBridge.FailedEntry", payloads.dump(result))
        return result


def _with_text(entry: Any) -> Any:
    """An entry whose detail is the text of a JSON object."""
    if not isinstance(entry, dict) or isinstance(entry.get("Detail"), str | None):
        return entry
    return {**entry, "Detail": payloads.dump(entry["Detail"])}


def _is_sound(entry: dict[str, Any]) -> bool:
    try:
        return isinstance(json.loads(entry.get("Detail", "{}")), dict)
    except ValueError:
        return False
