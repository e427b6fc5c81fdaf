"""Working on batches in several processes, with results in the order of the batches.

Processes, because formatting holds Python's global interpreter lock and two threads reach only four fifths of what two
forks do. Forked ones, because they share the dictionary and need no import of their own. Pipes, because Lambda has
no ``/dev/shm``, without which ``multiprocessing``'s pools, queues and locks fail.
"""

from __future__ import annotations

import gc
import multiprocessing
import queue
import signal
import threading
import traceback
from collections import deque
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Batches a worker has at once: one it works on and one that waits, so that it never does.
BATCHES_A_WORKER = 2

#: Results may wait for that many earlier ones a worker: bounds the memory.
WINDOW_A_WORKER = 4

TICK_SECONDS = 0.5


class WorkerDiedError(RuntimeError):
    """A worker process ended without an answer."""


def process_in_order(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int, tick: Callable[[], None]
) -> Iterator[Result]:
    """Yield ``function(item)`` for each item, in the order of the items.

    Parameters
    ----------
    function
        Runs in ``workers`` forked processes, or here if that is one.
    items
        Drawn only as fast as the workers get through them. An error it raises comes after all results before it, so
        what fails first does not depend on the number of workers.
    tick
        Called at least twice a second; may raise to stop everything.

    Raises
    ------
    WorkerDiedError
        A worker was killed.
    """
    if workers == 1:
        for item in items:
            tick()
            yield function(item)
        return
    pool = _Pool(function, workers, tick)
    try:
        yield from pool.map(iter(items))
    finally:
        pool.stop()


class _Pool(Generic[Item, Result]):
    def __init__(self, function: Callable[[Item], Result], workers: int, tick: Callable[[], None]) -> None:
        self._tick = tick
        self._workers: list[_Worker[Item, Result]] = []
        for _ in range(workers):
            self._workers.append(_Worker(function, [worker.connection for worker in self._workers]))
        self._sent = 0
        self._results: dict[int, Result | Exception] = {}

    def map(self, items: Iterator[Item]) -> Iterator[Result]:
        failure: Exception | None = None
        exhausted = False
        following = 0
        while not exhausted or following < self._sent:
            while not exhausted and (worker := self._free(following)):
                try:
                    item = next(items)
                except StopIteration:
                    exhausted = True
                except Exception as error:
                    failure, exhausted = error, True
                else:
                    worker.send(self._sent, item)
                    self._sent += 1
            while following in self._results:
                result = self._results.pop(following)
                if isinstance(result, Exception):
                    raise result
                following += 1
                yield result
            if following < self._sent:
                self._collect()
        if failure is not None:
            raise failure

    def stop(self) -> None:
        for worker in self._workers:
            worker.stop()

    def _free(self, following: int) -> _Worker[Item, Result] | None:
        """Return a worker that may be sent a batch now."""
        worker = min(self._workers, key=lambda worker: len(worker.batches))
        window_open = self._sent - following < WINDOW_A_WORKER * len(self._workers)
        return worker if window_open and len(worker.batches) < BATCHES_A_WORKER else None

    def _collect(self) -> None:
        """Wait for one result or more."""
        workers = {worker.connection: worker for worker in self._workers if worker.batches}
        while True:
            self._tick()
            ready = wait(list(workers), timeout=TICK_SECONDS)
            if ready:
                break
        for connection in ready:
            number, result = workers[connection].receive()  # type: ignore[index]
            self._results[number] = result


class _Worker(Generic[Item, Result]):
    def __init__(self, function: Callable[[Item], Result], others: list[Connection]) -> None:
        fork = multiprocessing.get_context("fork")
        self.connection, far_end = fork.Pipe()
        self.batches: deque[int] = deque()
        # A fork inherits every end that is open; an end that stays open keeps its reader from seeing the end.
        self._process = fork.Process(target=_work, args=(function, far_end, [*others, self.connection]), daemon=True)
        self._process.start()
        far_end.close()

    def send(self, number: int, item: Item) -> None:
        self.batches.append(number)
        with suppress(BrokenPipeError):  # a dead worker is found out by `receive`
            self.connection.send(item)

    def receive(self) -> tuple[int, Result | Exception]:
        try:
            result = self.connection.recv()
        except (EOFError, ConnectionResetError):
            self._process.join()
            code = self._process.exitcode
            why = "killed, most likely for want of memory: give the function more" if code == -9 else f"code {code}"
            raise WorkerDiedError(f"a worker process ended before its work was done ({why})") from None
        return self.batches.popleft(), result

    def stop(self) -> None:
        self.connection.close()
        self._process.kill()
        self._process.join()
        self._process.close()


def _work(function: Callable[[Any], Any], connection: Connection, foreign: list[Connection]) -> None:
    """Answer every item with a result or an exception, until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent stops its workers
    gc.freeze()  # a collection would write to, and so copy, every page shared with the parent
    for end in foreign:
        end.close()
    waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
    # Reads while the main thread works: sending to a worker then never blocks, so neither side can wait for the other.
    threading.Thread(target=_receive, args=(connection, waiting), daemon=True).start()
    while (received := waiting.get()) is not None:
        (item,) = received
        try:
            answer = function(item)
        except Exception as error:
            error.add_note(f"In a worker process:\n{traceback.format_exc()}")
            answer = error
        with suppress(BrokenPipeError):
            connection.send(answer)


def _receive(connection: Connection, waiting: queue.SimpleQueue[Any]) -> None:
    with suppress(EOFError, ConnectionResetError):
        while True:
            waiting.put((connection.recv(),))
    waiting.put(None)
