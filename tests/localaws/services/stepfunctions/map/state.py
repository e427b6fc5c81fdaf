"""Map states in distributed mode.

https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask
from moto.stepfunctions.responses import get_backend

from localaws.access import iam
from localaws.account.errors import AwsError
from localaws.services.stepfunctions.language import failures, payloads, templates
from localaws.services.stepfunctions.machine.history import record
from localaws.services.stepfunctions.map import item_reader, result_writer
from localaws.services.stepfunctions.map.run import Child, MapRun

if TYPE_CHECKING:
    from moto.stepfunctions.parser.asl.eval.environment import Environment


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
        record(env, HistoryEventType.MapStateStarted, "mapStateStartedEventDetails", length=self._length(env))
        run = self._redriven(env) or self._new_run(env)
        self._check_role(env, run)
        run.run(env.is_running)
        if not env.is_running():
            return
        result = None
        if "ResultWriter" in self.spec:
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
        env.stack.append(result_writer.results(run) if result is None else result)

    def _length(self, env: Environment) -> int:
        if "ItemReader" in self.spec:
            return 0
        return len(item_reader.read(self.spec, env))

    def _new_run(self, env: Environment) -> Any:
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
            run.children += [Child(item) for item in items]
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
            if (
                getattr(known, "state_name", None) == self.name  # Those of Maps in JSONPath are moto's.
                and known.children
                and known.redrive_count < count
            ):
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
        # The guide names the executions of the machine; their ARNs have the label behind a slash.
        watched = (f"{executions}/{label}:child", f"{executions}:child")
        needs: list[tuple[str, tuple[str, ...]]] = [
            ("states:StartExecution", (machine,)),
            ("states:DescribeExecution", watched),
            ("states:StopExecution", watched),
        ]
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
    parts = arn.split(":")
    return get_backend(parts[4], parts[3]).describe_state_machine(arn.split("/")[0])
