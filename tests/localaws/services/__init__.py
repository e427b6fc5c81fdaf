"""The services, each by itself: none knows another but through calls to the account."""

from __future__ import annotations

from localaws.services import events, lambda_, s3, sagemaker, stepfunctions

__all__ = ["events", "lambda_", "s3", "sagemaker", "stepfunctions"]
