"""How a definition marks a Map state whose iterations are executions of their own."""

from __future__ import annotations

from typing import Any

# What the parser is given in a Distributed Map's place: a Task whose Resource names this service.
SERVICE = "distributed-map"
_RESOURCE = f"arn:aws:states:::{SERVICE}:run"
_KEPT = ("Comment", "Next", "End", "Retry", "Catch", "Assign", "Output", "QueryLanguage")


def is_distributed(state: dict[str, Any]) -> bool:
    """Whether a state is a Map in distributed mode."""
    config = state.get("ItemProcessor", {}).get("ProcessorConfig", {})
    return state.get("Type") == "Map" and config.get("Mode") == "DISTRIBUTED"


def take_out(value: Any, found: dict[str, Any], language: str = "JSONPath") -> Any:
    """A definition with a placeholder for each Distributed Map; the states themselves go to ``found``, by name.

    One in JSONPath stays, for moto to run.
    """
    if isinstance(value, list):
        return [take_out(item, found, language) for item in value]
    if not isinstance(value, dict):
        return value
    language = value.get("QueryLanguage", language)
    replaced = {}
    for name, item in value.items():
        if isinstance(item, dict) and is_distributed(item) and item.get("QueryLanguage", language) == "JSONata":
            found[name] = item
            kept = {key: item[key] for key in _KEPT if key in item}
            replaced[name] = {"Type": "Task", "Resource": _RESOURCE} | kept
        else:
            replaced[name] = take_out(item, found, language)
    return replaced
