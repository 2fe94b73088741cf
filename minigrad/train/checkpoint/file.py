"""Checkpoints on disk: `{model,optim,scheduler}-N` by the recorder, then `state-N.json`, which makes them complete."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ... import __version__
from ...atomic import atomic_write
from ...errors import CheckpointError, RecordError
from ...record import Record, Recorder
from ..fault import TEMPORARY, unsaved
from ..logger.application import warn

__all__ = ["Checkpoint", "FileCheckpointer", "new_run"]

LOG = logging.getLogger(__name__)
PARTS = ("model", "optim", "scheduler")
VERSION = 1  # of state-N.json


@dataclass(frozen=True)
class Checkpoint:
    """What was saved after an epoch: records by part, and the rest; `state` is None in a folder that Burn left."""

    epoch: int
    parts: dict[str, Record]
    state: dict[str, Any] | None
    folder: Path


class FileCheckpointer:
    """Saves, loads and removes the checkpoints of one folder.

    A checkpoint is complete when its `state-N.json` is there, belongs to the run named in `run.json`, and the other
    files have the sizes and hashes that it tells. A run that starts anew saves its first checkpoint beside those of the
    earlier run, and then changes `run.json`: at one stroke nothing of the earlier run counts any more, even if the
    process dies before the old files are gone. (Only its checkpoint of the same epoch is overwritten before.)
    Files of the same form without `run.json` or any state file are real Burn's.
    """

    def __init__(self, recorder: Recorder, folder: Path) -> None:
        self.recorder = recorder
        self.folder = folder

    def path(self, part: str, epoch: int) -> Path:
        extension = "json" if part == "state" else self.recorder.extension
        return self.folder / f"{part}-{epoch}.{extension}"

    # Writing

    def begin(self, run: str | None = None, epoch: int = 0) -> None:
        """A new run takes the folder over: one without a checkpoint, or `run`, which has saved that of `epoch`."""
        self.folder.mkdir(exist_ok=True)
        self._name(run or new_run())
        self.remove_after(epoch)

    def _name(self, run: str) -> None:
        """Makes this the run whose checkpoints count."""
        atomic_write(self.folder / "run.json", _json({"version": VERSION, "minigrad": __version__, "run": run}))

    def save(self, epoch: int, parts: dict[str, Record], state: dict[str, Any], run: str | None = None) -> None:
        """Writes a checkpoint, of a new `run` that is to `begin` or of the folder's own.

        Raises `CheckpointError`, and then what was written of it is gone again.
        """
        files = {self.path(part, epoch): self.recorder.to_bytes(parts[part]) for part in PARTS}
        begun = False
        try:
            for path, data in files.items():
                LOG.info("Saving checkpoint %d to %s", epoch, path)
                atomic_write(path, data)
                begun = True
            self._complete(epoch, files, state, run)
        except OSError as error:
            if begun:  # else what stands there is an earlier run's, and whole
                with suppress(OSError):
                    self._remove(epoch)
            raise unsaved(epoch, self.folder, error, saved=[] if run else self.epochs()) from error

    def adopt(self, states: dict[int, dict[str, Any]]) -> None:
        """Makes checkpoints that real Burn left complete, each with the state that is known of it."""
        run = new_run()
        for epoch, state in sorted(states.items(), reverse=True):  # the newest first: a killed process keeps that
            files = {path: path.read_bytes() for path in (self.path(part, epoch) for part in PARTS)}
            self._complete(epoch, files, state, run)
        self._name(run)

    def _complete(self, epoch: int, files: dict[Path, bytes], state: dict[str, Any], run: str | None = None) -> None:
        seals = {
            path.name: {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for path, data in files.items()
        }
        head = {"version": VERSION, "minigrad": __version__, "run": run or self._run(), "epoch": epoch, "files": seals}
        atomic_write(self.path("state", epoch), _json(head | state))

    def retain(self, epochs: set[int]) -> None:
        """Removes the complete checkpoints of all other epochs."""
        for epoch in self.epochs(but=epochs):
            LOG.info("Removing checkpoint %d from %s", epoch, self.folder)
            self._remove(epoch)

    def remove_after(self, epoch: int) -> None:
        """Removes everything of later epochs, and whatever no complete checkpoint owns."""
        owned = {name for number in (self.epochs() if epoch else ()) if number <= epoch for name in self._owned(number)}
        names = [path.name for path in self._files()]
        lost = [name for name in names if _NAME.fullmatch(name) and name not in owned]
        lost.sort(key=lambda name: not name.startswith("state"))  # without their state the others are nothing
        for name in lost + [name for name in names if TEMPORARY.fullmatch(name)]:
            (self.folder / name).unlink(missing_ok=True)

    def _owned(self, epoch: int) -> set[str]:
        """The files of a checkpoint: an earlier run's may have the same epoch and another format."""
        state = None if self.is_burns() else self._state(epoch)
        return {f"state-{epoch}.json", *(state["files"] if state else (self.path(p, epoch).name for p in PARTS))}

    def _remove(self, epoch: int) -> None:
        for part in ("state", *PARTS):  # the state first: without it the others are nothing
            self.path(part, epoch).unlink(missing_ok=True)

    # Reading

    def epochs(self, but: Collection[int] = ()) -> list[int]:
        """The epochs with a checkpoint, in order, `but` some; whether its files are whole is seen when it is loaded."""
        burns = self.is_burns()
        numbers = [epoch for epoch in self._numbers("model" if burns else "state") if epoch not in but]
        if burns:
            return sorted(epoch for epoch in numbers if all(self.path(p, epoch).is_file() for p in PARTS))
        return sorted(filter(self._state, numbers))

    def last_epoch(self) -> int:
        """The highest epoch of any file, of this run or another, whole or not; 0 when there is none."""
        return max((epoch for part in (*PARTS, "state") for epoch in self._numbers(part)), default=0)

    def is_burns(self) -> bool:
        """Whether real Burn left these checkpoints: they know no state."""
        return not (self.folder / "run.json").is_file() and not self._numbers("state")

    def load(self, epoch: int) -> Checkpoint:
        """Reads a checkpoint. Raises `CheckpointError` for one that is missing or not whole, or `RecordError`."""
        saved = self.epochs()
        if epoch not in saved:
            raise CheckpointError(
                f"there is no complete checkpoint {epoch} in {self.folder}\n"
                + (f"  there are {', '.join(map(str, saved))}" if saved else "  there is none at all")
            )
        state = None if self.is_burns() else self._state(epoch)
        data = {part: self._read(self.path(part, epoch), state) for part in PARTS}
        parts = {part: self.recorder.from_bytes(data[part], source=str(self.path(part, epoch))) for part in PARTS}
        return Checkpoint(epoch, parts, state, self.folder)

    def newest_state(self) -> dict[str, Any] | None:
        """The state of the newest checkpoint, without a look at its other files; None if there is none with a state."""
        return next(filter(None, map(self._state, sorted(self._numbers("state"), reverse=True))), None)

    def newest(self) -> Checkpoint | None:
        """The newest checkpoint that is whole, None if there is none; a damaged one is passed over with a warning.

        Raises the error of the last one when all are damaged: a run from the start would remove what is left of them.
        """
        epochs = self.epochs()
        for epoch in reversed(epochs):
            try:
                return self.load(epoch)
            except (CheckpointError, RecordError) as error:
                if epoch == epochs[0]:
                    raise
                warn(LOG, f"{error}\n  it is passed over")
        return None

    def _read(self, path: Path, state: dict[str, Any] | None) -> bytes:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            others = f"\n  the checkpoint is {', '.join(sorted(state['files']))}" if state else ""
            raise CheckpointError(f"{path} is missing{others}") from None
        if state:
            seal = state["files"].get(path.name, {})
            if len(data) != seal.get("size"):
                raise CheckpointError(
                    f"{path} is cut short or damaged: {len(data)} bytes, {seal.get('size')} were written"
                )
            if hashlib.sha256(data).hexdigest() != seal.get("sha256"):
                raise CheckpointError(f"{path} is damaged: its bytes are not those that were written")
        return data

    def _state(self, epoch: int) -> dict[str, Any] | None:
        """The state of a checkpoint of this run; None for one of an earlier run, and for a file that is no state."""
        path = self.path("state", epoch)
        run = self._run()
        try:
            state = json.loads(path.read_bytes())
            if run not in (None, state["run"]):
                return None
            if state["version"] <= VERSION:
                return dict(state)
        except (ValueError, KeyError, TypeError):
            return None
        raise CheckpointError(
            f"{path} was written by a newer minigrad ({state.get('minigrad')}, format {state['version']}; this is "
            f"{__version__}, which reads up to format {VERSION})\n  use that minigrad"
        )

    def _run(self) -> str | None:
        path = self.folder / "run.json"
        try:
            return str(json.loads(path.read_bytes())["run"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            raise CheckpointError(
                f"{path} is damaged: which run the checkpoints beside it belong to cannot be told\n"
                "  remove it, and each of them that is whole counts as one of this run"
            ) from None

    def _numbers(self, part: str) -> list[int]:
        matches = (_NAME.fullmatch(path.name) for path in self._files())
        return [int(match["epoch"]) for match in matches if match and match["part"] == part]

    def _files(self) -> list[Path]:
        return sorted(self.folder.iterdir()) if self.folder.is_dir() else []


_NAME = re.compile(
    r"(?P<part>model|optim|scheduler|state)-(?P<epoch>[1-9]\d*)\.(mpk|mpk\.gz|bin|bin\.gz|json|json\.gz)"
)


def new_run() -> str:
    """A name for a run."""
    return secrets.token_hex(8)


def _json(value: dict[str, Any]) -> bytes:
    """A line for each key: with `indent` the history of a thousand epochs takes twice as long."""
    lines = [f"{json.dumps(key)}: {json.dumps(part, allow_nan=False)}" for key, part in value.items()]
    return ("{" + ",\n ".join(lines) + "}\n").encode()
