"""What CreateStateMachine refuses in a Map state's own fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from localaws.services.stepfunctions.integrations import arguments
from localaws.services.stepfunctions.language import templates
from localaws.services.stepfunctions.language.distributed import is_distributed
from localaws.services.stepfunctions.map import item_reader, result_writer

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_BATCHER = "The local AWS has no ItemBatcher: it gives each child one item"

_LABEL = re.compile(r"[^\s?*<>{}\[\]:;,\\|^~$#%&`\"\x00-\x1f\x7f-\x9f]{1,40}")


def problems(state: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Location and text of what is wrong with a Map state's own fields."""
    distributed = is_distributed(state)
    config = state["ItemProcessor"].get("ProcessorConfig", {})
    if config.get("Mode", "INLINE") not in ("INLINE", "DISTRIBUTED"):
        yield "/ItemProcessor/ProcessorConfig/Mode", "Value should be one of the following: [INLINE, DISTRIBUTED]"
    if distributed and config.get("ExecutionType") not in ("STANDARD", "EXPRESS"):
        yield "/ItemProcessor/ProcessorConfig", "These fields are required: [ExecutionType]"
    if distributed and config.get("ExecutionType") == "EXPRESS":
        yield "/ItemProcessor/ProcessorConfig/ExecutionType", "The local AWS runs children of type STANDARD, no EXPRESS"
    if "ItemBatcher" in state:
        yield "/ItemBatcher", NO_BATCHER
    # Tolerated failures, which mean nothing in an inline Map, are taken there, recorded on AWS by localstack's
    # test_base_map.
    for field in ("ItemReader", "ResultWriter", "Label"):
        if field in state and not distributed:
            yield "", f"The field '{field}' is only supported for a Map state in 'DISTRIBUTED' mode"
    yield from _limit_problems(state)
    if distributed:
        yield from _reader_problems(state)
        yield from _writer_problems(state)


def _reader_problems(state: dict[str, Any]) -> Iterator[tuple[str, str]]:
    reader = state.get("ItemReader")
    if reader is None:
        return
    if "Items" in state:
        yield "", "A Map state cannot have both 'Items' and 'ItemReader'"
    if not str(reader.get("Resource", "")).endswith(f":states:::{item_reader.LIST_OBJECTS}"):
        yield "/ItemReader/Resource", f"The local AWS reads items with {item_reader.LIST_OBJECTS} only"
        return
    for name in reader.keys() - {"Resource", "Arguments", "ReaderConfig"}:
        yield "/ItemReader", f"Field '{name}' is not supported"
    for name in reader.get("ReaderConfig", {}).keys() - {"MaxItems"}:
        yield "/ItemReader/ReaderConfig", f"Field '{name}' is not supported with {item_reader.LIST_OBJECTS}"
    shape = arguments.operation_model("s3", "listObjectsV2").input_shape
    for problem in arguments.problems(reader.get("Arguments", {}), shape, frozenset({"Bucket", "Prefix"})):
        yield "/ItemReader/Arguments", problem


def _writer_problems(state: dict[str, Any]) -> Iterator[tuple[str, str]]:
    writer = state.get("ResultWriter")
    if writer is None:
        return
    if "WriterConfig" in writer:
        yield "/ResultWriter/WriterConfig", "The local AWS has no WriterConfig: it writes what is written without one"
    for name in writer.keys() - {"Resource", "Arguments", "WriterConfig"}:
        yield "/ResultWriter", f"Field '{name}' is not supported"
    if not str(writer.get("Resource", "")).endswith(f":states:::{result_writer.PUT_OBJECT}"):
        yield "/ResultWriter/Resource", "The field 'Resource' does not match any of the allowed values"
    given = writer.get("Arguments", {})
    if isinstance(given, dict) and not (given.keys() >= {"Bucket"} and given.keys() <= {"Bucket", "Prefix"}):
        yield "/ResultWriter/Arguments", "Bucket is required, and besides it only Prefix is supported"


def _limit_problems(state: dict[str, Any]) -> Iterator[tuple[str, str]]:
    ranges = {
        "MaxConcurrency": (0, 10_000),
        "ToleratedFailureCount": (0, 99_999_999),
        "ToleratedFailurePercentage": (0, 100),
    }
    for field, (low, high) in ranges.items():
        value = state.get(field, low)
        if not templates.is_expression(value) and not (type(value) in (int, float) and low <= value <= high):
            yield f"/{field}", f"The value should be a number between {low} and {high}"
    label = state.get("Label")
    if label is not None and not _LABEL.fullmatch(label):
        yield "/Label", 'A label has 1 to 40 characters, none of them white space or one of ?*<>{}[]:;,\\|^~$#%&`"'
