"""What moto's Step Functions does by itself, each fault that is worked around; prints JSON.

Run as a script, in a process in which nothing of moto is replaced.
"""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.stepfunctions.parser.api import HistoryEventType, InvalidDefinition
from moto.stepfunctions.parser.asl.component.common.assign.assign_decl import AssignDecl
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.common.retry.retrier_decl import RetrierDecl
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_factory import (
    state_task_service_for,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.state_task import StateTask
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.component.state.state_pass.state_pass import StatePass
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext, EventManager
from moto.stepfunctions.parser.asl.eval.states import States
from moto.stepfunctions.parser.asl.jsonata import jsonata
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser, ASLParserException
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.asl.utils.boto_client import boto_client_for
from moto.stepfunctions.parser.quotas import is_within_size_quota
from moto.stepfunctions.responses import StepFunctionResponse

if TYPE_CHECKING:
    from collections.abc import Callable

ROLE = "arn:aws:iam::123456789012:role/r"
SUCCEED = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
_FAULTS: dict[str, Callable[[], bool]] = {}


def fault(check: Callable[[], bool]) -> Callable[[], bool]:
    _FAULTS[check.__name__] = check
    return check


def _raises(error: type[Exception], call: Callable[[], Any]) -> bool:
    try:
        call()
    except error:
        return True
    return False


def _names(function: Any) -> tuple[str, ...]:
    """Names that a function's code uses."""
    names: tuple[str, ...] = function.__code__.co_names
    return names


def _states(**fields: Any) -> Any:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": fields.pop("ExecutionType", "STANDARD")},
        "StartAt": "Each",
        "States": {"Each": {"Type": "Succeed"}},
    }
    state = {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}
    return json.dumps({"QueryLanguage": "JSONata", "StartAt": "All", "States": {"All": state}})


@fault
def has_no_jsonata() -> bool:
    return _raises(TypeError, lambda: jsonata.eval_jsonata_expression("1"))


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
    return "set" in _names(AssignDecl._eval_body)


@fault
def has_a_result_in_pass_states() -> bool:
    return "set_result" in _names(StatePass._eval_state)


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
    return _raises(ValueError, lambda: CustomErrorName("States.TaskFailed"))


@fault
def decorates_causes_again() -> bool:
    return "source_event_id" in _names(FailureEventException.get_execution_failed_event_details)


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
    return "pop" in _names(StateTask._eval_parameters)


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
    return "is_running" not in _names(ExecutionState._evaluate_with_timeout)


@fault
def does_not_catch_errors_of_a_tasks_output() -> bool:
    return "_eval_state_output" not in _names(ExecutionState._eval_state)


@fault
def sleeps_between_retries() -> bool:
    return "sleep" in _names(RetrierDecl._eval_body)


@fault
def waits_in_real_time() -> bool:
    return "program_state_event" in _names(WaitFunction._wait_interval)


@fault
def refuses_the_largest_payload() -> bool:
    return not is_within_size_quota("a" * 262_144)


@fault
def counts_escaped_ascii() -> bool:
    return not is_within_size_quota({"text": "あ" * 50_000})


@fault
def enters_states_at_microseconds() -> bool:
    return "isoformat" in _names(CommonStateField._eval_body)


@fault
def fails_a_choice_with_pythons_words() -> bool:
    choice: Any = StateChoice()  # type: ignore[no-untyped-call]
    choice.choices_decl = SimpleNamespace(rules=[])
    choice.name = "Choose"
    return _raises(RuntimeError, lambda: choice._eval_state(SimpleNamespace(stack=[])))


@fault
def writes_times_as_text() -> bool:
    manager = EventManager()
    manager.add_event(EventHistoryContext(0), HistoryEventType.PassStateEntered)
    return isinstance(manager.get_event_history()[0]["timestamp"], str)


@fault
def leaves_its_programs_in_another_thread() -> bool:
    return "join" in _names(Program.eval)


@fault
def answers_errors_without_their_names() -> bool:
    return InvalidDefinition("m").error_type is None


@fault
def lacks_operations() -> bool:
    lacking = ("redrive_execution", "validate_state_machine_definition", "list_state_machine_versions")
    return not any(hasattr(StepFunctionResponse, name) for name in lacking)


@fault
def starts_one_execution_only() -> bool:
    client = boto3.client("stepfunctions", "us-east-1")
    arn = client.create_state_machine(name="twice", definition=SUCCEED, roleArn=ROLE)["stateMachineArn"]
    client.start_execution(stateMachineArn=arn, name="a")
    return _raises(Exception, lambda: client.start_execution(stateMachineArn=arn, name="b"))


@fault
def takes_a_second_machine_for_the_first() -> bool:
    client = boto3.client("stepfunctions", "us-east-1")
    other = json.dumps({"StartAt": "Go", "States": {"Go": {"Type": "Succeed"}}})
    client.create_state_machine(name="same", definition=SUCCEED, roleArn=ROLE)
    return not _raises(ClientError, lambda: client.create_state_machine(name="same", definition=other, roleArn=ROLE))


@fault
def creates_what_cannot_run() -> bool:
    client = boto3.client("stepfunctions", "us-east-1")
    states = {"Go": {"Type": "Pass", "Next": "Nowhere"}}
    definition = json.dumps({"StartAt": "Go", "States": states})
    return not _raises(
        ClientError, lambda: client.create_state_machine(name="lost", definition=definition, roleArn=ROLE)
    )


@fault
def has_no_revisions() -> bool:
    client = boto3.client("stepfunctions", "us-east-1")
    arn = client.create_state_machine(name="revised", definition=SUCCEED, roleArn=ROLE)["stateMachineArn"]
    client.update_state_machine(stateMachineArn=arn, definition=SUCCEED)
    return "revisionId" not in client.describe_state_machine(stateMachineArn=arn)


@fault
def has_no_item_batcher() -> bool:
    return _raises(
        ASLParserException, lambda: AmazonStateLanguageParser.parse(_states(ItemBatcher={"MaxItemsPerBatch": 1}))
    )


@fault
def has_no_express_children() -> bool:
    return _raises(ASLParserException, lambda: AmazonStateLanguageParser.parse(_states(ExecutionType="EXPRESS")))


@fault
def takes_no_whole_percentage() -> bool:
    return _raises(ASLParserException, lambda: AmazonStateLanguageParser.parse(_states(ToleratedFailurePercentage=5)))


def main() -> None:
    config: Any = {"stepfunctions": {"execute_state_machine": True}}
    with mock_aws(config=config):
        json.dump({name: check() for name, check in _FAULTS.items()}, sys.stdout)


if __name__ == "__main__":
    main()
