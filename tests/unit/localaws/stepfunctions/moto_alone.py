"""moto's Step Functions by itself."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import Any

import boto3
from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import HistoryEventType, InvalidDefinition
from moto.stepfunctions.parser.asl.component.common.assign.assign_decl import AssignDecl
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.common.retry.retrier_decl import RetrierDecl
from moto.stepfunctions.parser.asl.component.common.timeouts.heartbeat import HeartbeatSecondsJSONata
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import TimeoutSecondsJSONata
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison import ConditionStringJSONata
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_map.items.items import ItemsJSONata
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.inline_iteration_component import (
    InlineIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.iteration_worker import IterationWorker
from moto.stepfunctions.parser.asl.component.state.exec.state_map.max_concurrency import MaxConcurrencyJSONata
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.component.state.exec.state_map.tolerated_failure import (
    ToleratedFailureCountStringJSONata,
    ToleratedFailurePercentageStringJSONata,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.branches_decl import BranchesDecl
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.state_parallel import StateParallel
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_factory import (
    state_task_service_for,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask
from moto.stepfunctions.parser.asl.component.state.fail.state_fail import StateFail
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.component.state.state_pass.state_pass import StatePass
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.seconds import SecondsJSONata
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext, EventManager
from moto.stepfunctions.parser.asl.eval.states import States
from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore
from moto.stepfunctions.parser.asl.jsonata import jsonata
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser, ASLParserException
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.parser.quotas import is_within_size_quota
from moto.stepfunctions.responses import StepFunctionResponse

from unit.localaws.gaps import fault, main, names, raises

ROLE = "arn:aws:iam::123456789012:role/r"
SUCCEED = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})


def _states(**fields: Any) -> Any:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Each",
        "States": {"Each": {"Type": "Succeed"}},
    }
    state = {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}
    return json.dumps({"QueryLanguage": "JSONata", "StartAt": "All", "States": {"All": state}})


@fault
def has_no_jsonata() -> bool:
    return raises(TypeError, lambda: jsonata.eval_jsonata_expression("1"))


@fault
def writes_values_unescaped_into_expressions() -> bool:
    return jsonata.encode_jsonata_variable_declarations({"$a": '"'}) == '$a:=""";'


@fault
def has_a_null_result_in_every_state() -> bool:
    states = States({"Execution": {"Input": 1}})  # type: ignore[typeddict-item]
    states.reset(2)
    return states._states_data == {
        "input": 2,
        "context": {"Execution": {"Input": 1}},
        "result": None,
        "errorOutput": None,
    }


@fault
def assigns_before_the_output() -> bool:
    return "set" in names(AssignDecl._eval_body)


@fault
def keeps_variables_of_any_size() -> bool:
    store: Any = VariableStore()  # type: ignore[no-untyped-call]
    store.set("a", "x" * 11 * 1024 * 1024)
    return len(store.get("a")) > 10 * 1024 * 1024


@fault
def has_a_result_in_pass_states() -> bool:
    return "set_result" in names(StatePass._eval_state)


@fault
def catches_runtime_errors_with_all() -> bool:
    declaration = ErrorEqualsDecl([StatesErrorName(StatesErrorNameType.StatesALL)])
    env: Any = SimpleNamespace(stack=[StatesErrorName(StatesErrorNameType.StatesRuntime)])
    declaration._eval_body(env)
    return bool(env.stack == [True])


@fault
def keeps_the_interpreters_errors_from_task_failed() -> bool:
    declaration = ErrorEqualsDecl([StatesErrorName(StatesErrorNameType.StatesTaskFailed)])
    env: Any = SimpleNamespace(stack=[StatesErrorName(StatesErrorNameType.StatesQueryEvaluationError)])
    declaration._eval_body(env)
    return bool(env.stack == [False])


@fault
def cannot_pass_on_an_interpreters_error() -> bool:
    return raises(ValueError, lambda: CustomErrorName("States.TaskFailed"))


@fault
def decorates_causes_again() -> bool:
    return "source_event_id" in names(FailureEventException.get_execution_failed_event_details)


@fault
def keeps_the_escapes_of_strings() -> bool:
    context: Any = SimpleNamespace(getText=lambda: r'"a \u0026 b"')
    return Preprocessor._inner_string_of(context) == r"a \u0026 b"


@fault
def parses_again_and_again() -> bool:
    return AmazonStateLanguageParser.parse(SUCCEED)[0] is not AmazonStateLanguageParser.parse(SUCCEED)[0]


@fault
def has_no_sagemaker() -> bool:
    return type(state_task_service_for("sagemaker")).__name__ == "StateTaskServiceUnsupported"


@fault
def drops_unknown_arguments() -> bool:
    return "pop" in names(StateTask._eval_parameters)


@fault
def names_sdk_services_as_boto_does() -> bool:
    return StateTaskServiceAwsSdk._normalise_service_error_name("s3") == "s3"


@fault
def calls_services_as_nobody() -> bool:
    role = SimpleNamespace(role_arn=ROLE)
    access_key: str = boto_client_for("us-east-1", "sns", role)._request_signer._credentials.access_key
    return access_key == "ak"


@fault
def waits_for_the_task_of_a_stopped_execution() -> bool:
    return "is_running" not in names(ExecutionState._evaluate_with_timeout)


@fault
def does_not_catch_errors_of_a_tasks_output() -> bool:
    return "_eval_state_output" not in names(ExecutionState._eval_state)


@fault
def sleeps_between_retries() -> bool:
    return "sleep" in names(RetrierDecl._eval_body)


@fault
def waits_in_real_time() -> bool:
    return "program_state_event" in names(WaitFunction._wait_interval)


@fault
def refuses_the_largest_payload() -> bool:
    return not is_within_size_quota("a" * 262_144)


@fault
def counts_escaped_ascii() -> bool:
    return not is_within_size_quota({"text": "あ" * 50_000})


@fault
def enters_states_at_microseconds() -> bool:
    return "isoformat" in names(CommonStateField._eval_body)


@fault
def fails_a_choice_with_pythons_words() -> bool:
    choice: Any = StateChoice()  # type: ignore[no-untyped-call]
    choice.choices_decl = SimpleNamespace(rules=[])
    choice.name = "Choose"
    return raises(RuntimeError, lambda: choice._eval_state(SimpleNamespace(stack=[])))


@fault
def writes_times_as_text() -> bool:
    manager = EventManager()
    manager.add_event(EventHistoryContext(0), HistoryEventType.PassStateEntered)
    return isinstance(manager.get_event_history()[0]["timestamp"], str)


@fault
def leaves_its_programs_in_another_thread() -> bool:
    return "join" in names(Program.eval)


@fault
def answers_errors_without_their_names() -> bool:
    return InvalidDefinition("m").error_type is None


@fault
def lacks_operations() -> bool:
    lacking = ("redrive_execution", "validate_state_machine_definition", "list_state_machine_versions")
    return not any(hasattr(StepFunctionResponse, name) for name in lacking)


@fault
def takes_a_second_machine_for_the_first() -> bool:
    client = boto3.client("stepfunctions")
    other = json.dumps({"StartAt": "Go", "States": {"Go": {"Type": "Succeed"}}})
    client.create_state_machine(name="same", definition=SUCCEED, roleArn=ROLE)
    return not raises(ClientError, lambda: client.create_state_machine(name="same", definition=other, roleArn=ROLE))


@fault
def creates_what_cannot_run() -> bool:
    client = boto3.client("stepfunctions")
    states = {"Go": {"Type": "Pass", "Next": "Nowhere"}}
    definition = json.dumps({"StartAt": "Go", "States": states})
    return not raises(
        ClientError, lambda: client.create_state_machine(name="lost", definition=definition, roleArn=ROLE)
    )


@fault
def has_no_revisions() -> bool:
    client = boto3.client("stepfunctions")
    arn = client.create_state_machine(name="revised", definition=SUCCEED, roleArn=ROLE)["stateMachineArn"]
    client.update_state_machine(stateMachineArn=arn, definition=SUCCEED)
    return "revisionId" not in client.describe_state_machine(stateMachineArn=arn)


@fault
def takes_no_whole_percentage() -> bool:
    return raises(ASLParserException, lambda: AmazonStateLanguageParser.parse(_states(ToleratedFailurePercentage=5)))


@fault
def fails_conditions_with_pythons_words() -> bool:
    expression: Any = SimpleNamespace(eval=lambda env: env.stack.append("text"))
    env: Any = SimpleNamespace(stack=[])
    return raises(RuntimeError, lambda: ConditionStringJSONata(expression)._eval_body(env))


@fault
def fails_with_what_is_no_string() -> bool:
    fail: Any = StateFail()  # type: ignore[no-untyped-call]
    fail.error, fail.cause = None, SimpleNamespace(eval=lambda env: env.stack.append(5))
    context = SimpleNamespace(source_event_id=0)
    env = SimpleNamespace(stack=[], event_history_context=context, next_state_name="Fail")
    return raises(FailureEventException, lambda: fail._eval_state(env))


@fault
def keeps_a_history_without_end() -> bool:
    manager = EventManager()
    for _ in range(25_001):
        manager.add_event(EventHistoryContext(0), HistoryEventType.PassStateEntered)
    return len(manager.get_event_history()) > 25_000


def _machine(name: str, definition: str = SUCCEED, **options: Any) -> tuple[Any, str]:
    """A client, and the ARN of a new state machine."""
    client = boto3.client("stepfunctions")
    created = client.create_state_machine(name=name, definition=definition, roleArn=ROLE, **options)
    return client, str(created["stateMachineArn"])


@fault
def names_no_execution() -> bool:
    client, arn = _machine("unnamed")
    execution = client.start_execution(stateMachineArn=arn)["executionArn"]
    return "name" not in client.describe_execution(executionArn=execution)


@fault
def takes_inputs_of_any_size() -> bool:
    client, arn = _machine("large")
    text = json.dumps("x" * 262_144)
    return not raises(ClientError, lambda: client.start_execution(stateMachineArn=arn, name="large", input=text))


@fault
def shows_no_redrives() -> bool:
    client, arn = _machine("redriven")
    execution = client.start_execution(stateMachineArn=arn, name="a")["executionArn"]
    shown = client.list_executions(stateMachineArn=arn)["executions"][0]
    return "redriveCount" not in client.describe_execution(executionArn=execution) and "redriveCount" not in shown


@fault
def has_no_children_of_a_map_run() -> bool:
    return "mapRunArn" not in StepFunctionResponse.list_executions.__code__.co_consts


@fault
def shows_the_history_in_one_page() -> bool:
    client, arn = _machine("told")
    execution = client.start_execution(stateMachineArn=arn, name="a")["executionArn"]
    while client.describe_execution(executionArn=execution)["status"] == "RUNNING":
        time.sleep(0.01)
    told = client.get_execution_history(executionArn=execution, maxResults=1, reverseOrder=True)["events"]
    return len(told) > 1 and told[0]["type"] == "ExecutionStarted"


WAIT = json.dumps({"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}})


@fault
def forgets_why_it_was_stopped() -> bool:
    client, arn = _machine("stopped", WAIT)
    execution = client.start_execution(stateMachineArn=arn, name="a")["executionArn"]
    client.stop_execution(executionArn=execution, error="Error", cause="cause")
    time.sleep(0.5)
    described: dict[str, Any] = client.describe_execution(executionArn=execution)
    return bool({described.get("error"), described.get("cause")} != {"Error", "cause"})


@fault
def leaves_executions_of_a_deleted_machine() -> bool:
    return "stop" not in names(StepFunctionsParserBackend.delete_state_machine)


@fault
def runs_express_machines_as_standard_ones() -> bool:
    client, arn = _machine("express", type="EXPRESS")
    execution: str = client.start_execution(stateMachineArn=arn, name="a")["executionArn"]
    return ":execution:" in execution


def _jsonata(value: Any) -> Any:
    """An expression of moto's that gives a value."""
    return SimpleNamespace(eval=lambda env: env.stack.append(value), literal_value="", expression="")


def _environment(stack: list[Any]) -> Any:
    context = SimpleNamespace(source_event_id=0)
    return SimpleNamespace(stack=stack, event_history_context=context, next_state_name="State")


@fault
def makes_numbers_of_anything() -> bool:
    env = _environment([])
    found = [
        TimeoutSecondsJSONata(_jsonata("5"))._eval_seconds(env),
        HeartbeatSecondsJSONata(_jsonata(True))._eval_seconds(env),
        SecondsJSONata(_jsonata("5"))._get_wait_seconds(env),
        MaxConcurrencyJSONata(_jsonata(1.5))._eval_max_concurrency(env),
        ToleratedFailureCountStringJSONata(_jsonata("5"))._eval_tolerated_failure_count(env),
        ToleratedFailurePercentageStringJSONata(_jsonata("5"))._eval_tolerated_failure_percentage(env),
    ]
    return found == [5, 1, 5, 1, 5, 5]


@fault
def waits_by_local_time() -> bool:
    offset = Timestamp._from_timestamp_string("2030-01-01T00:00:00+09:00")
    moment: Any = Timestamp._from_timestamp_string("2030-01-01T00:00:00Z")
    return offset is None and moment.tzinfo is None


@fault
def fails_items_without_the_states_name() -> bool:
    env = _environment([])
    try:
        ItemsJSONata(_jsonata(5))._eval_body(env)
    except FailureEventException as failure:
        details: Any = failure.failure_event.event_details
        return "state" not in details["evaluationFailedEventDetails"]
    return False


@fault
def goes_on_with_branches_of_a_state_that_is_over() -> bool:
    return "TaskStateAborted" not in names(BranchesDecl._eval_body) + names(StateParallel._eval_state)


@fault
def goes_on_with_iterations_of_a_state_that_is_over() -> bool:
    used = names(InlineIterationComponent._eval_body) + names(StateMap._eval_state) + names(IterationWorker._eval_job)
    return "set_stop" not in used and "TaskStateAborted" not in used


@fault
def takes_no_jsonpath_inside_of_jsonata() -> bool:
    inner = {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "QueryLanguage": "JSONPath", "End": True}}}
    outer = {"Type": "Map", "QueryLanguage": "JSONata", "ItemProcessor": inner, "End": True}
    definition = json.dumps({"StartAt": "Map", "States": {"Map": outer}})
    return raises(ValueError, lambda: AmazonStateLanguageParser.parse(definition))


@fault
def takes_a_tolerated_count_for_a_percentage() -> bool:
    used = names(Preprocessor.visitTolerated_failure_count_string_jsonata)
    return "ToleratedFailurePercentageStringJSONata" in used


@fault
def leaves_its_language_to_the_next() -> bool:
    return "_query_language_per_scope" in vars(Preprocessor)


@fault
def calls_functions_as_nobody() -> bool:
    return "boto_client_for" in names(lambda_eval_utils._invoke_lambda_function)


if __name__ == "__main__":
    main(stepfunctions={"execute_state_machine": True})
