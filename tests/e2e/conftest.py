"""The local AWS with the module applied to it in four ways, once for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from e2e import account
from e2e.stack import Stack
from localaws import LocalAWS, server
from localaws.account.calls import Call, read_call
from localaws.services.sagemaker import training_faults
from localaws.services.stepfunctions.machine import clock

# Only `make test-scale` names it.
collect_ignore = ["scale"]

# Makes what the module is given, and so makes calls that are not the module's.
SAME_ROOT = "tests/e2e/fixtures/same_root"

# Small corpora: words need not be frequent, and training should take a second.
QUICK = {"epochs": 2, "min_count": 1, "vector_dim": 10}


@pytest.fixture(scope="session")
def terraform_calls() -> list[Call]:
    """The calls that Terraform has made for the module so far."""
    return []


@pytest.fixture(scope="session")
def aws(terraform_calls: list[Call]) -> Iterator[LocalAWS]:
    """The account of every test."""

    def record(environ: dict[str, Any]) -> Call | None:
        call = read_call(environ)
        agent = call.headers.get("User-Agent", "") if call is not None else ""
        if call is not None and "Terraform" in agent and SAME_ROOT not in agent:
            terraform_calls.append(call)
        return call

    with LocalAWS() as local, pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "SCALE", 0.0005)
        patch.setattr(server, "read_call", record)
        yield local


def _classifier(aws: LocalAWS, workdir: Path) -> Stack:
    variables = {
        "name": "classifier",
        "corpus": {
            "text_column": "review_body",
            "label_column": "star_rating",
            "label_map": {"1": "0", "2": "0", "4": "1", "5": "1"},
            "validation_fraction": 0.2,
        },
        "training": {"mode": "supervised", "hyperparameters": {**QUICK, "epochs": 10, "buckets": 1000}},
    }
    return Stack(aws, workdir, variables)


def _by_folder(aws: LocalAWS, workdir: Path) -> Stack:
    variables = {
        "name": "folders",
        "corpus": {
            "text_column": "review_body",
            "label_column": "star_rating",
            "label_map": {"1": "0", "2": "0", "4": "1", "5": "1"},
            "validation_fraction": 0.2,
        },
        "input": {"each_file": False},
        "training": {"mode": "supervised", "hyperparameters": {**QUICK, "buckets": 1000}},
    }
    return Stack(aws, workdir, variables)


def _same_root(aws: LocalAWS, workdir: Path) -> Stack:
    return Stack(aws, workdir, {"hyperparameters": QUICK, "region": aws.region}, SAME_ROOT)


def _secured(aws: LocalAWS, workdir: Path) -> Stack:
    variables = {
        "name": "secured",
        "corpus": {"text_column": "review_body"},
        "input": account.make_input_bucket(aws),
        "kms_key_arn": account.make_module_key(aws),
        "permissions_boundary_arn": account.make_boundary(aws),
        "training": {"mode": "skipgram", "hyperparameters": QUICK, "encrypt_inter_container_traffic": True},
        "vpc": account.make_network(aws),
    }
    return Stack(aws, workdir, variables, "tests/e2e/fixtures/secured")


def _vectors(aws: LocalAWS, workdir: Path) -> Stack:
    variables = {
        "name": "vectors",
        "corpus": {"text_column": "review_body"},
        "training": {"mode": "skipgram", "hyperparameters": QUICK, "spot_max_wait_seconds": 3600},
    }
    return Stack(aws, workdir, variables)


@pytest.fixture(scope="session")
def stacks(
    aws: LocalAWS, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[dict[str, Future[Stack]]]:
    """The stacks that the session's tests need, applied side by side: Terraform waits most of the time."""
    wanted = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    makers = {
        "by_folder": _by_folder,
        "classifier": _classifier,
        "same_root": _same_root,
        "secured": _secured,
        "vectors": _vectors,
    }
    with ThreadPoolExecutor(len(makers)) as pool:
        yield {
            name: pool.submit(make, aws, tmp_path_factory.mktemp(name))
            for name, make in makers.items()
            if name in wanted
        }


@pytest.fixture(scope="session")
def by_folder(stacks: dict[str, Future[Stack]]) -> Stack:
    """The module in supervised mode, for files that arrive as folders."""
    return stacks["by_folder"].result()


@pytest.fixture(scope="session")
def classifier(stacks: dict[str, Future[Stack]]) -> Stack:
    """The module in supervised mode: stars 1 and 2 against 4 and 5."""
    return stacks["classifier"].result()


@pytest.fixture(scope="session")
def same_root(stacks: dict[str, Future[Stack]]) -> Stack:
    """The module called three times in the root that also makes what it is given."""
    return stacks["same_root"].result()


@pytest.fixture(scope="session")
def secured(stacks: dict[str, Future[Stack]]) -> Stack:
    """The module with a key, in a VPC, within a permissions boundary, on a bucket that was there before."""
    return stacks["secured"].result()


@pytest.fixture(scope="session")
def vectors(stacks: dict[str, Future[Stack]]) -> Stack:
    """The module in skipgram mode, on spot instances."""
    return stacks["vectors"].result()


@pytest.fixture(scope="session")
def every_stack(classifier: Stack, secured: Stack, vectors: Stack) -> list[Stack]:
    """All of them."""
    return [classifier, secured, vectors]


@pytest.fixture(autouse=True)
def no_faults(aws: LocalAWS) -> Iterator[None]:
    """Let no fault outlive its test."""
    yield
    aws.faults.clear()
    training_faults.clear()
