"""Two ways to map a function ahead of its use, both in order: in bursts, and by worker threads."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import copy_context
from itertools import islice
from queue import SimpleQueue
from threading import Thread
from time import perf_counter
from typing import TypeAlias, TypeVar, cast

__all__ = ["burst_map", "worker_map"]

T = TypeVar("T")
R = TypeVar("R")
_Box: TypeAlias = "SimpleQueue[tuple[R | None, BaseException | None]]"

BURST = 64
BURST_SECONDS = 0.001
AHEAD = 2  # results a worker may be ahead of the consumer


def burst_map(function: Callable[[T], R], jobs: Iterable[T]) -> Iterator[R]:
    """`map(function, jobs)`, called many times in a row: what runs again at once finds its code and data in the cache.

    A burst ends after a millisecond, so slow calls are made one at a time, as `map` makes them: the first result does
    not wait for 63 others, and large ones do not pile up. What was made before a call failed still arrives.
    """
    jobs = iter(jobs)
    made: deque[R] = deque()
    while True:
        until = perf_counter() + BURST_SECONDS
        try:
            for job in islice(jobs, BURST):
                made.append(function(job))
                if perf_counter() > until:
                    break
        except Exception:
            while made:
                yield made.popleft()
            raise
        if not made:
            return
        while made:
            yield made.popleft()


def worker_map(function: Callable[[T, Sequence[object]], R], jobs: Sequence[T], workers: int) -> Iterator[R]:
    """`map(function, jobs)` by threads: results in order, and the first error in its place, whoever is faster.

    `function(job, stopped)` may give up when `stopped` is no longer empty: nobody waits for its result then. Closing
    the iterator, or dropping it, ends the threads before it returns.
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
    finally:
        stopped.append(True)
        for _ in threads:
            tasks.put(None)
        for thread in threads:
            # At the very end of the program they have stopped for good; from Python 3.13 on a join would never return.
            if thread.is_alive() and not sys.is_finalizing():
                thread.join()


def _result(box: _Box[R]) -> R:
    result, error = box.get()
    if error is None:
        return cast(R, result)
    try:
        raise error
    finally:
        del error  # it knows this frame; a frame that knows it would be a cycle
