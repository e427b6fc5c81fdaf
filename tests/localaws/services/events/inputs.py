"""What a target gets of an event: all of it, a part, a constant, or a template filled in.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from typing import Any

_STEP = re.compile(r"\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]")
_VARIABLE = re.compile(r"<([\w.-]+)>")


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
    """
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return _dumps(_at(event, target["InputPath"]))
    if "InputTransformer" not in target:
        return _dumps(event)
    transformer = target["InputTransformer"]
    variables = {name: _at(event, path) for name, path in transformer.get("InputPathsMap", {}).items()}
    variables |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rpartition("/")[2],
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
        "aws.events.event.json": event,
        "aws.events.event.ingestion-time": event["time"],
    }
    return _fill(transformer["InputTemplate"], variables)


def _fill(template: str, variables: dict[str, Any]) -> str:
    """Put values in the place of ``<name>``: bare as JSON, within quotes as a part of that string."""
    filled, position, quoted = "", 0, False
    while position < len(template):
        match = _VARIABLE.match(template, position)
        if match and match[1] in variables:
            value = variables[match[1]]
            if quoted:
                text = "" if value is None else value if isinstance(value, str) else _dumps(value)
                filled += _dumps(text)[1:-1]
            else:
                filled += _dumps(value)
            position = match.end()
            continue
        escaped = quoted and template[position] == "\\"
        quoted ^= template[position] == '"'
        filled += template[position : position + 1 + escaped]
        position += 1 + escaped
    return filled


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
