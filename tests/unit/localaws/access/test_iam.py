"""Roles are enforced: the right action on the right resource, refused in AWS's own words."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from localaws import LocalAWS
from localaws.access import credentials, iam
from localaws.account.current import Denied
from unit.localaws.conftest import MakeRole, allow, document

ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:runs"
JOB_ARN = f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:training-job/job-1"
TRAINING_ROLE = f"arn:aws:iam::{ACCOUNT}:role/training"
MACHINE = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:pipeline"
MANAGED_RULE = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule"


def job(**changes: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": "Job-1",
        "RoleArn": TRAINING_ROLE,
        "AlgorithmSpecification": {"TrainingInputMode": "File", "TrainingImage": "image"},
        "OutputDataConfig": {"S3OutputPath": "s3://bucket/models/"},
        "ResourceConfig": {"InstanceType": "ml.c5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    } | changes


def refusal(aws: LocalAWS, role: str, service: str, method: str, **parameters: Any) -> Any:
    client = credentials.client(service, role, session_name="run")
    with pytest.raises(ClientError) as error:
        getattr(client, method)(**parameters)
    return error.value.response


# One line a call: what is called, the action and the resource it needs, as AWS names them.
CALLS = [
    (
        "s3",
        "get_object",
        {"Bucket": "bucket", "Key": "in/ä b+%.csv"},
        "s3:GetObject",
        "arn:aws:s3:::bucket/in/ä b+%.csv",
    ),
    ("s3", "head_object", {"Bucket": "bucket", "Key": "a"}, "s3:GetObject", "arn:aws:s3:::bucket/a"),
    (
        "s3",
        "get_object",
        {"Bucket": "bucket", "Key": "a", "VersionId": "v"},
        "s3:GetObjectVersion",
        "arn:aws:s3:::bucket/a",
    ),
    (
        "s3",
        "put_object",
        {"Bucket": "bucket", "Key": "a", "Body": b"x" * 100_000},
        "s3:PutObject",
        "arn:aws:s3:::bucket/a",
    ),
    ("s3", "create_multipart_upload", {"Bucket": "bucket", "Key": "a"}, "s3:PutObject", "arn:aws:s3:::bucket/a"),
    (
        "s3",
        "upload_part",
        {"Bucket": "bucket", "Key": "a", "UploadId": "u", "PartNumber": 1, "Body": b"x"},
        "s3:PutObject",
        "arn:aws:s3:::bucket/a",
    ),
    (
        "s3",
        "complete_multipart_upload",
        {"Bucket": "bucket", "Key": "a", "UploadId": "u", "MultipartUpload": {"Parts": []}},
        "s3:PutObject",
        "arn:aws:s3:::bucket/a",
    ),
    (
        "s3",
        "abort_multipart_upload",
        {"Bucket": "bucket", "Key": "a", "UploadId": "u"},
        "s3:AbortMultipartUpload",
        "arn:aws:s3:::bucket/a",
    ),
    (
        "s3",
        "list_parts",
        {"Bucket": "bucket", "Key": "a", "UploadId": "u"},
        "s3:ListMultipartUploadParts",
        "arn:aws:s3:::bucket/a",
    ),
    ("s3", "list_multipart_uploads", {"Bucket": "bucket"}, "s3:ListBucketMultipartUploads", "arn:aws:s3:::bucket"),
    (
        "s3",
        "copy_object",
        {"Bucket": "bucket", "Key": "b", "CopySource": "from/a"},
        "s3:GetObject",
        "arn:aws:s3:::from/a",
    ),
    ("s3", "delete_object", {"Bucket": "bucket", "Key": "a"}, "s3:DeleteObject", "arn:aws:s3:::bucket/a"),
    ("s3", "list_objects_v2", {"Bucket": "bucket"}, "s3:ListBucket", "arn:aws:s3:::bucket"),
    ("s3", "list_object_versions", {"Bucket": "bucket"}, "s3:ListBucketVersions", "arn:aws:s3:::bucket"),
    ("s3", "head_bucket", {"Bucket": "bucket"}, "s3:ListBucket", "arn:aws:s3:::bucket"),
    ("s3", "get_object_tagging", {"Bucket": "bucket", "Key": "a"}, "s3:GetObjectTagging", "arn:aws:s3:::bucket/a"),
    (
        "lambda",
        "invoke",
        {"FunctionName": "preprocess"},
        "lambda:InvokeFunction",
        f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:preprocess",
    ),
    (
        "lambda",
        "invoke",
        {"FunctionName": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:preprocess", "Qualifier": "live"},
        "lambda:InvokeFunction",
        f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:preprocess:live",
    ),
    ("sagemaker", "create_training_job", job(), "sagemaker:CreateTrainingJob", JOB_ARN),
    ("sagemaker", "describe_training_job", {"TrainingJobName": "Job-1"}, "sagemaker:DescribeTrainingJob", JOB_ARN),
    ("sagemaker", "stop_training_job", {"TrainingJobName": "Job-1"}, "sagemaker:StopTrainingJob", JOB_ARN),
    ("sagemaker", "list_tags", {"ResourceArn": JOB_ARN}, "sagemaker:ListTags", JOB_ARN),
    ("stepfunctions", "start_execution", {"stateMachineArn": MACHINE}, "states:StartExecution", MACHINE),
    (
        "stepfunctions",
        "stop_execution",
        {"executionArn": f"arn:aws:states:us-east-1:{ACCOUNT}:execution:pipeline:1"},
        "states:StopExecution",
        f"arn:aws:states:us-east-1:{ACCOUNT}:execution:pipeline:1",
    ),
    (
        "events",
        "put_rule",
        {"Name": "rule-1", "EventPattern": "{}"},
        "events:PutRule",
        f"arn:aws:events:us-east-1:{ACCOUNT}:rule/rule-1",
    ),
    (
        "events",
        "put_targets",
        {"Rule": "rule-1", "EventBusName": "bus", "Targets": [{"Id": "1", "Arn": TOPIC}]},
        "events:PutTargets",
        f"arn:aws:events:us-east-1:{ACCOUNT}:rule/bus/rule-1",
    ),
    (
        "events",
        "describe_rule",
        {"Name": "rule-1"},
        "events:DescribeRule",
        f"arn:aws:events:us-east-1:{ACCOUNT}:rule/rule-1",
    ),
    (
        "logs",
        "create_log_group",
        {"logGroupName": "/aws/lambda/f"},
        "logs:CreateLogGroup",
        f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/f:log-stream:",
    ),
    (
        "logs",
        "create_log_stream",
        {"logGroupName": "/aws/lambda/f", "logStreamName": "s"},
        "logs:CreateLogStream",
        f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/f:log-stream:s",
    ),
    (
        "logs",
        "put_log_events",
        {"logGroupName": "/aws/lambda/f", "logStreamName": "s", "logEvents": [{"timestamp": 1, "message": "m"}]},
        "logs:PutLogEvents",
        f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/lambda/f:log-stream:s",
    ),
    ("ecr", "get_authorization_token", {}, "ecr:GetAuthorizationToken", "*"),
    (
        "ecr",
        "batch_get_image",
        {"registryId": "811284229777", "repositoryName": "blazingtext", "imageIds": [{"imageTag": "1"}]},
        "ecr:BatchGetImage",
        "arn:aws:ecr:us-east-1:811284229777:repository/blazingtext",
    ),
    (
        "cloudwatch",
        "put_metric_data",
        {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1}]},
        "cloudwatch:PutMetricData",
        "*",
    ),
    ("xray", "put_trace_segments", {"TraceSegmentDocuments": ["{}"]}, "xray:PutTraceSegments", "*"),
    ("ec2", "describe_subnets", {}, "ec2:DescribeSubnets", "*"),
]


@pytest.mark.parametrize(("service", "method", "parameters", "action", "resource"), CALLS)
def test_a_call_needs_its_action_on_its_resource(
    aws: LocalAWS,
    make_role: MakeRole,
    service: str,
    method: str,
    parameters: dict[str, Any],
    action: str,
    resource: str,
) -> None:
    role = make_role(allow("*", "arn:aws:none:::*"))
    error = refusal(aws, role, service, method, **parameters)["Error"]
    assert aws.denied == [Denied(role, action, resource)]
    if method.startswith("head_"):
        assert error["Code"] == "403"
        return
    shown = f'"{resource}"' if service == "s3" else resource
    assert error["Message"] == (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/worker/run is not authorized to perform: {action} "
        f"on resource: {shown} because no identity-based policy allows the {action} action"
    )

    # With just that permission the call gets past role enforcement, whatever the service then says.
    aws.denied.clear()
    aws.client("iam").put_role_policy(
        RoleName="worker", PolicyName="policy", PolicyDocument=document(allow(action, resource))
    )
    with suppress(ClientError):
        getattr(credentials.client(service, role), method)(**parameters)
    assert Denied(role, action, resource) not in aws.denied


def test_sns_and_sqs_spell_their_actions_in_their_own_way(aws: LocalAWS, make_role: MakeRole) -> None:
    role = make_role()
    topic = aws.client("sns").create_topic(Name="runs")["TopicArn"]
    queue = aws.client("sqs").create_queue(QueueName="dlq")["QueueUrl"]
    error = refusal(aws, role, "sns", "publish", TopicArn=topic, Message="m")
    assert error["Error"]["Code"] == "AuthorizationError"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert "SNS:Publish on resource: arn:aws:sns" in error["Error"]["Message"]
    assert error["Error"]["Message"].endswith("because no identity-based policy allows the SNS:Publish action")
    error = refusal(aws, role, "sqs", "send_message", QueueUrl=queue, MessageBody="m")
    assert error["Error"]["Code"] == "AccessDenied"
    assert "sqs:sendmessage on resource: arn:aws:sqs:us-east-1:123456789012:dlq" in error["Error"]["Message"]


@pytest.mark.parametrize(
    ("service", "method", "parameters", "code", "status"),
    [
        ("s3", "list_objects_v2", {"Bucket": "bucket"}, "AccessDenied", 403),
        ("lambda", "invoke", {"FunctionName": "f"}, "AccessDeniedException", 403),
        ("sagemaker", "create_training_job", job(), "AccessDeniedException", 400),
        ("stepfunctions", "start_execution", {"stateMachineArn": MACHINE}, "AccessDeniedException", 400),
        ("events", "describe_rule", {"Name": "r"}, "AccessDeniedException", 400),
        ("logs", "create_log_group", {"logGroupName": "g"}, "AccessDeniedException", 400),
    ],
)
def test_error_codes_are_the_services_own(
    aws: LocalAWS, make_role: MakeRole, service: str, method: str, parameters: dict[str, Any], code: str, status: int
) -> None:
    response = refusal(aws, make_role(), service, method, **parameters)
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)


def test_the_administrator_is_not_enforced(aws: LocalAWS) -> None:
    aws.client("s3").create_bucket(Bucket="bucket")
    aws.client("sns").create_topic(Name="runs")
    assert aws.denied == []


def test_an_operation_nobody_described_is_refused_to_roles(aws: LocalAWS, make_role: MakeRole) -> None:
    role = make_role(allow("*"))
    error = refusal(aws, role, "sagemaker", "list_models")
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "permissions.py" in error["Error"]["Message"]


def test_an_object_that_does_not_exist_is_hidden_from_those_who_may_not_list(
    aws: LocalAWS, make_role: MakeRole
) -> None:
    aws.client("s3").create_bucket(Bucket="bucket")
    reads = allow("s3:GetObject", "arn:aws:s3:::bucket/*")
    blind = make_role(reads)
    error = refusal(aws, blind, "s3", "get_object", Bucket="bucket", Key="gone")["Error"]
    assert error["Code"] == "AccessDenied"
    assert "s3:ListBucket" in error["Message"]
    seeing = make_role(reads, allow("s3:ListBucket", "arn:aws:s3:::bucket"), name="seeing")
    assert refusal(aws, seeing, "s3", "get_object", Bucket="bucket", Key="gone")["Error"]["Code"] == "NoSuchKey"


def test_listing_can_be_bound_to_a_prefix(aws: LocalAWS, make_role: MakeRole) -> None:
    aws.client("s3").create_bucket(Bucket="bucket")
    role = make_role(allow("s3:ListBucket", "arn:aws:s3:::bucket", StringLike={"s3:prefix": "runs/*"}))
    credentials.client("s3", role).list_objects_v2(Bucket="bucket", Prefix="runs/1/")
    refusal(aws, role, "s3", "list_objects_v2", Bucket="bucket", Prefix="models/")
    refusal(aws, role, "s3", "list_objects_v2", Bucket="bucket")


def test_a_copy_reads_and_writes(aws: LocalAWS, make_role: MakeRole) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="a", Body=b"x")
    upload = s3.create_multipart_upload(Bucket="bucket", Key="b")["UploadId"]
    part = {"Bucket": "bucket", "Key": "b", "UploadId": upload, "PartNumber": 1, "CopySource": "bucket/a"}
    role = make_role(allow("s3:GetObject", "arn:aws:s3:::bucket/a"))
    assert "s3:PutObject" in refusal(aws, role, "s3", "upload_part_copy", **part)["Error"]["Message"]
    role = make_role(allow("s3:PutObject", "arn:aws:s3:::bucket/b"), name="writer")
    assert "s3:GetObject" in refusal(aws, role, "s3", "upload_part_copy", **part)["Error"]["Message"]


def test_delete_objects_answers_key_by_key(aws: LocalAWS, make_role: MakeRole) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="bucket")
    for key in ("parts/1 & 2", "keep", "parts/3"):
        s3.put_object(Bucket="bucket", Key=key, Body=b"")
    role = make_role(allow("s3:DeleteObject", "arn:aws:s3:::bucket/parts/*"))
    keys = [{"Key": "parts/1 & 2"}, {"Key": "keep"}, {"Key": "parts/3"}]
    answer = credentials.client("s3", role).delete_objects(Bucket="bucket", Delete={"Objects": keys})
    assert [entry["Key"] for entry in answer["Deleted"]] == ["parts/1 & 2", "parts/3"]
    assert [(entry["Key"], entry["Code"]) for entry in answer["Errors"]] == [("keep", "AccessDenied")]
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="bucket")["Contents"]] == ["keep"]
    answer = credentials.client("s3", role).delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "keep"}]})
    assert "Deleted" not in answer
    assert aws.denied == [Denied(role, "s3:DeleteObject", "arn:aws:s3:::bucket/keep")] * 2


def test_tags_need_add_tags_and_the_role_needs_pass_role(aws: LocalAWS, make_role: MakeRole) -> None:
    make_role(name="training", service="sagemaker.amazonaws.com")
    create = allow("sagemaker:CreateTrainingJob", JOB_ARN)
    tag = allow("sagemaker:AddTags", JOB_ARN)
    tagged = job(Tags=[{"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"}])
    without_tags = refusal(aws, make_role(create, name="one"), "sagemaker", "create_training_job", **tagged)
    assert f"sagemaker:AddTags on resource: {JOB_ARN}" in without_tags["Error"]["Message"]
    without_pass = refusal(aws, make_role(create, tag, name="two"), "sagemaker", "create_training_job", **tagged)
    assert f"iam:PassRole on resource: {TRAINING_ROLE}" in without_pass["Error"]["Message"]
    elsewhere = allow("iam:PassRole", TRAINING_ROLE, StringEquals={"iam:PassedToService": "ec2.amazonaws.com"})
    wrong_service = refusal(
        aws, make_role(create, tag, elsewhere, name="three"), "sagemaker", "create_training_job", **tagged
    )
    assert "iam:PassRole" in wrong_service["Error"]["Message"]
    aws.denied.clear()
    right = allow("iam:PassRole", TRAINING_ROLE, StringEquals={"iam:PassedToService": "sagemaker.amazonaws.com"})
    complete = make_role(create, tag, right, name="four")
    with suppress(ClientError):  # what SageMaker itself checks is not this test's subject
        credentials.client("sagemaker", complete).create_training_job(**tagged)
    assert aws.denied == []


def test_a_permissions_boundary_limits_a_role(aws: LocalAWS, make_role: MakeRole) -> None:
    aws.client("s3").create_bucket(Bucket="bucket")
    boundary = aws.client("iam").create_policy(PolicyName="boundary", PolicyDocument=document(allow("sns:*")))
    role = make_role(allow("s3:*"), boundary=boundary["Policy"]["Arn"])
    error = refusal(aws, role, "s3", "list_objects_v2", Bucket="bucket")["Error"]
    assert error["Message"].endswith("because no permissions boundary allows the s3:ListBucket action")


def test_attached_policies_count_and_their_default_version_does(aws: LocalAWS, make_role: MakeRole) -> None:
    aws.client("s3").create_bucket(Bucket="bucket")
    admin = aws.client("iam")
    policy = admin.create_policy(PolicyName="reads", PolicyDocument=document(allow("s3:ListBucket")))["Policy"]["Arn"]
    role = make_role()
    admin.attach_role_policy(RoleName="worker", PolicyArn=policy)
    credentials.client("s3", role).list_objects_v2(Bucket="bucket")
    admin.create_policy_version(PolicyArn=policy, PolicyDocument=document(allow("sns:*")), SetAsDefault=True)
    refusal(aws, role, "s3", "list_objects_v2", Bucket="bucket")


def test_a_topic_policy_can_let_a_role_in_or_lock_it_out(aws: LocalAWS, make_role: MakeRole) -> None:
    sns = aws.client("sns")
    topic = sns.create_topic(Name="runs")["TopicArn"]
    stranger, publisher = make_role(name="stranger"), make_role(allow("sns:Publish", topic), name="publisher")
    let_in = allow("sns:Publish", topic) | {"Principal": {"AWS": stranger}}
    lock_out = allow("sns:Publish", topic) | {"Principal": {"AWS": publisher}, "Effect": "Deny"}
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=document(let_in, lock_out))
    credentials.client("sns", stranger).publish(TopicArn=topic, Message="m")
    error = refusal(aws, publisher, "sns", "publish", TopicArn=topic, Message="m")["Error"]
    assert error["Message"].endswith("with an explicit deny in a resource-based policy")


def test_another_account_needs_both_sides(aws: LocalAWS) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="a", Body=b"x")
    theirs = "arn:aws:iam::210987654321:role/reader"
    backend = iam_backends["210987654321"]["aws"]
    trust = document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}})
    backend.create_role("reader", trust, "/", None, "", [], "3600")
    backend.put_role_policy("reader", "policy", document(allow("s3:GetObject")))
    error = refusal(aws, theirs, "s3", "get_object", Bucket="bucket", Key="a")["Error"]
    assert error["Message"].endswith("because no resource-based policy allows the s3:GetObject action")
    shared = allow("s3:GetObject", "arn:aws:s3:::bucket/*") | {"Principal": {"AWS": "210987654321"}}
    s3.put_bucket_policy(Bucket="bucket", Policy=document(shared))
    assert credentials.client("s3", theirs).get_object(Bucket="bucket", Key="a")["Body"].read() == b"x"


def test_sessions_end_with_their_role(aws: LocalAWS, make_role: MakeRole) -> None:
    client = credentials.client("sts", make_role())
    client.get_caller_identity()
    aws.client("iam").delete_role(RoleName="worker")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client.get_caller_identity()


def test_sessions_expire(aws: LocalAWS, make_role: MakeRole) -> None:
    client = credentials.client("sts", make_role())
    (session,) = sts_backends[ACCOUNT]["aws"].assumed_roles
    session.expiration -= timedelta(hours=2)
    with pytest.raises(ClientError, match="ExpiredToken"):
        client.get_caller_identity()


def test_only_the_trusted_service_assumes_a_role(aws: LocalAWS, make_role: MakeRole) -> None:
    role = make_role(service="lambda.amazonaws.com")
    credentials.assume_role(role, service="lambda.amazonaws.com")
    with pytest.raises(
        ClientError, match=r"AccessDenied.*states\.amazonaws.com is not authorized to perform: sts:AssumeRole"
    ):
        credentials.assume_role(role, service="states.amazonaws.com")
    with pytest.raises(ClientError, match="the role does not exist"):
        credentials.assume_role(role + "-gone", service="lambda.amazonaws.com")


def test_trust_can_be_bound_to_a_source(aws: LocalAWS, make_role: MakeRole) -> None:
    role = make_role(
        service="events.amazonaws.com",
        condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": MANAGED_RULE}},
    )
    credentials.assume_role(role, service="events.amazonaws.com", source_arn=MANAGED_RULE)
    for source in (None, MANAGED_RULE + "2", MANAGED_RULE.replace(ACCOUNT, "210987654321")):
        with pytest.raises(ClientError, match="AccessDenied"):
            credentials.assume_role(role, service="events.amazonaws.com", source_arn=source)


def test_require_asks_for_a_role(aws: LocalAWS, make_role: MakeRole) -> None:
    role = make_role(allow("ec2:DescribeVpcs"))
    iam.require(role, "ec2:DescribeVpcs", "*")
    with pytest.raises(ClientError, match=r"UnauthorizedOperation.*ec2:DescribeSubnets"):
        iam.require(role, "ec2:DescribeSubnets", "*")
    assert aws.denied == [Denied(role, "ec2:DescribeSubnets", "*")]


def test_require_service_asks_the_queues_policy(aws: LocalAWS) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="dlq")["QueueUrl"]
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:dlq"
    with pytest.raises(ClientError, match=r"User: events\.amazonaws\.com is not authorized.*no resource-based policy"):
        iam.require_service("events.amazonaws.com", "sqs:SendMessage", queue, source_arn=MANAGED_RULE)
    only = allow("sqs:SendMessage", queue, ArnEquals={"aws:SourceArn": MANAGED_RULE})
    only["Principal"] = {"Service": "events.amazonaws.com"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(only)})
    iam.require_service("events.amazonaws.com", "sqs:SendMessage", queue, source_arn=MANAGED_RULE)
    with pytest.raises(ClientError):
        iam.require_service("events.amazonaws.com", "sqs:SendMessage", queue, source_arn=MANAGED_RULE + "2")


def test_require_service_asks_the_functions_policy(aws: LocalAWS, make_role: MakeRole) -> None:
    aws.client("lambda").create_function(
        FunctionName="preprocess",
        Runtime="python3.12",
        Role=make_role(),
        Handler="handler.handler",
        Code={"ZipFile": empty_zip()},
    )
    function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:preprocess"
    with pytest.raises(ClientError, match="AccessDenied"):
        iam.require_service("events.amazonaws.com", "lambda:InvokeFunction", function, source_arn=MANAGED_RULE)
    aws.client("lambda").add_permission(
        FunctionName="preprocess",
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=MANAGED_RULE,
    )
    iam.require_service("events.amazonaws.com", "lambda:InvokeFunction", function, source_arn=MANAGED_RULE)


def empty_zip() -> bytes:
    import io
    import zipfile

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("handler.py", "")
    return content.getvalue()


SYNC = {
    "StartAt": "Train",
    "States": {"Train": {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync", "End": True}},
}
PASS = {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}}
RULE_ACTIONS = ["events:PutTargets", "events:PutRule", "events:DescribeRule"]
LOG_ACTIONS = [
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
]


def create_machine(aws: LocalAWS, role: str, definition: dict[str, Any], **options: Any) -> str:
    states = aws.client("stepfunctions")
    return str(
        states.create_state_machine(name="pipeline", roleArn=role, definition=json.dumps(definition), **options)[
            "stateMachineArn"
        ]
    )


@pytest.mark.parametrize("missing", RULE_ACTIONS)
def test_sync_needs_the_managed_rule(aws: LocalAWS, make_role: MakeRole, missing: str) -> None:
    actions = [action for action in RULE_ACTIONS if action != missing]
    role = make_role(allow(actions, MANAGED_RULE), service="states.amazonaws.com")
    with pytest.raises(ClientError) as error:
        create_machine(aws, role, SYNC)
    assert error.value.response["Error"] == {
        "Code": "AccessDeniedException",
        "Message": f"'{role}' is not authorized to create managed-rule.",
    }
    assert aws.denied == [Denied(role, missing, MANAGED_RULE)]
    create_machine(aws, role, PASS)


def test_updating_to_sync_needs_it_too(aws: LocalAWS, make_role: MakeRole) -> None:
    role = make_role(service="states.amazonaws.com")
    machine = create_machine(aws, role, PASS)
    with pytest.raises(ClientError, match="is not authorized to create managed-rule"):
        aws.client("stepfunctions").update_state_machine(stateMachineArn=machine, definition=json.dumps(SYNC))
    aws.client("iam").put_role_policy(
        RoleName="worker", PolicyName="rule", PolicyDocument=document(allow(RULE_ACTIONS, MANAGED_RULE))
    )
    aws.client("stepfunctions").update_state_machine(stateMachineArn=machine, definition=json.dumps(SYNC))


@pytest.mark.parametrize("missing", LOG_ACTIONS)
def test_logging_needs_log_delivery(aws: LocalAWS, make_role: MakeRole, missing: str) -> None:
    role = make_role(allow([action for action in LOG_ACTIONS if action != missing]), service="states.amazonaws.com")
    aws.client("logs").create_log_group(logGroupName="/aws/vendedlogs/states/pipeline")
    group = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/vendedlogs/states/pipeline:*"
    logging = {"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]}
    with pytest.raises(ClientError, match="The state machine IAM Role is not authorized to access the Log Destination"):
        create_machine(aws, role, PASS, loggingConfiguration=logging)
    assert aws.denied == [Denied(role, missing, "*")]
    create_machine(aws, role, PASS, loggingConfiguration={"level": "OFF"})


def test_a_state_machines_role_must_trust_step_functions(aws: LocalAWS, make_role: MakeRole) -> None:
    role = make_role(service="lambda.amazonaws.com")
    with pytest.raises(
        ClientError, match=r"Neither the global service principal states\.amazonaws\.com, nor the regional"
    ):
        create_machine(aws, role, PASS)
    bound = make_role(
        name="bound", service="states.amazonaws.com", condition={"ArnLike": {"aws:SourceArn": MACHINE + "-2"}}
    )
    with pytest.raises(ClientError, match="Neither the global service principal"):
        create_machine(aws, bound, PASS)


def test_a_functions_role_must_trust_lambda(aws: LocalAWS, make_role: MakeRole) -> None:
    with pytest.raises(ClientError, match="The role defined for the function cannot be assumed by Lambda"):
        aws.client("lambda").create_function(
            FunctionName="f",
            Runtime="python3.12",
            Role=make_role(service="states.amazonaws.com"),
            Handler="h.h",
            Code={"ZipFile": empty_zip()},
        )


def test_a_targets_role_must_trust_event_bridge(aws: LocalAWS, make_role: MakeRole) -> None:
    events = aws.client("events")
    events.put_rule(Name="uploads", EventPattern='{"source": ["aws.s3"]}')
    target = {"Id": "1", "Arn": MACHINE, "RoleArn": make_role(service="states.amazonaws.com")}
    with pytest.raises(ClientError, match=r"cannot be assumed by principal 'events\.amazonaws\.com'"):
        events.put_targets(Rule="uploads", Targets=[target])


def test_a_training_jobs_role_must_trust_sagemaker(aws: LocalAWS, make_role: MakeRole) -> None:
    make_role(name="training", service="lambda.amazonaws.com")
    with pytest.raises(ClientError, match=f"Could not assume role {TRAINING_ROLE}"):
        aws.client("sagemaker").create_training_job(**job())
