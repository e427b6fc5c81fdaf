"""The API's operations on state machines."""

from __future__ import annotations

import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.account.patches import patch
from localaws.services.stepfunctions.api import definitions
from localaws.services.stepfunctions.api.answers import page, present
from localaws.services.stepfunctions.api.variable_references import variable_references
from localaws.services.stepfunctions.machine import log_delivery
from localaws.services.stepfunctions.machine.refusals import RefusalError

_moto_create = StepFunctionsParserBackend.create_state_machine
_moto_update = StepFunctionsParserBackend.update_state_machine
_moto_delete = StepFunctionsParserBackend.delete_state_machine
_moto_create_response = StepFunctionResponse.create_state_machine


@patch(
    StepFunctionsParserBackend,
    "_validate_definition",
    fault="a definition is only parsed",
    gaps=("stepfunctions/creates_what_cannot_run",),
)
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
    if not log_delivery.exists(arn):
        # Recorded on AWS by localstack's test_deleted_log_group.
        raise RefusalError("InvalidLoggingConfiguration", "Invalid Logging Configuration: Log Destination not found.")


@patch(
    StepFunctionsParserBackend,
    "create_state_machine",
    fault="a second state machine of a name is taken for the first",
    gaps=("stepfunctions/takes_a_second_machine_for_the_first",),
)
def _create(self: StepFunctionsParserBackend, **options: Any) -> Any:
    _check_logging(options.get("loggingConfiguration"))
    known = next((machine for machine in self.state_machines if machine.name == options["name"]), None)
    if known is not None and (known.definition, known.roleArn) != (options["definition"], options["roleArn"]):
        raise RefusalError("StateMachineAlreadyExists", f"State Machine Already Exists: '{known.arn}'")
    return _moto_create(self, **options)


@patch(
    StepFunctionsParserBackend,
    "update_state_machine",
    fault="revisions have no id",
    gaps=("stepfunctions/has_no_revisions",),
)
def _update(self: StepFunctionsParserBackend, arn: str, *args: Any, **options: Any) -> Any:
    _check_logging(options.get("logging_configuration"))
    if not any(known.arn == arn for known in self.state_machines):
        # A version neither, recorded on AWS by localstack's test_update_state_machine.
        raise RefusalError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
    machine: Any = _moto_update(self, arn, *args, **options)
    machine.revision_id = str(uuid.uuid4())
    return machine


@patch(
    StepFunctionsParserBackend,
    "delete_state_machine",
    fault="executions go on without their state machine",
    gaps=("stepfunctions/leaves_executions_of_a_deleted_machine",),
)
def _delete(self: StepFunctionsParserBackend, arn: str) -> None:
    for machine in self.state_machines:
        if machine.arn == arn:
            for execution in machine.executions:
                execution.stop(execution.start_date)
    _moto_delete(self, arn)


@patch(
    StepFunctionResponse,
    "create_state_machine",
    fault="EXPRESS state machines run as standard ones",
    gaps=("stepfunctions/runs_express_machines_as_standard_ones",),
)
def _create_response(self: StepFunctionResponse) -> ActionResult:
    if self._get_param("type", "STANDARD") != "STANDARD":
        raise RefusalError(
            "StateMachineTypeNotSupported",
            "The local AWS runs STANDARD state machines, no EXPRESS ones.",
        )
    return _moto_create_response(self)


@patch(
    StepFunctionResponse,
    "update_state_machine",
    fault="revisions have no id",
    gaps=("stepfunctions/has_no_revisions",),
)
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


@patch(
    StepFunctionResponse,
    "describe_state_machine",
    fault="revisions have no id",
    gaps=("stepfunctions/has_no_revisions",),
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
        loggingConfiguration={"level": "OFF", "includeExecutionData": False, **machine.loggingConfiguration},
        description=machine.description,
        revisionId=getattr(machine, "revision_id", None),
        variableReferences=variable_references(machine.definition) or None,
        **fields,
    )


@patch(
    StepFunctionResponse,
    "describe_state_machine_for_execution",
    fault="the state machine is shown without its revision and Map Run",
    gaps=("stepfunctions/has_no_revisions",),
)
def _describe_for_execution(self: StepFunctionResponse) -> ActionResult:
    execution: Any = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    machine = execution.state_machine
    return _description(machine, updateDate=machine.update_date, mapRunArn=execution.map_run_arn)


@patch(
    StepFunctionResponse,
    "list_state_machine_versions",
    fault="not implemented",
    gaps=("stepfunctions/lacks_operations",),
)
def _list_versions(self: StepFunctionResponse) -> ActionResult:
    machine: Any = self.stepfunction_backend.describe_state_machine(self._get_param("stateMachineArn"))
    versions = [
        {"stateMachineVersionArn": version.arn, "creationDate": version.creation_date}
        for _, version in sorted(machine.versions.items(), reverse=True)
    ]
    shown, token = page(versions, self._get_int_param("maxResults"), self._get_param("nextToken"))
    return present(stateMachineVersions=list(shown), nextToken=token)


@patch(
    StepFunctionResponse,
    "validate_state_machine_definition",
    fault="not implemented; the Terraform provider calls it while planning",
    gaps=("stepfunctions/lacks_operations",),
)
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
