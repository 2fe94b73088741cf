"""The run's folder: what is in it, what may be removed from it, and what to say when it cannot be written."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import LearnerError
from .fault import TEMPORARY, advice, inside, shortened
from .logger.metric import epochs_logged
from .metric.history import Split

__all__ = ["Artifacts", "folder_of"]


def folder_of(builder: str, directory: str | os.PathLike[str]) -> Path:
    """The folder that a builder was given. Raises `LearnerError` for what is no path."""
    given: object = os.fspath(directory) if isinstance(directory, (str, os.PathLike)) else None
    if isinstance(given, str) and "\0" not in given:
        return Path(given)
    raise LearnerError(f'{builder}({directory!r}): it takes the folder of a run\n  {builder}("artifacts/circle")')


class Artifacts:
    """The folder of `LearnerBuilder(directory)`: `experiment.log`, `train/`, `valid/`, `checkpoint/`.

    Files that a run has not written itself are never touched.
    """

    def __init__(self, directory: str | os.PathLike[str], builder: str = "LearnerBuilder") -> None:
        self.root = Path(directory)
        self._builder = builder  # which was told of it

    def make(self) -> None:
        """Makes the folder. Raises `LearnerError` when it cannot be made or written to."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            link = os.path.islink(self.root) and not os.path.exists(self.root)
            what = f"it links to {os.readlink(self.root)}, which is not there" if link else "a file stands in its way"
            raise LearnerError(
                f"artifact folder {shortened(self.root)}: {what}\n  give {self._builder} another folder"
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
        return LearnerError(
            f"artifact folder {shortened(self.root)} cannot be written: {error.strerror}{inside(self.root, error)}\n"
            f"  {advice(error)}, or give {self._builder} another folder"
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
                    ours = TEMPORARY.fullmatch(file.name) or (number > epoch and file.suffix == ".log")
                    if ours and not file.is_dir():
                        file.unlink()
                if number > epoch:
                    with suppress(OSError):  # somebody keeps a file of theirs in it
                        folder.rmdir()
