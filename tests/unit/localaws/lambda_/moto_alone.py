"""moto's Lambda by itself."""

from __future__ import annotations

import functools
import io
import itertools
import json
import os
import zipfile
from typing import Any
from unittest import mock

import boto3
from moto.awslambda.models import LambdaFunction

from unit.localaws.gaps import fault, main, raises

MAX_UNZIPPED_BYTES = 262_144_000
# Parts of a configuration that AWS returns as they were given.
KEPT: dict[str, Any] = {
    "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:failed"},
    "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/elsewhere"},
    "SnapStart": {"ApplyOn": "PublishedVersions"},
    "FileSystemConfigs": [
        {
            "Arn": "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-01234567",
            "LocalMountPath": "/mnt/x",
        }
    ],
}
_numbers = itertools.count()


def _package(text: str = "", padding: int = 0) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("app.py", text)
        file.writestr("padding", bytes(padding))
    return buffer.getvalue()


@functools.cache
def _client() -> Any:
    return boto3.client("lambda")


@functools.cache
def _role() -> str:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    policy = json.dumps({"Statement": trust})
    return str(boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=policy)["Role"]["Arn"])


def _create(**options: Any) -> dict[str, Any]:
    name = f"f{next(_numbers)}"
    settings = {"Role": _role(), "Runtime": "python3.12", "Handler": "app.handler", "Code": {"ZipFile": _package()}}
    created: dict[str, Any] = _client().create_function(FunctionName=name, **{**settings, **options})
    return created


def _name(**options: Any) -> str:
    return str(_create(**options)["FunctionName"])


def _all_active(*options: dict[str, Any]) -> bool:
    return all(_create(**each)["State"] == "Active" for each in options)


@fault
def forgets_configuration() -> bool:
    configuration = _client().get_function_configuration(FunctionName=_name(**KEPT))
    return all(configuration.get(name) != value for name, value in KEPT.items())


@fault
def does_not_update_tracing_and_storage() -> bool:
    name = _name()
    changes = {"TracingConfig": {"Mode": "Active"}, "EphemeralStorage": {"Size": 1024}}
    _client().update_function_configuration(FunctionName=name, **changes)
    configuration = _client().get_function_configuration(FunctionName=name)
    return [configuration["TracingConfig"]["Mode"], configuration["EphemeralStorage"]["Size"]] == ["PassThrough", 512]


@fault
def hides_a_concurrency_of_zero() -> bool:
    name = _name()
    _client().put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    return "Concurrency" not in _client().get_function(FunctionName=name)


@fault
def takes_any_configuration() -> bool:
    return _all_active(
        {"MemorySize": 10_241},
        {"Timeout": 901},
        {"Environment": {"Variables": {"AWS_REGION": "x"}}},
        {"Environment": {"Variables": {"A": "x" * 4096}}},
    )


@fault
def takes_any_package() -> bool:
    return _all_active(
        {"Code": {"ZipFile": _package(padding=MAX_UNZIPPED_BYTES)}},
        {"Code": {"ZipFile": b"no zip"}},
    )


@fault
def takes_a_missing_package() -> bool:
    boto3.client("s3").create_bucket(Bucket="empty")
    return _all_active({"Code": {"S3Bucket": "empty", "S3Key": "missing"}})


@fault
def ignores_object_versions() -> bool:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="packages")
    s3.put_bucket_versioning(Bucket="packages", VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket="packages", Key="k", Body=_package("1"))["VersionId"]
    s3.put_object(Bucket="packages", Key="k", Body=_package("2"))
    newest = {"S3Bucket": "packages", "S3Key": "k"}
    digests = {_create(Code=code)["CodeSha256"] for code in (newest, {**newest, "S3ObjectVersion": old})}
    return len(digests) == 1


@fault
def asks_nothing_of_a_role_in_a_vpc() -> bool:
    return _all_active({"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}})


@fault
def needs_docker() -> bool:
    answer = _client().invoke(FunctionName=_name())["Payload"].read().decode()
    return "error running docker" in answer


@fault
def calls_errors_handled() -> bool:
    with mock.patch.object(LambdaFunction, "_invoke_lambda", return_value=('""', True, "")):
        return bool(_client().invoke(FunctionName=_name())["FunctionError"] == "Handled")


@fault
def runs_a_dry_run() -> bool:
    with mock.patch.object(LambdaFunction, "_invoke_lambda", return_value=('""', False, "")) as run:
        _client().invoke(FunctionName=_name(), InvocationType="DryRun")
    return run.called


@fault
def limits_responses_otherwise() -> bool:
    """Lambda takes 6,291,556 bytes."""
    answer = json.dumps("x" * 6_100_000)
    with mock.patch.object(LambdaFunction, "_invoke_lambda", return_value=(answer, False, "")):
        payload = _client().invoke(FunctionName=_name())["Payload"].read().decode()
    return "Function.ResponseSizeTooLarge" in payload[:200]


@fault
def fails_bodies_with_pythons_words() -> bool:
    return raises(UnicodeDecodeError, lambda: _client().invoke(FunctionName=_name(), Payload=b"n\x87"))


@fault
def leaves_the_url_condition_out() -> bool:
    answer = _client().add_permission(
        FunctionName=_name(),
        StatementId="url",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )
    return "Condition" not in json.loads(answer["Statement"])


if __name__ == "__main__":
    # No Docker, also where there is one.
    os.environ["DOCKER_HOST"] = "tcp://127.0.0.1:9"
    main()
