"""What is not the user's fault is tried again, or ends with the error that the service gave."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from e2e.reviews import sample
from e2e.stack import Stack, table
from localaws.sagemaker import training_faults

SMALL = sample(200)


@pytest.fixture
def configure(classifier: Stack) -> Iterator[Callable[..., None]]:
    """Change the function's configuration for a test."""
    functions = classifier.aws.client("lambda")
    name = classifier.outputs["function_name"]
    before = functions.get_function_configuration(FunctionName=name)

    def update(**settings: Any) -> None:
        functions.update_function_configuration(FunctionName=name, **settings)

    yield update
    update(**{key: before[key] for key in ("Handler", "MemorySize", "Timeout")})


def _clean(stack: Stack, run_id: str) -> bool:
    return stack.artifacts(f"runs/{run_id}/") == stack.unfinished_uploads() == []


def test_throttled_function_is_tried_again(classifier: Stack) -> None:
    classifier.aws.faults.fail(
        "lambda", "Invoke", error="TooManyRequestsException", message="Rate exceeded", status=429, times=2
    )
    execution = classifier.run(SMALL)

    assert execution.status == "SUCCEEDED"
    errors = [event["taskFailedEventDetails"]["error"] for event in execution.events("TaskFailed")]
    assert errors == ["Lambda.TooManyRequestsException"] * 2


def test_failing_lambda_service_is_tried_again(classifier: Stack) -> None:
    classifier.aws.faults.fail("lambda", "Invoke", error="ServiceException", message="Internal", status=500, times=1)
    execution = classifier.run(SMALL)

    assert execution.status == "SUCCEEDED"
    assert len(execution.events("TaskFailed")) == 1


def test_function_runs_out_of_time(classifier: Stack, configure: Callable[..., None]) -> None:
    configure(Timeout=5)
    classifier.aws.faults.delay("s3", "GetObject", seconds=8, principal="classifier-preprocess")
    execution = classifier.run(SMALL)

    assert (execution.status, execution.error) == ("FAILED", "Sandbox.Timedout")
    assert "Task timed out after 5.00 seconds" in str(execution.cause)
    assert len(execution.events("TaskScheduled")) == 2
    assert _clean(classifier, execution.run_id)


def test_function_runs_out_of_memory(classifier: Stack, configure: Callable[..., None]) -> None:
    configure(MemorySize=128)
    execution = classifier.run(table([("良い" * 8_000_000, 5), ("悪い" * 8_000_000, 1)]))

    assert (execution.status, execution.error) == ("FAILED", "Runtime.ExitError")
    assert "signal: killed" in str(execution.cause)
    assert _clean(classifier, execution.run_id)


def test_function_can_not_be_imported(classifier: Stack, configure: Callable[..., None]) -> None:
    configure(Handler="preprocess.nothing.handler")
    execution = classifier.run(SMALL)

    assert (execution.status, execution.error) == ("FAILED", "Runtime.ImportModuleError")
    assert _clean(classifier, execution.run_id)


def test_throttled_training_job_is_tried_again_under_a_new_name(classifier: Stack) -> None:
    classifier.aws.faults.fail("sagemaker", "CreateTrainingJob", error="ThrottlingException", message="Rate exceeded")
    execution = classifier.run(SMALL)

    assert execution.status == "SUCCEEDED"
    assert execution.job_names() == [f"classifier-{execution.run_id}-{number}" for number in (0, 1)]
    assert execution.output["training_job_name"] == execution.job_names()[-1]


def test_quota_of_instances_is_waited_for(classifier: Stack) -> None:
    classifier.aws.faults.fail(
        "sagemaker", "CreateTrainingJob", error="ResourceLimitExceeded", message="The account-level service limit is 0"
    )
    execution = classifier.run(SMALL)

    assert execution.status == "SUCCEEDED"
    assert len(execution.job_names()) == 2


def test_missing_capacity_is_waited_for(classifier: Stack) -> None:
    training_faults.refuse_capacity_next(times=2)
    execution = classifier.run(SMALL)

    assert execution.status == "SUCCEEDED"
    assert execution.states() == [
        "Identify",
        "Preprocess",
        *["Train", "Is there capacity?", "Wait for capacity"] * 2,
        "Train",
    ]
    assert execution.job_names() == [f"classifier-{execution.run_id}-{number}" for number in (0, 10, 20)]


def test_capacity_that_never_comes_fails_the_run(classifier: Stack) -> None:
    training_faults.refuse_capacity_next(times=6)
    execution = classifier.run(SMALL)

    assert (execution.status, execution.error) == ("FAILED", "States.TaskFailed")
    assert "CapacityError" in str(execution.cause)
    assert execution.states().count("Wait for capacity") == 5


def test_training_that_fails_is_not_tried_again(classifier: Stack) -> None:
    training_faults.fail_next("AlgorithmError: out of memory")
    execution = classifier.run(SMALL)

    assert (execution.status, execution.error) == ("FAILED", "States.TaskFailed")
    assert json.loads(str(execution.cause))["FailureReason"] == "AlgorithmError: out of memory"
    assert len(execution.job_names()) == 1
    assert classifier.artifacts(f"models/{execution.job_names()[0]}/") == []


def test_topic_that_is_gone_does_not_hide_the_error(classifier: Stack) -> None:
    classifier.aws.faults.fail(
        "sns", "Publish", error="NotFound", message="Topic does not exist", status=404, times=None
    )
    execution = classifier.run(b"")

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")


def test_a_run_succeeds_after_all_that(classifier: Stack) -> None:
    assert classifier.run(SMALL).status == "SUCCEEDED"
