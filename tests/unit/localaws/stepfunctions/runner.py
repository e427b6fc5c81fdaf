"""State machines under test: a runner, and services that do what a test says."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from moto.core.responses import ActionResult, EmptyResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from localaws import LocalAWS

ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@dataclass
class Runner:
    """Creates state machines and runs them.

    Attributes
    ----------
    role
        ARN of a role that may do anything; some tests take one of their own.
    """

    aws: LocalAWS
    role: str
    _count: int = 0

    @property
    def client(self) -> Any:
        return self.aws.client("stepfunctions")

    def create(self, states: dict[str, Any], role: str | None = None, **fields: Any) -> str:
        """Create a JSONata state machine that starts at the first of ``states``; gives its ARN."""
        options = {
            name: fields.pop(name) for name in ("loggingConfiguration", "tracingConfiguration") if name in fields
        }
        definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states, **fields}
        self._count += 1
        created = self.client.create_state_machine(
            name=f"machine-{time.monotonic_ns()}-{self._count}",
            definition=json.dumps(definition, ensure_ascii=False),
            roleArn=role or self.role,
            **options,
        )
        return str(created["stateMachineArn"])

    def start(self, machine: str, value: Any = None, **options: Any) -> str:
        started = self.client.start_execution(
            stateMachineArn=machine, input=json.dumps({} if value is None else value), **options
        )
        return str(started["executionArn"])

    def end(self, execution: str, seconds: float = 15) -> dict[str, Any]:
        """Wait for an execution's end; gives its description, its output parsed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            described: dict[str, Any] = self.client.describe_execution(executionArn=execution)
            if described["status"] != "RUNNING":
                described["output"] = json.loads(described.get("output", "null"))
                return described
            time.sleep(0.01)
        raise AssertionError(f"{execution} still runs: {self.types(execution)}")

    def run(self, states: dict[str, Any], value: Any = None, **fields: Any) -> dict[str, Any]:
        return self.end(self.start(self.create(states, **fields), value))

    def output(self, expression: Any, value: Any = None, **fields: Any) -> Any:
        """What a Pass state's Output gives."""
        ended = self.run({"Only": {"Type": "Pass", "Output": expression, "End": True}}, value, **fields)
        assert ended["status"] == "SUCCEEDED", ended["cause"]
        return ended["output"]

    def events(self, execution: str) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("get_execution_history").paginate(executionArn=execution)
        return [event for page in pages for event in page["events"]]

    def types(self, execution: str) -> list[str]:
        return [event["type"] for event in self.events(execution)]


def make_role(aws: LocalAWS, name: str, *statements: dict[str, Any], service: str = "states.amazonaws.com") -> str:
    """A role that a service may assume; gives its ARN."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    iam = aws.client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=policy(*statements))
    return str(role["Role"]["Arn"])


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@dataclass
class Functions:
    """Lambda, each function one Python callable; what one raises is the function's own error."""

    known: dict[str, Callable[[Any], Any]] = field(default_factory=dict)

    def invoke(self, response: Any) -> Any:
        name = unquote(response.path).rsplit("/", 2)[-2].rsplit(":", 1)[-1]
        event = json.loads(response.body or "{}")
        try:
            return 200, {"X-Amz-Executed-Version": "$LATEST"}, json.dumps(self.known[name](event), ensure_ascii=False)
        except FunctionError as error:
            return 200, {"X-Amz-Function-Error": "Unhandled"}, error.payload


class FunctionError(Exception):
    """An error as Lambda reports it."""

    def __init__(self, payload: str) -> None:
        self.payload = payload


@dataclass
class Jobs:
    """SageMaker, each training job in the status that a test gives it.

    Attributes
    ----------
    statuses
        What the following jobs are described as, one after the other; the last stays.
    """

    statuses: list[str] = field(default_factory=lambda: ["InProgress", "Completed"])
    requests: list[dict[str, Any]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    failure_reason: str = ""
    _left: dict[str, list[str]] = field(default_factory=dict)

    def create(self, response: Any) -> ActionResult:
        request = json.loads(response.body)
        self.requests.append(request)
        self._left[request["TrainingJobName"]] = list(self.statuses)
        return ActionResult({"TrainingJobArn": self._arn(request["TrainingJobName"])})

    def describe(self, response: Any) -> ActionResult:
        name = json.loads(response.body)["TrainingJobName"]
        left = self._left[name]
        status = left.pop(0) if len(left) > 1 else left[0]
        described = {
            "TrainingJobName": name,
            "TrainingJobArn": self._arn(name),
            "TrainingJobStatus": status,
            "CreationTime": 1_700_000_000.25,
            "ModelArtifacts": {"S3ModelArtifacts": f"s3://artifacts/models/{name}/output/model.tar.gz"},
            "FinalMetricDataList": [{"MetricName": "train:mean_rho", "Value": 0.5, "Timestamp": 1_700_000_001.0}],
        }
        return ActionResult(described | ({"FailureReason": self.failure_reason} if status == "Failed" else {}))

    def stop(self, response: Any) -> EmptyResult:
        self.stopped.append(json.loads(response.body)["TrainingJobName"])
        return EmptyResult()

    def _arn(self, name: str) -> str:
        return f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{name}"
