"""Everything that an account with strict rules asks for, at work together; and what an attacker would try."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.iam.models import iam_backends

from e2e import account
from e2e.grants import as_list, policy, roles
from e2e.reviews import sample
from e2e.stack import Execution, Stack, table
from localaws import LocalAWS
from localaws.access import credentials, iam
from localaws.account.errors import AwsError
from localaws.services.sagemaker import training_faults

#: Nothing but the training channel may hold it.
SECRET = "秘密の部屋番号"
HOSTILE_VALUES = [
    '5\n{"level":"INFO","message":"forged"}',
    "5\x1b[2J\x1b[31mforged",
    "{% $uuid() %}",
    "{%$states.context.Execution.RoleArn%}",
    "__label__1",
    "$.detail.bucket.name",
    "${artifacts_bucket}",
    "=cmd|' /C calc'!A0",
    "5" * 100_000,
    "\u202e5\u2028\x85",
]


def allowed(document: dict[str, Any], service: str) -> list[str]:
    """``aws:SourceArn`` that a trust policy asks of a service: one of these; none where it asks for none."""
    [statement] = document["Statement"]
    assert statement["Principal"] == {"Service": service}
    conditions = statement["Condition"]
    assert conditions["StringEquals"]["aws:SourceAccount"] == LocalAWS.account_id
    arns = conditions.get("ArnEquals", {}) | conditions.get("ArnLike", {})
    return [arn.replace("*", "any") for arn in as_list(arns.get("aws:SourceArn", []))]


def test_a_file_becomes_a_model_with_key_network_and_boundary(secured: Stack) -> None:
    secured.aws.denied.clear()
    execution = secured.run(sample(), secured.key("daily.csv"))

    assert (execution.status, execution.cause) == ("SUCCEEDED", None)
    assert secured.aws.denied == []
    job = secured.aws.client("sagemaker").describe_training_job(TrainingJobName=execution.job_names()[0])
    key, network = secured.variables["kms_key_arn"], secured.variables["vpc"]
    assert job["VpcConfig"] == {
        "SecurityGroupIds": network["security_group_ids"],
        "Subnets": network["subnet_ids"],
    }
    assert job["EnableNetworkIsolation"]
    assert job["EnableInterContainerTrafficEncryption"]
    assert job["ResourceConfig"]["VolumeKmsKeyId"] == job["OutputDataConfig"]["KmsKeyId"] == key
    keys = [*secured.artifacts(f"runs/{execution.run_id}/"), *secured.artifacts("models/")]
    assert len(keys) >= 3
    for name in keys:
        head = secured.s3.head_object(Bucket=secured.outputs["artifacts_bucket"], Key=name)
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key), name


def test_everything_that_is_stored_has_the_key(secured: Stack) -> None:
    key = secured.variables["kms_key_arn"]
    groups = secured.aws.client("logs").describe_log_groups()["logGroups"]
    own = [
        group
        for group in groups
        if group["logGroupName"] in secured.log_groups() and "sagemaker" not in group["logGroupName"]
    ]
    assert len(own) == 3
    assert {group["kmsKeyId"] for group in own} == {key}
    topic = secured.aws.client("sns").get_topic_attributes(TopicArn=secured.outputs["failure_topic_arn"])
    assert topic["Attributes"]["KmsMasterKeyId"] == key
    queue = secured.aws.client("sqs").get_queue_attributes(
        QueueUrl=secured.outputs["dead_letter_queue_url"], AttributeNames=["All"]
    )
    assert queue["Attributes"]["KmsMasterKeyId"] == key


@contextlib.contextmanager
def forbidden(stack: Stack, *actions: str) -> Iterator[None]:
    """Let the permissions boundary forbid actions for a while."""
    client, arn = stack.aws.client("iam"), stack.variables["permissions_boundary_arn"]
    before = client.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    answer = client.create_policy_version(PolicyArn=arn, PolicyDocument=account.boundary(*actions), SetAsDefault=True)
    try:
        yield
    finally:
        client.set_default_policy_version(PolicyArn=arn, VersionId=before)
        client.delete_policy_version(PolicyArn=arn, VersionId=answer["PolicyVersion"]["VersionId"])


def test_a_permissions_boundary_bounds(secured: Stack) -> None:
    with forbidden(secured, "sagemaker:CreateTrainingJob"):
        execution = secured.run(sample(200), secured.key("bounded.csv"))

    assert (execution.status, execution.error) == ("FAILED", "SageMaker.AmazonSageMakerException")
    assert "sagemaker:CreateTrainingJob" in str(execution.cause)
    assert "with an explicit deny in a permissions boundary" in str(execution.cause)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("events:PutRule", "is not authorized to create managed-rule"),
        ("events:PutTargets", "is not authorized to create managed-rule"),
        ("events:DescribeRule", "is not authorized to create managed-rule"),
        ("logs:CreateLogDelivery", "The state machine IAM Role is not authorized to access the Log Destination"),
    ],
)
def test_a_state_machine_whose_role_can_not_wait_or_log_is_refused(secured: Stack, action: str, message: str) -> None:
    machine = secured.stepfunctions.describe_state_machine(stateMachineArn=secured.outputs["state_machine_arn"])
    fields = ("name", "definition", "roleArn", "loggingConfiguration")
    with forbidden(secured, action), pytest.raises(ClientError, match=message) as refusal:
        secured.stepfunctions.create_state_machine(**{name: machine[name] for name in fields})
    assert refusal.value.response["Error"]["Code"] == "AccessDeniedException"


@pytest.mark.parametrize("role", ["assemble", "preprocess", "training", "trigger", "workflow"])
def test_no_role_can_be_assumed_for_somebody_else(classifier: Stack, role: str) -> None:
    services = {"training": "sagemaker", "trigger": "events", "workflow": "states"}
    service = f"{services.get(role, 'lambda')}.amazonaws.com"
    described = classifier.aws.client("iam").get_role(RoleName=classifier.role(role))["Role"]
    sources = allowed(described["AssumeRolePolicyDocument"], service)
    for source in sources:
        assert credentials.assume_role(described["Arn"], service=service, source_arn=source)
    own = sources[0] if sources else f"arn:aws:lambda:us-east-1:{LocalAWS.account_id}:function:classifier-{role}"

    assert credentials.assume_role(described["Arn"], service=service, source_arn=own)
    foreign = own.replace(LocalAWS.account_id, "999999999999")
    wrongs: list[dict[str, Any]] = [
        {"service": service, "source_arn": foreign},
        {"service": service, "source_arn": None},
        {"service": "ec2.amazonaws.com", "source_arn": own},
        # Lambda sends no more than the account of the function.
        *([{"service": service, "source_arn": own.replace("us-east-1", "eu-west-1")}] if sources else []),
    ]
    for wrong in wrongs:
        with pytest.raises(ClientError, match="AccessDenied"):
            credentials.assume_role(described["Arn"], **wrong)


def test_the_queue_takes_letters_of_its_rule_only(classifier: Stack) -> None:
    queue = classifier.aws.client("sqs").get_queue_attributes(
        QueueUrl=classifier.outputs["dead_letter_queue_url"], AttributeNames=["QueueArn"]
    )["Attributes"]["QueueArn"]
    rule = f"arn:aws:events:us-east-1:{LocalAWS.account_id}:rule/classifier-object-created"

    iam.require_service("events.amazonaws.com", "sqs:SendMessage", queue, source_arn=rule)
    for service, wrong in (
        ("events.amazonaws.com", rule.replace("classifier-", "other-")),
        ("events.amazonaws.com", rule.replace(LocalAWS.account_id, "999999999999")),
        ("sns.amazonaws.com", rule),
    ):
        with pytest.raises(AwsError, match="no resource-based policy allows"):
            iam.require_service(service, "sqs:SendMessage", queue, source_arn=wrong)


@pytest.mark.parametrize("bucket", ["artifacts_bucket", "input_bucket"])
def test_a_bucket_takes_no_plain_http(classifier: Stack, bucket: str) -> None:
    client = classifier.aws.client("s3")
    client.meta.events.register(
        "before-sign.s3", lambda request, **_: request.headers.add_header("x-localaws-plain-http", "1")
    )
    where = {"Bucket": classifier.outputs[bucket]}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("list_objects_v2", {}),
        ("get_object", {"Key": "any"}),
        ("put_object", {"Key": "any", "Body": b""}),
    ]
    for name, parameters in calls:
        with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
            getattr(client, name)(**where, **parameters)


@pytest.mark.parametrize("bucket", ["artifacts_bucket", "input_bucket"])
def test_a_bucket_takes_no_principal_of_another_account(classifier: Stack, bucket: str) -> None:
    name, backend = f"intruder-{bucket[:5]}", iam_backends["999999999999"]["aws"]

    def document(**statement: Any) -> str:
        return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})

    trust = document(Action="sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})
    role = backend.create_role(name, trust, "/", None, "", [], "3600")
    backend.put_role_policy(name, "everything", document(Action="s3:*", Resource="*"))
    intruder = credentials.client("s3", role.arn)
    where = {"Bucket": classifier.outputs[bucket]}
    # Even where somebody lets the account in by mistake.
    before = json.loads(classifier.s3.get_bucket_policy(**where)["Policy"])
    opened = {
        "Effect": "Allow",
        "Action": "s3:*",
        "Principal": "*",
        "Resource": [f"arn:aws:s3:::{where['Bucket']}", f"arn:aws:s3:::{where['Bucket']}/*"],
    }
    classifier.s3.put_bucket_policy(**where, Policy=json.dumps({**before, "Statement": [*before["Statement"], opened]}))
    try:
        with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
            intruder.list_objects_v2(**where)
        with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
            intruder.put_object(**where, Key="any", Body=b"")
    finally:
        classifier.s3.put_bucket_policy(**where, Policy=json.dumps(before))


def written(stack: Stack, execution: Execution) -> str:
    """All that an execution has left besides its channels and its model: logs, history, announcements, report."""
    logs = stack.aws.client("logs")
    lines = [
        event["message"]
        for group in stack.log_groups()
        for event in logs.filter_log_events(logGroupName=group)["events"]
    ]
    reports = [key for key in stack.leftovers(execution) if key.endswith("report.json")]
    history = json.dumps(execution.history, default=str, ensure_ascii=False)
    return "\n".join([*lines, history, *(stack.artifact(key).decode() for key in reports)])


@pytest.mark.parametrize(
    ("body", "error"),
    [
        pytest.param(
            table([(f"{SECRET}が{number}です。", number % 2 * 4 + 1) for number in range(200)]), None, id="model"
        ),
        pytest.param(table([(SECRET, "5.0")]), "InvalidInput", id="label"),
        pytest.param(f'review_body,star_rating\n"{SECRET},5\n'.encode(), "InvalidInput", id="quote"),
        pytest.param(f"review_body,star_rating\n{SECRET},5,{SECRET}\n".encode(), "InvalidInput", id="ragged"),
        pytest.param(
            f"review_body,star_rating\n{SECRET},5\n".encode() + b"\xff\xfe,5\n", "InvalidInput", id="encoding"
        ),
        pytest.param(table([(SECRET, 5)] * 5), "InvalidInput", id="one side of the split"),
        pytest.param(
            table([(f"{SECRET}{number}", number % 2 * 4 + 1) for number in range(200)]), "AlgorithmError", id="training"
        ),
    ],
)
def test_no_text_of_a_file_is_written_elsewhere(classifier: Stack, body: bytes, error: str | None) -> None:
    if error == "AlgorithmError":
        training_faults.fail_next("AlgorithmError: exit code 1")
    execution = classifier.run(body, "secret.csv")

    assert execution.error == ("States.TaskFailed" if error == "AlgorithmError" else error), execution.cause
    text = written(classifier, execution)
    assert execution.run_id in text
    for part in (SECRET, json.dumps(SECRET)[1:-1], "部屋番号", json.dumps("部屋番号")[1:-1]):
        assert part not in text


@pytest.mark.parametrize("value", HOSTILE_VALUES)
def test_a_hostile_label_is_quoted(classifier: Stack, value: str) -> None:
    execution = classifier.run(table([("良い", 5), ("悪い", value)]), "hostile.csv")

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")
    cause = str(execution.cause)
    assert cause.isprintable()
    assert len(cause) < 500
    assert "line 3" in cause
    logs = classifier.aws.client("logs")
    lines = [
        event["message"] for event in logs.filter_log_events(logGroupName="/aws/lambda/classifier-preprocess")["events"]
    ]
    assert all(isinstance(json.loads(line), dict) for line in lines), "each line is one record of the function's"
    assert not any(json.loads(line).get("message") == "forged" for line in lines)


def test_a_hostile_text_makes_no_label_and_no_line(classifier: Stack) -> None:
    texts = [f"{value}\n__label__9 良い\r\n__label__8\x85__label__7 朝食" for value in HOSTILE_VALUES]
    rows = [(f"{text}{number}", number % 2 * 4 + 1) for number in range(40) for text in texts[:8]]
    execution = classifier.run(table(rows), "hostile.csv")

    assert (execution.status, execution.cause) == ("SUCCEEDED", None)
    lines = [
        line
        for channel in ("train", "validation")
        for line in classifier.artifact(f"runs/{execution.run_id}/{channel}/{channel}.txt").decode().split("\n")[:-1]
    ]
    assert len(lines) == len(rows) == execution.output["rows"]["kept"]
    assert all(re.fullmatch(r"__label__[01]( [^\s]+)+", line) for line in lines)
    assert not any("__label__" in line[1:] for line in lines)


@pytest.mark.parametrize("key", ["a\x1b[2J.csv", "a\u2028b\x7f.csv", "a\u202eb.csv"])
def test_a_hostile_key_starts_no_line(classifier: Stack, key: str) -> None:
    execution = classifier.run(b"", key)

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")
    assert str(execution.cause).isprintable()


def test_only_the_roles_of_the_module_have_its_name(secured: Stack) -> None:
    for role in roles(secured):
        assert policy(secured, role)
        described = secured.aws.client("iam").get_role(RoleName=secured.role(role))["Role"]
        assert (
            described["PermissionsBoundary"]["PermissionsBoundaryArn"] == secured.variables["permissions_boundary_arn"]
        )
