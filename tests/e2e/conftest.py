"""The local AWS with the module applied to it, once for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from e2e.stack import Stack
from localaws import LocalAWS
from localaws.sagemaker import training_faults
from localaws.stepfunctions import clock

# Small corpora: words need not be frequent, and training should take a second.
QUICK = {"epochs": 2, "min_count": 1, "vector_dim": 10}


@pytest.fixture(scope="session")
def aws() -> Iterator[LocalAWS]:
    """The account of every test."""
    with LocalAWS() as local, pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "SCALE", 0.002)
        yield local


@pytest.fixture(scope="session")
def classifier(aws: LocalAWS, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """The module in supervised mode: stars 1 and 2 against 4 and 5."""
    variables = {
        "name": "classifier",
        "corpus": {
            "text_column": "review_body",
            "label_column": "star_rating",
            "label_map": {"1": "0", "2": "0", "4": "1", "5": "1"},
            "validation_fraction": 0.2,
        },
        "training": {"mode": "supervised", "hyperparameters": {**QUICK, "epochs": 10}},
    }
    return Stack(aws, tmp_path_factory.mktemp("classifier"), variables)


@pytest.fixture(scope="session")
def vectors(aws: LocalAWS, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """The module in skipgram mode."""
    variables = {
        "name": "vectors",
        "corpus": {"text_column": "review_body"},
        "training": {"mode": "skipgram", "hyperparameters": QUICK},
    }
    return Stack(aws, tmp_path_factory.mktemp("vectors"), variables)


@pytest.fixture(autouse=True)
def no_faults(aws: LocalAWS) -> Iterator[None]:
    """Let no fault outlive its test."""
    yield
    aws.faults.clear()
    training_faults.clear()
