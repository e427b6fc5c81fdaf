"""The integrations there are."""

from __future__ import annotations

from localaws.services.stepfunctions.integrations.aws_sdk import AwsSdk
from localaws.services.stepfunctions.integrations.lambda_invoke import LambdaInvoke
from localaws.services.stepfunctions.integrations.sns_publish import SnsPublish
from localaws.services.stepfunctions.integrations.task import Integration, UnsupportedResourceError
from localaws.services.stepfunctions.integrations.training_job import TrainingJob


def integration_for(service_name: str) -> Integration:
    """The integration behind ``arn:aws:states:::<service>:…``.

    Raises
    ------
    UnsupportedResourceError
    """
    known: dict[str, type[Integration]] = {
        "aws-sdk": AwsSdk,
        "lambda": LambdaInvoke,
        "sagemaker": TrainingJob,
        "sns": SnsPublish,
    }
    if service_name not in known:
        raise UnsupportedResourceError(service_name)
    return known[service_name]()
