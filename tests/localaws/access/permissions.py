"""Which IAM permissions an API call needs: actions, resource ARNs and condition keys.

After the Service Authorization Reference and the services' own pages on permissions. Only calls that
roles of this project may make are known; :func:`required` refuses to guess the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from localaws.access import kms
from localaws.access.permission import Names, Permission, copy_source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from localaws.account.calls import Call


class UnknownPermissionError(Exception):
    """This module does not say what the call needs."""


def required(call: Call, account: str) -> list[Permission]:
    """The permissions a call needs, all of them, but for those of KMS keys behind S3, SNS and SQS.

    Parameters
    ----------
    call
        The call.
    account
        The caller's account, for the ARNs of resources named without one.

    Raises
    ------
    UnknownPermissionError
        The call is not in this module.
    """
    derive = _SERVICES.get(call.service)
    found = derive(call, Names(call.region, account)) if derive else None
    if found is None:
        raise UnknownPermissionError(
            f"localaws does not know the permissions of {call.service}:{call.operation}; add them to permissions.py."
        )
    return found


# Operations whose action has another name, on the bucket or on the object as the call names it.
_S3_ACTIONS = {
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListParts": "ListMultipartUploadParts",
    "HeadObject": "GetObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}
_S3_CONDITION_PARAMETERS = {
    "Prefix": "s3:prefix",
    "Delimiter": "s3:delimiter",
    "MaxKeys": "s3:max-keys",
    "VersionId": "s3:VersionId",
    "ACL": "s3:x-amz-acl",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
}


def _s3(call: Call, names: Names) -> list[Permission]:
    parameters = call.parameters
    context = {key: str(parameters[name]) for name, key in _S3_CONDITION_PARAMETERS.items() if name in parameters}
    if call.operation == "ListBuckets":
        return [Permission("s3:ListAllMyBuckets", "*")]
    bucket, key = parameters["Bucket"], parameters.get("Key")

    def need(action: str, resource: str = names.s3(bucket, key)) -> Permission:
        return Permission(f"s3:{action}", resource, context)

    if call.operation in ("CopyObject", "UploadPartCopy"):
        source_bucket, source_key, version = copy_source(call)
        read = "GetObjectVersion" if version else "GetObject"
        return [need(read, names.s3(source_bucket, source_key)), need("PutObject")]
    if call.operation == "DeleteObjects":
        return [
            need("DeleteObjectVersion" if "VersionId" in entry else "DeleteObject", names.s3(bucket, entry["Key"]))
            for entry in parameters["Delete"]["Objects"]
        ]
    action = _S3_ACTIONS.get(call.operation, call.operation)
    if "VersionId" in parameters and action in ("GetObject", "DeleteObject", "GetObjectTagging", "GetObjectAttributes"):
        action = action.replace("Object", "ObjectVersion", 1)
    needs = [need(action)]
    if action == "PutObject" and "Tagging" in parameters:
        needs.append(need("PutObjectTagging"))
    if action == "PutObject" and "ACL" in parameters:
        needs.append(need("PutObjectAcl"))
    return needs


def function_arn(call: Call, names: Names) -> str:
    """ARN of the function a Lambda call names by name, partial ARN or ARN, with its qualifier."""
    name, qualifier = call.parameters["FunctionName"], call.parameters.get("Qualifier")
    arn = name if name.startswith("arn:") else names.arn("lambda", f"function:{name.rpartition(':function:')[2]}")
    return f"{arn}:{qualifier}" if qualifier and arn.count(":") == 6 else str(arn)


def _lambda(call: Call, names: Names) -> list[Permission] | None:
    actions = {"Invoke": "InvokeFunction", "GetFunction": "GetFunction"}
    if call.operation not in actions:
        return None
    return [Permission(f"lambda:{actions[call.operation]}", function_arn(call, names))]


def _sagemaker(call: Call, names: Names) -> list[Permission] | None:
    parameters = call.parameters
    if call.operation in ("AddTags", "ListTags"):
        return [Permission(f"sagemaker:{call.operation}", parameters["ResourceArn"])]
    if call.operation not in ("CreateTrainingJob", "DescribeTrainingJob", "StopTrainingJob"):
        return None
    job = training_job_arn(call, names)
    if call.operation != "CreateTrainingJob":
        return [Permission(f"sagemaker:{call.operation}", job)]
    tags = {tag["Key"]: tag["Value"] for tag in parameters.get("Tags", [])}
    tagging: dict[str, str | Sequence[str]] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    tagging["aws:TagKeys"] = list(tags)
    vpc = parameters.get("VpcConfig", {})
    keys = {
        "sagemaker:OutputKmsKey": parameters.get("OutputDataConfig", {}).get("KmsKeyId"),
        "sagemaker:VolumeKmsKey": parameters.get("ResourceConfig", {}).get("VolumeKmsKeyId"),
        "sagemaker:InstanceTypes": [parameters.get("ResourceConfig", {}).get("InstanceType", "")],
        "sagemaker:VpcSubnets": vpc.get("Subnets"),
        "sagemaker:VpcSecurityGroupIds": vpc.get("SecurityGroupIds"),
        "sagemaker:NetworkIsolation": str(parameters.get("EnableNetworkIsolation", False)).lower(),
        "sagemaker:InterContainerTrafficEncryption": str(
            parameters.get("EnableInterContainerTrafficEncryption", False)
        ).lower(),
    }
    context = tagging | {key: value for key, value in keys.items() if value}
    needs = [Permission("sagemaker:CreateTrainingJob", job, context)]
    if tags:
        needs.append(Permission("sagemaker:AddTags", job, tagging))
    return [*needs, _pass_role(parameters["RoleArn"], "sagemaker.amazonaws.com", job)]


def training_job_arn(call: Call, names: Names) -> str:
    """ARN of the training job that a SageMaker call names."""
    # SageMaker's ARNs hold names in lower case.
    return names.arn("sagemaker", f"training-job/{call.parameters['TrainingJobName'].lower()}")


def _pass_role(role_arn: str, service: str, resource_arn: str) -> Permission:
    context = {"iam:PassedToService": service, "iam:AssociatedResourceArn": resource_arn}
    return Permission("iam:PassRole", role_arn, context)


def _stepfunctions(call: Call, names: Names) -> list[Permission] | None:
    resource = {
        "StartExecution": "stateMachineArn",
        "StartSyncExecution": "stateMachineArn",
        "DescribeStateMachine": "stateMachineArn",
        "ListExecutions": "mapRunArn" if "mapRunArn" in call.parameters else "stateMachineArn",
        "DescribeExecution": "executionArn",
        "StopExecution": "executionArn",
        "RedriveExecution": "executionArn",
        "GetExecutionHistory": "executionArn",
        "DescribeMapRun": "mapRunArn",
        "UpdateMapRun": "mapRunArn",
    }.get(call.operation)
    if resource is None:
        return None
    return [Permission(f"states:{call.operation}", call.parameters[resource])]


def _events(call: Call, names: Names) -> list[Permission] | None:
    if call.operation == "PutEvents":
        buses = {entry.get("EventBusName", "default") for entry in call.parameters["Entries"]}
        return [Permission("events:PutEvents", names.arn("events", f"event-bus/{bus}")) for bus in sorted(buses)]
    if call.operation not in ("PutRule", "DescribeRule", "DeleteRule", "PutTargets", "RemoveTargets"):
        return None
    return [Permission(f"events:{call.operation}", rule_arn(call, names))]


def rule_arn(call: Call, names: Names) -> str:
    """ARN of the rule that an EventBridge call names."""
    rule = call.parameters.get("Rule") or call.parameters["Name"]
    bus = call.parameters.get("EventBusName", "default").rpartition("/")[2]
    return names.arn("events", f"rule/{rule}" if bus == "default" else f"rule/{bus}/{rule}")


def _sns(call: Call, names: Names) -> list[Permission] | None:
    if call.operation not in ("Publish", "PublishBatch"):
        return None
    parameters = call.parameters
    return [Permission("sns:Publish", parameters.get("TopicArn") or parameters.get("TargetArn") or "*")]


def _sqs(call: Call, names: Names) -> list[Permission] | None:
    action = {
        "SendMessage": "SendMessage",
        "SendMessageBatch": "SendMessage",
        "ReceiveMessage": "ReceiveMessage",
        "DeleteMessage": "DeleteMessage",
        "DeleteMessageBatch": "DeleteMessage",
        "GetQueueAttributes": "GetQueueAttributes",
    }.get(call.operation)
    if action is None:
        return None
    account, queue = call.parameters["QueueUrl"].rsplit("/", 2)[-2:]
    return [Permission(f"sqs:{action}", f"arn:{names.partition}:sqs:{names.region}:{account}:{queue}")]


def _logs(call: Call, names: Names) -> list[Permission] | None:
    group = call.parameters.get("logGroupName", "")
    stream = call.parameters.get("logStreamName", "")
    if call.operation in ("CreateLogGroup", "DescribeLogStreams", "DescribeLogGroups", "PutRetentionPolicy"):
        stream = ""
    elif call.operation not in ("CreateLogStream", "PutLogEvents", "GetLogEvents"):
        return None
    # CloudWatch Logs names a log-stream in every ARN it checks, an empty one for calls on a group:
    # a policy on a group's bare ARN, without ":*", matches nothing.
    return [Permission(f"logs:{call.operation}", names.arn("logs", f"log-group:{group}:log-stream:{stream}"))]


def _ecr(call: Call, names: Names) -> list[Permission] | None:
    if call.operation == "GetAuthorizationToken":
        return [Permission("ecr:GetAuthorizationToken", "*")]
    if call.operation not in (
        "BatchGetImage",
        "BatchCheckLayerAvailability",
        "GetDownloadUrlForLayer",
        "DescribeImages",
    ):
        return None
    registry = call.parameters.get("registryId", names.account)
    repository = f"arn:{names.partition}:ecr:{names.region}:{registry}:repository/{call.parameters['repositoryName']}"
    return [Permission(f"ecr:{call.operation}", repository)]


def _cloudwatch(call: Call, names: Names) -> list[Permission] | None:
    if call.operation != "PutMetricData":
        return None
    return [Permission("cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": call.parameters["Namespace"]})]


def _xray(call: Call, names: Names) -> list[Permission]:
    return [Permission(f"xray:{call.operation}", "*")]


def _kms(call: Call, names: Names) -> list[Permission] | None:
    return kms.permissions(call, names.account)


def _ec2(call: Call, names: Names) -> list[Permission] | None:
    parameters = call.parameters
    if call.operation.startswith("Describe"):
        return [Permission(f"ec2:{call.operation}", "*")]
    resources = {
        "CreateNetworkInterface": [
            "network-interface/*",
            f"subnet/{parameters.get('SubnetId')}",
            *(f"security-group/{group}" for group in parameters.get("Groups", [])),
        ],
        "DeleteNetworkInterface": [f"network-interface/{parameters.get('NetworkInterfaceId')}"],
        "CreateNetworkInterfacePermission": [f"network-interface/{parameters.get('NetworkInterfaceId')}"],
        "DeleteNetworkInterfacePermission": ["*"],
    }.get(call.operation)
    if resources is None:
        return None
    return [
        Permission(f"ec2:{call.operation}", resource if resource == "*" else names.arn("ec2", resource))
        for resource in resources
    ]


def _sts(call: Call, names: Names) -> list[Permission] | None:
    # Nobody needs a permission to ask who they are.
    return [] if call.operation == "GetCallerIdentity" else None


_SERVICES: dict[str, Callable[[Call, Any], list[Permission] | None]] = {
    "cloudwatch": _cloudwatch,
    "ec2": _ec2,
    "ecr": _ecr,
    "events": _events,
    "kms": _kms,
    "lambda": _lambda,
    "logs": _logs,
    "s3": _s3,
    "sagemaker": _sagemaker,
    "sns": _sns,
    "sqs": _sqs,
    "stepfunctions": _stepfunctions,
    "sts": _sts,
    "xray": _xray,
}
