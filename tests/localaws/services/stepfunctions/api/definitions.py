"""The static checks of CreateStateMachine and ValidateStateMachineDefinition.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    LambdaResource,
    Resource,
    ServiceResource,
)
from moto.stepfunctions.parser.asl.parse.asl_parser import ASLParserException

from localaws.account.patches import applied
from localaws.services.stepfunctions.integrations.registry import integration_for, names
from localaws.services.stepfunctions.integrations.task import Integration, UnsupportedResourceError
from localaws.services.stepfunctions.language import expressions, parsing, templates
from localaws.services.stepfunctions.language.distributed import is_distributed
from localaws.services.stepfunctions.map import checks

if TYPE_CHECKING:
    from collections.abc import Iterator

JSONATA, JSONPATH = "JSONata", "JSONPath"

SCHEMA = "SCHEMA_VALIDATION_FAILED"
_SERVICES = "arn:aws:states:::"
_TARGET = "MISSING_TRANSITION_TARGET"

_COMMON = frozenset({"Type", "Comment", "QueryLanguage"})
_FLOW = frozenset({"Next", "End"})
_ATTEMPT = frozenset({"Retry", "Catch"})
_FIELDS = {
    "Task": _FLOW | _ATTEMPT | {"Assign", "Resource", "Credentials", "TimeoutSeconds", "HeartbeatSeconds"},
    "Pass": _FLOW | {"Assign"},
    "Wait": _FLOW | {"Assign", "Seconds", "Timestamp"},
    "Choice": frozenset({"Assign", "Choices", "Default"}),
    "Succeed": frozenset(),
    "Fail": frozenset({"Error", "Cause"}),
    "Parallel": _FLOW | _ATTEMPT | {"Assign", "Branches"},
    "Map": _FLOW
    | _ATTEMPT
    | {"Assign", "ItemProcessor", "ItemReader", "ItemSelector", "ItemBatcher", "ResultWriter", "MaxConcurrency"}
    | {"ToleratedFailureCount", "ToleratedFailurePercentage", "Label"},
}
_JSONATA = {
    **{kind: frozenset({"Output"}) for kind in _FIELDS if kind != "Fail"},
    "Task": frozenset({"Output", "Arguments"}),
    "Parallel": frozenset({"Output", "Arguments"}),
    "Map": frozenset({"Output", "Items"}),
}
_JSONPATH_ONLY = frozenset(
    {"InputPath", "OutputPath", "ResultPath", "ResultSelector", "Parameters", "Result", "ItemsPath", "SecondsPath"}
    | {"TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath", "MaxConcurrencyPath", "ErrorPath", "CausePath"}
    | {"ToleratedFailureCountPath", "ToleratedFailurePercentagePath", "Iterator"}
)
_REQUIRED = {
    "Task": ("Resource",),
    "Choice": ("Choices",),
    "Parallel": ("Branches",),
    "Map": ("ItemProcessor",),
}
_RETRIER = frozenset(
    {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment"}
)
_CATCHER = frozenset({"ErrorEquals", "Next", "Assign", "Output", "Comment"})
_CHOICE = frozenset({"Condition", "Next", "Assign", "Output", "Comment"})
_RETRIER_RANGES = {
    "IntervalSeconds": (1, 99_999_999),
    "MaxAttempts": (0, 99_999_999),
    "BackoffRate": (1, float("inf")),
    "MaxDelaySeconds": (1, 31_622_400),
}
_STATES_ERRORS = frozenset(
    "States." + name
    for name in [
        "ALL",
        "BranchFailed",
        "DataLimitExceeded",
        "ExceedToleratedFailureThreshold",
        "HeartbeatTimeout",
        "Http.Socket",
        "IntrinsicFailure",
        "ItemReaderFailed",
        "NoChoiceMatched",
        "ParameterPathFailure",
        "Permissions",
        "QueryEvaluationError",
        "ResultPathMatchFailure",
        "ResultWriterFailed",
        "Runtime",
        "TaskFailed",
        "Timeout",
    ]
)
_BEFORE = frozenset({"input", "context"})


@dataclass(frozen=True)
class Diagnostic:
    """One finding about a definition.

    Attributes
    ----------
    location
        JSON pointer into the definition, ``/States/Train/Arguments``.
    """

    code: str
    message: str
    location: str = ""
    severity: str = "ERROR"

    def __str__(self) -> str:
        return f"{self.code}: {self.message} at {self.location or '/'}"

    def as_json(self) -> dict[str, str]:
        found = {"severity": self.severity, "code": self.code, "message": self.message}
        return {**found, "location": self.location} if self.location else found


def problems(definition: str | dict[str, Any], *, unassigned: bool = False) -> list[Diagnostic]:
    """Everything that is wrong with a definition.

    Parameters
    ----------
    definition
        JSON text, or what it says.
    unassigned
        Whether to find variables that nothing assigns, too. AWS creates such a state machine, recorded by localstack's
        test_undefined_reference; what refers to the variable fails when it runs.

    Returns
    -------
    list of Diagnostic
        Empty for a definition that can be created.
    """
    if isinstance(definition, dict):
        definition = json.dumps(definition)
    # The parser is moto's, and may be asked while no local AWS runs.
    with applied():
        return _problems(definition, unassigned)


def _problems(definition: str, unassigned: bool) -> list[Diagnostic]:
    try:
        machine = json.loads(definition, object_pairs_hook=_no_duplicates)
    except _DuplicateError as error:
        return [Diagnostic(SCHEMA, f"Duplicate field '{error}'")]
    except ValueError as error:
        return [Diagnostic("INVALID_JSON_DESCRIPTION", str(error))]
    if not isinstance(machine, dict):
        return [Diagnostic(SCHEMA, "Definition must be a valid JSON object")]
    found = list(_Machine(machine, unassigned).check())
    # What the checks have passed must also run.
    return found or _parse_only(definition)


class _DuplicateError(Exception):
    pass


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise _DuplicateError(name)
    return dict(pairs)


def _parse_only(definition: str) -> list[Diagnostic]:
    try:
        parsing.parse(definition)
    except UnsupportedResourceError as error:
        return [Diagnostic(SCHEMA, _unknown_resource(str(error)))]
    except (ASLParserException, ValueError, TypeError, RuntimeError, NotImplementedError) as error:
        return [Diagnostic(SCHEMA, str(error))]
    return []


def _unknown_resource(arn: str) -> str:
    return (
        f"The resource provided {arn} is not recognized. The value is not a valid resource ARN, or the resource is not "
        f"available in this region. (The local AWS runs {', '.join(names())} and functions by their ARNs.)"
    )


def _integration(arn: Any) -> Integration | None:
    """The integration behind a Resource, bound to it; ``None`` for a function's ARN.

    Raises
    ------
    UnsupportedResourceError
    """
    try:
        resource = Resource.from_resource_arn(arn)
        if isinstance(resource, LambdaResource):
            return None
        if not isinstance(resource, ServiceResource):
            raise UnsupportedResourceError(arn)
        integration = integration_for(resource.service_name)
        integration.check_resource(resource)
    except (UnsupportedResourceError, RuntimeError, AttributeError) as error:
        raise UnsupportedResourceError(arn) from error
    integration.bind(resource)
    return integration


class _Machine:
    """The checks of one definition.

    Of a machine in JSONPath only the states in JSONata are checked here, the rest is for moto's parser to refuse.
    """

    def __init__(self, machine: dict[str, Any], unassigned: bool, language: str | None = None) -> None:
        self._machine = machine
        self._language = language or machine.get("QueryLanguage", JSONPATH)
        self._unassigned = unassigned
        self._variables = frozenset(_assigned(machine)) if unassigned else None
        self._names: set[str] = set()

    def check(self) -> Iterator[Diagnostic]:
        if self._language == JSONATA:
            top = frozenset({"StartAt", "States", "Comment", "QueryLanguage", "TimeoutSeconds", "Version"})
            yield from self._flow(self._machine, "", top)
            return
        missing = [name for name in ("States", "StartAt") if name not in self._machine]
        if missing:
            yield Diagnostic(SCHEMA, f"These fields are required: [{', '.join(missing)}]", "/")
        yield from self._jsonata_states(self._machine, "")

    def _jsonata_states(self, flow: Any, at: str) -> Iterator[Diagnostic]:
        states = flow.get("States") if isinstance(flow, dict) else None
        for name, state in states.items() if isinstance(states, dict) else ():
            where = f"{at}/States/{name}"
            if not isinstance(state, dict):
                continue
            if state.get("QueryLanguage", JSONPATH) == JSONATA:
                yield from self._state(state, where)
                continue
            if str(state.get("Resource")).startswith(_SERVICES):
                try:
                    _integration(state["Resource"])
                except UnsupportedResourceError as error:
                    yield Diagnostic(SCHEMA, _unknown_resource(str(error)), f"{where}/Resource")
            if "ItemBatcher" in state:
                yield Diagnostic(SCHEMA, checks.NO_BATCHER, f"{where}/ItemBatcher")
            branches = state.get("Branches")
            for index, branch in enumerate(branches if isinstance(branches, list) else ()):
                yield from self._jsonata_states(branch, f"{where}/Branches[{index}]")
            for field in ("ItemProcessor", "Iterator"):
                yield from self._jsonata_states(state.get(field), f"{where}/{field}")

    def _flow(self, flow: Any, at: str, fields: frozenset[str]) -> Iterator[Diagnostic]:
        """A state machine, or the processor of a Map, or a branch."""
        if not isinstance(flow, dict):
            yield Diagnostic(SCHEMA, "Expected value of type [OBJECT]", at)
            return
        missing = [name for name in ("States", "StartAt") if name not in flow]
        if missing:
            yield Diagnostic(SCHEMA, f"These fields are required: [{', '.join(missing)}]", at or "/")
            return
        yield from self._unknown(flow, fields, at)
        states: dict[str, Any] = flow["States"]
        if not isinstance(states, dict) or not states:
            yield Diagnostic(SCHEMA, "States must contain at least one state", f"{at}/States")
            return
        if flow["StartAt"] not in states:
            yield Diagnostic(_TARGET, f"Missing 'Next' target: {flow['StartAt']}", f"{at}/StartAt")
        for name, state in states.items():
            where = f"{at}/States/{name}"
            if not 1 <= len(name) <= 80:
                yield Diagnostic("INVALID_STATE_NAME", "State names must contain between 1 and 80 characters", where)
            if name in self._names:
                yield Diagnostic("DUPLICATE_STATE_NAME", f"Duplicate state name: {name}", where)
            self._names.add(name)
            yield from self._state(state, where)
        yield from self._transitions(flow, at)

    def _transitions(self, flow: dict[str, Any], at: str) -> Iterator[Diagnostic]:
        states = flow["States"]
        reached, waiting = set(), [flow["StartAt"]]
        while waiting:
            name = waiting.pop()
            if name in reached or name not in states:
                continue
            reached.add(name)
            waiting += [target for _, target in _targets(states[name])]
        for name, state in states.items():
            for path, target in _targets(state):
                if target not in states:
                    yield Diagnostic(_TARGET, f"Missing 'Next' target: {target}", f"{at}/States/{name}/{path}")
            if name not in reached:
                yield Diagnostic(_TARGET, f'State "{name}" is not reachable.', f"{at}/States/{name}")
        if not any(_is_end(states[name]) for name in reached):
            yield Diagnostic("MISSING_END_STATE", "No terminal state is reachable.", f"{at}/States")

    def _state(self, state: Any, at: str) -> Iterator[Diagnostic]:
        if not isinstance(state, dict) or state.get("Type") not in _FIELDS:
            yield Diagnostic(
                SCHEMA, f"The field 'Type' should have one of these values: [{', '.join(_FIELDS)}]", f"{at}/Type"
            )
            return
        kind = state["Type"]
        if state.get("QueryLanguage", JSONATA) != JSONATA:
            if self._language != JSONATA:
                return
            yield Diagnostic(
                SCHEMA, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine", at
            )
            return
        for name in sorted(_JSONPATH_ONLY & state.keys()):
            yield Diagnostic(
                SCHEMA,
                f"The QueryLanguage is set to 'JSONata', but field '{name}' is only supported for the 'JSONPath' "
                "QueryLanguage",
                at,
            )
        fields = _COMMON | _FIELDS[kind] | _JSONATA.get(kind, frozenset())
        yield from self._unknown(state, fields | _JSONPATH_ONLY, at)
        missing = [name for name in _REQUIRED.get(kind, ()) if name not in state]
        if missing:
            yield Diagnostic(SCHEMA, f"These fields are required: [{', '.join(missing)}]", at)
        if "Next" in fields and ("Next" in state) == (state.get("End") is True):
            yield Diagnostic(SCHEMA, "Exactly one of these fields is required: [End, Next]", at)
        if kind == "Wait" and ("Seconds" in state) == ("Timestamp" in state):
            yield Diagnostic(SCHEMA, "Exactly one of these fields is required: [Seconds, Timestamp]", at)
        yield from self._expressions(state, kind, at)
        yield from self._attempts(state, at)
        yield from self._time_outs(state, at)
        if kind == "Task" and not missing:
            yield from self._task(state, at)
        elif kind == "Choice" and not missing:
            yield from self._choices(state["Choices"], at)
        elif kind == "Parallel" and not missing:
            for index, branch in enumerate(state["Branches"]):
                yield from self._flow(branch, f"{at}/Branches[{index}]", frozenset({"StartAt", "States", "Comment"}))
        elif kind == "Map" and not missing:
            yield from self._map(state, at)

    def _expressions(self, state: dict[str, Any], kind: str, at: str) -> Iterator[Diagnostic]:
        has_result = kind in ("Task", "Parallel", "Map")
        after = _BEFORE | {"result"} if has_result else _BEFORE
        nested = {
            "Retry",
            "Catch",
            "Choices",
            "Branches",
            "ItemProcessor",
            "Comment",
            "Type",
            "Resource",
            "Next",
            "Default",
        }
        for name, value in state.items():
            if name not in nested:
                yield from self._template(value, after if name in ("Assign", "Output") else _BEFORE, f"{at}/{name}")

    def _template(self, value: Any, states: frozenset[str], at: str) -> Iterator[Diagnostic]:
        if isinstance(value, dict):
            for name, item in value.items():
                yield from self._template(item, states, f"{at}/{name}")
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from self._template(item, states, f"{at}[{index}]")
        elif templates.is_expression(value):
            scope = expressions.Scope(self._variables, states)
            for code, message in expressions.problems(templates.expression_of(value), scope):
                yield Diagnostic(code, message, at)

    def _attempts(self, state: dict[str, Any], at: str) -> Iterator[Diagnostic]:
        for field, allowed in (("Retry", _RETRIER), ("Catch", _CATCHER)):
            clauses = state.get(field, [])
            if not isinstance(clauses, list):
                yield Diagnostic(SCHEMA, "Expected value of type [ARRAY]", f"{at}/{field}")
                continue
            for index, clause in enumerate(clauses):
                where = f"{at}/{field}[{index}]"
                yield from self._unknown(clause, allowed, where)
                yield from self._error_equals(clause, where, last=index == len(clauses) - 1)
                if field == "Retry":
                    yield from self._retrier(clause, where)
                    continue
                if "Next" not in clause:
                    yield Diagnostic(SCHEMA, "These fields are required: [Next]", where)
                for name in ("Assign", "Output"):
                    yield from self._template(clause.get(name), _BEFORE | {"errorOutput"}, f"{where}/{name}")

    def _error_equals(self, clause: dict[str, Any], at: str, *, last: bool) -> Iterator[Diagnostic]:
        listed = clause.get("ErrorEquals")
        if not isinstance(listed, list) or not listed:
            yield Diagnostic(SCHEMA, "These fields are required: [ErrorEquals]", at)
            return
        if "States.ALL" in listed and (len(listed) > 1 or not last):
            yield Diagnostic(
                SCHEMA, "'States.ALL' must appear alone, in the last Retrier or Catcher", f"{at}/ErrorEquals"
            )
        for name in listed:
            if name.startswith("States.") and name not in _STATES_ERRORS:
                yield Diagnostic(SCHEMA, f"'{name}' is not an error that Step Functions reports", f"{at}/ErrorEquals")

    def _retrier(self, clause: dict[str, Any], at: str) -> Iterator[Diagnostic]:
        for name, (low, high) in _RETRIER_RANGES.items():
            value = clause.get(name, low)
            integral = isinstance(value, int) or (name == "BackoffRate" and isinstance(value, float))
            if not integral or isinstance(value, bool) or not low <= value <= high:
                yield Diagnostic(SCHEMA, f"The value should be a number between {low} and {high}", f"{at}/{name}")
        if clause.get("MaxDelaySeconds", float("inf")) <= clause.get("IntervalSeconds", 0):
            yield Diagnostic(SCHEMA, "MaxDelaySeconds must be greater than IntervalSeconds", f"{at}/MaxDelaySeconds")
        if clause.get("JitterStrategy", "NONE") not in ("NONE", "FULL"):
            yield Diagnostic(SCHEMA, "Value should be one of the following: [FULL, NONE]", f"{at}/JitterStrategy")

    def _time_outs(self, state: dict[str, Any], at: str) -> Iterator[Diagnostic]:
        limits = [state.get(name) for name in ("HeartbeatSeconds", "TimeoutSeconds")]
        for name, value in zip(("HeartbeatSeconds", "TimeoutSeconds"), limits, strict=True):
            literal = value is not None and not templates.is_expression(value)
            if literal and (type(value) is not int or not 1 <= value <= 99_999_999):
                yield Diagnostic(SCHEMA, "The value should be an integer between 1 and 99999999", f"{at}/{name}")
        if all(type(value) is int for value in limits) and limits[0] >= limits[1]:  # type: ignore[operator]
            yield Diagnostic(SCHEMA, "HeartbeatSeconds must be smaller than TimeoutSeconds", f"{at}/HeartbeatSeconds")

    def _task(self, state: dict[str, Any], at: str) -> Iterator[Diagnostic]:
        try:
            integration = _integration(state["Resource"])
        except UnsupportedResourceError as error:
            yield Diagnostic(SCHEMA, _unknown_resource(str(error)), f"{at}/Resource")
            return
        if integration is None:
            return
        for problem in integration.argument_problems(state.get("Arguments", {})):
            yield Diagnostic(SCHEMA, problem, f"{at}/Arguments")

    def _choices(self, choices: Any, at: str) -> Iterator[Diagnostic]:
        if not isinstance(choices, list) or not choices:
            yield Diagnostic(SCHEMA, "Choices must contain at least one rule", f"{at}/Choices")
            return
        for index, rule in enumerate(choices):
            where = f"{at}/Choices[{index}]"
            yield from self._unknown(rule, _CHOICE, where)
            missing = [name for name in ("Condition", "Next") if name not in rule]
            if missing:
                yield Diagnostic(SCHEMA, f"These fields are required: [{', '.join(missing)}]", where)
            for name in ("Condition", "Assign", "Output"):
                yield from self._template(rule.get(name), _BEFORE, f"{where}/{name}")

    def _map(self, state: dict[str, Any], at: str) -> Iterator[Diagnostic]:
        processor = state["ItemProcessor"]
        fields = frozenset({"StartAt", "States", "Comment", "ProcessorConfig"})
        if is_distributed(state):
            # The children are executions of their own: they see nothing of the parent's variables.
            inner = _Machine(processor, self._unassigned, JSONATA)
            inner._names = self._names
            yield from inner._flow(processor, f"{at}/ItemProcessor", fields)
        else:
            yield from self._flow(processor, f"{at}/ItemProcessor", fields)
        for location, problem in checks.problems(state):
            yield Diagnostic(SCHEMA, problem, f"{at}{location}")

    def _unknown(self, value: Any, allowed: frozenset[str], at: str) -> Iterator[Diagnostic]:
        for name in value if isinstance(value, dict) else ():
            if name not in allowed:
                yield Diagnostic(SCHEMA, f"Field '{name}' is not supported", at or "/")


def _targets(state: Any) -> Iterator[tuple[str, Any]]:
    for name in ("Next", "Default"):
        if name in state:
            yield name, state[name]
    for field in ("Catch", "Choices"):
        for index, clause in enumerate(state.get(field, [])):
            if "Next" in clause:
                yield f"{field}[{index}]/Next", clause["Next"]


def _is_end(state: dict[str, Any]) -> bool:
    return state.get("End") is True or state.get("Type") in ("Succeed", "Fail")


def _assigned(value: Any) -> Iterator[str]:
    """Names of all variables that are assigned anywhere in a definition, but for a Distributed Map's children."""
    if isinstance(value, list):
        for item in value:
            yield from _assigned(item)
    elif isinstance(value, dict):
        if isinstance(value.get("Assign"), dict):
            yield from value["Assign"]
        for name, item in value.items():
            if not (name == "ItemProcessor" and is_distributed(value)):
                yield from _assigned(item)
