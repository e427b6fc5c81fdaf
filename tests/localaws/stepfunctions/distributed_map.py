"""Map states in distributed mode.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask

from localaws import iam
from localaws.errors import AwsError
from localaws.stepfunctions import arguments, failures, item_reader, payloads, templates
from localaws.stepfunctions.history import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from moto.stepfunctions.parser.asl.eval.environment import Environment

# What the parser is given in a Distributed Map's place: a Task whose Resource names this service.
SERVICE = "distributed-map"
_RESOURCE = f"arn:aws:states:::{SERVICE}:run"
_KEPT = ("Comment", "Next", "End", "Retry", "Catch", "Assign", "Output", "QueryLanguage")
_LABEL = re.compile(r"[^\s?*<>{}\[\]:;,\\|^~$#%&`\"\x00-\x1f\x7f-\x9f]{1,40}")


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


class DistributedMap(StateTask):
    """A Map state whose iterations are executions of their own.

    Attributes
    ----------
    spec
        The state as its definition has it.
    """

    spec: dict[str, Any]

    def __init__(self) -> None:
        ExecutionState.__init__(
            self,
            state_entered_event_type=HistoryEventType.MapStateEntered,
            state_exited_event_type=HistoryEventType.MapStateExited,
        )

    def _eval_execution(self, env: Environment) -> None:
        from localaws.stepfunctions import result_writer

        record(env, HistoryEventType.MapStateStarted, "mapStateStartedEventDetails", length=self._length(env))
        run = self._redriven(env) or self._new_run(env)
        self._check_role(env, run)
        run.run(env.is_running)
        if not env.is_running():
            return
        result = None
        if "Resource" in self.spec.get("ResultWriter", {}):
            result = result_writer.export(run, self.spec, env)
        if run.status != "SUCCEEDED":
            error, cause = (
                "States.ExceedToleratedFailureThreshold",
                "The specified tolerated failure threshold was exceeded",
            )
            record(env, HistoryEventType.MapRunFailed, "mapRunFailedEventDetails", error=error, cause=cause)
            raise failures.failure(env, error, cause, event_type=HistoryEventType.MapRunFailed)
        record(env, HistoryEventType.MapRunSucceeded)
        record(env, HistoryEventType.MapStateSucceeded)
        env.stack.append(result_writer.results(run, self.spec) if result is None else result)

    def _length(self, env: Environment) -> int:
        if "ItemReader" in self.spec:
            return 0
        return len(item_reader.read(self.spec, env))

    def _new_run(self, env: Environment) -> Any:
        from localaws.stepfunctions.map_run import Child, MapRun

        def number(field: str, kind: type | tuple[type, ...]) -> Any:
            return templates.evaluate_typed(self.spec[field], env, field, kind) if field in self.spec else None

        data = env.states.context_object.context_object_data
        machine = _machine(data["StateMachine"]["Id"])
        limits = {
            "max_concurrency": number("MaxConcurrency", int) or 0,
            "tolerated_count": number("ToleratedFailureCount", int),
            "tolerated_percentage": number("ToleratedFailurePercentage", (int, float)),
        }
        parent, processor, label = data["Execution"]["Id"], self.spec["ItemProcessor"], self.spec.get("Label")
        run = MapRun(self.name, machine, parent, processor, label, [], **limits)
        env.map_run_record_pool_manager.add(run)  # type: ignore[arg-type]
        record(env, HistoryEventType.MapRunStarted, "mapRunStartedEventDetails", mapRunArn=run.map_run_arn)
        try:
            items = item_reader.select(self.spec, env, item_reader.read(self.spec, env))
            run.children += [Child(value, count) for value, count in item_reader.batch(self.spec, env, items)]
            if not all(payloads.fits(child.input) for child in run.children):
                raise failures.failure(env, "States.DataLimitExceeded", "An item is too large for a child's input.")
        except Exception:
            run.status, run.stop_date = "FAILED", datetime.now(UTC)
            record(env, HistoryEventType.MapRunFailed)
            raise
        return run

    def _redriven(self, env: Environment) -> Any:
        """The Map Run of a redriven execution's earlier attempt, which goes on with the children that failed."""
        count = env.states.context_object.context_object_data["Execution"]["RedriveCount"]  # type: ignore[typeddict-item]
        for run in env.map_run_record_pool_manager.get_all():
            known: Any = run
            if known.state_name == self.name and known.children and known.redrive_count < count:
                if known.status == "SUCCEEDED":
                    continue
                known.redrive_count, known.redrive_date = count, datetime.now(UTC)
                known.status, known.stop_date = "RUNNING", None
                record(
                    env,
                    HistoryEventType.MapRunRedriven,
                    "mapRunRedrivenEventDetails",
                    mapRunArn=known.map_run_arn,
                    redriveCount=count,
                )
                return known
        return None

    def _check_role(self, env: Environment, run: Any) -> None:
        """Step Functions starts and watches the children with the state machine's own role.

        https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
        """
        role = env.aws_execution_details.role_arn
        machine = env.states.context_object.context_object_data["StateMachine"]["Id"].split("/")[0]
        executions = machine.replace(":stateMachine:", ":execution:")
        label = run.list_item()["stateMachineArn"].rpartition("/")[2]
        needs: list[tuple[str, tuple[str, ...]]] = [("states:StartExecution", (machine,))]
        if not run.express:
            # The guide names the executions of the machine; their ARNs have the label behind a slash.
            watched = (f"{executions}/{label}:child", f"{executions}:child")
            needs += [("states:DescribeExecution", watched), ("states:StopExecution", watched)]
            if run.redrive_count:
                needs.append(("states:RedriveExecution", watched))
        for action, resources in needs:
            if any(iam.role_decision(role, action, resource).allowed for resource in resources):
                continue
            try:
                iam.require(role, action, resources[0])
            except AwsError as error:
                run.status, run.stop_date = "FAILED", datetime.now(UTC)
                record(env, HistoryEventType.MapRunFailed)
                raise failures.failure(env, "StepFunctions.AWSStepFunctionsException", error.message) from error


def _machine(arn: str) -> Any:
    from moto.stepfunctions.responses import get_backend

    parts = arn.split(":")
    return get_backend(parts[4], parts[3]).describe_state_machine(arn.split("/")[0])


def problems(state: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Location and text of what is wrong with a Map state's own fields."""
    distributed = is_distributed(state)
    config = state["ItemProcessor"].get("ProcessorConfig", {})
    if config.get("Mode", "INLINE") not in ("INLINE", "DISTRIBUTED"):
        yield "/ItemProcessor/ProcessorConfig/Mode", "Value should be one of the following: [INLINE, DISTRIBUTED]"
    if distributed and config.get("ExecutionType") not in ("STANDARD", "EXPRESS"):
        yield "/ItemProcessor/ProcessorConfig", "These fields are required: [ExecutionType]"
    only_distributed = ("ItemReader", "ItemBatcher", "ResultWriter", "Label")
    for field in (*only_distributed, "ToleratedFailureCount", "ToleratedFailurePercentage"):
        if field in state and not distributed:
            yield "", f"The field '{field}' is only supported for a Map state in 'DISTRIBUTED' mode"
    if distributed:
        yield from _reader_problems(state)
        yield from _writer_problems(state)
        yield from _limit_problems(state)


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
    for name in writer.keys() - {"Resource", "Arguments", "WriterConfig"}:
        yield "/ResultWriter", f"Field '{name}' is not supported"
    if "Resource" not in writer and "WriterConfig" not in writer:
        yield "/ResultWriter", "One of these fields is required: [Resource, WriterConfig]"
    if "Resource" in writer:
        if not str(writer["Resource"]).endswith(":states:::s3:putObject"):
            yield "/ResultWriter/Resource", "The field 'Resource' does not match any of the allowed values"
        given = writer.get("Arguments", {})
        if isinstance(given, dict) and not (given.keys() >= {"Bucket"} and given.keys() <= {"Bucket", "Prefix"}):
            yield "/ResultWriter/Arguments", "Bucket is required, and besides it only Prefix is supported"
    choices = {"Transformation": ("NONE", "COMPACT", "FLATTEN"), "OutputType": ("JSON", "JSONL")}
    for name, value in writer.get("WriterConfig", {}).items():
        if value not in choices.get(name, ()):
            yield f"/ResultWriter/WriterConfig/{name}", f"Value should be one of: {list(choices.get(name, ()))}"


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
    batcher = state.get("ItemBatcher")
    if batcher is not None:
        known = {"MaxItemsPerBatch", "MaxInputBytesPerBatch", "BatchInput"}
        for name in batcher.keys() - known:
            yield "/ItemBatcher", f"Field '{name}' is not supported"
        if not batcher.keys() & {"MaxItemsPerBatch", "MaxInputBytesPerBatch"}:
            yield "/ItemBatcher", "One of these fields is required: [MaxItemsPerBatch, MaxInputBytesPerBatch]"
