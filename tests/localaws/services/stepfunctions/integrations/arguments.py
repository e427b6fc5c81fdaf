"""The arguments of a task against the service's model."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

from localaws.services.stepfunctions.language.templates import is_expression

if TYPE_CHECKING:
    from collections.abc import Iterator

_KINDS: dict[str, tuple[str, tuple[type, ...]]] = {
    "string": ("STRING", (str,)),
    "character": ("STRING", (str,)),
    "timestamp": ("STRING", (str,)),
    "boolean": ("BOOLEAN", (bool,)),
    "integer": ("NUMBER", (int,)),
    "long": ("NUMBER", (int,)),
    "float": ("NUMBER", (int, float)),
    "double": ("NUMBER", (int, float)),
}


@functools.cache
def service_model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def operation_model(service: str, action: str) -> OperationModel:
    """The operation behind an action of a resource ARN, ``createTrainingJob``.

    Raises
    ------
    KeyError
        The service has no such operation.
    """
    model = service_model(service)
    name = action[:1].upper() + action[1:]
    if name not in model.operation_names:
        raise KeyError(f"{service} has no operation {name}")
    return model.operation_model(name)


def member_name(shape: StructureShape, field: str) -> str | None:
    """The model's spelling of a field: Step Functions writes every field in PascalCase."""
    if field in shape.members:
        return field
    lowered = field[:1].lower() + field[1:]
    return lowered if field[:1].isupper() and lowered in shape.members else None


def problems(
    arguments: Any, shape: Shape | None, supported: frozenset[str] | None = None, field: str = "Arguments"
) -> Iterator[str]:
    """What Step Functions itself refuses: unknown and missing fields, values of another type.

    Parameters
    ----------
    arguments
        The arguments; values that are still ``{% %}`` expressions pass.
    shape
        The operation's input.
    supported
        The fields an optimized integration takes; ``None`` for all of the operation's.
    field
        The field that ``arguments`` is the value of.
    """
    if shape is None or is_expression(arguments):
        return
    if isinstance(shape, StructureShape):
        if not isinstance(arguments, dict):
            yield f"The value for the field '{field}' must be an OBJECT"
            return
        for name in shape.required_members:
            if not any(member_name(shape, given) == name for given in arguments):
                yield f"The field '{name[:1].upper() + name[1:]}' is required but was missing"
        for name, value in arguments.items():
            member = member_name(shape, name)
            if member is None or (supported is not None and name not in supported):
                yield f'The field "{name}" is not supported by Step Functions'
            else:
                yield from problems(value, shape.members[member], None, name)
    elif isinstance(shape, ListShape):
        if not isinstance(arguments, list):
            yield f"The value for the field '{field}' must be an ARRAY"
            return
        for value in arguments:
            yield from problems(value, shape.member, None, field)
    elif isinstance(shape, MapShape):
        if not isinstance(arguments, dict):
            yield f"The value for the field '{field}' must be an OBJECT"
            return
        for name, value in arguments.items():
            yield from problems(value, shape.value, None, name)
    elif shape.type_name in _KINDS:
        kind, types = _KINDS[shape.type_name]
        if type(arguments) not in types:
            yield f"The value for the field '{field}' must be a {kind}"


def violations(arguments: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """What the service refuses: lengths, ranges, patterns and enumerations of its model, in its own words."""
    where = f"at '{path}' failed to satisfy constraint: Member must"
    if isinstance(shape, StructureShape):
        for name, value in arguments.items():
            member = member_name(shape, name)
            if member is not None:
                inner = member[:1].lower() + member[1:]
                yield from violations(value, shape.members[member], f"{path}.{inner}" if path else inner)
        return
    size = len(arguments) if isinstance(arguments, str | list | dict) else arguments
    unit = "length " if isinstance(arguments, str | list | dict) else "value "
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if not isinstance(size, bool) and low is not None and size < low:
        yield f"Value '{arguments}' {where} have {unit}greater than or equal to {low}"
    if not isinstance(size, bool) and high is not None and size > high:
        yield f"Value '{arguments}' {where} have {unit}less than or equal to {high}"
    if isinstance(shape, ListShape):
        for index, value in enumerate(arguments, start=1):
            yield from violations(value, shape.member, f"{path}.{index}.member")
    elif isinstance(shape, MapShape):
        for name, value in arguments.items():
            yield from violations(name, shape.key, path)
            yield from violations(value, shape.value, f"{path}.{name}.member")
    elif isinstance(arguments, str):
        enum = getattr(shape, "enum", None)
        if enum and arguments not in enum:
            yield f"Value '{arguments}' {where} satisfy enum value set: [{', '.join(enum)}]"
        pattern = shape.metadata.get("pattern")
        if pattern and not _matches(pattern, arguments):
            yield f"Value '{arguments}' {where} satisfy regular expression pattern: {pattern}"


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text, re.DOTALL) is not None
    except re.error:
        # Java's pattern language has a few constructs that Python's lacks.
        return True
