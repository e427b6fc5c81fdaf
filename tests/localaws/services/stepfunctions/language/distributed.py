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


def take_out(value: Any, found: dict[str, Any]) -> Any:
    """A definition with a placeholder for each Distributed Map; the states themselves go to ``found``, by name."""
    if isinstance(value, list):
        return [take_out(item, found) for item in value]
    if not isinstance(value, dict):
        return value
    replaced = {}
    for name, item in value.items():
        if isinstance(item, dict) and is_distributed(item):
            found[name] = item
            replaced[name] = {"Type": "Task", "Resource": _RESOURCE} | {key: item[key] for key in _KEPT if key in item}
        else:
            replaced[name] = take_out(item, found)
    return replaced
