"""What to do so that a missing permission shows; each gives all that a user could read about what happened."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from unittest import mock

from botocore.exceptions import ClientError

from e2e.grants import Grant
from e2e.reviews import sample
from e2e.stack import Stack, table, wait_for
from localaws.services.sagemaker import role as training_role
from localaws.services.sagemaker import training_faults

#: With fewer rows none may fall into the validation channel.
SMALL = sample(200)
#: More than one part of a multipart upload in the training channel, of words that take Sudachi no time.
LARGE = table((f"良い {number} " + ("review" * 16 + " ") * 280, number % 2 * 4 + 1) for number in range(500))

Scenario = Callable[[Stack], str]


def told(stack: Stack, arn: str, since: float) -> str:
    """History of an execution that has ended, and what the functions have logged since a moment."""
    history = stack.wait(arn).history
    logs = stack.aws.client("logs")
    lines = [
        event["message"]
        for group in stack.log_groups()
        if group.startswith("/aws/lambda/")
        for event in logs.filter_log_events(logGroupName=group, startTime=int(since * 1000))["events"]
    ]
    return "\n".join([json.dumps(history, default=str, ensure_ascii=False), *lines])


def uploaded(stack: Stack, body: bytes) -> str:
    """A file arrives."""
    since, before, letters = time.time(), stack.executions(), stack.dead_letters()
    stack.upload(body, stack.key("reviews.csv"))
    started = wait_for(lambda: stack.new_executions(before) or ([] if stack.dead_letters() > letters else None))
    return told(stack, started[0], since) if started else json.dumps(stack.take_dead_letter())


def model(stack: Stack) -> str:
    """A file becomes a model."""
    return uploaded(stack, SMALL)


def no_model(stack: Stack) -> str:
    """A file becomes a corpus, and its training jobs fail at once."""
    training_faults.fail_next(times=10)
    try:
        return uploaded(stack, SMALL)
    finally:
        training_faults.clear()


def large(stack: Stack) -> str:
    """A file becomes a corpus that is uploaded in parts, and its training jobs fail at once."""
    training_faults.fail_next(times=10)
    try:
        return uploaded(stack, LARGE)
    finally:
        training_faults.clear()


def files(stack: Stack) -> str:
    """The files of a folder become a corpus, and its training jobs fail at once."""
    folder, since = stack.key("folder/"), time.time()
    with stack.unwatched():
        for number in range(2):
            stack.upload(SMALL, f"{folder}{number}.csv")
    training_faults.fail_next(times=10)
    try:
        return told(stack, stack.start_folder(folder), since)
    finally:
        training_faults.clear()


def broken_assembly(stack: Stack) -> str:
    """S3 fails while the shards of a folder are put together."""
    for operation in ("UploadPart", "UploadPartCopy"):
        stack.aws.faults.fail("s3", operation, error="InvalidRequest", status=400, times=None)
    return files(stack)


def broken_corpus(stack: Stack) -> str:
    """S3 fails after the channels of a folder's corpus have appeared."""
    stack.aws.faults.fail(
        "s3",
        "PutObject",
        error="InvalidRequest",
        status=400,
        times=None,
        match=lambda call: call.parameters["Key"].endswith("report.json") and "/shards/" not in call.parameters["Key"],
    )
    return files(stack)


def cold_files(stack: Stack) -> str:
    """The functions start anew for a folder."""
    stack.restart_functions()
    return files(stack)


def bad_file(stack: Stack) -> str:
    """A run fails."""
    return uploaded(stack, b"")


def cold(stack: Stack) -> str:
    """The function starts anew."""
    stack.restart_functions()
    return bad_file(stack)


def missing_file(stack: Stack) -> str:
    """A start by hand for an object that is not there."""
    since = time.time()
    return told(stack, stack.start_file(stack.key("gone.csv")), since)


def file_by_hand(stack: Stack) -> str:
    """A start by hand, which reads whatever version is there."""
    since = time.time()
    stack.upload(b"", stack.key("by-hand.txt"))
    return told(stack, stack.start_file(stack.key("by-hand.txt")), since)


def broken_upload(stack: Stack) -> str:
    """S3 fails in the middle of a multipart upload."""
    stack.aws.faults.fail("s3", "UploadPart", error="InvalidRequest", status=400, times=None)
    return uploaded(stack, LARGE)


def broken_publication(stack: Stack) -> str:
    """S3 fails after the first of a run's objects has appeared."""
    stack.aws.faults.fail(
        "s3",
        "PutObject",
        error="InvalidRequest",
        status=400,
        times=None,
        match=lambda call: call.parameters["Key"].endswith("report.json"),
    )
    return uploaded(stack, SMALL)


def broken_model(stack: Stack) -> str:
    """S3 fails in the middle of the upload of a model."""
    stack.aws.faults.fail("s3", "UploadPart", error="InvalidRequest", status=400, times=None)
    with mock.patch.object(training_role, "MULTIPART_BYTES", 1):
        return model(stack)


def stopped(stack: Stack) -> str:
    """An execution is stopped while it trains."""
    training_faults.slow_next(30)
    since, before, jobs = time.time(), stack.executions(), stack.aws.client("sagemaker")

    def training() -> list[str] | None:
        listed = jobs.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"]
        return [job["TrainingJobName"] for job in listed] or None

    stack.upload(SMALL, stack.key("reviews.csv"))
    [arn] = stack.wait_for_executions(before, 1)
    [name] = wait_for(training)
    stack.stepfunctions.stop_execution(executionArn=arn)
    wait_for(lambda: True if training() is None or stack.aws.denied else None, 15)
    if training():
        jobs.stop_training_job(TrainingJobName=name)
    return told(stack, arn, since)


def updated(stack: Stack) -> str:
    """The state machine is applied once more, as it is."""
    arn = stack.outputs["state_machine_arn"]
    definition = stack.stepfunctions.describe_state_machine(stateMachineArn=arn)["definition"]
    try:
        stack.stepfunctions.update_state_machine(stateMachineArn=arn, definition=definition)
    except ClientError as error:
        return str(error)
    return ""


def reconnected(stack: Stack) -> str:
    """The functions are put into the VPC once more, as they are."""
    functions = stack.aws.client("lambda")
    network = stack.variables["vpc"]
    vpc = {"SecurityGroupIds": network["security_group_ids"], "SubnetIds": network["subnet_ids"]}
    errors = []
    for name in stack.functions():
        try:
            functions.update_function_configuration(FunctionName=name, VpcConfig=vpc)
        except ClientError as error:
            errors.append(str(error))
    return "\n".join(errors)


#: What shows that an action is missing, as quickly as can be.
_BY_ACTION: dict[tuple[str, str], Scenario] = {
    ("assemble", "logs:CreateLogStream"): cold_files,
    ("assemble", "s3:AbortMultipartUpload"): broken_assembly,
    ("assemble", "s3:DeleteObjectVersion"): broken_corpus,
    ("preprocess", "kms:Decrypt"): large,
    ("preprocess", "logs:CreateLogStream"): cold,
    ("preprocess", "s3:AbortMultipartUpload"): broken_upload,
    ("preprocess", "s3:DeleteObjectVersion"): broken_publication,
    ("preprocess", "s3:GetObject"): file_by_hand,
    ("preprocess", "s3:GetObjectVersion"): bad_file,
    ("preprocess", "s3:ListBucket"): missing_file,
    ("training", "s3:AbortMultipartUpload"): broken_model,
    ("workflow", "lambda:InvokeFunction"): files,
    ("workflow", "sagemaker:StopTrainingJob"): stopped,
}
_BY_SERVICE: dict[tuple[str, str], Scenario] = {
    ("assemble", "ec2"): reconnected,
    ("preprocess", "ec2"): reconnected,
    ("preprocess", "kms"): no_model,
    ("preprocess", "logs"): bad_file,
    ("preprocess", "s3"): no_model,
    ("preprocess", "xray"): bad_file,
    ("training", "cloudwatch"): model,
    ("training", "ec2"): model,
    ("training", "ecr"): model,
    ("training", "kms"): model,
    ("training", "logs"): model,
    ("training", "s3"): model,
    ("trigger", "states"): bad_file,
    ("workflow", "events"): updated,
    ("workflow", "iam"): no_model,
    ("workflow", "kms"): files,
    ("workflow", "logs"): updated,
    ("workflow", "s3"): files,
    ("workflow", "sagemaker"): no_model,
    ("workflow", "states"): files,
    ("workflow", "xray"): bad_file,
}
_BY_ROLE: dict[str, Scenario] = {"assemble": files}


def scenario(grant: Grant) -> Scenario:
    """What to do to notice that a grant is missing.

    Raises
    ------
    KeyError
        It is a new one, whose scenario is to be written here.
    """
    by_action, by_service = _BY_ACTION.get((grant.role, grant.action)), _BY_SERVICE.get((grant.role, grant.service))
    return by_action or by_service or _BY_ROLE[grant.role]
