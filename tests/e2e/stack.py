"""One copy of the module on the local AWS, as a user meets it: files go in, executions come out."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import sys
import tarfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from localaws import LocalAWS
from terraform_cli import Terraform

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180.0

#: States of a run over a file that ends well.
STATES = ["Identify", "One file?", "Preprocess", "Measure corpus", "Does it fit?", "Train", "Is it trained?", "Trained"]

#: States that a run ends in where it fails.
FAILURE = ["Explain failure", "Failed"]

Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Execution:
    """A finished execution of the state machine."""

    arn: str
    started: datetime
    status: str
    error: str | None
    cause: str | None
    input: Json
    output: Json
    history: list[Json]

    @property
    def run_id(self) -> str:
        """Id of the run: its start, and a hash of the execution's name."""
        digest = hashlib.sha256(self.arn.rpartition(":")[2].encode()).hexdigest()
        return f"{self.started.astimezone(UTC):%Y%m%d-%H%M%S}-{digest[:8]}"

    def events(self, kind: str) -> list[Json]:
        """Events of a type of the history."""
        return [event for event in self.history if event["type"] == kind]

    def states(self) -> list[str]:
        """Names of the states entered, in order."""
        return [
            event["stateEnteredEventDetails"]["name"] for event in self.history if "stateEnteredEventDetails" in event
        ]

    def job_names(self) -> list[str]:
        """Names that training jobs were asked for by, in order."""
        scheduled = [event["taskScheduledEventDetails"] for event in self.events("TaskScheduled")]
        return [
            json.loads(task["parameters"])["TrainingJobName"]
            for task in scheduled
            if task["resourceType"] == "sagemaker"
        ]


class Stack:
    """The module, applied.

    Parameters
    ----------
    aws
        The account.
    workdir
        Where Terraform's state lies.
    variables
        Variables of the root module.
    directory
        The root module, from the repository's root.
    """

    def __init__(self, aws: LocalAWS, workdir: Path, variables: Json, directory: str = "examples/local") -> None:
        self.aws = aws
        self.variables = {"preprocess": preprocess(), **variables}
        self.lines: list[str] = []
        # The provider's calls name the root module that they are for.
        env = {**aws.environment(), "TF_APPEND_USER_AGENT": directory}
        self.terraform = Terraform(ROOT / directory, workdir=workdir, root=ROOT, env=env, on_line=self.lines.append)
        self.terraform.init()
        self.terraform.apply(self.variables)
        self.outputs = self.terraform.output()
        self.s3 = aws.client("s3")
        self.stepfunctions = aws.client("stepfunctions")

    def changes(self, variables: Json | None = None) -> list[str]:
        """What a plan would change, one line a resource; with other variables if there are any."""
        self.lines.clear()
        self.terraform.plan(variables or self.variables)
        return [line.strip() for line in self.lines if line.startswith("  # ")]

    def key(self, name: str) -> str:
        """Key of a file in the input bucket, below the prefix that is watched."""
        return str(self.variables.get("input", {}).get("prefix", "")) + name

    def upload(self, body: bytes, key: str = "reviews.csv") -> str:
        """Put a file into the input bucket; gives its ETag."""
        return str(self.s3.put_object(Bucket=self.outputs["input_bucket"], Key=key, Body=body)["ETag"])

    def run(self, body: bytes, key: str = "reviews.csv") -> Execution:
        """Put a file into the input bucket, and wait for the execution that starts by itself."""
        before = set(self.executions())
        self.upload(body, key)
        [arn] = self.wait_for_executions(before, 1)
        return self.wait(arn)

    def executions(self) -> list[str]:
        """ARNs of all executions."""
        pages = self.stepfunctions.get_paginator("list_executions").paginate(
            stateMachineArn=self.outputs["state_machine_arn"]
        )
        return [execution["executionArn"] for page in pages for execution in page["executions"]]

    def new_executions(self, before: Iterable[str]) -> list[str] | None:
        """ARNs of the executions besides those of ``before``; ``None`` where there is none."""
        known = set(before)
        return [arn for arn in self.executions() if arn not in known] or None

    def start(self, event: Json) -> str:
        """Start an execution by hand; gives its ARN."""
        answer = self.stepfunctions.start_execution(
            stateMachineArn=self.outputs["state_machine_arn"], input=json.dumps(event)
        )
        return str(answer["executionArn"])

    def start_file(self, key: str, **described: Any) -> str:
        """Start an execution by hand for an object of the input bucket; gives its ARN."""
        described["key"] = key
        return self.start({"detail": {"bucket": {"name": self.outputs["input_bucket"]}, "object": described}})

    def start_folder(self, prefix: str) -> str:
        """Start an execution by hand for all files below a prefix of the input bucket; gives its ARN."""
        return self.start({"detail": {"bucket": {"name": self.outputs["input_bucket"]}, "prefix": prefix}})

    @contextlib.contextmanager
    def unwatched(self) -> Iterator[None]:
        """Let files arrive that start no execution."""
        events = self.aws.client("events")
        found = events.list_rules(NamePrefix=f"{self.variables['name']}-object-created")["Rules"]
        for rule in found:
            events.disable_rule(Name=rule["Name"])
        try:
            yield
        finally:
            for rule in found:
                events.enable_rule(Name=rule["Name"])

    def role(self, name: str) -> str:
        """Name of one of the module's roles."""
        return f"{self.variables['name']}-{name}-{self.aws.region}"

    def dead_letters(self) -> int:
        """Events in the dead-letter queue."""
        answer = self.aws.client("sqs").get_queue_attributes(
            QueueUrl=self.outputs["dead_letter_queue_url"], AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def take_dead_letter(self) -> Json:
        """Wait for a message in the dead-letter queue and take it out: ``body``, and its attributes by name."""
        sqs, queue = self.aws.client("sqs"), self.outputs["dead_letter_queue_url"]
        [message] = wait_for(lambda: sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"]).get("Messages"))
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
        return {"body": json.loads(message["Body"]), **attributes}

    @contextlib.contextmanager
    def refusals_expected(self) -> Iterator[None]:
        """Let nobody count what is refused meanwhile."""
        before = list(self.aws.denied)
        try:
            yield
        finally:
            self.aws.denied[:] = before

    def undelivered(self, body: bytes, key: str) -> Json:
        """Put a file into the input bucket while the rule may not start executions; gives the event, from the queue."""
        iam, role = self.aws.client("iam"), self.role("trigger")
        [name] = iam.list_role_policies(RoleName=role)["PolicyNames"]
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        iam.delete_role_policy(RoleName=role, PolicyName=name)
        try:
            with self.refusals_expected():
                self.upload(body, key)
                return self.take_dead_letter()
        finally:
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))

    def wait_for_executions(self, before: Iterable[str], count: int) -> list[str]:
        """Wait until ``count`` executions have started besides those of ``before``."""
        known = list(before)
        return wait_for(lambda: found if len(found := self.new_executions(known) or []) >= count else None)

    def wait(self, arn: str) -> Execution:
        """Wait until an execution ends."""

        def ended() -> Json | None:
            description: Json = self.stepfunctions.describe_execution(executionArn=arn)
            return description if description["status"] != "RUNNING" else None

        description = wait_for(ended)
        pages = self.stepfunctions.get_paginator("get_execution_history").paginate(executionArn=arn)
        return Execution(
            arn=arn,
            started=description["startDate"],
            status=description["status"],
            error=description.get("error"),
            cause=description.get("cause"),
            input=json.loads(description["input"]),
            output=json.loads(description.get("output") or "{}"),
            history=[event for page in pages for event in page["events"]],
        )

    @contextlib.contextmanager
    def redefined(self, old: str, new: str) -> Iterator[None]:
        """Change the definition of the state machine for a while."""
        machine = self.outputs["state_machine_arn"]
        before = self.stepfunctions.describe_state_machine(stateMachineArn=machine)["definition"]
        assert old in before
        self.stepfunctions.update_state_machine(stateMachineArn=machine, definition=before.replace(old, new))
        try:
            yield
        finally:
            self.stepfunctions.update_state_machine(stateMachineArn=machine, definition=before)

    def log_groups(self) -> list[str]:
        """Names of the log groups of the functions, the state machine and training jobs."""
        groups = self.aws.client("logs").describe_log_groups()["logGroups"]
        own = (
            f"/aws/lambda/{self.variables['name']}-",
            f"/aws/vendedlogs/states/{self.variables['name']}",
            "/aws/sagemaker/",
        )
        return [group["logGroupName"] for group in groups if group["logGroupName"].startswith(own)]

    def functions(self) -> list[str]:
        """Names of the functions."""
        listed = self.aws.client("lambda").list_functions()["Functions"]
        names = [function["FunctionName"] for function in listed]
        return [name for name in names if name.startswith(f"{self.variables['name']}-")]

    def restart_functions(self) -> None:
        """Let the next invocation of each function start a new execution environment."""
        for name in self.functions():
            self.aws.client("lambda").update_function_configuration(FunctionName=name)

    def artifact(self, key: str) -> bytes:
        """An object of the artifacts bucket."""
        body: bytes = self.s3.get_object(Bucket=self.outputs["artifacts_bucket"], Key=key)["Body"].read()
        return body

    def artifacts(self, prefix: str) -> list[str]:
        """Keys in the artifacts bucket."""
        answer = self.s3.list_objects_v2(Bucket=self.outputs["artifacts_bucket"], Prefix=prefix)
        return [item["Key"] for item in answer.get("Contents", [])]

    def leftovers(self, execution: Execution) -> list[str]:
        """Keys that an execution has left in the artifacts bucket: of objects, and of uploads that are not finished."""
        prefixes = (f"runs/{execution.run_id}/", *(f"models/{name}/" for name in execution.job_names()))
        objects = [key for prefix in prefixes for key in self.artifacts(prefix)]
        return objects + [key for key in self.unfinished_uploads() if key.startswith(prefixes)]

    def unfinished_uploads(self) -> list[str]:
        """Keys of multipart uploads to the artifacts bucket that were neither completed nor aborted."""
        answer = self.s3.list_multipart_uploads(Bucket=self.outputs["artifacts_bucket"])
        return [upload["Key"] for upload in answer.get("Uploads", [])]

    def model(self, execution: Execution) -> dict[str, bytes]:
        """Files of the model that an execution made, by name."""
        uri = execution.output["model_s3_uri"]
        body = self.artifact(uri.removeprefix(f"s3://{self.outputs['artifacts_bucket']}/"))
        files: dict[str, bytes] = {}
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            for member in archive:
                if (file := archive.extractfile(member)) is not None:
                    files[member.name.removeprefix("./")] = file.read()
        return files


def preprocess(**settings: Any) -> Json:
    """Variables of the function: the runtime of this Python, the package built once for every test."""
    return {
        "build_directory": str(ROOT / ".local" / "build"),
        "python": sys.executable,
        "runtime": f"python{sys.version_info.major}.{sys.version_info.minor}",
        **settings,
    }


def table(rows: Iterable[tuple[str, object]]) -> bytes:
    """A CSV of texts and labels."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["review_body", "star_rating"])
    writer.writerows(rows)
    return file.getvalue().encode()


def wait_for(probe: Callable[[], T | None], seconds: float = PATIENCE) -> T:
    """Ask until there is an answer.

    Raises
    ------
    TimeoutError
        There is none in time.
    """
    deadline = time.monotonic() + seconds
    while (answer := probe()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"no answer within {seconds:.0f} s")
        time.sleep(0.1)
    return answer
