"""``examples/word2vec`` applied under a name of its own, and destroyed again."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from terraform_cli import Terraform, TerraformError

if TYPE_CHECKING:
    from demo.screen import Screen, Step
    from on_aws.account import Account

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "examples" / "word2vec"

#: Log streams of jobs lie in one group for all of an account, which SageMaker makes.
TRAINING_LOGS = "/aws/sagemaker/TrainingJobs"

#: Buckets and functions take AWS a minute or so each, once Terraform is told to stop.
GRACE_SECONDS = 600.0
DESTROY_TRIES = 2
#: A job that is stopped may take two minutes to upload what it has.
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopTrainingJob.html
STOP_SECONDS = 600.0

Json = dict[str, Any]


class NotDestroyedError(Exception):
    """Something is left on AWS; the message says how to remove it."""


class Example:
    """The example, staged in a folder where its state stays until everything is destroyed.

    Parameters
    ----------
    account
        Where it is applied.
    folder
        Where the state goes.
    """

    def __init__(self, account: Account, folder: Path, screen: Screen) -> None:
        self.name = f"on-aws-{secrets.token_hex(3)}"
        self.workdir = folder / self.name
        self._account = account
        self._screen = screen
        self._terraform = Terraform(
            EXAMPLE, workdir=self.workdir, root=REPOSITORY, env=account.environment, grace_seconds=GRACE_SECONDS
        )
        self.outputs: Json = {}
        for name, content in (("on_aws_override", self._override()), ("on_aws", ANNOUNCEMENTS | self._queue())):
            path = self._terraform.directory / f"{name}.tf.json"
            path.write_text(json.dumps(content, indent=2), "utf-8")

    def apply(self) -> Json:
        """Make everything; gives the outputs."""
        with self._screen.step("terraform init"):
            self._terraform.init()
        with self._screen.step("terraform apply (minutes)") as step:
            self._terraform.on_line = self._progress(step)
            self._terraform.apply()
        self.outputs = self._terraform.output()
        return self.outputs

    def destroy(self) -> None:
        """Stop what runs, and remove everything.

        Raises
        ------
        NotDestroyedError
            Not all of it could be removed.
        """
        if not (self._terraform.directory / "terraform.tfstate").exists():
            shutil.rmtree(self.workdir)
            return
        try:
            # What can't be stopped is no reason to keep the rest.
            with self._screen.step("Stop what is running") as step, suppress(ClientError):
                self._stop(step)
            with self._screen.step("terraform destroy (minutes)") as step:
                self._terraform.on_line = self._progress(step)
                self._destroy()
            with suppress(ClientError):
                self._remove_logs()
        except BaseException as error:
            raise NotDestroyedError(f"{error}\n{self.advice()}") from error
        shutil.rmtree(self.workdir)

    def advice(self) -> str:
        """How to destroy it by hand."""
        return (
            f"What {self.name} has made is still there, and its state in {self._terraform.directory}. Remove it with\n"
            f"  terraform -chdir={self._terraform.directory} destroy"
        )

    def _destroy(self) -> None:
        for left in reversed(range(DESTROY_TRIES)):
            try:
                self._terraform.destroy()
                return
            except TerraformError:
                # A log or an object that comes late makes a bucket or group that was just emptied full again.
                if not left:
                    raise

    def _stop(self, step: Step) -> None:
        states, sagemaker = self._account.client("stepfunctions"), self._account.client("sagemaker")
        with suppress(TerraformError, KeyError):
            machine = self._terraform.output()["state_machine_arn"]
            for page in states.get_paginator("list_executions").paginate(
                stateMachineArn=machine, statusFilter="RUNNING"
            ):
                for execution in page["executions"]:
                    states.stop_execution(executionArn=execution["executionArn"], cause="The trial is over.")
        deadline = time.monotonic() + STOP_SECONDS
        while (jobs := self._running_jobs()) and time.monotonic() < deadline:
            for name, status in jobs.items():
                if status == "InProgress":
                    with suppress(ClientError):
                        sagemaker.stop_training_job(TrainingJobName=name)
            self._screen.update(step, ", ".join(jobs))
            time.sleep(self._account.poll_seconds)

    def _running_jobs(self) -> dict[str, str]:
        pages = self._account.client("sagemaker").get_paginator("list_training_jobs").paginate(NameContains=self.name)
        found = {
            job["TrainingJobName"]: job["TrainingJobStatus"] for page in pages for job in page["TrainingJobSummaries"]
        }
        return {name: status for name, status in found.items() if status in ("InProgress", "Stopping")}

    def _remove_logs(self) -> None:
        logs = self._account.client("logs")
        pages = logs.get_paginator("describe_log_streams").paginate(
            logGroupName=TRAINING_LOGS, logStreamNamePrefix=f"{self.name}-"
        )
        for stream in [stream["logStreamName"] for page in pages for stream in page["logStreams"]]:
            logs.delete_log_stream(logGroupName=TRAINING_LOGS, logStreamName=stream)

    def _override(self) -> Json:
        """What the example is given besides: https://developer.hashicorp.com/terraform/language/files/override."""
        preprocess = {"python": sys.executable, "build_directory": str(REPOSITORY / ".local" / "build")}
        overrides = dict(self._account.overrides)
        module = {
            "name": self.name,
            "force_destroy": True,
            **overrides,
            "preprocess": preprocess | overrides.get("preprocess", {}),
        }
        provider = {"region": self._account.region}
        if self._account.profile is not None:
            provider["profile"] = self._account.profile
        return {"module": {"word_vectors": module}, "provider": {"aws": provider}}

    def _queue(self) -> Json:
        """A queue that hears what the failure topic hears."""
        statement = {
            "Effect": "Allow",
            "Action": "sqs:SendMessage",
            "Resource": "*",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Condition": {"ArnEquals": {"aws:SourceArn": "${module.word_vectors.failure_topic_arn}"}},
        }
        queue = {
            "name": f"{self.name}-announcements",
            "sqs_managed_sse_enabled": True,
            "policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        }
        subscription = {
            "topic_arn": "${module.word_vectors.failure_topic_arn}",
            "endpoint": "${aws_sqs_queue.announcements.arn}",
            "protocol": "sqs",
            "raw_message_delivery": True,
        }
        return {
            "resource": {
                "aws_sqs_queue": {"announcements": queue},
                "aws_sns_topic_subscription": {"announcements": subscription},
            }
        }

    def _progress(self, step: Step) -> Any:
        """Count the resources that Terraform says it has made or removed."""
        done, total = 0, ""

        def show(line: str) -> None:
            nonlocal done, total
            if found := re.search(r"Plan: (?:(\d+) to add).*?(\d+) to destroy", line):
                total = f" of {max(map(int, found.groups()))}"
            elif ": Creation complete" in line or ": Destruction complete" in line:
                done += 1
            self._screen.update(step, f"{done}{total} resources")

        return show


ANNOUNCEMENTS: Json = {"output": {"announcements_queue_url": {"value": "${aws_sqs_queue.announcements.id}"}}}
