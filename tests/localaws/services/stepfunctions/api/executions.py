"""The API's operations on executions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from localaws.account.patches import patch
from localaws.services.stepfunctions.api.answers import page, present
from localaws.services.stepfunctions.machine.history import without_data
from localaws.services.stepfunctions.machine.refusals import RefusalError

if TYPE_CHECKING:
    from moto.stepfunctions.models import StepFunctionBackend

    from localaws.services.stepfunctions.machine.executions import LocalExecution

_INCLUDED = {"included": True}


@patch(
    StepFunctionsParserBackend,
    "describe_execution",
    fault="children of a Map are no executions of their own",
    gaps=("stepfunctions/has_no_children_of_a_map_run",),
)
def find_execution(backend: StepFunctionBackend, execution_arn: str) -> LocalExecution:
    """The execution of an ARN, also that of a Distributed Map's child.

    Raises
    ------
    RefusalError
        ``ExecutionDoesNotExist``.
    """
    backend._validate_execution_arn(execution_arn)
    for machine in backend.state_machines:
        known: list[Any] = [*machine.executions, *getattr(machine, "children", [])]
        for execution in known:
            if execution.execution_arn == execution_arn:
                found: LocalExecution = execution
                return found
    raise RefusalError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{execution_arn}'")


def _asked_for(response: StepFunctionResponse) -> LocalExecution:
    return find_execution(response.stepfunction_backend, response._get_param("executionArn"))


@patch(
    StepFunctionResponse,
    "start_execution",
    fault="an execution without a name has none",
    gaps=("stepfunctions/names_no_execution",),
)
def _start_execution(self: StepFunctionResponse) -> ActionResult:
    execution: Any = self.stepfunction_backend.start_execution(
        self._get_param("stateMachineArn"), self._get_param("name"), self._get_param("input", if_none="{}")
    )
    return ActionResult({"executionArn": execution.execution_arn, "startDate": execution.start_date})


@patch(
    StepFunctionResponse,
    "describe_execution",
    fault="there are no redrives",
    gaps=("stepfunctions/shows_no_redrives",),
)
def _describe_execution(self: StepFunctionResponse) -> ActionResult:
    execution = _asked_for(self)
    redrive_status, reason = execution.redrive_status
    return present(
        executionArn=execution.exec_arn,
        stateMachineArn=execution.state_machine_arn,
        name=execution.name,
        status=execution.status,
        startDate=execution.start_date,
        stopDate=execution.stop_date,
        input=execution.execution_input,
        inputDetails=_INCLUDED,
        output=execution.output,
        outputDetails=_INCLUDED if execution.output is not None else None,
        error=execution.error,
        cause=execution.cause,
        mapRunArn=execution.map_run_arn,
        redriveCount=execution.redrive_count,
        redriveDate=execution.redrive_date,
        redriveStatus=redrive_status,
        redriveStatusReason=reason,
    )


@patch(
    StepFunctionResponse,
    "list_executions",
    fault="there are no redrives and no executions of a Map Run",
    gaps=("stepfunctions/shows_no_redrives", "stepfunctions/has_no_children_of_a_map_run"),
)
def _list_executions(self: StepFunctionResponse) -> ActionResult:
    machine_arn, map_run_arn = self._get_param("stateMachineArn"), self._get_param("mapRunArn")
    status = self._get_param("statusFilter")
    if map_run_arn:
        known = [
            child
            for machine in self.stepfunction_backend.state_machines
            for child in getattr(machine, "children", [])
            if child.map_run_arn == map_run_arn
        ]
    else:
        known = list(self.stepfunction_backend.describe_state_machine(machine_arn).executions)
    chosen = sorted(
        (execution for execution in known if not status or execution.status == status),
        key=lambda execution: execution.start_date,
        reverse=True,
    )
    shown, token = page(chosen, self._get_int_param("maxResults"), self._get_param("nextToken"))
    items = []
    for execution in shown:
        item = {
            "executionArn": execution.execution_arn,
            "stateMachineArn": execution.state_machine_arn,
            "name": execution.name,
            "status": execution.status,
            "startDate": execution.start_date,
            "stopDate": execution.stop_date,
            "mapRunArn": execution.map_run_arn,
            "redriveCount": execution.redrive_count,
            "redriveDate": execution.redrive_date,
        }
        items.append({name: value for name, value in item.items() if value is not None})
    return present(executions=items, nextToken=token)


@patch(
    StepFunctionResponse,
    "get_execution_history",
    fault="the history has one page and one order",
    gaps=("stepfunctions/shows_the_history_in_one_page",),
)
def _get_execution_history(self: StepFunctionResponse) -> ActionResult:
    execution = _asked_for(self)
    events: list[Any] = execution._env.event_manager.get_event_history()
    if self._get_param("reverseOrder"):
        events.reverse()
    if self._get_param("includeExecutionData") is False:
        events = [without_data(event) for event in events]
    shown, token = page(events, self._get_int_param("maxResults"), self._get_param("nextToken"))
    return present(events=list(shown), nextToken=token)


@patch(
    StepFunctionResponse,
    "stop_execution",
    fault="a stop loses its error and cause",
    gaps=("stepfunctions/forgets_why_it_was_stopped",),
)
def _stop_execution(self: StepFunctionResponse) -> ActionResult:
    execution = _asked_for(self)
    now = datetime.now(UTC)
    execution.stop(now, error=self._get_param("error"), cause=self._get_param("cause"))
    return ActionResult({"stopDate": execution.stop_date or now})


@patch(
    StepFunctionResponse,
    "redrive_execution",
    fault="not implemented",
    gaps=("stepfunctions/lacks_operations",),
)
def _redrive_execution(self: StepFunctionResponse) -> ActionResult:
    execution = _asked_for(self)
    return ActionResult({"redriveDate": execution.redrive()})
