"""What a training job does in the account, each call with the credentials of its execution role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from localaws.access import credentials

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping
    from pathlib import Path

DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "403"}
MULTIPART_BYTES = 64 * 1024 * 1024
METRICS_NAMESPACE = "/aws/sagemaker/TrainingJobs"


class JobFailedError(Exception):
    """The job fails; the message is its ``FailureReason``."""


def split_s3_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of an S3 URI."""
    bucket, _, key = uri.partition("://")[2].partition("/")
    return bucket, key


class ExecutionRole:
    """The execution role at work for one job.

    Parameters
    ----------
    role_arn
        The role.
    job_arn
        The job it works for.
    region
        The job's region.

    Raises
    ------
    botocore.exceptions.ClientError
        ``AccessDenied``: SageMaker may not assume the role.
    """

    def __init__(self, role_arn: str, job_arn: str, region: str) -> None:
        self.role_arn = role_arn
        self._region = region
        self._credentials = credentials.assume_role(
            role_arn, service="sagemaker.amazonaws.com", source_arn=job_arn, session_name="SageMaker"
        )

    def client(self, service: str) -> Any:
        """A boto3 client with the role's credentials."""
        return credentials.client(service, region=self._region, **self._credentials)

    def pull_image(self, image: re.Match[str]) -> None:
        """Ask for everything that pulling an image from Amazon ECR asks for."""
        ecr = self.client("ecr")
        repository = {"registryId": image["registry"], "repositoryName": image["repository"]}
        digest = "sha256:" + "0" * 64
        # moto holds no image of AWS's registries: what counts is whether the role may ask.
        _allowed(ecr.get_authorization_token)
        _allowed(ecr.batch_get_image, imageIds=[{"imageTag": image["tag"]}], **repository)
        _allowed(ecr.batch_check_layer_availability, layerDigests=[digest], **repository)
        _allowed(ecr.get_download_url_for_layer, layerDigest=digest, **repository)

    def grant_volume_key(self, key: str) -> None:
        """Let EBS use the key of the training volume."""
        operations = ["CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom"]
        self.client("kms").create_grant(KeyId=key, GranteePrincipal=self.role_arn, Operations=operations)

    def join_network(self, vpc: Mapping[str, list[str]], interfaces: list[str]) -> None:
        """Put a network interface into each subnet of the job.

        Parameters
        ----------
        vpc
            The job's ``VpcConfig``.
        interfaces
            Takes the IDs of the interfaces, for :meth:`leave_network`, as they come into being.
        """
        ec2 = self.client("ec2")
        subnets = ec2.describe_subnets(SubnetIds=vpc["Subnets"])["Subnets"]
        ec2.describe_security_groups(GroupIds=vpc["SecurityGroupIds"])
        ec2.describe_vpcs(VpcIds=[subnets[0]["VpcId"]])
        ec2.describe_dhcp_options()
        for subnet in vpc["Subnets"]:
            interface = ec2.create_network_interface(SubnetId=subnet, Groups=vpc["SecurityGroupIds"])
            interfaces.append(interface["NetworkInterface"]["NetworkInterfaceId"])
            ec2.create_network_interface_permission(
                NetworkInterfaceId=interfaces[-1], AwsService="sagemaker.amazonaws.com", Permission="INSTANCE-ATTACH"
            )
        ec2.describe_network_interfaces(NetworkInterfaceIds=interfaces)

    def leave_network(self, interfaces: list[str]) -> None:
        """Remove what :meth:`join_network` made."""
        ec2 = self.client("ec2")
        for interface in interfaces:
            ec2.delete_network_interface_permission(
                NetworkInterfacePermissionId=interface.replace("eni-", "eni-perm-"), Force=True
            )
            ec2.delete_network_interface(NetworkInterfaceId=interface)

    def list_channel(self, uri: str) -> list[tuple[str, int]]:
        """Keys and sizes, in bytes, of the objects under a prefix.

        Raises
        ------
        JobFailedError
            There are none.
        """
        bucket, prefix = split_s3_uri(uri)
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        objects = [(found["Key"], found["Size"]) for page in pages for found in page.get("Contents", [])]
        objects = [(key, size) for key, size in objects if not key.endswith("/")]
        if not objects:
            raise JobFailedError(
                f'ClientError: Data download failed: No S3 objects found under S3 URL "{uri}" given in input data '
                f'source. Please ensure that objects exist under that S3 prefix, and that the role "{self.role_arn}" '
                f'has "s3:ListBucket" permissions on bucket "{bucket}".'
            )
        return objects

    def download(self, uri: str, key: str, folder: Path) -> None:
        """Write one object of a channel to the folder, under its name relative to the channel's prefix."""
        bucket, prefix = split_s3_uri(uri)
        target = folder / key[prefix.rfind("/") + 1 :]
        target.parent.mkdir(parents=True, exist_ok=True)
        body = self.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
        with target.open("wb") as file:
            for chunk in body.iter_chunks(1024 * 1024):
                file.write(chunk)

    def upload(self, path: Path, uri: str, kms_key: str | None) -> None:
        """Upload the model, encrypted with ``kms_key`` where there is one."""
        bucket, key = split_s3_uri(uri)
        if kms_key:
            # OutputDataConfig, KmsKeyId: a role without kms:Encrypt fails its job.
            # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_OutputDataConfig.html
            try:
                self.client("kms").encrypt(KeyId=kms_key, Plaintext=b"model")
            except ClientError as error:
                raise JobFailedError(f"ClientError: {error}") from None
        encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
        transfer = TransferConfig(multipart_threshold=MULTIPART_BYTES)
        try:
            self.client("s3").upload_file(str(path), bucket, key, ExtraArgs=encryption, Config=transfer)
        except S3UploadFailedError as error:
            raise JobFailedError(f"ClientError: {error}") from None

    def put_metrics(self, job_name: str, metrics: Mapping[str, float]) -> None:
        """Publish metrics of the job's one host to CloudWatch."""
        dimensions = [{"Name": "Host", "Value": f"{job_name}/algo-1"}]
        self.client("cloudwatch").put_metric_data(
            Namespace=METRICS_NAMESPACE,
            MetricData=[
                {"MetricName": name, "Value": value, "Dimensions": dimensions} for name, value in metrics.items()
            ],
        )


def _allowed(call: Any, **parameters: Any) -> None:
    """Make a call whose answer does not matter, only that it is not denied."""
    try:
        call(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] in DENIED:
            raise
