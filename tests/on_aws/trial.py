"""The files of a trial, one after the other, and what is seen of each.

One after the other, since a new account may train one job at a time.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from on_aws import files
from on_aws.observed import Run, plain
from on_aws.probes import all_probes

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.screen import Screen, Step
    from on_aws.account import Account
    from on_aws.observed import Json, Observed

#: The runs, and how each should end. Four of them train.
STEPS = {
    "hidden file": "SUCCEEDED",
    "bad file": "FAILED InvalidInput",
    "bad file in capitals": "FAILED InvalidInput",
    "folder with a bad file": "FAILED InvalidInput",
    "empty folder": "FAILED InvalidInput",
    "small file": "SUCCEEDED",
    "large file": "SUCCEEDED",
    "folder": "SUCCEEDED",
    "stopped": "FAILED TrainingStopped",
}

#: Files below it start runs that pass them over, so that folders can be filled; a folder's own marker starts a run.
HIDDEN = "_folders/"

# S3's switch to EventBridge takes about five minutes after it is made.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html
READY_SECONDS = 1200.0
HIDDEN_FILE_SECONDS = 30.0
#: How long an event may take from S3 to Step Functions after that.
EVENT_SECONDS = 300.0


class TrialError(Exception):
    """The trial can't go on; the message says why."""


class Trial:
    """What is run on an example that has been applied.

    Parameters
    ----------
    account
        Where.
    name
        The module's name there.
    outputs
        Of the example.
    observed
        Takes what is seen, as it is seen.
    """

    def __init__(self, account: Account, name: str, outputs: Json, observed: Observed, screen: Screen) -> None:
        self._account = account
        self._name = name
        self._outputs = outputs
        self._observed = observed
        self._screen = screen
        self._states = account.client("stepfunctions")
        self._s3 = account.client("s3")
        self._inputs: dict[str, Json] = {}
        observed.region, observed.state_machine_arn = account.region, outputs["state_machine_arn"]

    def run(self, large_megabytes: float) -> None:
        """Run everything."""
        with self._screen.step("Ask what AWS takes"):
            self._observed.probes = all_probes(self._account, self._name)
        self._wait_until_s3_is_ready()
        self._upload("bad file", "bad.csv", files.bad())
        self._upload("bad file in capitals", "BAD.CSV", files.bad())
        self._folder("folder with a bad file", "bad", files.parts(1) | {"part-00001.csv": files.bad()})
        self._by_hand("empty folder", {"prefix": "there-is-no-such-folder/"})
        with tempfile.TemporaryDirectory(prefix="on-aws-") as folder:
            self._upload("small file", "small.csv", files.small(Path(folder) / "small.csv").read_bytes())
            large = files.large(Path(folder) / "large.csv", large_megabytes).read_bytes()
            self._upload("large file", "large.csv", large)
        self._folder("folder", "good", files.parts(3))
        self._by_hand("stopped", {"object": {"key": "large.csv"}}, self._stop_training)
        with self._screen.step("Listen for announcements"):
            self._listen()

    def _wait_until_s3_is_ready(self) -> None:
        """Upload hidden files, which cost nothing, until one has started a run."""
        with self._screen.step("Wait until S3 tells EventBridge (up to five minutes after apply)") as step:
            deadline = time.monotonic() + READY_SECONDS
            uploaded: list[str] = []
            while time.monotonic() < deadline:
                uploaded.append(f"_hidden-{len(uploaded)}.csv")
                self._put(uploaded[-1], b"")
                self._screen.update(step, f"{len(uploaded)} hidden files")
                again = time.monotonic() + HIDDEN_FILE_SECONDS
                while time.monotonic() < again:
                    for key in uploaded:
                        if arns := self._started_by(key):
                            self._keep("hidden file", arns[0], step, started=len(arns))
                            return
                    time.sleep(self._account.poll_seconds)
        raise TrialError("S3's events do not reach the state machine: no hidden file has started a run in 20 minutes.")

    def _upload(self, name: str, key: str, body: bytes) -> None:
        """Put a file, and follow the run that starts by itself."""
        with self._screen.step(f"{name[0].upper()}{name[1:]}, {len(body) / 1e6:.1f} MB") as step:
            self._put(key, body)
            self._follow_upload(name, key, step)

    def _folder(self, name: str, folder: str, content: dict[str, bytes]) -> None:
        """Put the files of a folder and its marker, and follow the run that starts by itself."""
        with self._screen.step(f"{name[0].upper()}{name[1:]}, {len(content)} files") as step:
            for file, body in content.items():
                self._put(f"{HIDDEN}{folder}/{file}", body)
            marker = f"{HIDDEN}{folder}/_SUCCESS"
            self._put(marker, b"")
            self._follow_upload(name, marker, step)

    def _by_hand(self, name: str, detail: Json, meanwhile: Callable[[str, Step], None] | None = None) -> None:
        """Start a run, and follow it."""
        with self._screen.step(f"{name[0].upper()}{name[1:]}, started by hand") as step:
            event = {"detail": {"bucket": {"name": self._outputs["input_bucket"]}, **detail}}
            arn = self._states.start_execution(
                stateMachineArn=self._outputs["state_machine_arn"], input=json.dumps(event)
            )["executionArn"]
            if meanwhile is not None:
                meanwhile(arn, step)
            self._keep(name, arn, step)

    def _follow_upload(self, name: str, key: str, step: Step) -> None:
        deadline = time.monotonic() + EVENT_SECONDS
        while not (arns := self._started_by(key)):
            if time.monotonic() > deadline:
                # Not the end of the trial: that nothing starts is something to tell.
                self._screen.update(step, "started no run")
                return
            time.sleep(self._account.poll_seconds)
        self._wait(arns[0], step)
        self._keep(name, arns[0], step, started=len(self._started_by(key)))

    def _stop_training(self, arn: str, step: Step) -> None:
        """Stop the training job of a run as soon as there is one."""
        while self._status(arn) == "RUNNING":
            for event in self._history(arn):
                if (
                    event["type"] == "TaskSubmitted"
                    and event["taskSubmittedEventDetails"]["resourceType"] == "sagemaker"
                ):
                    submitted = json.loads(event["taskSubmittedEventDetails"]["output"])
                    job = submitted["TrainingJobArn"].rpartition("/")[2]
                    self._screen.update(step, f"stopping {job}")
                    self._account.client("sagemaker").stop_training_job(TrainingJobName=job)
                    return
            time.sleep(self._account.poll_seconds)

    def _put(self, key: str, body: bytes) -> None:
        self._s3.put_object(Bucket=self._outputs["input_bucket"], Key=key, Body=body)

    def _status(self, arn: str) -> str:
        return str(self._states.describe_execution(executionArn=arn)["status"])

    def _started_by(self, key: str) -> list[str]:
        """Executions that an upload of this key has started."""
        pages = self._states.get_paginator("list_executions").paginate(
            stateMachineArn=self._outputs["state_machine_arn"]
        )
        arns = [execution["executionArn"] for page in pages for execution in page["executions"]]
        for arn in arns:
            if arn not in self._inputs:
                self._inputs[arn] = json.loads(self._states.describe_execution(executionArn=arn)["input"])
        return [
            arn
            for arn in arns
            if "id" in self._inputs[arn] and self._inputs[arn]["detail"].get("object", {}).get("key") == key
        ]

    def _wait(self, arn: str, step: Step) -> None:
        """Wait until a run ends; its own time limits see to it that it does."""
        while self._status(arn) == "RUNNING":
            entered = [event for event in self._history(arn) if "stateEnteredEventDetails" in event]
            if entered:
                self._screen.update(step, entered[-1]["stateEnteredEventDetails"]["name"])
            time.sleep(self._account.poll_seconds)

    def _history(self, arn: str) -> list[Json]:
        pages = self._states.get_paginator("get_execution_history").paginate(executionArn=arn)
        return [event for page in pages for event in page["events"]]

    def _keep(self, name: str, arn: str, step: Step, started: int = 1) -> None:
        """Wait for a run and keep what is to be seen of it."""
        self._wait(arn, step)
        execution = self._states.describe_execution(executionArn=arn)
        execution.pop("ResponseMetadata", None)
        for part in ("input", "output"):
            execution[part] = json.loads(execution.get(part) or "{}")
        history = self._history(arn)
        run = Run(
            execution=plain(execution),
            history=plain(history),
            started=started,
            job=plain(self._job(history)),
            children=plain(self._children(arn)),
            train_etag=self._train_etag(execution["output"]),
        )
        self._observed.runs[name] = run
        self._screen.update(step, run.ending)

    def _job(self, history: list[Json]) -> Any:
        scheduled = [event["taskScheduledEventDetails"] for event in history if event["type"] == "TaskScheduled"]
        names = [
            json.loads(task["parameters"])["TrainingJobName"]
            for task in scheduled
            if task["resourceType"] == "sagemaker"
        ]
        if not names:
            return None
        sagemaker = self._account.client("sagemaker")
        try:
            job = sagemaker.describe_training_job(TrainingJobName=names[-1])
        except sagemaker.exceptions.ClientError:
            return None  # the request was refused, as the execution's error says
        job.pop("ResponseMetadata", None)
        return job

    def _children(self, arn: str) -> list[Json]:
        return [
            child
            for run in self._states.list_map_runs(executionArn=arn)["mapRuns"]
            for page in self._states.get_paginator("list_executions").paginate(mapRunArn=run["mapRunArn"])
            for child in page["executions"]
        ]

    def _train_etag(self, output: Json) -> str | None:
        if not output.get("train"):
            return None
        bucket, _, key = output["train"]["s3_uri"].removeprefix("s3://").partition("/")
        return str(self._s3.head_object(Bucket=bucket, Key=key)["ETag"])

    def _listen(self) -> None:
        """Take all announcements from their queue, until none comes any more."""
        sqs, queue = self._account.client("sqs"), self._outputs["announcements_queue_url"]
        while True:
            answer = sqs.receive_message(
                QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=self._account.settle_seconds
            )
            if not answer.get("Messages"):
                return
            for message in answer["Messages"]:
                self._observed.announcements.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
