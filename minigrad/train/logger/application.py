"""`experiment.log`: what `logging.getLogger("minigrad")` says while `fit` runs."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from ...errors import LearnerError, MinigradWarning

__all__ = ["FileApplicationLogger", "attached", "needs_handler", "put", "say", "warn"]

EVERY = 1.0  # seconds between writes: an epoch of a small job is over in a millisecond


def say(logger: logging.Logger, message: str) -> None:
    """What the user of a run must see, whatever draws it: a line on the error output, which also stands in the log."""
    logger.info(message)
    with suppress(OSError, ValueError):  # a pipe that nobody reads any more, a closed file: no reason to lose a model
        print(message, file=sys.stderr)


def put(text: str) -> None:
    """Prints in one piece, as two threads print; what the output's encoding lacks is shown as an escape."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"  # no output at all, or one of the user's own
    print(f"{text}\n".encode(encoding, "backslashreplace").decode(encoding), end="", flush=True)


def warn(logger: logging.Logger, message: str) -> None:
    """A `MinigradWarning` of the user's line that called us, which also stands in the log."""
    logger.warning(message)
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("minigrad."):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, MinigradWarning, level)


class FileApplicationLogger(logging.Handler):
    """Appends lines such as `2024-10-15T06:34:52.205470Z  INFO minigrad.train.learner: Fitting the model`.

    Lines wait up to a second for each other; a warning is written at once. A file that cannot be written costs a
    `MinigradWarning` and no run.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(logging.INFO)
        self.path = os.fspath(path)
        self._records: list[logging.LogRecord] = []
        self._written = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)
        if record.levelno >= logging.WARNING or time.monotonic() - self._written > EVERY:
            self.flush()

    def flush(self) -> None:
        """Writes what waits."""
        records, self._records = self._records, []
        self._written = time.monotonic()
        if not records or not self.path:
            return
        try:
            with open(self.path, "a", encoding="utf-8", errors="backslashreplace") as file:
                file.writelines([_line(record) for record in records])
        except OSError as error:
            path, self.path = self.path, ""
            warnings.warn(f"{path} cannot be written, the run goes on without it: {error.strerror}", MinigradWarning, 2)


def _line(record: logging.LogRecord) -> str:
    when = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    level = "WARN" if record.levelno == logging.WARNING else record.levelname
    return f"{when} {level:>5} {record.name}: {record.getMessage()}\n"


class _Onward(logging.Handler):
    """Hands a record to the loggers above exactly if it would have reached them without us."""

    def __init__(self, level: int) -> None:
        super().__init__(level)

    def emit(self, record: logging.LogRecord) -> None:
        above = LOGGER.parent
        if above is not None and above.hasHandlers():  # with none, logging would print it on its own account
            above.callHandlers(record)


class _Here(logging.Handler):
    """Hands a handler what this thread says: two runs in two threads keep two diaries, and may share a handler."""

    def __init__(self, handler: logging.Handler) -> None:
        super().__init__()
        self.handler, self.thread = handler, threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self.thread and record.levelno >= self.handler.level:
            self.handler.handle(record)

    def hears_already(self) -> bool:
        """Whether a run around this one, in the same thread, has the same handler."""
        others = (other for other in LOGGER.handlers if isinstance(other, _Here))
        return any(other.handler is self.handler and other.thread == self.thread for other in others)


@dataclass
class _Hearing:
    """How the logger stood before the first of the runs that are under way in this process."""

    runs: int
    level: int
    propagate: bool
    onward: _Onward


LOGGER = logging.getLogger("minigrad")
LOGGER.addHandler(logging.NullHandler())
_lock = threading.Lock()
_hearing: _Hearing | None = None


def _open() -> None:
    # An INFO that this logger lets through goes on to every handler of the root, whatever the root's own level is:
    # hence no propagation while a run is under way, and _Onward in its place.
    global _hearing
    with _lock:
        if _hearing is None:
            effective = LOGGER.getEffectiveLevel()
            _hearing = _Hearing(0, LOGGER.level, LOGGER.propagate, _Onward(effective))
            if LOGGER.propagate:
                LOGGER.addHandler(_hearing.onward)
            LOGGER.propagate = False
            LOGGER.setLevel(min(effective, logging.INFO))
        _hearing.runs += 1


def _close() -> None:
    global _hearing
    with _lock:
        assert _hearing is not None
        _hearing.runs -= 1
        if _hearing.runs == 0:
            LOGGER.removeHandler(_hearing.onward)
            LOGGER.setLevel(_hearing.level)
            LOGGER.propagate = _hearing.propagate
            _hearing = None


def needs_handler(given: object) -> None:
    """Raises `LearnerError` for what is no handler of `logging`, and not None."""
    if given is not None and not isinstance(given, logging.Handler):
        raise LearnerError(
            f"with_application_logger({given!r}): it takes a handler of logging, or None\n"
            '  with_application_logger(logging.FileHandler("run.log"))'
        )


@contextmanager
def attached(handler: logging.Handler | None) -> Iterator[None]:
    """Inside the block `handler` hears the INFO of this thread, and nobody else hears more or less than before."""
    if handler is None or (run := _Here(handler)).hears_already():
        yield
        return
    _open()
    LOGGER.addHandler(run)
    try:
        yield
    finally:
        LOGGER.removeHandler(run)
        _close()
        handler.flush()
