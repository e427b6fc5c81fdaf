"""The local AWS as a whole: starting, stopping, what it hands out and what it refuses to serve."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError

from localaws import LocalAWS
from localaws.access import credentials
from localaws.account.calls import limit_body, read_body
from localaws.account.current import current

if TYPE_CHECKING:
    from unit.localaws.conftest import MakeRole

TESTS = Path(__file__).parents[3]


def test_it_serves_aws_and_is_gone_afterwards() -> None:
    with LocalAWS() as aws:
        aws.client("s3").create_bucket(Bucket="reviews")
        assert current() is aws
        port = urlsplit(aws.endpoint).port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    with pytest.raises(RuntimeError, match="No local AWS runs"):
        current()


def test_each_one_starts_empty() -> None:
    for _ in range(2):
        with LocalAWS() as aws:
            assert aws.client("s3").list_buckets()["Buckets"] == []
            aws.client("s3").create_bucket(Bucket="reviews")


def test_there_is_one_at_a_time(aws: LocalAWS) -> None:
    with pytest.raises(RuntimeError, match="already runs"), LocalAWS():
        pass
    assert aws.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_callbacks_run_at_the_end_while_it_still_serves() -> None:
    seen = []
    with LocalAWS() as aws:
        s3 = aws.client("s3")
        aws.on_exit(lambda: seen.append(s3.list_buckets()["Buckets"]))
    assert seen == [[]]


# Where it first routes a call of the Lambda API, moto makes a client of its own.
LIST_ALL = """
from localaws import LocalAWS
with LocalAWS() as aws:
    print(aws.client("s3").list_buckets()["Buckets"], aws.client("lambda").list_functions()["Functions"])
"""


@pytest.mark.parametrize(
    "settings",
    [
        {"AWS_PROFILE": "of-another-machine"},
        {"AWS_CONFIG_FILE": "config"},
        {"HTTP_PROXY": "http://127.0.0.1:9"},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_the_users_own_settings_do_not_matter(settings: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[default", encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(TESTS)} | settings

    done = subprocess.run(
        [sys.executable, "-c", LIST_ALL], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.returncode) == ("[] []\n", 0), done.stderr


def test_the_environment_is_what_sdks_need(aws: LocalAWS, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    assert boto3.Session().client("sts").get_caller_identity()["Account"] == "123456789012"


def test_a_client_of_another_region(aws: LocalAWS) -> None:
    topic = aws.client("sns", region="eu-west-1").create_topic(Name="runs")["TopicArn"]
    assert topic == "arn:aws:sns:eu-west-1:123456789012:runs"


def test_anonymous_requests_are_refused(aws: LocalAWS) -> None:
    aws.client("s3").create_bucket(Bucket="reviews")
    put = urllib.request.Request(f"{aws.endpoint}/reviews/a.csv", data=b"x", method="PUT")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(put)


def test_what_moto_has_not_answers_501_at_once(aws: LocalAWS) -> None:
    with pytest.raises(ClientError, match="NotImplementedError") as refusal:
        aws.client("sagemaker").describe_partner_app(Arn="arn:aws:sagemaker:us-east-1:123456789012:partner-app/app-1")
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_unknown_sessions_are_refused(aws: LocalAWS) -> None:
    stranger = {"aws_access_key_id": "ASIAXXXXXXXXXXXXXXXX", "aws_secret_access_key": "x", "aws_session_token": "x"}
    with pytest.raises(ClientError, match="security token included in the request is invalid"):
        aws.client("sns", **stranger).list_topics()


def test_a_clients_credentials_are_those_of_the_role(aws: LocalAWS, make_role: MakeRole) -> None:
    role = make_role()
    caller = credentials.client("sts", role, session_name="run").get_caller_identity()["Arn"]
    assert caller == "arn:aws:sts::123456789012:assumed-role/worker/run"


def test_the_command_line_serves_until_it_is_interrupted() -> None:
    command = [sys.executable, "-m", "localaws", "--region", "eu-west-1"]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first.startswith("export AWS_ENDPOINT_URL=http://127.0.0.1:")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0


def test_what_is_read_again_has_ended() -> None:
    """A connection stays open behind a request: to read more than its body waits for the client's next."""
    environ: dict[str, Any] = {"wsgi.input": io.BytesIO(b"bodyGET / HTTP/1.1"), "CONTENT_LENGTH": "4"}

    limit_body(environ)

    assert environ["wsgi.input"].read() == b"body"
    assert read_body(environ) == b""
