"""What functions and Lambda itself write to CloudWatch Logs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from localaws import LocalAWS
from localaws.account.current import Denied
from unit.localaws.lambda_.functions import create

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HELLO = """
import logging
print("importing")
def handler(event, context):
    print("line 1\\n\\nline 2")
    logging.getLogger().warning("a warning")
    return event
"""


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAWS]:
    with LocalAWS() as local:
        yield local


def writer(group: str, *actions: str) -> dict[str, Any]:
    """The permission to write to a log group."""
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{group}"
    return {"Effect": "Allow", "Action": [f"logs:{action}" for action in actions], "Resource": [arn, f"{arn}:*"]}


def test_text(aws: LocalAWS, make_role: Callable[..., str]) -> None:
    aws.client("logs").create_log_group(logGroupName="/aws/lambda/text")
    role = make_role(writer("/aws/lambda/text", "CreateLogStream", "PutLogEvents"), name="text")
    function = create(aws, role, "text", HELLO)

    assert function(1).error is None
    assert function(2).error is None

    init, importing, start, one, two, warning, end, report, second_start, *_ = function.log_messages()
    request_id = start.split()[2]
    assert init.startswith("INIT_START Runtime Version: python:3.")
    assert [importing, one, two] == ["importing", "line 1", "line 2"]
    assert start == f"START RequestId: {request_id} Version: $LATEST"
    assert re.fullmatch(rf"\[WARNING\]\t[\d-]+T[\d:.]+Z\t{request_id}\ta warning", warning)
    assert end == f"END RequestId: {request_id}"
    assert report.startswith(f"REPORT RequestId: {request_id}\tDuration: ")
    assert second_start.startswith("START RequestId: ")


def test_report(aws: LocalAWS, make_role: Callable[..., str]) -> None:
    function = create(aws, make_role(name="report"), "report", HELLO, MemorySize=256)

    report = function().log.splitlines()[-1].split("\t")

    assert [part.split(":")[0] for part in report if part] == [
        "REPORT RequestId",
        "Duration",
        "Billed Duration",
        "Memory Size",
        "Max Memory Used",
        "Init Duration",
    ]
    assert report[3] == "Memory Size: 256 MB"
    assert 1 <= int(report[4].split()[3]) < 128


def test_json(aws: LocalAWS, make_role: Callable[..., str]) -> None:
    aws.client("logs").create_log_group(logGroupName="/elsewhere")
    role = make_role(writer("/elsewhere", "CreateLogStream", "PutLogEvents"), name="json")
    source = HELLO + "def fail(event, context): raise ValueError(event)"
    logging = {"LogFormat": "JSON", "ApplicationLogLevel": "WARN", "SystemLogLevel": "INFO", "LogGroup": "/elsewhere"}
    function = create(aws, role, "json", source, LoggingConfig=logging)

    assert function("x").error is None
    aws.client("lambda").update_function_configuration(FunctionName="json", Handler="app.fail")
    assert function("bad").error == "Unhandled"

    records = [json.loads(message) for message in function.log_messages("/elsewhere") if message.startswith("{")]
    by_type: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        by_type.setdefault(record.get("type") or record["level"], []).append(record)
    assert by_type.keys() == {"platform.initStart", "platform.start", "platform.report", "WARNING", "ERROR"}
    reports = {report["record"]["status"]: report["record"] for report in by_type["platform.report"]}
    assert reports["success"]["metrics"]["memorySizeMB"] == 128
    assert reports["error"]["errorType"] == "ValueError"
    assert by_type["ERROR"][0]["errorMessage"] == "bad"


def test_system_log_level(aws: LocalAWS, make_role: Callable[..., str]) -> None:
    logging = {"LogFormat": "JSON", "SystemLogLevel": "WARN"}
    function = create(aws, make_role(name="quiet"), "quiet", HELLO, LoggingConfig=logging)

    assert "platform." not in function().log


def test_group_is_made_where_the_role_may(aws: LocalAWS, make_role: Callable[..., str]) -> None:
    role = make_role(writer("/aws/lambda/new", "CreateLogGroup", "CreateLogStream", "PutLogEvents"), name="new")
    function = create(aws, role, "new", HELLO)

    assert function().error is None

    assert "line 1" in function.log_messages()


@pytest.mark.parametrize(
    ("allowed", "refused"),
    [
        (["PutLogEvents", "CreateLogStream"], "logs:CreateLogGroup"),
        (["PutLogEvents", "CreateLogGroup"], "logs:CreateLogStream"),
        (["CreateLogStream", "CreateLogGroup"], "logs:PutLogEvents"),
    ],
)
def test_refused_log_is_lost(aws: LocalAWS, make_role: Callable[..., str], allowed: list[str], refused: str) -> None:
    name = refused.replace(":", "-")
    role = make_role(writer(f"/aws/lambda/{name}", *allowed), name=name)
    function = create(aws, role, name, HELLO)

    assert function(1).payload == 1

    assert refused in {denied.action for denied in aws.denied if denied.principal_arn == role}
    assert isinstance(aws.denied[-1], Denied)
    try:
        messages = function.log_messages()
    except ClientError:
        messages = []
    assert messages == []
