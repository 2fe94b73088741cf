"""Workers: threads that map a function ahead of its use, in order."""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import Context, copy_context
from itertools import islice, repeat
from queue import Empty, SimpleQueue
from threading import Thread, current_thread
from typing import Any, TypeAlias, TypeVar, cast

from ...errors import LoaderError

__all__ = ["Workers"]

T = TypeVar("T")
R = TypeVar("R")
Function: TypeAlias = "Callable[[T, Sequence[object]], R]"
_Box: TypeAlias = "SimpleQueue[tuple[R | None, BaseException | None]]"
_Task: TypeAlias = "tuple[Context, Function[Any, Any], Any, Sequence[object], _Box[Any]]"

AHEAD = 2  # results that a worker may be ahead of the consumer
PATIENCE = 2.0  # seconds to wait for a job that nobody wants any more


class Workers:
    """So many threads, which start when there is work for them; 0: the caller works. So does one of these threads, in a
    `get` that reads from a loader that shares them: if all waited for each other, it would be for good.

    They end after each map. Persistent ones stay for the next, for several at once too, and end with this object; a
    copy of it in another process starts its own.
    """

    def __init__(self, number: int, persistent: bool = False) -> None:
        self._number = number
        self._persistent = persistent
        self._kept: _Threads | None = None

    @contextmanager
    def map(self, function: Function[T, R], jobs: Iterable[T], ahead: int = AHEAD) -> Iterator[Iterator[R]]:
        """`map(function, jobs)` by threads: results in order, and the first error in its place, whoever is faster.

        `function(job, stopped)` may give up when `stopped` is no longer empty: nobody waits for its result then.
        Leaving the context waits for jobs at hand, after which threads that do not stay have ended; not for a job that
        is stuck, nor on Ctrl-C: these threads end when they can.
        """
        if not self._number or (self._kept and self._kept.is_own(current_thread())):
            yield map(function, jobs, repeat(()))
            return
        threads = self._threads()
        stopped: list[bool] = []
        boxes: deque[_Box[R]] = deque()
        patience = PATIENCE
        try:
            yield threads.results(function, jobs, stopped, boxes, ahead * self._number)
        except KeyboardInterrupt:
            patience = 0.0  # a `get` may take its time, and who pressed Ctrl-C has none
            raise
        finally:
            stopped.append(True)
            threads.patience = patience
            if self._persistent:
                threads.wait_for(boxes)
            else:
                threads.end()

    def _threads(self) -> _Threads:
        kept = self._kept
        if kept is None or not kept.are_here:
            kept = _Threads(self._number)
            self._kept = kept if self._persistent else None
        return kept

    def __reduce__(self) -> tuple[Any, ...]:
        return Workers, (self._number, self._persistent)


class _Threads:
    """Threads at one queue. They know the queue and not this object, so they end with it."""

    def __init__(self, number: int) -> None:
        self.patience = PATIENCE
        self._process = os.getpid()
        self._tasks: SimpleQueue[_Task | None] = SimpleQueue()
        self._numbers = iter(range(number))  # of those that have not started
        self._threads: list[Thread] = []

    @property
    def are_here(self) -> bool:
        """A fork copies this object into another process, and no thread."""
        return self._process == os.getpid()

    def is_own(self, thread: Thread) -> bool:
        return thread in self._threads

    def results(
        self, function: Function[T, R], jobs: Iterable[T], stopped: Sequence[object], boxes: deque[_Box[R]], ahead: int
    ) -> Iterator[R]:
        """The results of the jobs in order. `boxes` are those that will come: at most `ahead`."""
        for job in jobs:
            boxes.append(SimpleQueue())
            # In the caller's context, so that its np.errstate holds in a worker too.
            self._tasks.put((copy_context(), function, job, stopped, boxes[-1]))
            self._start_one()
            if len(boxes) == ahead:
                yield self._result(boxes)
        while boxes:
            yield self._result(boxes)

    def wait_for(self, boxes: Iterable[_Box[Any]]) -> None:
        """Until the jobs of these boxes are done, or patience is."""
        end = time.monotonic() + self.patience
        for box in boxes:
            # At the very end of the program threads have stopped for good.
            if self.are_here and not sys.is_finalizing():
                with suppress(Empty):
                    box.get(timeout=max(0.0, end - time.monotonic()))

    def end(self) -> None:
        """Ends the threads, and waits for that until patience is done."""
        threads, self._threads = self._threads, []
        if not self.are_here:
            return
        for _ in threads:
            self._tasks.put(None)
        end = time.monotonic() + self.patience
        for thread in threads:
            # From Python 3.13 on a join at the very end of the program would never return.
            if thread.is_alive() and not sys.is_finalizing() and thread is not current_thread():
                thread.join(max(0.0, end - time.monotonic()))

    __del__ = end

    def _start_one(self) -> None:
        for number in islice(self._numbers, 1):
            # A daemon, so that an iterator that is still held when the program ends does not keep it from ending.
            thread = Thread(target=_work, args=(self._tasks,), name=f"minigrad-loader-{number}", daemon=True)
            self._threads.append(thread)  # before it starts: its first `get` may ask whether it is one of these
            try:
                thread.start()
            except RuntimeError as error:
                self._threads.remove(thread)
                raise LoaderError(
                    f"worker {number + 1} cannot be started: {error}\n  write a smaller number: num_workers({number})"
                ) from error

    def _result(self, boxes: deque[_Box[R]]) -> R:
        if not self.are_here:
            raise LoaderError(
                "this pass began in another process, and its workers are not in this one\n"
                "  begin one here: iter(loader)"
            )
        result, error = boxes.popleft().get()
        if error is None:
            return cast(R, result)
        try:
            raise error
        finally:
            del error  # it knows this frame; a frame that knows it would be a cycle


def _work(tasks: SimpleQueue[_Task | None]) -> None:
    """What a thread does: the tasks, until one is None."""
    for task in iter(tasks.get, None):
        _do(*task)
        del task  # a thread that waits holds nothing: not the dataset, not its last item


def _do(context: Context, function: Function[T, R], job: T, stopped: Sequence[object], box: _Box[R]) -> None:
    if stopped:
        box.put((None, None))
        return
    try:
        box.put((context.run(function, job, stopped), None))
    except BaseException as error:
        box.put((None, error))
        del box  # nobody may look into it any more; the error knows this frame, and would be a cycle with all its items
