"""One run a folder: two that wrote to one would leave the checkpoints of neither."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ..errors import LearnerError

__all__ = ["locked"]


@contextmanager
def locked(root: str | os.PathLike[str]) -> Iterator[None]:
    """Keeps other runs out of the folder `root` while the block runs. Raises `LearnerError` when one is in it.

    The lock is the kernel's, on `root/.lock`: a killed process loses it, and leaves no more than the file. Where there
    are no such locks (Windows, some network folders) nobody is kept out.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    path = os.path.join(root, ".lock")
    while True:
        file = _open(path)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.read(file, 20).decode(errors="replace").strip()
            os.close(file)
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise LearnerError(
                    f"another run{f' (process {owner})' if owner else ''} is writing to {root}\n"
                    "  wait for it, or give LearnerBuilder another folder"
                ) from None
            yield
            return
        if _is_at(path, file):
            break
        os.close(file)  # a run that ended just now has removed it
    try:
        with suppress(OSError):  # a full disk: the lock holds without a name in it
            os.ftruncate(file, 0)
            os.write(file, f"{os.getpid()}\n".encode())
        yield
    finally:
        try:
            if _is_at(path, file):
                with suppress(OSError):
                    os.unlink(path)
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)  # for all who have it: a process that a step has forked may live longer
            os.close(file)


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except PermissionError:
        return os.open(path, os.O_RDONLY)  # a killed run of another user has left it; it can be locked all the same


def _is_at(path: str, file: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(file))
    except (FileNotFoundError, NotADirectoryError):  # even the folder may be another thing by now
        return False
