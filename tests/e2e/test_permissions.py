"""Every action of every policy is needed: taken away, something fails, and says which action it was.

So the roles hold nothing unused; that they lack nothing, every other test here shows, since all of them run with roles
enforced.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from e2e.reviews import sample
from e2e.stack import Json, Stack, table, wait_for
from localaws.sagemaker import training_faults

SMALL = sample(200)
LARGE = table(
    [("朝食がとても美味しく、また泊まりたいと思います。" * 40, 5), ("部屋が狭くて残念でした。" * 80, 1)] * 4000
)
ROLES = ("preprocess", "training", "trigger", "workflow")


@dataclass(frozen=True)
class Grant:
    """One action of one statement of a role's policy."""

    role: str
    sid: str
    action: str


#: Actions whose absence AWS notices and the local AWS can't: each with the documentation that asks for it.
UNSEEN: dict[Grant, str] = {}


def run(stack: Stack) -> None:
    """A file becomes a model, or what can happen of that."""
    before = stack.executions()
    letters = stack.dead_letters()
    stack.upload(SMALL)
    started = wait_for(lambda: stack.new_executions(before) or (True if stack.dead_letters() > letters else None))
    if isinstance(started, list):
        stack.wait(started[0])


def bad_file(stack: Stack) -> None:
    """A run fails and is announced."""
    stack.run(b"")


def missing_file(stack: Stack) -> None:
    """A start by hand for an object that is not there."""
    stack.wait(
        stack.start({"detail": {"bucket": {"name": stack.outputs["input_bucket"]}, "object": {"key": "gone.csv"}}})
    )


def unversioned_file(stack: Stack) -> None:
    """A start by hand, which reads whatever version is there."""
    stack.upload(SMALL, "by-hand.txt")
    stack.wait(
        stack.start({"detail": {"bucket": {"name": stack.outputs["input_bucket"]}, "object": {"key": "by-hand.txt"}}})
    )


def broken_upload(stack: Stack) -> None:
    """S3 fails in the middle of a multipart upload."""
    stack.aws.faults.fail("s3", "UploadPart", error="AccessDenied", status=403, times=None)
    stack.run(LARGE)


def broken_publication(stack: Stack) -> None:
    """S3 fails after the first of a run's objects has appeared."""
    stack.aws.faults.fail(
        "s3",
        "PutObject",
        error="AccessDenied",
        status=403,
        times=None,
        match=lambda call: call.parameters["Key"].endswith("report.json"),
    )
    stack.run(SMALL)


def stopped(stack: Stack) -> None:
    """An execution is stopped while it trains."""
    training_faults.slow_next(30)
    before = stack.executions()
    stack.upload(SMALL)
    [arn] = stack.wait_for_executions(before, 1)
    jobs = stack.aws.client("sagemaker")
    wait_for(lambda: jobs.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"] or None)
    stack.stepfunctions.stop_execution(executionArn=arn)
    wait_for(
        lambda: (
            True
            if not jobs.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"] or stack.aws.denied
            else None
        ),
        15,
    )
    for job in jobs.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"]:
        jobs.stop_training_job(TrainingJobName=job["TrainingJobName"])


def updated(stack: Stack) -> None:
    """The state machine is applied once more, as it is."""
    arn = stack.outputs["state_machine_arn"]
    definition = stack.stepfunctions.describe_state_machine(stateMachineArn=arn)["definition"]
    with contextlib.suppress(ClientError):
        stack.stepfunctions.update_state_machine(stateMachineArn=arn, definition=definition)


#: What shows an action, where a plain run does not.
SCENARIOS: dict[tuple[str, str], Callable[[Stack], None]] = {
    ("preprocess", "s3:AbortMultipartUpload"): broken_upload,
    ("preprocess", "s3:DeleteObject"): broken_publication,
    ("preprocess", "s3:GetObject"): unversioned_file,
    ("preprocess", "s3:ListBucket"): missing_file,
    ("workflow", "sagemaker:StopTrainingJob"): stopped,
    ("workflow", "sns:Publish"): bad_file,
}
SCENARIOS_BY_SERVICE: dict[tuple[str, str], Callable[[Stack], None]] = {
    ("workflow", "events"): updated,
    ("workflow", "logs"): updated,
}


def scenario(grant: Grant) -> Callable[[Stack], None]:
    """What to do to notice that an action is missing."""
    service = grant.action.partition(":")[0]
    return SCENARIOS.get((grant.role, grant.action)) or SCENARIOS_BY_SERVICE.get((grant.role, service), run)


def policies(stack: Stack) -> dict[str, Json]:
    """The policy of each role, by the role's last name."""
    iam = stack.aws.client("iam")
    found = {}
    for role in ROLES:
        name = f"{stack.variables['name']}-{role}"
        [policy] = iam.list_role_policies(RoleName=name)["PolicyNames"]
        answer = iam.get_role_policy(RoleName=name, PolicyName=policy)
        found[role] = {"name": policy, "document": answer["PolicyDocument"]}
        assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []
    return found


def as_list(value: Any) -> list[Any]:
    """IAM writes a list of one as the one."""
    return value if isinstance(value, list) else [value]


def grants(stack: Stack) -> list[Grant]:
    """Every action of every statement."""
    return [
        Grant(role, statement["Sid"], action)
        for role, policy in policies(stack).items()
        for statement in policy["document"]["Statement"]
        for action in as_list(statement["Action"])
    ]


@contextlib.contextmanager
def without(stack: Stack, grant: Grant) -> Iterator[None]:
    """Take an action away, and give it back."""
    iam = stack.aws.client("iam")
    policy = policies(stack)[grant.role]
    statements = []
    for statement in policy["document"]["Statement"]:
        if statement["Sid"] == grant.sid:
            actions = [action for action in as_list(statement["Action"]) if action != grant.action]
            if not actions:
                continue
            statement = {**statement, "Action": actions}
        statements.append(statement)
    role = f"{stack.variables['name']}-{grant.role}"

    def put(document: Json) -> None:
        iam.put_role_policy(RoleName=role, PolicyName=policy["name"], PolicyDocument=json.dumps(document))

    put({**policy["document"], "Statement": statements})
    try:
        yield
    finally:
        put(policy["document"])


def notices(stack: Stack, grant: Grant) -> bool:
    """Whether something fails without the action, and names it."""
    stack.aws.denied.clear()
    with without(stack, grant):
        scenario(grant)(stack)
    role = f":role/{stack.variables['name']}-{grant.role}"
    noticed = any(denied.principal_arn.endswith(role) and denied.action == grant.action for denied in stack.aws.denied)
    stack.aws.faults.clear()
    stack.aws.denied.clear()
    return noticed


def test_every_action_is_missed(classifier: Stack, record_property: Callable[[str, object], None]) -> None:
    every = grants(classifier)
    unnoticed = {grant for grant in every if not notices(classifier, grant)}
    record_property("actions", len(every))
    assert unnoticed == set(UNSEEN)


def test_no_policy_allows_what_it_need_not_name(classifier: Stack) -> None:
    for role, policy in policies(classifier).items():
        for statement in policy["document"]["Statement"]:
            assert statement["Effect"] == "Allow"
            assert not any("*" in action for action in as_list(statement["Action"])), (role, statement)
