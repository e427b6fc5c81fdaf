"""The account that a trial runs on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: The region of ``examples/word2vec``.
REGION = "ap-northeast-1"


@dataclass(frozen=True)
class Account:
    """An AWS account, or the local one.

    Attributes
    ----------
    region, profile
        What the AWS provider is told.
    client
        Gives a boto3 client by its service's name.
    environment
        What Terraform's environment has on top.
    poll_seconds
        How often something that takes long is looked at.
    settle_seconds
        How long announcements may be on their way, at most 20.
    overrides
        Arguments of the module in place of the example's.
    """

    region: str
    profile: str | None
    client: Callable[[str], Any]
    environment: Mapping[str, str] = field(default_factory=dict)
    poll_seconds: float = 5.0
    settle_seconds: int = 20
    overrides: Mapping[str, Any] = field(default_factory=dict)


def on_aws(region: str, profile: str | None) -> Account:
    """An account by the user's own credentials."""
    session = boto3.Session(profile_name=profile, region_name=region)
    config = Config(retries={"mode": "standard", "total_max_attempts": 10})

    @cache
    def client(service: str) -> Any:
        return session.client(service, config=config)

    return Account(region, profile, client)
