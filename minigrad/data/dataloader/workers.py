"""Workers: threads that map a function ahead of its use, in order."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from queue import SimpleQueue
from threading import Thread
from typing import TypeAlias, TypeVar, cast

__all__ = ["worker_map"]

T = TypeVar("T")
R = TypeVar("R")
_Box: TypeAlias = "SimpleQueue[tuple[R | None, BaseException | None]]"

AHEAD = 2  # results that a worker may be ahead of the consumer


def worker_map(function: Callable[[T, Sequence[object]], R], jobs: Sequence[T], workers: int) -> Iterator[R]:
    """`map(function, jobs)` by threads: results in order, and the first error in its place, whoever is faster.

    `function(job, stopped)` may give up when `stopped` is no longer empty: nobody waits for its result then. Closing
    the iterator, or dropping it, ends the threads before it returns; a Ctrl-C, or one thrown into it, lets them end
    when they can.
    """
    tasks: SimpleQueue[tuple[T, _Box[R]] | None] = SimpleQueue()
    ahead: deque[_Box[R]] = deque()
    stopped: list[bool] = []

    def work() -> None:
        for job, box in iter(tasks.get, None):
            if stopped:
                return
            try:
                box.put((function(job, stopped), None))
            except BaseException as error:
                box.put((None, error))

    threads: list[Thread] = []
    waits = True
    try:
        for number in range(min(workers, len(jobs))):
            # With the caller's context, so that its np.errstate holds in a worker too. A daemon, so that an iterator
            # that is still held when the program ends does not keep it from ending.
            run = copy_context().run
            threads.append(Thread(target=run, args=(work,), name=f"minigrad-loader-{number}", daemon=True))
            threads[-1].start()
        for job in jobs:
            ahead.append(SimpleQueue())
            tasks.put((job, ahead[-1]))
            if len(ahead) == AHEAD * workers:
                yield _result(ahead.popleft())
        while ahead:
            yield _result(ahead.popleft())
    except KeyboardInterrupt:
        waits = False  # a `get` may take its time, and who pressed Ctrl-C has none
        raise
    finally:
        stopped.append(True)
        for _ in threads:
            tasks.put(None)
        for thread in threads:
            # At the very end of the program they have stopped for good; from Python 3.13 on a join would never return.
            if waits and thread.is_alive() and not sys.is_finalizing():
                thread.join()


def _result(box: _Box[R]) -> R:
    result, error = box.get()
    if error is None:
        return cast(R, result)
    try:
        raise error
    finally:
        del error  # it knows this frame; a frame that knows it would be a cycle
