from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from preprocess import workers
from preprocess.errors import InvalidInputError
from preprocess.workers import WorkerDiedError, process_in_order

if TYPE_CHECKING:
    from collections.abc import Iterator


def square(number: int) -> int:
    return number * number


def nothing() -> None:
    pass


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    assert psutil.Process().children(recursive=True) == []


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_results_keep_the_order_whoever_is_faster(count: int) -> None:
    def slow_if_even(number: int) -> int:
        time.sleep(0 if number % 2 else 0.003)
        return number * number

    assert list(process_in_order(slow_if_even, range(50), count, nothing)) == [n * n for n in range(50)]


@pytest.mark.parametrize("count", [1, 3])
def test_no_items(count: int) -> None:
    assert list(process_in_order(square, [], count, nothing)) == []


def test_the_workers_are_processes() -> None:
    def pid(_: int) -> int:
        time.sleep(0.01)
        return os.getpid()

    pids = set(process_in_order(pid, range(20), 2, nothing))

    assert len(pids) == 2
    assert os.getpid() not in pids
    assert set(process_in_order(pid, range(3), 1, nothing)) == {os.getpid()}


def test_items_and_results_larger_than_a_pipe_holds() -> None:
    """Both sides would wait for each other, if a worker did not read while it works."""
    items = [bytes([n]) * 2**20 for n in range(12)]

    assert list(process_in_order(lambda item: item * 2, items, 2, nothing)) == [item * 2 for item in items]


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
        list(process_in_order(fail, items(), count, nothing))
    with pytest.raises(InvalidInputError, match="of the items"):
        list(process_in_order(square, items(), count, nothing))


def test_an_error_tells_where_in_the_worker_it_came_from() -> None:
    def broken(number: int) -> float:
        return number / 0

    with pytest.raises(ZeroDivisionError) as error:
        list(process_in_order(broken, [1], 2, nothing))

    assert "in broken" in error.value.__notes__[0]


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

    results = process_in_order(slow_first, items(), 2, nothing)

    assert next(results) == 0
    assert len(drawn) <= 1 + 2 * workers.WINDOW_A_WORKER
    results.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("end", "words"), [(signal.SIGKILL, "want of memory"), (signal.SIGTERM, "code -15")])
def test_a_worker_that_is_killed(end: signal.Signals, words: str) -> None:
    def die(number: int) -> int:
        if number == 3:
            os.kill(os.getpid(), end)
        return number

    with pytest.raises(WorkerDiedError, match=words):
        list(process_in_order(die, range(100), 2, nothing))


def test_tick_stops_everything_while_workers_are_busy() -> None:
    started = time.monotonic()

    def tick() -> None:
        if time.monotonic() - started > 0.2:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        list(process_in_order(lambda _: time.sleep(60), [1, 2], 2, tick))
    assert time.monotonic() - started < 5


def test_workers_end_with_their_parent() -> None:
    """A parent that is killed can't stop them; the end of its pipes does."""
    reader, writer = os.pipe()
    parent = os.fork()
    if parent == 0:  # pragma: no cover
        results = process_in_order(lambda _: os.getpid(), range(100), 3, nothing)
        for _ in range(20):
            os.write(writer, f"{next(results)}\n".encode())
        os.kill(os.getpid(), signal.SIGKILL)
    os.close(writer)
    os.waitpid(parent, 0)
    with os.fdopen(reader) as stream:
        pids = {int(stream.readline()) for _ in range(20)}  # no end comes before the workers', which hold it open

    assert len(pids) > 1
    deadline = time.monotonic() + 5
    while any(psutil.pid_exists(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"] == []


def test_no_shared_memory_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambda has no /dev/shm: creating one of multiprocessing's locks fails there."""

    def no_shm(*_: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("multiprocessing.synchronize.SemLock.__init__", no_shm)

    assert list(process_in_order(square, range(5), 2, nothing)) == [0, 1, 4, 9, 16]


def test_threads_of_the_parent_do_no_harm() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert list(process_in_order(square, range(5), 2, nothing)) == [0, 1, 4, 9, 16]
    finally:
        stop.set()
        thread.join()
