"""Task states: service errors by their names on AWS, results, retries, catches, time-outs."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from localaws.services import events
from localaws.services.stepfunctions.machine import clock
from unit.localaws.stepfunctions.runner import FunctionError, make_role

if TYPE_CHECKING:
    from localaws import LocalAWS
    from unit.localaws.stepfunctions.runner import Functions, Jobs, Runner

INVOKE = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Arguments": {"FunctionName": "preprocess", "Payload": "{% $states.input %}"},
    "End": True,
}
TRAIN: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync",
    "Arguments": {
        "TrainingJobName": "{% 'job-' & $states.context.State.RetryCount %}",
        "RoleArn": "arn:aws:iam::123456789012:role/training",
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://artifacts/models/"},
        "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "HyperParameters": {"mode": "skipgram"},
    },
    "End": True,
}
RETRY = {"IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 2, "JitterStrategy": "FULL", "MaxDelaySeconds": 10}


def publish(topic: str, **fields: Any) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Arguments": {"TopicArn": topic, "Message": "m"},
        "End": True,
        **fields,
    }


# --- lambda:invoke ------------------------------------------------------------------------


def test_lambda_gives_its_payload_parsed(runner: Runner, functions: Functions) -> None:
    functions.known["preprocess"] = lambda event: {"seen": event, "text": "語"}
    output = {"payload": "{% $states.result.Payload %}", "status": "{% $states.result.StatusCode %}"}
    ended = runner.run({"Invoke": {**INVOKE, "Output": output}}, {"n": 1.0})
    assert ended["output"] == {"payload": {"seen": {"n": 1}, "text": "語"}, "status": 200}


@pytest.mark.parametrize(
    ("payload", "event"),
    [(None, {}), ("text", "text"), ('"text"', "text"), ("true", True), ('{"a": 1}', {"a": 1}), ([1], [1])],
)
def test_what_a_payload_becomes(runner: Runner, functions: Functions, payload: Any, event: Any) -> None:
    """A text that is JSON is no text, and null no event: localstack's test_invoke and test_invoke_json_values."""
    functions.known["echo"] = lambda given: given
    invoke = {**INVOKE, "Arguments": {"FunctionName": "echo", "Payload": payload}}
    assert runner.run({"Invoke": invoke})["output"]["Payload"] == event


def test_a_functions_error_keeps_its_type_and_payload(runner: Runner, functions: Functions) -> None:
    payload = '{"errorMessage": "行 3: \\"x\\"", "errorType": "InvalidInputError", "stackTrace": []}'

    def fail(event: Any) -> Any:
        raise FunctionError(payload)

    functions.known["preprocess"] = fail
    ended = runner.run({"Invoke": INVOKE})
    assert (ended["error"], ended["cause"]) == ("InvalidInputError", payload)


def test_a_functions_error_without_a_type(runner: Runner, functions: Functions) -> None:
    def fail(event: Any) -> Any:
        raise FunctionError('{"errorMessage": "gone"}')

    functions.known["preprocess"] = fail
    ended = runner.run({"Invoke": INVOKE})
    assert ended["error"] == "Lambda.Unknown"
    assert ended["cause"].endswith('Returned payload: {"errorMessage": "gone"}')


@pytest.mark.parametrize(
    ("code", "status", "name"),
    [
        ("TooManyRequestsException", 429, "Lambda.TooManyRequestsException"),
        ("ServiceException", 500, "Lambda.ServiceException"),
        ("ResourceNotFoundException", 404, "Lambda.ResourceNotFoundException"),
        ("AccessDeniedException", 403, "Lambda.AWSLambdaException"),
        ("ThrottlingException", 400, "Lambda.AWSLambdaException"),
    ],
)
def test_lambda_service_errors(
    aws: LocalAWS, runner: Runner, functions: Functions, code: str, status: int, name: str
) -> None:
    aws.faults.fail("lambda", "Invoke", error=code, message="Rate exceeded", status=status)
    ended = runner.run({"Invoke": INVOKE})
    assert ended["error"] == name
    assert ended["cause"].startswith(
        f"Rate exceeded (Service: AWSLambda; Status Code: {status}; Error Code: {code}; Request ID: "
    )


def test_a_payload_over_the_limit(runner: Runner, functions: Functions) -> None:
    functions.known["preprocess"] = lambda event: "あ" * (event["n"])
    states = {
        "Invoke": {
            **INVOKE,
            "Output": "{% $length($states.result.Payload) %}",
            "Catch": [
                {
                    "ErrorEquals": ["States.DataLimitExceeded"],
                    "Output": "{% $states.errorOutput.Cause %}",
                    "Next": "End",
                }
            ],
        },
        "End": {"Type": "Succeed"},
    }
    machine = runner.create(states)
    # Three bytes of UTF-8 each, six as escaped ASCII.
    assert runner.end(runner.start(machine, {"n": 87_000}))["output"] == 87_000
    assert "exceeding the maximum number of bytes" in runner.end(runner.start(machine, {"n": 88_000}))["output"]


# --- sagemaker:createTrainingJob ----------------------------------------------------------


def test_sync_waits_and_gives_the_job_as_described(runner: Runner, jobs: Jobs) -> None:
    machine = runner.create({"Train": TRAIN})
    execution = runner.start(machine)
    job = runner.end(execution)["output"]
    assert job["TrainingJobStatus"] == "Completed"
    assert job["ModelArtifacts"] == {"S3ModelArtifacts": "s3://artifacts/models/job-0/output/model.tar.gz"}
    assert job["CreationTime"] == 1_700_000_000_250
    assert job["FinalMetricDataList"] == [
        {"MetricName": "train:mean_rho", "Value": 0.5, "Timestamp": 1_700_000_001_000}
    ]
    assert runner.types(execution) == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert {"Key": "MANAGED_BY_AWS", "Value": "STARTED_BY_STEP_FUNCTIONS"} in jobs.requests[0]["Tags"]


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_a_job_that_does_not_complete_fails_the_task(runner: Runner, jobs: Jobs, status: str) -> None:
    jobs.statuses, jobs.failure_reason = ["InProgress", status], "AlgorithmError: 語"
    ended = runner.run({"Train": TRAIN})
    assert ended["error"] == "States.TaskFailed"
    cause = json.loads(ended["cause"])
    assert (cause["TrainingJobName"], cause["TrainingJobStatus"]) == ("job-0", status)
    assert cause.get("FailureReason", "") == ("AlgorithmError: 語" if status == "Failed" else "")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("ThrottlingException", "SageMaker.AmazonSageMakerException"),
        ("ResourceLimitExceeded", "SageMaker.ResourceLimitExceededException"),
        ("ResourceInUse", "SageMaker.ResourceInUseException"),
        ("ValidationException", "SageMaker.AmazonSageMakerException"),
        ("AccessDeniedException", "SageMaker.AmazonSageMakerException"),
    ],
)
def test_sagemaker_errors_are_retried_by_name(aws: LocalAWS, runner: Runner, jobs: Jobs, code: str, name: str) -> None:
    aws.faults.fail("sagemaker", "CreateTrainingJob", error=code, message="Rate exceeded", times=2)
    machine = runner.create({"Train": {**TRAIN, "Retry": [{"ErrorEquals": [name], **RETRY}]}})
    execution = runner.start(machine)
    assert runner.end(execution)["output"]["TrainingJobName"] == "job-2"
    failed = [event["taskFailedEventDetails"] for event in runner.events(execution) if event["type"] == "TaskFailed"]
    assert [details["error"] for details in failed] == [name, name]
    assert f"Error Code: {code}; " in failed[0]["cause"]
    assert [request["TrainingJobName"] for request in jobs.requests] == ["job-2"]


def test_retries_that_run_out(aws: LocalAWS, runner: Runner, jobs: Jobs) -> None:
    aws.faults.fail("sagemaker", "CreateTrainingJob", error="ResourceLimitExceeded", times=None)
    retry = [{"ErrorEquals": ["SageMaker.ResourceLimitExceededException"], **RETRY}]
    execution = runner.start(runner.create({"Train": {**TRAIN, "Retry": retry}}))
    assert runner.end(execution)["error"] == "SageMaker.ResourceLimitExceededException"
    assert runner.types(execution).count("TaskScheduled") == 3


def test_a_name_that_sagemaker_refuses(runner: Runner, jobs: Jobs) -> None:
    arguments = {**TRAIN["Arguments"], "TrainingJobName": "{% 'a_b' %}"}
    ended = runner.run({"Train": {**TRAIN, "Arguments": arguments}})
    assert ended["error"] == "SageMaker.AmazonSageMakerException"
    assert "1 validation error detected: Value 'a_b' at 'trainingJobName' failed to satisfy" in ended["cause"]
    assert not jobs.requests


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"HyperParameters": {"epochs": "{% 5 %}"}}, "The value for the field 'epochs' must be a STRING"),
        ({"TrainingJobName": "{% $states.input %}"}, "The value for the field 'TrainingJobName' must be a STRING"),
        ({"Tags": "{% [{'key': 'a'}] %}"}, 'The field "key" is not supported by Step Functions'),
    ],
)
def test_arguments_that_turn_out_wrong(runner: Runner, jobs: Jobs, change: dict[str, Any], problem: str) -> None:
    states = {
        "Train": {
            **TRAIN,
            "Arguments": {**TRAIN["Arguments"], **change},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
        },
        "Caught": {"Type": "Succeed"},
    }
    ended = runner.run(states, {"a": 1})
    # States.Runtime is not caught by States.ALL.
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert "could not be used to start the Task: [" in ended["cause"]
    assert problem in ended["cause"]
    assert not jobs.requests


def test_a_task_out_of_time_stops_its_job(runner: Runner, jobs: Jobs) -> None:
    jobs.statuses = ["InProgress"]
    execution = runner.start(runner.create({"Train": {**TRAIN, "TimeoutSeconds": 1}}))
    ended = runner.end(execution)
    assert ended["error"] == "States.Timeout"
    assert "cause" not in ended
    assert runner.types(execution)[-2:] == ["TaskTimedOut", "ExecutionFailed"]
    eventually(lambda: jobs.stopped == ["job-0"])


def test_stopping_an_execution_stops_its_job(runner: Runner, jobs: Jobs) -> None:
    jobs.statuses = ["InProgress"]
    execution = runner.start(runner.create({"Train": TRAIN}))
    eventually(lambda: bool(jobs.requests))
    runner.client.stop_execution(executionArn=execution, error="Cancelled", cause="by hand")
    ended = runner.client.describe_execution(executionArn=execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("ABORTED", "Cancelled", "by hand")
    assert runner.types(execution)[-1] == "ExecutionAborted"
    eventually(lambda: jobs.stopped == ["job-0"])


def eventually(holds: Any, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# --- sns:publish --------------------------------------------------------------------------


def test_sns_publishes_json(aws: LocalAWS, runner: Runner) -> None:
    sns, sqs = aws.client("sns"), aws.client("sqs")
    topic = sns.create_topic(Name="published")["TopicArn"]
    queue = sqs.create_queue(QueueName="published")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:*", "Resource": arn}
    sqs.set_queue_attributes(
        QueueUrl=queue, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [allow]})}
    )
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    arguments = {"TopicArn": topic, "Message": {"file": "{% $states.input.key %}"}, "Subject": "s"}
    ended = runner.run(
        {"Notify": publish(topic, Arguments=arguments, Output="{% $states.result.MessageId %}")}, {"key": '日"'}
    )
    assert ended["output"]
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"]) == {"file": '日"'}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("NotFound", "SNS.NotFoundException"),
        ("Throttled", "SNS.ThrottledException"),
        ("AuthorizationError", "SNS.AuthorizationErrorException"),
        ("SomethingNew", "SNS.AmazonSNSException"),
    ],
)
def test_sns_errors(aws: LocalAWS, runner: Runner, code: str, name: str) -> None:
    aws.faults.fail("sns", "Publish", error=code, message="m", status=400)
    ended = runner.run({"Notify": publish("arn:aws:sns:us-east-1:123456789012:t")})
    assert ended["error"] == name


# --- aws-sdk ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "arguments", "name"),
    [
        ("getObject", {"Bucket": "sdk-bucket", "Key": "absent"}, "S3.NoSuchKeyException"),
        ("getObject", {"Bucket": "no-such-bucket", "Key": "a"}, "S3.NoSuchBucketException"),
    ],
)
def test_sdk_errors(aws: LocalAWS, runner: Runner, action: str, arguments: dict[str, str], name: str) -> None:
    aws.client("s3").create_bucket(Bucket="sdk-bucket")
    task = {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:s3:{action}", "Arguments": arguments, "End": True}
    ended = runner.run({"Call": task})
    assert ended["error"] == name
    assert "(Service: S3, Status Code: 404, Request ID: " in ended["cause"]
    # Recorded on AWS by localstack's TestAwsSdk.
    assert ended["cause"].endswith(") (SDK Attempt Count: 1)")


def test_sdk_results(aws: LocalAWS, runner: Runner) -> None:
    aws.client("s3").create_bucket(Bucket="sdk-results")
    put = {"Bucket": "sdk-results", "Key": "日本.json", "Body": {"a": "語"}, "Metadata": {"lower": "x"}}
    get = {"Bucket": "sdk-results", "Key": "日本.json"}
    ended = runner.run(
        {
            "Put": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
                "Arguments": put,
                "Next": "Get",
            },
            "Get": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject", "Arguments": get, "End": True},
        }
    )
    assert json.loads(ended["output"]["Body"]) == {"a": "語"}
    assert ended["output"]["Metadata"] == {"lower": "x"}
    assert ended["output"]["LastModified"].endswith("Z")


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        ("text data", b'"text data"'),
        ({"Dict": "Value"}, b'{"Dict":"Value"}'),
        (["List", "Data"], b'["List","Data"]'),
        (False, b"false"),
        (0, b"0"),
    ],
)
def test_a_body_is_stored_as_its_json(aws: LocalAWS, runner: Runner, body: Any, stored: bytes) -> None:
    """Recorded on AWS by localstack's TestTaskServiceAwsSdk, test_s3_put_object."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="sdk-bodies")
    arguments = {"Bucket": "sdk-bodies", "Key": "body", "Body": body}
    put = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject", "Arguments": arguments, "End": True}
    ended = runner.run({"Put": put})
    kept = s3.get_object(Bucket="sdk-bodies", Key="body")
    assert kept["Body"].read() == stored
    assert kept["ContentType"] == "text/plain; charset=UTF-8"
    assert ended["output"]["ETag"] == kept["ETag"] == f'"{hashlib.md5(stored).hexdigest()}"'


def test_a_put_on_a_condition_fails_without_a_name_of_its_own(aws: LocalAWS, runner: Runner) -> None:
    """A condition that is not met has the name of every other error, recorded on AWS; 412 stands in the cause."""
    aws.client("s3").create_bucket(Bucket="sdk-once")
    arguments = {"Bucket": "sdk-once", "Key": "once", "Body": {}, "IfNoneMatch": "*"}
    put = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject", "Arguments": arguments, "End": True}
    machine = runner.create({"Put": put})
    assert runner.end(runner.start(machine))["status"] == "SUCCEEDED"
    ended = runner.end(runner.start(machine))
    assert ended["error"] == "S3.S3Exception"
    assert "Status Code: 412" in ended["cause"]


# --- events:putEvents ---------------------------------------------------------------------


def put_events(*details: Any) -> dict[str, Any]:
    entries = [{"Source": "test.trained", "DetailType": "Trained", "Detail": detail} for detail in details]
    task = {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Arguments": {"Entries": entries}}
    return {**task, "End": True}


def sent_by(execution: str) -> list[dict[str, Any]]:
    return [event for event in events.sent() if execution in event["resources"] and event["source"] == "test.trained"]


def test_events_are_put(aws: LocalAWS, runner: Runner) -> None:
    aws.client("events").put_rule(Name="trained", EventPattern='{"source": ["test.trained"]}')
    machine = runner.create({"Tell": put_events({"model": "{% $states.input.model %}"}, '{"text": 1}')})
    execution = runner.start(machine, {"model": "日本"})
    ended = runner.end(execution)
    assert ended["output"]["FailedEntryCount"] == 0
    sent = sent_by(execution)
    assert [event["detail"] for event in sent] == [{"model": "日本"}, {"text": 1}]
    assert [event["id"] for event in sent] == [entry["EventId"] for entry in ended["output"]["Entries"]]
    assert sent[0]["resources"] == [machine, execution]


@pytest.mark.parametrize("malformed", ['"text"', "no JSON", [1]])
def test_a_refused_event_fails_the_task_and_the_others_are_sent(aws: LocalAWS, runner: Runner, malformed: Any) -> None:
    aws.client("events").put_rule(Name="trained", EventPattern='{"source": ["test.trained"]}')
    execution = runner.start(runner.create({"Tell": put_events(malformed, {"good": True})}))
    ended = runner.end(execution)
    assert ended["error"] == "EventBridge.FailedEntry"
    first, second = json.loads(ended["cause"])["Entries"]
    assert first == {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    assert [event["id"] for event in sent_by(execution)] == [second["EventId"]]


def test_events_to_no_bus_are_lost(runner: Runner) -> None:
    """Accepted, as PutEvents accepts them."""
    task = put_events({"a": 1})
    task["Arguments"]["Entries"][0]["EventBusName"] = "no-such-bus"
    assert runner.run({"Tell": task})["output"]["FailedEntryCount"] == 0


def test_events_are_put_with_the_machines_role(aws: LocalAWS, runner: Runner) -> None:
    role = make_role(aws, "no-events")
    ended = runner.end(runner.start(runner.create({"Tell": put_events({"a": 1})}, role=role)))
    assert ended["error"].startswith("EventBridge.")
    bus = "arn:aws:events:us-east-1:123456789012:event-bus/default"
    assert [(denied.action, denied.resource) for denied in aws.denied] == [("events:PutEvents", bus)]


# --- roles --------------------------------------------------------------------------------


def test_calls_are_made_with_the_machines_role(aws: LocalAWS, runner: Runner) -> None:
    topic = aws.client("sns").create_topic(Name="guarded")["TopicArn"]
    role = make_role(aws, "nothing")
    ended = runner.end(runner.start(runner.create({"Notify": publish(topic)}, role=role)))
    assert ended["error"] == "SNS.AuthorizationErrorException"
    assert [(denied.action, denied.resource) for denied in aws.denied] == [("sns:Publish", topic)]


# --- errors in general --------------------------------------------------------------------


def test_an_error_is_caught_with_what_it_was(aws: LocalAWS, runner: Runner) -> None:
    aws.faults.fail("sns", "Publish", error="NotFound", message="no topic")
    catch = {
        "ErrorEquals": ["States.ALL"],
        "Assign": {"failure": "{% $states.errorOutput %}"},
        "Output": {"input": "{% $states.input %}"},
        "Next": "Fail",
    }
    ended = runner.run(
        {
            "Notify": publish("arn:aws:sns:us-east-1:123456789012:t", Catch=[catch]),
            "Fail": {"Type": "Fail", "Error": "{% $failure.Error %}", "Cause": "{% $failure.Cause %}"},
        }
    )
    assert ended["error"] == "SNS.NotFoundException"
    assert ended["cause"].startswith("no topic (Service: AmazonSNS; ")


def test_an_interpreters_error_passes_through_a_fail_state(runner: Runner, jobs: Jobs) -> None:
    jobs.statuses = ["Failed"]
    catch = [{"ErrorEquals": ["States.ALL"], "Assign": {"f": "{% $states.errorOutput %}"}, "Next": "Fail"}]
    fail = {"Type": "Fail", "Error": "{% $f.Error %}", "Cause": "{% $f.Cause %}"}
    assert runner.run({"Train": {**TRAIN, "Catch": catch}, "Fail": fail})["error"] == "States.TaskFailed"


@pytest.mark.parametrize("field", ["Output", "Assign"])
def test_an_error_in_a_tasks_output_is_the_tasks_own(runner: Runner, functions: Functions, field: str) -> None:
    functions.known["preprocess"] = lambda event: {}
    catch = [
        {"ErrorEquals": ["States.QueryEvaluationError"], "Output": "{% $states.errorOutput.Cause %}", "Next": "End"}
    ]
    task = {**INVOKE, field: {"a": "{% $states.result.Payload.absent %}"}, "Catch": catch}
    ended = runner.run({"Invoke": task, "End": {"Type": "Succeed"}})
    assert f"specified for the field '{field}/a' returned nothing" in ended["output"]


def test_waits_are_shortened_and_intervals_grow(
    aws: LocalAWS, runner: Runner, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(clock, "wait", lambda seconds, env: waited.append(seconds))
    aws.faults.fail("sagemaker", "CreateTrainingJob", error="ThrottlingException", times=4)
    retry = {"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxDelaySeconds": 20}
    runner.run({"Train": {**TRAIN, "Retry": [{**retry, "MaxAttempts": 4}]}})
    assert waited == [2, 6, 18, 20]


def test_a_choice_without_a_match(runner: Runner) -> None:
    choice = {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.go %}", "Next": "End"}]}
    machine = runner.create({"Choose": choice, "End": {"Type": "Succeed"}})
    assert runner.end(runner.start(machine, {"go": True}))["status"] == "SUCCEEDED"
    assert runner.end(runner.start(machine, {"go": False}))["error"] == "States.Runtime"
    ended = runner.end(runner.start(machine, {"go": "yes"}))
    assert ended["error"] == "States.QueryEvaluationError"
    assert ended["cause"].endswith("Expected 'boolean', but was 'string' for value: \"yes\"")


def test_a_failing_branch_fails_its_parallel_state(aws: LocalAWS, runner: Runner) -> None:
    branch = {"StartAt": "Notify", "States": {"Notify": publish("arn:aws:sns:us-east-1:123456789012:gone")}}
    parallel = {
        "Type": "Parallel",
        "Branches": [branch],
        "Catch": [{"ErrorEquals": ["SNS.NotFoundException"], "Next": "Caught"}],
        "End": True,
    }
    execution = runner.start(runner.create({"Both": parallel, "Caught": {"Type": "Succeed"}}))
    assert runner.end(execution)["status"] == "SUCCEEDED"
    assert "ParallelStateFailed" in runner.types(execution)
