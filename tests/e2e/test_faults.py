"""What is not the user's fault is tried again, or ends with the error that the service gave."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from e2e.scenarios import LARGE, SMALL
from e2e.stack import FAILURE, STATES, Execution, Stack, wait_for
from localaws import LocalAWS
from localaws.services.sagemaker import training_faults
from localaws.services.stepfunctions.integrations import training_job


@pytest.fixture
def configure(aws: LocalAWS) -> Iterator[Callable[..., None]]:
    """Change the configuration of a stack's function for a test."""
    functions = aws.client("lambda")
    before: list[dict[str, Any]] = []

    def update(stack: Stack, **settings: Any) -> None:
        name = stack.outputs["function_name"]
        configuration = functions.get_function_configuration(FunctionName=name)
        before.append({"FunctionName": name, **{key: configuration[key] for key in settings}})
        functions.update_function_configuration(FunctionName=name, **settings)

    yield update
    for settings in before:
        functions.update_function_configuration(**settings)


def failure(execution: Execution) -> tuple[str, str | None, bool]:
    """Status and error of an execution, and whether it ended the one way that there is."""
    return execution.status, execution.error, execution.states()[-2:] == FAILURE


def test_broken_download_is_taken_up_again(classifier: Stack) -> None:
    classifier.aws.faults.truncate("s3", "GetObject", after_bytes=5000, times=2, principal="classifier-preprocess")
    execution = classifier.run(SMALL)

    assert execution.status == "SUCCEEDED"
    assert execution.output["rows"]["read"] == 200


def test_download_that_can_not_be_taken_up_again(classifier: Stack) -> None:
    faults = classifier.aws.faults
    faults.fail("s3", "GetObject", error="AccessDenied", status=403, match=lambda call: "Range" in call.parameters)
    faults.truncate("s3", "GetObject", after_bytes=5000, principal="classifier-preprocess")
    execution = classifier.run(SMALL)

    assert failure(execution) == ("FAILED", "AccessDenied", True)
    assert "(AccessDenied) when calling the GetObject operation" in str(execution.cause)
    assert classifier.leftovers(execution) == []


@pytest.mark.parametrize("operation", ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "PutObject"])
def test_upload_that_fails_leaves_nothing(classifier: Stack, operation: str) -> None:
    # PutObject is the report, when the channels are there already.
    classifier.aws.faults.fail("s3", operation, error="AccessDenied", status=403, principal="classifier-preprocess")
    execution = classifier.run(LARGE)

    assert failure(execution) == ("FAILED", "AccessDenied", True)
    assert f"(AccessDenied) when calling the {operation} operation" in str(execution.cause)
    assert classifier.leftovers(execution) == []


def test_failing_upload_is_tried_again(classifier: Stack) -> None:
    classifier.aws.faults.fail("s3", "UploadPart", error="SlowDown", message="Reduce your request rate", status=503)
    execution = classifier.run(LARGE)

    assert execution.status == "SUCCEEDED"
    assert classifier.leftovers(execution) != []


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("TooManyRequestsException", 429),
        # A function in a VPC that nobody has called for weeks is inactive, and wakes up over minutes.
        # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html and functions-states.html
        ("ResourceNotReadyException", 502),
        ("ResourceConflictException", 409),
        ("EC2ThrottledException", 502),
        ("EC2UnexpectedException", 502),
        ("ENILimitReachedException", 502),
    ],
)
def test_a_function_that_is_not_to_be_had_is_tried_again(classifier: Stack, error: str, status: int) -> None:
    classifier.aws.faults.fail("lambda", "Invoke", error=error, message="Not now", status=status, times=2)
    execution = classifier.run(SMALL)

    assert execution.status == "SUCCEEDED"
    errors = [event["taskFailedEventDetails"]["error"] for event in execution.events("TaskFailed")]
    assert errors == [f"Lambda.{error}"] * 2


def test_failing_lambda_service_is_tried_again(classifier: Stack) -> None:
    classifier.aws.faults.fail("lambda", "Invoke", error="ServiceException", message="Internal", status=500, times=1)
    execution = classifier.run(SMALL)

    assert execution.status == "SUCCEEDED"
    assert len(execution.events("TaskFailed")) == 1


def test_function_runs_out_of_time(classifier: Stack, configure: Callable[..., None]) -> None:
    configure(classifier, Timeout=5)
    classifier.aws.faults.delay("s3", "GetObject", seconds=8, principal="classifier-preprocess")
    execution = classifier.run(SMALL)

    assert failure(execution) == ("FAILED", "Sandbox.Timedout", True)
    assert "Task timed out after 5.00 seconds" in str(execution.cause)
    assert len(execution.events("TaskScheduled")) == 1
    assert classifier.leftovers(execution) == []


def test_function_runs_out_of_memory(classifier: Stack, configure: Callable[..., None]) -> None:
    configure(classifier, MemorySize=128)
    execution = classifier.run(LARGE)

    assert failure(execution) == ("FAILED", "Runtime.ExitError", True)
    assert "signal: killed" in str(execution.cause)
    assert classifier.leftovers(execution) == []


def test_function_can_not_be_imported(classifier: Stack, configure: Callable[..., None]) -> None:
    configure(classifier, Handler="preprocess.nothing.handler")
    execution = classifier.run(SMALL)

    assert failure(execution) == ("FAILED", "Runtime.ImportModuleError", True)
    assert classifier.leftovers(execution) == []


def test_throttled_training_job_is_tried_again_under_a_new_name(classifier: Stack) -> None:
    classifier.aws.faults.fail("sagemaker", "CreateTrainingJob", error="ThrottlingException", message="Rate exceeded")
    execution = classifier.run(SMALL)

    assert execution.status == "SUCCEEDED"
    assert execution.job_names() == [f"classifier-{execution.run_id}-{number}" for number in (0, 1)]
    assert execution.output["training_job_name"] == execution.job_names()[-1]


#: In SageMaker's words, as users of new accounts report them.
QUOTA = (
    "The account-level service limit 'ml.c5.xlarge for training job usage' is {limit} Instances, with current "
    "utilization of {limit} Instances and a request delta of 1 Instances."
)


def test_quota_of_instances_that_are_in_use_is_waited_for(classifier: Stack) -> None:
    classifier.aws.faults.fail(
        "sagemaker", "CreateTrainingJob", error="ResourceLimitExceeded", message=QUOTA.format(limit=10)
    )
    execution = classifier.run(SMALL)

    assert execution.status == "SUCCEEDED"
    assert execution.job_names() == [f"classifier-{execution.run_id}-{number}" for number in (0, 10)]


def test_quota_of_a_new_account_is_to_be_asked_for(classifier: Stack) -> None:
    classifier.aws.faults.fail(
        "sagemaker", "CreateTrainingJob", error="ResourceLimitExceeded", message=QUOTA.format(limit=0), times=None
    )
    execution = classifier.run(SMALL)

    assert failure(execution) == ("FAILED", "SageMaker.ResourceLimitExceededException", True)
    assert "'ml.c5.xlarge for training job usage' is 0 Instances" in str(execution.cause)
    assert "Request it in Service Quotas" in str(execution.cause)
    assert len(execution.job_names()) == 1


def test_missing_capacity_is_waited_for(classifier: Stack) -> None:
    training_faults.refuse_capacity_next(times=2)
    execution = classifier.run(SMALL)

    assert execution.status == "SUCCEEDED"
    assert execution.states() == [*STATES[:5], *["Train", "Is it trained?", "Wait for capacity"] * 2, *STATES[5:]]
    assert execution.job_names() == [f"classifier-{execution.run_id}-{number}" for number in (0, 10, 20)]


def test_capacity_that_never_comes_fails_the_run(classifier: Stack) -> None:
    training_faults.refuse_capacity_next(times=6)
    execution = classifier.run(SMALL)

    assert failure(execution) == ("FAILED", "States.TaskFailed", True)
    assert "CapacityError" in str(execution.cause)
    assert execution.states().count("Wait for capacity") == 5


def test_training_that_fails_is_not_tried_again(classifier: Stack) -> None:
    training_faults.fail_next("AlgorithmError: out of memory")
    execution = classifier.run(SMALL)

    assert failure(execution) == ("FAILED", "States.TaskFailed", True)
    assert json.loads(str(execution.cause))["FailureReason"] == "AlgorithmError: out of memory"
    assert len(execution.job_names()) == 1
    assert classifier.artifacts(f"models/{execution.job_names()[0]}/") == []
    # What it was to learn from is there to look at.
    assert f"runs/{execution.run_id}/train/train.txt" in classifier.leftovers(execution)


def test_training_that_is_stopped_fails_the_run(classifier: Stack) -> None:
    training_faults.slow_next(60)
    before, jobs = classifier.executions(), classifier.aws.client("sagemaker")
    classifier.upload(SMALL)
    [arn] = classifier.wait_for_executions(before, 1)
    [job] = wait_for(lambda: jobs.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"] or None)
    jobs.stop_training_job(TrainingJobName=job["TrainingJobName"])
    execution = classifier.wait(arn)

    assert failure(execution) == ("FAILED", "TrainingStopped", True)
    assert f"Training job {job['TrainingJobName']} was stopped (Stopped): by hand" in str(execution.cause)
    assert execution.job_names() == [job["TrainingJobName"]]
    assert classifier.artifacts(f"models/{job['TrainingJobName']}/") == []


@pytest.mark.parametrize("error", [True, False], ids=["an error of the task", "its result"])
def test_training_that_takes_too_long_fails_the_run(
    classifier: Stack, monkeypatch: pytest.MonkeyPatch, error: bool
) -> None:
    # What .sync makes of a job that was stopped is not documented: whichever it is, no model comes of it.
    monkeypatch.setattr(training_job, "STOPPED_IS_AN_ERROR", error)
    training_faults.slow_next(60)
    with classifier.redefined('"MaxRuntimeInSeconds":3600', '"MaxRuntimeInSeconds":1'):
        execution = classifier.run(SMALL)

    assert failure(execution) == ("FAILED", "TrainingStopped", True)
    assert "(MaxRuntimeExceeded): it took longer than training.max_runtime_seconds" in str(execution.cause)
    assert len(execution.job_names()) == 1
    assert classifier.artifacts(f"models/{execution.job_names()[0]}/") == []


def test_execution_that_is_stopped_stops_its_training_job(classifier: Stack) -> None:
    training_faults.slow_next(60)
    before, jobs = classifier.executions(), classifier.aws.client("sagemaker")
    classifier.upload(SMALL)
    [arn] = classifier.wait_for_executions(before, 1)
    [job] = wait_for(lambda: jobs.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"] or None)
    classifier.stepfunctions.stop_execution(executionArn=arn)

    assert classifier.wait(arn).status == "ABORTED"
    name = job["TrainingJobName"]
    wait_for(lambda: jobs.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] == "Stopped" or None)


def test_execution_that_is_redriven_trains_under_a_new_name(classifier: Stack) -> None:
    training_faults.slow_next(60)
    before, jobs = classifier.executions(), classifier.aws.client("sagemaker")
    classifier.upload(SMALL)
    [arn] = classifier.wait_for_executions(before, 1)
    wait_for(lambda: jobs.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"] or None)
    classifier.stepfunctions.stop_execution(executionArn=arn)
    assert classifier.wait(arn).status == "ABORTED"

    classifier.stepfunctions.redrive_execution(executionArn=arn)
    execution = classifier.wait(arn)
    assert (execution.status, execution.cause) == ("SUCCEEDED", None)
    assert execution.job_names() == [f"classifier-{execution.run_id}-{number}" for number in (0, 100)]
    assert execution.output["training_job_name"] == execution.job_names()[-1]


def test_file_whose_name_is_an_error_is_no_lack_of_capacity(classifier: Stack) -> None:
    execution = classifier.run(b"", "CapacityError.csv")

    assert failure(execution) == ("FAILED", "InvalidInput", True)
    assert "Train" not in execution.states()


def test_spot_instance_that_is_taken_away_is_waited_for(vectors: Stack) -> None:
    training_faults.interrupt_next(interruptions=2)
    execution = vectors.run(SMALL)

    assert execution.status == "SUCCEEDED"
    assert len(execution.job_names()) == 1
    assert vectors.model(execution)


def test_spot_instance_that_does_not_come_back_fails_the_run(vectors: Stack) -> None:
    training_faults.interrupt_next(capacity_returns=False)
    with (
        vectors.redefined('TimeInSeconds":3600', 'TimeInSeconds":3'),
        vectors.redefined('MaxRuntimeInSeconds":3600', 'MaxRuntimeInSeconds":3'),
    ):
        execution = vectors.run(SMALL)

    assert failure(execution) == ("FAILED", "TrainingStopped", True)
    assert "(MaxWaitTimeExceeded): spot instances were not to be had" in str(execution.cause)
    assert vectors.artifacts(f"models/{execution.job_names()[0]}/") == []


def test_upload_of_a_function_that_is_killed_is_given_up_by_the_lifecycle_rule(
    secured: Stack, configure: Callable[..., None]
) -> None:
    configure(secured, Timeout=8)
    secured.aws.faults.delay("s3", "UploadPart", seconds=10, times=None, principal="secured-preprocess")
    execution = secured.run(LARGE, secured.key("killed.csv"))

    assert failure(execution) == ("FAILED", "Sandbox.Timedout", True)
    # Nobody is left who could abort it.
    assert secured.leftovers(execution) == [f"runs/{execution.run_id}/train/train.txt"]
    lifecycle = secured.s3.get_bucket_lifecycle_configuration(Bucket=secured.outputs["artifacts_bucket"])
    [days] = [
        rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]
        for rule in lifecycle["Rules"]
        if "AbortIncompleteMultipartUpload" in rule
        if rule["Status"] == "Enabled" and rule["Filter"].get("Prefix", "") == ""
    ]
    assert days == 1


def test_runs_succeed_after_all_that(every_stack: list[Stack]) -> None:
    for stack in every_stack:
        execution = stack.run(SMALL, stack.key("reviews.csv"))
        assert (execution.status, execution.cause) == ("SUCCEEDED", None)
