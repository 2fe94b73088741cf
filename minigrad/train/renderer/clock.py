"""A thread that draws, a few times a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

__all__ = ["Clock"]

SHARE = 0.1  # of the processor, at most, goes into drawing: what is dear is drawn less often


class Clock:
    """Calls `tick` every `seconds` from `start` to `stop`, or until it raises.

    Then `error` is what it raised, and `failed` is called, in the same thread.
    """

    def __init__(self, tick: Callable[[], object], seconds: float, failed: Callable[[], object]) -> None:
        self.error: Exception | None = None
        self._tick = tick
        self._seconds = seconds
        self._failed = failed
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="minigrad renderer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when nothing is drawn any more."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        pause = self._seconds
        while not self._over.wait(pause):
            began = time.thread_time()
            try:
                self._tick()
            except Exception as error:
                self.error = error
                with suppress(Exception):  # of two errors the first says more
                    self._failed()
                return
            pause = max(self._seconds, (time.thread_time() - began) * (1 / SHARE - 1))
