"""Writes and reads that failed, in words: which path, and what to do about it."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import CheckpointError, MinigradError

__all__ = ["TEMPORARY", "advice", "inside", "reading", "shortened", "unsaved"]

LONGEST = 160  # characters of a path in a message
WHOLE = "what was written before is whole"
# What a killed process leaves of a file: atomic_write's temporary name.
TEMPORARY = re.compile(r"\.(.+)\.\d+\.tmp")


@contextmanager
def reading(what: str, folder: str | os.PathLike[str], kind: type[MinigradError]) -> Iterator[None]:
    """Says of a file that cannot be read inside the block which it was: an error of this kind."""
    try:
        yield
    except OSError as error:
        raise kind(
            f"{what} {shortened(folder)} cannot be read: {error.strerror}{inside(folder, error)}\n"
            f"  {_advice_to_read(error)}"
        ) from error


def unsaved(epoch: int, folder: str | os.PathLike[str], error: OSError, saved: list[int]) -> CheckpointError:
    """What to say of a checkpoint that could not be written, where those of the epochs `saved` are complete."""
    if not os.path.isdir(folder):
        return CheckpointError(
            f"checkpoint {epoch} cannot be written: {shortened(folder)} has vanished while training\n"
            "  put it back and go on with .resume(), or train anew"
        )
    last = f"the last complete one is {saved[-1]}" if saved else "there is no complete one yet"
    mend, then = advice(error).removeprefix(f"{WHOLE}; "), "go on with .resume()" if saved else "run it again"
    return CheckpointError(
        f"checkpoint {epoch} cannot be written to {shortened(folder)}: {error.strerror}\n  {last}; {mend}, and {then}"
    )


def advice(error: OSError) -> str:
    """What to do about a write that failed, by the reason that the system gives."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return f"{WHOLE}; make room"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "let this user write to it"
        case errno.ENAMETOOLONG:
            return "give it a shorter path"
        case errno.EEXIST | errno.ENOTDIR | errno.EISDIR:
            return "move away what stands there"
        case errno.ENOENT:
            return "put back what was removed while training"
    return f"{WHOLE}; mend that"


def _advice_to_read(error: OSError) -> str:
    """What to do about a file that cannot be read."""
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return "let this user read it"
        case errno.EISDIR | errno.ENOTDIR:
            return "move away what stands there"
    return "nothing was changed; mend that"


def shortened(path: str | os.PathLike[str]) -> str:
    """The path, without the middle of one that is too long to read."""
    text = os.fspath(path)
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half]}...{text[-half:]}"


def inside(folder: str | os.PathLike[str], error: OSError) -> str:
    """Which file in the folder it was, in brackets; empty where the system does not say, or too much."""
    if not error.filename:
        return ""
    path, name = os.path.split(os.path.relpath(error.filename, folder))
    half = TEMPORARY.fullmatch(name)
    path = os.path.join(path, half[1] if half else name)  # the file that it was to become
    return f" ({path})" if path != "." and not path.startswith("..") and len(path) < LONGEST else ""
