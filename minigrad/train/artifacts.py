"""The run's folder: what is in it, what may be removed from it, and what to say when it cannot be written."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import LearnerError
from .logger.metric import epochs_logged
from .metric.history import Split

__all__ = ["Artifacts", "advice", "shortened"]

# What a killed process leaves of a file: atomic_write's temporary name.
TEMPORARY = re.compile(r"\..+\.\d+\.tmp")
LONGEST = 160  # characters of a path in a message


class Artifacts:
    """The folder of `LearnerBuilder(directory)`: `experiment.log`, `train/`, `valid/`, `checkpoint/`.

    Files that a run has not written itself are never touched.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.root = Path(directory)

    def make(self) -> None:
        """Makes the folder. Raises `LearnerError` when it cannot be made or written to."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise LearnerError(
                f"artifact folder {shortened(self.root)}: a file stands in its way\n"
                "  give LearnerBuilder another folder"
            ) from None
        except OSError as error:
            raise self._unwritable(error) from error
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise self._unwritable(PermissionError(errno.EACCES, os.strerror(errno.EACCES)))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Says of a write that fails inside the block which folder it was and what to do: `LearnerError`."""
        if not os.path.isdir(self.root):  # a microsecond less than Path.is_dir, at every epoch
            raise LearnerError(
                f"artifact folder {shortened(self.root)} has vanished while training\n"
                "  nothing was written in its place; put it back, or train anew"
            )
        try:
            yield
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> LearnerError:
        where = os.path.relpath(error.filename, self.root) if error.filename else "."
        inside = f" ({where})" if not where.startswith(".") and len(where) < LONGEST else ""
        return LearnerError(
            f"artifact folder {shortened(self.root)} cannot be written: {error.strerror}{inside}\n"
            f"  {advice(error)}, or give LearnerBuilder another folder"
        )

    def last_epoch_logged(self) -> int:
        """The highest epoch with a log, 0 when there is none."""
        return max((max(epochs_logged(self.root / split.value), default=0) for split in Split), default=0)

    def remove_logs_after(self, epoch: int) -> None:
        """Removes the metric logs of later epochs, and what a killed process left half-written."""
        for split in Split:
            for number in epochs_logged(self.root / split.value):
                folder = self.root / split.value / f"epoch-{number}"
                for file in list(folder.iterdir()):
                    if TEMPORARY.fullmatch(file.name) or (number > epoch and file.suffix == ".log"):
                        file.unlink()
                if number > epoch:
                    with suppress(OSError):  # somebody keeps a file of theirs in it
                        folder.rmdir()


def advice(error: OSError) -> str:
    """What to do about a write that failed, by the reason that the system gives."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
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
