"""Working on batches in several threads, with results in the order of the batches.

Threads, because SudachiPy lets go of Python's global interpreter lock while it analyzes a text: on two cores, two
threads get through nearly as much as two processes where texts are reviews, and 0.7 to 0.85 where each is one short
sentence; and dictionary, pandas and boto3 are in memory once, 300 MiB in place of 570. Processes would have to be
forked, which a process with other threads should not do, and to talk through pipes, as Lambda has no ``/dev/shm``.
"""

from __future__ import annotations

import queue
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Batches a worker that are waiting, worked on, or done before an earlier one: bounds the memory, and lets no worker
#: wait for another that has a harder batch.
WINDOW_A_WORKER = 4

TICK_SECONDS = 0.5


def process_in_order(
    functions: Sequence[Callable[[Item], Result]], items: Iterable[Item], tick: Callable[[], None]
) -> Iterator[Result]:
    """Yield ``function(item)`` for each item, in the order of the items.

    Parameters
    ----------
    functions
        All alike, one for each worker: none is ever called by two threads at once.
    items
        Drawn only as fast as the workers get through them. An error it raises comes after all results before it, so
        what fails first does not depend on the number of workers.
    tick
        Called at least twice a second; may raise to stop everything.
    """
    idle: queue.SimpleQueue[Callable[[Item], Result]] = queue.SimpleQueue()
    for function in functions:
        idle.put(function)

    def work(item: Item) -> Result:
        function = idle.get()
        try:
            return function(item)
        finally:
            idle.put(function)

    pool = ThreadPoolExecutor(len(functions), thread_name_prefix="worker")
    pending: deque[Future[Result]] = deque()
    try:
        for future in _submitted(pool, work, items):
            pending.append(future)
            if len(pending) == WINDOW_A_WORKER * len(functions):
                yield _result(pending.popleft(), tick)
        while pending:
            yield _result(pending.popleft(), tick)
    finally:
        pool.shutdown(cancel_futures=True)


def _submitted(
    pool: ThreadPoolExecutor, work: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[Future[Result]]:
    """Yield the future of each item. An error of the items takes its place in the order."""
    try:
        for item in items:
            yield pool.submit(work, item)
    except Exception as error:
        failed: Future[Result] = Future()
        failed.set_exception(error)
        yield failed


def _result(future: Future[Result], tick: Callable[[], None]) -> Result:
    tick()
    while wait([future], timeout=TICK_SECONDS).not_done:
        tick()
    return future.result()
