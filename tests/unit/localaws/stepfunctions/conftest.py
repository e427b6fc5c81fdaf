"""Fixtures for state machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from moto.awslambda.responses import LambdaResponse
from moto.core.responses import ActionResult
from moto.sagemaker.responses import SageMakerResponse

from localaws import LocalAWS
from unit.localaws.stepfunctions.runner import ANYTHING, Functions, Jobs, Runner, make_role

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def module_aws() -> Iterator[LocalAWS]:
    """One local AWS for the tests of a module, which leave each other's machines alone."""
    with LocalAWS() as local:
        yield local


@pytest.fixture
def aws(module_aws: LocalAWS) -> Iterator[LocalAWS]:
    yield module_aws
    module_aws.faults.clear()
    module_aws.denied.clear()


@pytest.fixture(scope="module")
def runner(module_aws: LocalAWS) -> Runner:
    make_role(module_aws, "training", service="sagemaker.amazonaws.com")
    return Runner(module_aws, make_role(module_aws, "everything", ANYTHING))


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Functions:
    scripted = Functions()
    monkeypatch.setattr(LambdaResponse, "invoke", lambda self: scripted.invoke(self))
    return scripted


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> Jobs:
    scripted = Jobs()
    monkeypatch.setattr(SageMakerResponse, "create_training_job", lambda self: scripted.create(self))
    monkeypatch.setattr(SageMakerResponse, "describe_training_job", lambda self: scripted.describe(self))
    monkeypatch.setattr(SageMakerResponse, "stop_training_job", lambda self: scripted.stop(self))
    monkeypatch.setattr(SageMakerResponse, "list_tags", lambda self: ActionResult({"Tags": []}))
    return scripted
