"""A write that failed, in words: which path, and what to do about it."""

from __future__ import annotations

import errno
import os

__all__ = ["LONGEST", "advice", "shortened"]

LONGEST = 160  # characters of a path in a message


def advice(error: OSError) -> str:
    """What to do about a write that failed, by the reason that the system gives."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return "what was written before is whole; make room"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return "let this user write to it"
        case errno.ENAMETOOLONG:
            return "give it a shorter path"
        case errno.EEXIST | errno.ENOTDIR | errno.EISDIR:
            return "move away what stands there"
        case errno.ENOENT:
            return "put back what was removed while training"
    return "what was written before is whole; mend that"


def shortened(path: str | os.PathLike[str]) -> str:
    """The path, without the middle of one that is too long to read."""
    text = os.fspath(path)
    half = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[:half]}...{text[-half:]}"
