"""Bucket, keys, topic, network and boundary made in the root that calls the module, once and by ``for_each``.

That it plans at all is what the fixture proves: nothing may be decided by a name or an ARN that is not known yet.
"""

from __future__ import annotations

from e2e.reviews import sample
from e2e.stack import Stack, wait_for


def test_plan_after_apply_changes_nothing(same_root: Stack) -> None:
    assert same_root.changes() == []


def test_a_file_becomes_a_model_with_what_the_root_made(same_root: Stack) -> None:
    execution = same_root.run(sample(), "vectors/daily.csv")

    assert (execution.status, execution.cause) == ("SUCCEEDED", None)
    job = same_root.aws.client("sagemaker").describe_training_job(TrainingJobName=execution.job_names()[0])
    assert job["VpcConfig"]["Subnets"]
    assert job["OutputDataConfig"]["KmsKeyId"]
    assert "vectors.txt" in same_root.model(execution)


def test_each_copy_reads_its_own_prefix(same_root: Stack) -> None:
    classifiers = same_root.outputs["classifiers"]
    machines = {name: copy["state_machine_arn"] for name, copy in classifiers.items()}
    before = same_root.executions()
    same_root.upload(sample(), "topics/daily.csv")

    def started() -> list[str] | None:
        found = same_root.stepfunctions.list_executions(stateMachineArn=machines["topics"])["executions"]
        return [execution["executionArn"] for execution in found] or None

    [arn] = wait_for(started)
    assert same_root.wait(arn).status == "SUCCEEDED"
    assert same_root.stepfunctions.list_executions(stateMachineArn=machines["stars"])["executions"] == []
    assert same_root.executions() == before


def test_failures_are_announced_on_the_roots_topic(same_root: Stack) -> None:
    sqs, sns = same_root.aws.client("sqs"), same_root.aws.client("sns")
    queue = sqs.create_queue(QueueName="alerts")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=same_root.outputs["topic_arn"], Protocol="sqs", Endpoint=arn)

    execution = same_root.run(b"another_column\nx\n", "vectors/bad.csv")

    assert (execution.status, execution.error) == ("FAILED", "InvalidInput")
    [message] = wait_for(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"))
    assert "vectors/bad.csv" in message["Body"]


def test_what_one_copy_built_the_others_run(same_root: Stack) -> None:
    packages = [copy["package"] for copy in same_root.outputs["classifiers"].values()]

    assert packages == [same_root.outputs["package"]] * 2
    assert same_root.outputs["package"]["object_version"]
