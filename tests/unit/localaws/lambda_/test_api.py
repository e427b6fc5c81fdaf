"""The Lambda API: what is kept, what is refused, what is returned."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from localaws import LocalAWS
from localaws.services.lambda_.package import MAX_UNZIPPED_BYTES
from unit.localaws.lambda_.functions import create, zipped
from unit.localaws.lambda_.moto_alone import KEPT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAWS]:
    with LocalAWS() as local:
        yield local


@pytest.fixture
def role(make_role: Callable[..., str], request: pytest.FixtureRequest) -> str:
    return make_role(name=request.node.name.replace("[", "-").replace("]", "")[:60])


def test_configuration_is_kept(aws: LocalAWS, role: str) -> None:
    create(aws, role, "kept", "", **KEPT)
    configuration = aws.client("lambda").get_function_configuration(FunctionName="kept")
    logging = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **KEPT["LoggingConfig"]}
    snap_start = {"OptimizationStatus": "Off", **KEPT["SnapStart"]}
    expected = {**KEPT, "LoggingConfig": logging, "SnapStart": snap_start}
    assert {name: configuration[name] for name in KEPT} == expected

    emptied = {"DeadLetterConfig": {}, "LoggingConfig": {"LogFormat": "Text"}, "FileSystemConfigs": []}
    configuration = aws.client("lambda").update_function_configuration(FunctionName="kept", **emptied)
    assert not {"DeadLetterConfig", "FileSystemConfigs"} & configuration.keys()
    assert configuration["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/kept"}


def test_configuration_is_updated(aws: LocalAWS, role: str) -> None:
    create(aws, role, "updated", "")
    configuration = aws.client("lambda").update_function_configuration(
        FunctionName="updated", TracingConfig={"Mode": "Active"}, EphemeralStorage={"Size": 1024}
    )
    assert configuration["TracingConfig"] == {"Mode": "Active"}
    assert configuration["EphemeralStorage"] == {"Size": 1024}


def test_no_concurrency_at_all_is_returned(aws: LocalAWS, role: str) -> None:
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
    ("options", "message"),
    [
        (
            {"MemorySize": 10_241},
            "ValidationException.* 1 validation error detected: Value '10241' at 'memorySize' failed to satisfy "
            "constraint: Member must have value less than or equal to 10240",
        ),
        ({"Timeout": 901}, "Value '901' at 'timeout' failed"),
        (
            {"Environment": {"Variables": {"AWS_REGION": "x", "_HANDLER": "x", "MINE": "x"}}},
            "Reserved keys used in this request: AWS_REGION, _HANDLER",
        ),
        ({"Environment": {"Variables": {"A": "x" * 4096}}}, "exceeded the 4KB limit"),
        ({"Code": {"ZipFile": b"no zip"}}, "Could not unzip uploaded file"),
    ],
    ids=["memory", "timeout", "reserved-variable", "large-environment", "no-zip"],
)
def test_is_refused(aws: LocalAWS, role: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        create(aws, role, "refused", "", **options)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        aws.client("lambda").get_function(FunctionName="refused")


def test_large_package_is_refused(aws: LocalAWS, role: str) -> None:
    message = "InvalidParameterValueException.*Unzipped size must be smaller than 262144000 bytes"
    with pytest.raises(ClientError, match=message):
        create(aws, role, "large", "", Code={"ZipFile": padded(MAX_UNZIPPED_BYTES + 1)})
    create(aws, role, "large", "")
    aws.client("s3").create_bucket(Bucket="large")
    aws.client("s3").put_object(Bucket="large", Key="package.zip", Body=padded(MAX_UNZIPPED_BYTES + 1))
    with pytest.raises(ClientError, match=message):
        aws.client("lambda").update_function_code(FunctionName="large", S3Bucket="large", S3Key="package.zip")


def test_missing_package_is_told(aws: LocalAWS, role: str) -> None:
    aws.client("s3").create_bucket(Bucket="empty")
    with pytest.raises(ClientError, match="S3 Error Code: NoSuchKey"):
        create(aws, role, "missing", "", Code={"S3Bucket": "empty", "S3Key": "missing"})
    with pytest.raises(ClientError, match="S3 Error Code: NoSuchBucket"):
        create(aws, role, "missing", "", Code={"S3Bucket": "missing", "S3Key": "missing"})


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
