"""Fixtures: S3 in memory, and a runner that takes a file's bytes and returns what preprocessing makes of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from preprocess import pipeline
from preprocess.config import Job, TokenizerSettings
from preprocess.text import dictionary
from preprocess.text.tokenizer import Tokenizer
from unit.preprocess.runs import ARTIFACTS, INPUT, PREFIX, Outcome, event, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


# No test depends on the AWS settings of whoever runs it.
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ |= {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """A session for all tests: it keeps what it has loaded of botocore's service models."""
    return boto3.Session("test", "test", region_name="us-east-1")


@pytest.fixture
def s3(session: boto3.Session) -> Iterator[Any]:
    """A client of an S3 with the two buckets, empty; the input bucket keeps versions."""
    with mock_aws():
        client = session.client("s3")
        for bucket in (INPUT, ARTIFACTS):
            client.create_bucket(Bucket=bucket)
        client.put_bucket_versioning(Bucket=INPUT, VersioningConfiguration={"Status": "Enabled"})
        yield client


@pytest.fixture
def preprocess(s3: Any) -> Callable[..., Outcome]:
    """Upload a file and preprocess it, as the first run of its prefix."""

    def run(
        body: bytes | str, *, workers: int = 1, shard: bool = False, key: str = "reviews.csv", **config: Any
    ) -> Outcome:
        for name in written(s3):
            s3.delete_object(Bucket=ARTIFACTS, Key=PREFIX + name)
        s3.put_object(Bucket=INPUT, Key=key, Body=body.encode() if isinstance(body, str) else body)
        result = pipeline.run(Job.from_event(event(key, shard=shard, **config)), s3, workers=workers)
        return Outcome(result, written(s3))

    return run


@pytest.fixture
def tokenizer() -> Callable[..., Tokenizer]:
    """Make tokenizers from settings."""
    return lambda **settings: Tokenizer(dictionary.load(), TokenizerSettings(**settings))
