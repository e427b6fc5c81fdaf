"""The integrations there are: those that the module's workflow uses, by name."""

from __future__ import annotations

from localaws.services.stepfunctions.integrations.aws_sdk import AwsSdk
from localaws.services.stepfunctions.integrations.events_put import PutEvents
from localaws.services.stepfunctions.integrations.lambda_invoke import LambdaInvoke
from localaws.services.stepfunctions.integrations.sns_publish import SnsPublish
from localaws.services.stepfunctions.integrations.task import Integration, UnsupportedResourceError
from localaws.services.stepfunctions.integrations.training_job import TrainingJob

_KNOWN: dict[str, type[Integration]] = {
    "aws-sdk": AwsSdk,
    "events": PutEvents,
    "lambda": LambdaInvoke,
    "sagemaker": TrainingJob,
    "sns": SnsPublish,
}


def integration_for(service_name: str) -> Integration:
    """The integration behind ``arn:aws:states:::<service>:…``.

    Raises
    ------
    UnsupportedResourceError
    """
    if service_name not in _KNOWN:
        raise UnsupportedResourceError(service_name)
    return _KNOWN[service_name]()


def names() -> list[str]:
    """What can stand behind ``arn:aws:states:::``."""
    return sorted(name for service, kind in _KNOWN.items() for name in kind.names(service))
