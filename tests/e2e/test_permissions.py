"""Every action of every policy is needed: taken away, something fails, and says which action it was.

So the roles hold nothing unused; that they lack nothing, every other test here shows, since all of them run with roles
enforced.
"""

from __future__ import annotations

import pytest

from e2e.grants import Grant, as_list, grants, policy, roles, without
from e2e.scenarios import scenario
from e2e.stack import Stack

ROLES = ["assemble", "preprocess", "training", "trigger", "workflow"]

#: Refusals that AWS tells nobody of: the call is lost, and what it was for goes on without it.
#: They show here since the local AWS records what it refuses.
SILENT = {
    # https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html: without them there is no log.
    *(
        (role, f"logs:{action}")
        for role in ("assemble", "preprocess")
        for action in ("CreateLogStream", "PutLogEvents")
    ),
    # https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
    # https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html: without them there is no trace.
    *(
        (role, f"xray:{action}")
        for role in ("assemble", "preprocess", "workflow")
        for action in ("GetSamplingRules", "GetSamplingTargets", "PutTelemetryRecords", "PutTraceSegments")
    ),
    # The job has failed by then for the reason that its upload did; what it can't abort stays.
    ("training", "s3:AbortMultipartUpload"),
    # The execution has ended by then; the job trains on.
    # https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
    ("workflow", "sagemaker:StopTrainingJob"),
}

#: What AWS says where it doesn't name the action.
IN_OTHER_WORDS = {
    ("assemble", "ec2"): "does not have permissions to call {operation} on EC2",
    ("preprocess", "ec2"): "does not have permissions to call {operation} on EC2",
    ("workflow", "events"): "is not authorized to create managed-rule",
    ("workflow", "logs"): "is not authorized to access the Log Destination",
}


def what_is_wrong(stack: Stack, grant: Grant) -> str | None:
    """Why the loss of a grant can't be noticed, ``None`` where it is noticed and named."""
    stack.aws.denied.clear()
    with without(stack, grant):
        text = scenario(grant)(stack)
    stack.aws.faults.clear()
    arn = f":role/{stack.role(grant.role)}"
    denied = any(call.principal_arn.endswith(arn) and call.action == grant.action for call in stack.aws.denied)
    stack.aws.denied.clear()
    if not denied:
        return "nothing needs it"
    if (grant.role, grant.action) in SILENT:
        return None
    words = IN_OTHER_WORDS.get((grant.role, grant.service), f"not authorized to perform: {grant.action}")
    words = words.format(operation=grant.action.partition(":")[2])
    # SNS spells its actions in capitals.
    return None if words.lower() in text.lower() else "nothing tells that it is missing"


@pytest.mark.parametrize("role", ROLES)
def test_every_action_is_missed(classifier: Stack, role: str) -> None:
    found = {grant: what_is_wrong(classifier, grant) for grant in grants(classifier, role)}

    assert {grant: reason for grant, reason in found.items() if reason} == {}


@pytest.mark.parametrize("role", ROLES)
def test_every_action_for_a_key_and_a_vpc_is_missed(classifier: Stack, secured: Stack, role: str) -> None:
    more = sorted(set(grants(secured, role)) - set(grants(classifier, role)))
    found = {grant: what_is_wrong(secured, grant) for grant in more}

    assert {grant: reason for grant, reason in found.items() if reason} == {}


def test_no_role_is_left_out(classifier: Stack, secured: Stack) -> None:
    assert roles(classifier) == roles(secured) == ROLES


def test_no_policy_allows_what_it_need_not_name(secured: Stack) -> None:
    for role in ROLES:
        for statement in policy(secured, role)[1]["Statement"]:
            assert statement["Effect"] == "Allow"
            assert not any("*" in action for action in as_list(statement["Action"])), (role, statement)
