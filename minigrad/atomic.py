"""Files that are whole or not there: temporary file, fsync, rename."""

from __future__ import annotations

import os
from contextlib import suppress
from threading import get_ident

__all__ = ["atomic_write", "publish"]


def atomic_write(path: str | os.PathLike[str], data: bytes, sync: bool = True) -> None:
    """Write `data` to `path` so that a reader, or a crash at any moment, sees the old file or the new one.

    Without `sync` that holds for a killed process, but not for a power failure. The folder must exist. Raises
    `OSError`; then the old file stands as it was and the temporary one is gone.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     atomic_write(f"{folder}/a", b"whole")
    ...     with open(f"{folder}/a", "rb") as file:
    ...         file.read()
    b'whole'
    """
    path = os.path.realpath(path) if sync else os.fspath(path)  # the file that a link points to; logs are no links
    folder, name = os.path.split(path)
    # Process and thread keep two writers apart; a killed one leaves a `.tmp` that the next run may remove.
    temporary = os.path.join(folder, f".{name}.{os.getpid()}{get_ident():020}.tmp")
    try:
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            rest = memoryview(data)
            while rest:  # a write may be short: on a nearly full disk it is
                rest = rest[os.write(file, rest) :]
            if sync:
                os.fsync(file)
        finally:
            os.close(file)
        os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    if sync:
        _sync_folder(folder)


def publish(temporary: str, path: str) -> None:
    """Rename a file that is complete to `path`, in the same folder, once it is on the disk. Raises `OSError`.

    For files that are too large to be written from memory.
    """
    file = os.open(temporary, os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)
    os.replace(temporary, path)
    _sync_folder(os.path.dirname(path))


def _sync_folder(folder: str) -> None:
    """A rename itself must reach the disk; where a folder cannot be opened there is nothing to do."""
    if os.name == "posix":
        directory = os.open(folder or ".", os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
