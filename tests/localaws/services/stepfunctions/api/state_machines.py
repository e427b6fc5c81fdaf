"""The API's operations on state machines."""

from __future__ import annotations

import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.services.stepfunctions.api import definitions
from localaws.services.stepfunctions.api.answers import page, present
from localaws.services.stepfunctions.machine.refusals import RefusalError
from localaws.services.stepfunctions.replacing import replace

_moto_create = StepFunctionsParserBackend.create_state_machine
_moto_update = StepFunctionsParserBackend.update_state_machine
_moto_delete = StepFunctionsParserBackend.delete_state_machine
_moto_create_response = StepFunctionResponse.create_state_machine


def _validate_definition(definition: str) -> None:
    errors = [found for found in definitions.problems(definition) if found.severity == "ERROR"]
    if errors:
        raise RefusalError(
            "InvalidDefinition", f"Invalid State Machine Definition: '{', '.join(str(error) for error in errors)}'"
        )


def _check_logging(configuration: dict[str, Any] | None) -> None:
    if not configuration or configuration.get("level", "OFF") == "OFF":
        return
    destinations = configuration.get("destinations") or []
    if len(destinations) != 1:
        raise RefusalError(
            "InvalidLoggingConfiguration", "Invalid Logging Configuration: Must specify exactly one Log Destination."
        )
    arn = destinations[0].get("cloudWatchLogsLogGroup", {}).get("logGroupArn", "")
    if not arn.endswith(":*"):
        raise RefusalError(
            "InvalidLoggingConfiguration", "Invalid Logging Configuration: Log Destination ARN must end with ':*'."
        )


def _create(self: StepFunctionsParserBackend, **options: Any) -> Any:
    _check_logging(options.get("loggingConfiguration"))
    known = next((machine for machine in self.state_machines if machine.name == options["name"]), None)
    if known is not None and (known.definition, known.roleArn) != (options["definition"], options["roleArn"]):
        raise RefusalError("StateMachineAlreadyExists", f"State Machine Already Exists: '{known.arn}'")
    return _moto_create(self, **options)


def _update(self: StepFunctionsParserBackend, arn: str, *args: Any, **options: Any) -> Any:
    _check_logging(options.get("logging_configuration"))
    machine: Any = _moto_update(self, arn, *args, **options)
    machine.revision_id = str(uuid.uuid4())
    return machine


def _delete(self: StepFunctionsParserBackend, arn: str) -> None:
    for machine in self.state_machines:
        if machine.arn == arn:
            for execution in machine.executions:
                execution.stop(execution.start_date)
    _moto_delete(self, arn)


def _create_response(self: StepFunctionResponse) -> ActionResult:
    if self._get_param("type", "STANDARD") != "STANDARD":
        raise RefusalError(
            "StateMachineTypeNotSupported",
            "The local AWS runs STANDARD state machines; EXPRESS ones only inside a Map.",
        )
    return _moto_create_response(self)


def _update_response(self: StepFunctionResponse) -> ActionResult:
    publish = self._get_param("publish")
    machine: Any = self.stepfunction_backend.update_state_machine(
        arn=self._get_param("stateMachineArn"),
        definition=self._get_param("definition"),
        role_arn=self._get_param("roleArn"),
        logging_configuration=self._get_param("loggingConfiguration"),
        tracing_configuration=self._get_param("tracingConfiguration"),
        encryption_configuration=self._get_param("encryptionConfiguration"),
        publish=publish,
        version_description=self._get_param("versionDescription"),
    )
    return present(
        updateDate=machine.update_date,
        revisionId=machine.revision_id,
        stateMachineVersionArn=machine.latest_version.arn if publish and machine.latest_version else None,
    )


def _describe_response(self: StepFunctionResponse) -> ActionResult:
    machine: Any = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
    return _description(machine, creationDate=machine.creation_date, status="ACTIVE", type=machine.type)


def _description(machine: Any, **fields: Any) -> ActionResult:
    return present(
        stateMachineArn=machine.arn,
        name=machine.name,
        definition=machine.definition,
        roleArn=machine.roleArn,
        encryptionConfiguration=machine.encryptionConfiguration,
        tracingConfiguration=machine.tracingConfiguration,
        loggingConfiguration={"includeExecutionData": False, **machine.loggingConfiguration},
        description=machine.description,
        revisionId=getattr(machine, "revision_id", None),
        **fields,
    )


def _describe_for_execution(self: StepFunctionResponse) -> ActionResult:
    execution: Any = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    machine = execution.state_machine
    return _description(machine, updateDate=machine.update_date, mapRunArn=execution.map_run_arn)


def _list_versions(self: StepFunctionResponse) -> ActionResult:
    machine: Any = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
    versions = [
        {"stateMachineVersionArn": version.arn, "creationDate": version.creation_date}
        for _, version in sorted(machine.versions.items(), reverse=True)
    ]
    shown, token = page(versions, self._get_int_param("maxResults"), self._get_param("nextToken"))
    return present(stateMachineVersions=list(shown), nextToken=token)


def _validate_response(self: StepFunctionResponse) -> ActionResult:
    limit = self._get_int_param("maxResults") or 100
    severity = self._get_param("severity", "ERROR")
    found = [
        diagnostic
        for diagnostic in definitions.problems(self._get_param("definition"))
        if severity == "WARNING" or diagnostic.severity == "ERROR"
    ]
    return ActionResult(
        {
            "result": "FAIL" if any(diagnostic.severity == "ERROR" for diagnostic in found) else "OK",
            "diagnostics": [diagnostic.as_json() for diagnostic in found[:limit]],
            "truncated": len(found) > limit,
        }
    )


def install() -> None:
    """Create, update and describe state machines as AWS does.

    moto 5.2.1: no ValidateStateMachineDefinition, which the Terraform provider calls while planning, and no
    ListStateMachineVersions; a definition is only parsed; a second state machine of a name is taken for the first;
    revisions have no id; DescribeStateMachineForExecution shows the state machine as it is now.
    """
    replace(StepFunctionsParserBackend, _validate_definition=staticmethod(_validate_definition))
    replace(StepFunctionsParserBackend, create_state_machine=_create)
    replace(StepFunctionsParserBackend, update_state_machine=_update)
    replace(StepFunctionsParserBackend, delete_state_machine=_delete)
    replace(StepFunctionResponse, create_state_machine=_create_response)
    replace(StepFunctionResponse, update_state_machine=_update_response)
    replace(StepFunctionResponse, describe_state_machine=_describe_response)
    replace(StepFunctionResponse, describe_state_machine_for_execution=_describe_for_execution)
    replace(StepFunctionResponse, list_state_machine_versions=_list_versions)
    replace(StepFunctionResponse, validate_state_machine_definition=_validate_response)
