from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from preprocess import handler as module
from preprocess.deadline import Deadline
from preprocess.errors import InvalidConfigurationError, InvalidInputError, OutOfTimeError
from unit.preprocess.runs import INPUT, assert_nothing_left, event


class Context:
    """As much of Lambda's context as the handler uses."""

    def __init__(self, *milliseconds: int) -> None:
        self._left = list(milliseconds)

    def get_remaining_time_in_millis(self) -> int:
        return self._left.pop(0) if len(self._left) > 1 else self._left[0]


@pytest.fixture(autouse=True)
def _client(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "s3_client", lambda: s3)


def test_handler(s3: Any, caplog: pytest.LogCaptureFixture) -> None:
    s3.put_object(Bucket=INPUT, Key="reviews.csv", Body="star_rating,review_body\n5,秘密の部屋\n1,狭い部屋\n".encode())

    with caplog.at_level(logging.INFO):
        result = module.handler(event(), Context(60_000))

    assert result["rows"] == {"read": 2, "kept": 2, "dropped": {}}
    assert json.loads(json.dumps(result)) == result
    assert "preprocessed" in caplog.text
    assert "秘密" not in caplog.text


def test_a_wrong_event() -> None:
    with pytest.raises(InvalidConfigurationError, match="input is missing"):
        module.handler({}, Context(60_000))


def test_a_bad_file(s3: Any) -> None:
    s3.put_object(Bucket=INPUT, Key="reviews.csv", Body=b"")

    with pytest.raises(InvalidInputError, match=r"reviews\.csv: it is empty"):
        module.handler(event(), Context(60_000))


def test_it_stops_before_lambda_does(s3: Any) -> None:
    s3.put_object(Bucket=INPUT, Key="reviews.csv", Body=b"star_rating,review_body\n5,a\n")

    with pytest.raises(OutOfTimeError, match=r"of 0\.0 MB; nothing was written\. Give the function more memory"):
        module.handler(event(), Context(60_000, 5_000))
    assert_nothing_left(s3)


@pytest.mark.parametrize(("seconds", "reserve"), [(900, 10), (60, 6), (3, 0.3)])
def test_the_reserve(seconds: float, reserve: float) -> None:
    left = [seconds]
    deadline = Deadline(lambda: left[0])

    left[0] = reserve + 0.01
    deadline.check(1, 2)
    left[0] = reserve - 0.01
    with pytest.raises(OutOfTimeError, match=r"after 1\.0 of 2\.5 MB"):
        deadline.check(1_000_000, 2_500_000)


@pytest.mark.parametrize(("memory", "workers"), [(128, 1), (1769, 1), (1770, 2), (3538, 2), (10_240, 6)])
def test_every_vcpu_that_the_memory_buys_works(monkeypatch: pytest.MonkeyPatch, memory: int, workers: int) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", str(memory))
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(6)))
    assert module.vcpus() == workers

    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1})
    assert module.vcpus() == min(workers, 2)


def test_outside_lambda_every_core_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2})

    assert module.vcpus() == 3
