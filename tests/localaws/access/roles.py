"""What services check of a role when they are given one: who may assume it, and what it must be able to do.

AWS makes these checks when a function, state machine, rule target or training job is created or
updated, long before the role is used.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from localaws.access import iam, kms
from localaws.access.permission import Names
from localaws.access.permissions import function_arn, rule_arn, training_job_arn
from localaws.account.current import Denied, current
from localaws.account.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from localaws.account.calls import Call

# Step Functions Developer Guide, "How Step Functions generates IAM policies": a `.sync` task of these
# services waits for events of a rule that Step Functions puts in the account with the machine's role.
_MANAGED_RULES = {
    "sagemaker:createTrainingJob.sync": "StepFunctionsGetEventsForSageMakerTrainingJobsRule",
}
# Step Functions Developer Guide, "Logging using CloudWatch Logs", IAM policies for logging.
LOG_DELIVERY_ACTIONS = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
# CloudWatch Logs User Guide, "Encrypt log data": what the key's policy must give to CloudWatch Logs.
_LOG_ENCRYPTION_ACTIONS = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:DescribeKey",
)


def check(call: Call, account: str, denied: list[Denied]) -> None:
    """Refuse a call that hands a service a role which the service could not use.

    Raises
    ------
    AwsError
        The service's own error.
    """
    checks = {
        ("stepfunctions", "CreateStateMachine"): _state_machine,
        ("stepfunctions", "UpdateStateMachine"): _state_machine,
        ("lambda", "CreateFunction"): _function,
        ("lambda", "UpdateFunctionConfiguration"): _function,
        ("events", "PutTargets"): _targets,
        ("sagemaker", "CreateTrainingJob"): _training_job,
        ("logs", "CreateLogGroup"): _log_group_key,
        ("logs", "AssociateKmsKey"): _log_group_key,
    }
    if check_call := checks.get((call.service, call.operation)):
        check_call(call, account, denied)


def _function(call: Call, account: str, denied: list[Denied]) -> None:
    role = call.parameters.get("Role")
    function = function_arn(call, Names(call.region, account))
    if role and not iam.can_assume(role, service="lambda.amazonaws.com", source_arn=function):
        message = "The role defined for the function cannot be assumed by Lambda."
        raise AwsError("InvalidParameterValueException", message)


def _targets(call: Call, account: str, denied: list[Denied]) -> None:
    rule = rule_arn(call, Names(call.region, account))
    for target in call.parameters["Targets"]:
        role = target.get("RoleArn")
        if role and not iam.can_assume(role, service="events.amazonaws.com", source_arn=rule):
            message = f"Provided role '{role}' cannot be assumed by principal 'events.amazonaws.com'."
            raise AwsError("ValidationException", message)


def _training_job(call: Call, account: str, denied: list[Denied]) -> None:
    role = call.parameters["RoleArn"]
    job = training_job_arn(call, Names(call.region, account))
    if not iam.can_assume(role, service="sagemaker.amazonaws.com", source_arn=job):
        message = (
            f"Could not assume role {role}. Please ensure that the role exists and allows principal "
            "'sagemaker.amazonaws.com' to assume the role."
        )
        raise AwsError("ValidationException", message)


def _state_machine(call: Call, account: str, denied: list[Denied]) -> None:
    parameters = call.parameters
    machine = _existing_machine(parameters["stateMachineArn"]) if "stateMachineArn" in parameters else {}
    role = parameters.get("roleArn") or machine.get("roleArn", "")
    name = parameters.get("name") or parameters["stateMachineArn"].rpartition(":")[2]
    names = Names(call.region, account)
    machine_arn = names.arn("states", f"stateMachine:{name}")
    if not iam.can_assume(role, service="states.amazonaws.com", source_arn=machine_arn):
        message = (
            "Neither the global service principal states.amazonaws.com, nor the regional one is authorized "
            "to assume the provided role."
        )
        raise AwsError("AccessDeniedException", message)
    definition = parameters.get("definition") or machine.get("definition", "{}")
    for integration in _integrations(json.loads(definition)):
        rule = _MANAGED_RULES.get(integration.removesuffix(":2"))
        if rule and not _may(
            role,
            ("events:PutTargets", "events:PutRule", "events:DescribeRule"),
            names.arn("events", f"rule/{rule}"),
            denied,
        ):
            raise AwsError("AccessDeniedException", f"'{role}' is not authorized to create managed-rule.")
    logging = parameters.get("loggingConfiguration") or machine.get("loggingConfiguration") or {}
    if logging.get("level", "OFF") != "OFF" and not _may(role, LOG_DELIVERY_ACTIONS, "*", denied):
        raise AwsError(
            "AccessDeniedException", "The state machine IAM Role is not authorized to access the Log Destination"
        )


def _may(role: str, actions: tuple[str, ...], resource: str, denied: list[Denied]) -> bool:
    missing = [action for action in actions if not iam.role_decision(role, action, resource).allowed]
    denied.extend(Denied(role, action, resource) for action in missing)
    return not missing


def _existing_machine(arn: str) -> dict[str, Any]:
    machine: dict[str, Any] = current().client("stepfunctions").describe_state_machine(stateMachineArn=arn)
    return machine


def _integrations(node: Any) -> Iterator[str]:
    """The optimized integrations in a definition, ``sagemaker:createTrainingJob.sync``."""
    if isinstance(node, dict):
        resource = node.get("Resource")
        if node.get("Type") == "Task" and isinstance(resource, str) and ":states:::" in resource:
            yield resource.partition(":states:::")[2]
        for value in node.values():
            yield from _integrations(value)
    elif isinstance(node, list):
        for value in node:
            yield from _integrations(value)


def _log_group_key(call: Call, account: str, denied: list[Denied]) -> None:
    key_id, group = call.parameters.get("kmsKeyId"), call.parameters.get("logGroupName")
    if not key_id or not group:
        return
    group_arn = Names(call.region, account).arn("logs", f"log-group:{group}")
    context = kms.encryption_context({"aws:logs:arn": group_arn})
    try:
        if (key := kms.find_key(account, call.region, key_id)) is not None:
            for action in _LOG_ENCRYPTION_ACTIONS:
                service = f"logs.{call.region}.amazonaws.com"
                iam.require_service(service, action, key.arn, source_arn=group_arn, context=context)
    except AwsError:
        message = f"The specified KMS key does not exist or is not allowed to be used with Arn '{group_arn}'"
        raise AwsError("AccessDeniedException", message) from None
