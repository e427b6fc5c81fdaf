"""What moto 5.2.1's Lambda lacks, and that it is here.

The script runs moto as it comes, in a process of its own. A gap that moto has closed fails its
test: then the code in :mod:`localaws.services.lambda_.api` that works around it can go.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from localaws import LocalAWS
from localaws.services.lambda_.package import MAX_UNZIPPED_BYTES
from unit.localaws.lambda_.functions import create, zipped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEPT: dict[str, Any] = {
    "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:failed"},
    "KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000",
    "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/elsewhere"},
    "SnapStart": {"ApplyOn": "PublishedVersions"},
    "FileSystemConfigs": [
        {
            "Arn": "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-01234567",
            "LocalMountPath": "/mnt/x",
        }
    ],
}

UNPATCHED = """
import io, json, os, sys, zipfile
os.environ["DOCKER_HOST"] = "tcp://127.0.0.1:9"
import boto3
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.awslambda.models import LambdaFunction
kept = json.loads(sys.argv[1])
size = int(sys.argv[2])
def package(text, padding=0):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("app.py", text)
        file.writestr("padding", bytes(padding))
    return buffer.getvalue()
def attempt(call, **arguments):
    try:
        return call(**arguments)
    except Exception as error:
        return {"raised": type(error).__name__}
found = {}
with mock_aws():
    credentials = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    iam, s3, client = (boto3.client(name, **credentials) for name in ("iam", "s3", "lambda"))
    principal = {"Service": "lambda.amazonaws.com"}
    trust = {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}}
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    function = {"Role": role, "Runtime": "python3.12", "Handler": "app.handler", "Code": {"ZipFile": package("")}}
    client.create_function(FunctionName="f", **function, **kept)
    configuration = client.get_function_configuration(FunctionName="f")
    found["forgotten"] = [name for name, value in kept.items() if configuration.get(name) != value]
    changes = {"TracingConfig": {"Mode": "Active"}, "EphemeralStorage": {"Size": 1024}}
    client.update_function_configuration(FunctionName="f", **changes)
    configuration = client.get_function_configuration(FunctionName="f")
    found["updates"] = [configuration["TracingConfig"]["Mode"], configuration["EphemeralStorage"]["Size"]]
    client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    found["concurrency"] = client.get_function(FunctionName="f").get("Concurrency")
    for name, options in {
        "memory": {"MemorySize": 10241},
        "timeout": {"Timeout": 901},
        "reserved_variable": {"Environment": {"Variables": {"AWS_REGION": "x"}}},
        "large_environment": {"Environment": {"Variables": {"A": "x" * 4096}}},
        "large_package": {"Code": {"ZipFile": package("", padding=size)}},
        "no_zip": {"Code": {"ZipFile": b"no zip"}},
    }.items():
        found[name] = attempt(client.create_function, FunctionName=name, **{**function, **options}).get("State")
    s3.create_bucket(Bucket="packages")
    missing = {"S3Bucket": "packages", "S3Key": "missing"}
    found["missing_key"] = client.create_function(FunctionName="m", **{**function, "Code": missing})["State"]
    s3.put_bucket_versioning(Bucket="packages", VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket="packages", Key="k", Body=package("1"))
    s3.put_object(Bucket="packages", Key="k", Body=package("2"))
    versioned = {"S3Bucket": "packages", "S3Key": "k", "S3ObjectVersion": old["VersionId"]}
    client.create_function(FunctionName="v", **{**function, "Code": versioned})
    new = client.create_function(FunctionName="n", **{**function, "Code": {"S3Bucket": "packages", "S3Key": "k"}})
    found["version_ignored"] = client.get_function_configuration(FunctionName="v")["CodeSha256"] == new["CodeSha256"]
    found["without_docker"] = client.invoke(FunctionName="f")["Payload"].read().decode()
    runs = []
    LambdaFunction._invoke_lambda = lambda self, event=None: (runs.append(event), (chr(34) * 2, True, ""))[1]
    found["function_error"] = client.invoke(FunctionName="f")["FunctionError"]
    client.invoke(FunctionName="f", InvocationType="DryRun")
    found["runs"] = len(runs)
    LambdaFunction._invoke_lambda = lambda self, event=None: (json.dumps("x" * 6_100_000), False, "")
    found["large_response"] = client.invoke(FunctionName="f")["Payload"].read().decode()[:200]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def moto() -> dict[str, Any]:
    """What moto does without the local AWS."""
    arguments = [json.dumps(KEPT), str(MAX_UNZIPPED_BYTES)]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", UNPATCHED, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAWS]:
    with LocalAWS() as local:
        yield local


@pytest.fixture
def role(make_role: Callable[..., str], request: pytest.FixtureRequest) -> str:
    return make_role(name=request.node.name.replace("[", "-").replace("]", "")[:60])


def test_configuration_is_kept(moto: dict[str, Any], aws: LocalAWS, role: str) -> None:
    assert set(moto["forgotten"]) == set(KEPT)

    create(aws, role, "kept", "", **KEPT)
    configuration = aws.client("lambda").get_function_configuration(FunctionName="kept")
    logging = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **KEPT["LoggingConfig"]}
    snap_start = {"OptimizationStatus": "Off", **KEPT["SnapStart"]}
    expected = {**KEPT, "LoggingConfig": logging, "SnapStart": snap_start}
    assert {name: configuration[name] for name in KEPT} == expected

    emptied = {"DeadLetterConfig": {}, "KMSKeyArn": "", "LoggingConfig": {"LogFormat": "Text"}, "FileSystemConfigs": []}
    configuration = aws.client("lambda").update_function_configuration(FunctionName="kept", **emptied)
    assert not {"DeadLetterConfig", "KMSKeyArn", "FileSystemConfigs"} & configuration.keys()
    assert configuration["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/kept"}


def test_configuration_is_updated(moto: dict[str, Any], aws: LocalAWS, role: str) -> None:
    assert moto["updates"] == ["PassThrough", 512]

    create(aws, role, "updated", "")
    configuration = aws.client("lambda").update_function_configuration(
        FunctionName="updated", TracingConfig={"Mode": "Active"}, EphemeralStorage={"Size": 1024}
    )
    assert configuration["TracingConfig"] == {"Mode": "Active"}
    assert configuration["EphemeralStorage"] == {"Size": 1024}


def test_no_concurrency_at_all_is_returned(moto: dict[str, Any], aws: LocalAWS, role: str) -> None:
    assert moto["concurrency"] is None

    create(aws, role, "stopped", "")
    aws.client("lambda").put_function_concurrency(FunctionName="stopped", ReservedConcurrentExecutions=0)
    function = aws.client("lambda").get_function(FunctionName="stopped")
    assert function["Concurrency"] == {"ReservedConcurrentExecutions": 0}


def padded(size: int) -> bytes:
    """A package whose files have ``size`` bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("padding", bytes(size))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("fault", "options", "message"),
    [
        (
            "memory",
            {"MemorySize": 10_241},
            "ValidationException.* 1 validation error detected: Value '10241' at 'memorySize' failed to satisfy "
            "constraint: Member must have value less than or equal to 10240",
        ),
        ("timeout", {"Timeout": 901}, "Value '901' at 'timeout' failed"),
        (
            "reserved_variable",
            {"Environment": {"Variables": {"AWS_REGION": "x", "_HANDLER": "x", "MINE": "x"}}},
            "Reserved keys used in this request: AWS_REGION, _HANDLER",
        ),
        ("large_environment", {"Environment": {"Variables": {"A": "x" * 4096}}}, "exceeded the 4KB limit"),
        ("no_zip", {"Code": {"ZipFile": b"no zip"}}, "Could not unzip uploaded file"),
    ],
    ids=["memory", "timeout", "reserved-variable", "large-environment", "no-zip"],
)
def test_is_refused(
    moto: dict[str, Any], aws: LocalAWS, role: str, fault: str, options: dict[str, Any], message: str
) -> None:
    assert moto[fault] == "Active"

    with pytest.raises(ClientError, match=message):
        create(aws, role, "refused", "", **options)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        aws.client("lambda").get_function(FunctionName="refused")


def test_large_package_is_refused(moto: dict[str, Any], aws: LocalAWS, role: str) -> None:
    assert moto["large_package"] == "Active"

    message = "InvalidParameterValueException.*Unzipped size must be smaller than 262144000 bytes"
    with pytest.raises(ClientError, match=message):
        create(aws, role, "large", "", Code={"ZipFile": padded(MAX_UNZIPPED_BYTES + 1)})
    create(aws, role, "large", "")
    aws.client("s3").create_bucket(Bucket="large")
    aws.client("s3").put_object(Bucket="large", Key="package.zip", Body=padded(MAX_UNZIPPED_BYTES + 1))
    with pytest.raises(ClientError, match=message):
        aws.client("lambda").update_function_code(FunctionName="large", S3Bucket="large", S3Key="package.zip")


def test_missing_package_is_told(moto: dict[str, Any], aws: LocalAWS, role: str) -> None:
    assert moto["missing_key"] == "Active"

    aws.client("s3").create_bucket(Bucket="empty")
    with pytest.raises(ClientError, match="S3 Error Code: NoSuchKey"):
        create(aws, role, "missing", "", Code={"S3Bucket": "empty", "S3Key": "missing"})
    with pytest.raises(ClientError, match="S3 Error Code: NoSuchBucket"):
        create(aws, role, "missing", "", Code={"S3Bucket": "missing", "S3Key": "missing"})


def test_object_version_is_used(moto: dict[str, Any]) -> None:
    # What it does here: test_lambda.py, test_code_from_s3.
    assert moto["version_ignored"] is True


def test_functions_run(moto: dict[str, Any]) -> None:
    # What they do here: test_lambda.py.
    assert "error running docker" in moto["without_docker"]
    assert moto["function_error"] == "Handled"
    assert moto["runs"] == 2
    assert "Function.ResponseSizeTooLarge" in moto["large_response"]


def test_vpc_needs_permissions_of_the_role(aws: LocalAWS, make_role: Callable[..., str]) -> None:
    """moto asks a role for nothing; of the actions that AWS documents, each is needed."""
    actions = [
        "CreateNetworkInterface",
        "DescribeNetworkInterfaces",
        "DescribeSubnets",
        "DeleteNetworkInterface",
        "AssignPrivateIpAddresses",
        "UnassignPrivateIpAddresses",
    ]
    vpc = {"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}
    for missing in actions:
        granted = [f"ec2:{action}" for action in actions if action != missing]
        role = make_role({"Effect": "Allow", "Action": granted, "Resource": "*"}, name=f"vpc-without-{missing}")
        message = f"The provided execution role does not have permissions to call {missing} on EC2"
        with pytest.raises(ClientError, match=message):
            create(aws, role, "in-vpc", "", **vpc)
    role = make_role({"Effect": "Allow", "Action": [f"ec2:{a}" for a in actions], "Resource": "*"}, name="vpc")
    create(aws, role, "in-vpc", "", Code={"ZipFile": zipped(app="def handler(event, context): return 1")}, **vpc)
