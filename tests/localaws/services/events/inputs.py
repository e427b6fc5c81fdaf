"""What a target gets of an event: all of it, a part, a constant, or a template filled in.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from typing import Any

_STEP = re.compile(r"\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]")
_VARIABLE = re.compile(r"<([\w.-]+)>")
PREDEFINED = (
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event",
    "aws.events.event.json",
    "aws.events.event.ingestion-time",
)


class InvalidInputError(ValueError):
    """What a template makes is no input."""


def target_input(target: dict[str, Any], event: dict[str, Any], rule_arn: str) -> str:
    """The input of a target.

    Parameters
    ----------
    target
        As PutTargets takes it.
    event
        The event.
    rule_arn
        The rule that matched it.

    Raises
    ------
    InvalidInputError
        What the input transformer makes of the event is no JSON.
    """
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return _dumps(_at(event, target["InputPath"]))
    if "InputTransformer" not in target:
        return _dumps(event)
    transformer = target["InputTransformer"]
    # Of a path that leads nowhere EventBridge makes an empty text (inferred: documented is that nothing appears).
    found = {name: _at(event, path) for name, path in transformer.get("InputPathsMap", {}).items()}
    variables: dict[str, Any] = {name: "" if value is None else value for name, value in found.items()} | {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rpartition("/")[2],
        # Recorded: this one spells `detail-type` in another way.
        "aws.events.event": {
            {"detail-type": "detailType"}.get(name, name): value for name, value in event.items() if name != "detail"
        },
        "aws.events.event.json": event,
        "aws.events.event.ingestion-time": event["time"],
    }
    filled = _fill(transformer["InputTemplate"], variables)
    if not _is_input(filled):
        raise InvalidInputError(f"The input transformer makes no JSON: {filled}")
    return filled


def check_template(target: dict[str, Any]) -> None:
    """Refuse a template that makes no JSON, whatever its variables hold.

    Raises
    ------
    InvalidInputError
        EventBridge refuses the target; the wording is inferred.
    """
    transformer = target["InputTransformer"]
    template = transformer["InputTemplate"]
    names = [*transformer.get("InputPathsMap", {}), *PREDEFINED]
    if not _is_input(_fill(template, dict.fromkeys(names, ""))):
        raise InvalidInputError(f"Invalid InputTemplate for target {target['Id']} : {template}")


def _is_input(text: str) -> bool:
    """Whether a text is JSON, or texts in quotes, one a line."""
    try:
        json.loads(text)
    except ValueError:
        lines = text.splitlines()
        return len(lines) > 1 and all(_is_quoted(line) for line in lines if line.strip())
    return True


def _is_quoted(line: str) -> bool:
    try:
        return isinstance(json.loads(line), str)
    except ValueError:
        return False


def _fill(template: str, variables: dict[str, Any]) -> str:
    """Put values in the place of ``<name>``: bare as JSON, within quotes as a part of that string."""
    filled, position, quoted = "", 0, False
    is_text = template.lstrip().startswith('"')
    while position < len(template):
        match = _VARIABLE.match(template, position)
        if match and match[1] in variables:
            filled += _within(variables[match[1]], is_text) if quoted else _dumps(variables[match[1]])
            position = match.end()
            continue
        escaped = quoted and template[position] == "\\"
        quoted ^= template[position] == '"'
        filled += template[position : position + 1 + escaped]
        position += 1 + escaped
    return filled


def _within(value: Any, is_text: bool) -> str:
    """A value within quotes.

    In a template that is a text, objects and lists lose their quotes (recorded for lists). In one that is an object
    they keep them, which leaves no JSON: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
    warns of it.
    """
    if isinstance(value, str):
        return _dumps(value)[1:-1]
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace('"', "") if is_text else text


def _at(event: Any, path: str) -> Any:
    """The value at a JSON path; ``None`` where there is none."""
    for name, index, quoted_name in _STEP.findall(path.removeprefix("$")):
        try:
            event = event[int(index)] if index else event[name or quoted_name]
        except (KeyError, IndexError, TypeError):
            return None
    return event


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
