from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from preprocess import workers
from preprocess.errors import InvalidInputError
from preprocess.workers import process_in_order

if TYPE_CHECKING:
    from collections.abc import Iterator


def square(number: int) -> int:
    return number * number


def nothing() -> None:
    pass


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_results_keep_the_order_whoever_is_faster(count: int) -> None:
    def slow_if_even(number: int) -> int:
        time.sleep(0 if number % 2 else 0.003)
        return number * number

    assert list(process_in_order([slow_if_even] * count, range(50), nothing)) == [n * n for n in range(50)]


@pytest.mark.parametrize("count", [1, 3])
def test_no_items(count: int) -> None:
    assert list(process_in_order([square] * count, [], nothing)) == []


def test_all_workers_work_at_the_same_time() -> None:
    everyone = threading.Barrier(3)

    results = process_in_order([lambda _: everyone.wait(timeout=10)] * 3, range(3), nothing)

    assert sorted(results) == [0, 1, 2]


def test_no_function_is_called_by_two_threads_at_once() -> None:
    """As SudachiPy's tokenizer, which can't be shared."""

    class Exclusive:
        def __init__(self) -> None:
            self._lock = threading.Lock()

        def __call__(self, number: int) -> int:
            assert self._lock.acquire(blocking=False)
            time.sleep(0.001)
            self._lock.release()
            return number

    assert list(process_in_order([Exclusive() for _ in range(4)], range(100), nothing)) == list(range(100))


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_first_error_in_the_order_of_the_items_is_raised(count: int) -> None:
    def items() -> Iterator[int]:
        yield from range(10)
        raise InvalidInputError("of the items")

    def fail(number: int) -> int:
        if number == 7:
            raise InvalidInputError("of seven", line=7)
        if number == 8:
            raise ValueError("of eight, which is faster")
        time.sleep(0.02)
        return number

    with pytest.raises(InvalidInputError, match="line 7: of seven"):
        list(process_in_order([fail] * count, items(), nothing))
    with pytest.raises(InvalidInputError, match="of the items"):
        list(process_in_order([square] * count, items(), nothing))


def test_all_results_before_an_error_come() -> None:
    def items() -> Iterator[int]:
        yield from range(3)
        raise InvalidInputError("of the items")

    results = process_in_order([square] * 2, items(), nothing)

    assert [next(results) for _ in range(3)] == [0, 1, 4]
    with pytest.raises(InvalidInputError, match="of the items"):
        next(results)


def test_a_time_out_of_the_work_itself_is_an_error() -> None:
    """Waiting for a result has time-outs too, which are none."""

    def time_out(_: int) -> int:
        raise TimeoutError("of the work")

    with pytest.raises(TimeoutError, match="of the work"):
        list(process_in_order([time_out], [1], nothing))


def test_items_are_drawn_only_as_fast_as_they_are_used() -> None:
    """While the first one takes its time, the results of the others wait in memory."""
    drawn = []

    def items() -> Iterator[int]:
        for number in range(1000):
            drawn.append(number)
            yield number

    def slow_first(number: int) -> int:
        time.sleep(0 if number else 0.5)
        return number

    results = process_in_order([slow_first] * 2, items(), nothing)

    assert next(results) == 0
    assert len(drawn) <= 2 * workers.WINDOW_A_WORKER
    results.close()  # type: ignore[attr-defined]


def test_tick_stops_everything_while_workers_are_busy() -> None:
    """The batches worked on are ended, as a thread can't be killed; those that wait are not begun."""
    started = time.monotonic()
    begun = []

    def tick() -> None:
        if time.monotonic() - started > 0.2:
            raise TimeoutError

    def work(number: int) -> None:
        begun.append(number)
        time.sleep(1)

    with pytest.raises(TimeoutError):
        list(process_in_order([work] * 2, range(8), tick))
    assert len(begun) <= 2
