"""All that a run is at the end of an epoch, in one value: a checkpoint writes it, a resumed run reads it."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from ..backend import Device, NdArray
from ..errors import CheckpointError, RecordError
from ..module import Module
from ..param import Param, RunningState
from ..record import ParamRecord, Record
from ..record.tree import leaves
from .logger.application import warn
from .metric.history import History

if TYPE_CHECKING:
    from ..data.dataloader import DataLoader
    from ..optim import Optimizer
    from ..optim.lr_scheduler import LrScheduler
    from .checkpoint.file import Checkpoint
    from .event import EpochDone

__all__ = ["TrainState"]

LOG = logging.getLogger(__name__)
M = TypeVar("M", bound=Module)


@dataclass(frozen=True, eq=False)
class TrainState(Generic[M]):
    """`epoch` epochs and `iterations` steps are done. The loaders count their own epochs, the device its draws."""

    model: M
    optim: Optimizer
    scheduler: LrScheduler
    train_loader: DataLoader[Any]
    valid_loader: DataLoader[Any] | None
    device: Device
    accumulation: int = 1  # batches to a step of the optimizer
    epoch: int = 0
    iterations: int = 0
    history: History = field(default_factory=History)

    def with_model(self, model: M) -> TrainState[M]:
        """The state with the model of a later step."""
        return replace(self, model=model)

    def after(self, done: list[EpochDone]) -> TrainState[M]:
        """The state one epoch later, of which `done` are the passes, training first."""
        history = self.history
        for each in done:
            history = history.with_epoch(each.split, each.epoch, each.values)
        iterations = self.iterations + done[0].iterations
        return replace(self, epoch=self.epoch + 1, iterations=iterations, history=history)

    def until(self, epoch: int) -> TrainState[M]:
        """The state with a history that ends at `epoch`."""
        return replace(self, epoch=epoch, history=self.history.until(epoch))

    # To disk and back

    def parts(self) -> dict[str, Record]:
        """What Burn saves, by the name of its file."""
        records = self.model.into_record(), self.optim.to_record(), self.scheduler.to_record()
        return dict(zip(("model", "optim", "scheduler"), records))

    def rest(self) -> dict[str, Any]:
        """What Burn does not save, for JSON."""
        return {
            "iterations": self.iterations,
            "model": _tree(self.model),
            "device": {"seed": self.device.seed, "draws": self.device.draws},
            "frozen": _frozen(self.model),
            "accumulation": self.accumulation,
            "loaders": {
                "train": self.train_loader.to_record(),
                "valid": None if self.valid_loader is None else self.valid_loader.to_record(),
            },
            "history": self.history.to_record(),
        }

    def restored(self, checkpoint: Checkpoint, history: History | None = None) -> TrainState[M]:
        """The state of a checkpoint; one of real Burn's has no more than the records, and the `history` of its logs.

        Raises `RecordError` when the records do not fit the model, optimizer or scheduler, and `CheckpointError` when
        they fit, and yet the model is another.
        """
        state = self
        for part, record in checkpoint.parts.items():
            try:
                state = replace(state, **{part: getattr(state, part).load_record(record)})
            except RecordError as error:
                raise RecordError(f"{part} of checkpoint {checkpoint.epoch} in {checkpoint.folder}: {error}") from error
        rest = checkpoint.state
        self._check_model(checkpoint)
        self._warn_of_rounding(checkpoint)
        if rest is None:
            return replace(state, epoch=checkpoint.epoch, history=history or History())
        self._warn_of_other_batches(checkpoint)
        device = self.device
        while not isinstance(device, NdArray):
            device = device.inner
        device.seed, device.draws = rest["device"]["seed"], rest["device"]["draws"]
        loaders, valid = rest["loaders"], self.valid_loader
        return replace(
            state,
            train_loader=self.train_loader.load_record(loaders["train"]),
            valid_loader=valid and (valid.load_record(loaders["valid"]) if loaders["valid"] else valid),
            epoch=checkpoint.epoch,
            iterations=rest["iterations"],
            history=History.from_record(rest["history"]),
        )

    def _check_model(self, checkpoint: Checkpoint) -> None:
        """Layers without parameters leave nothing in a record: a model that lacks a Relu would take it."""
        saved, own = (checkpoint.state or {}).get("model"), _tree(self.model)
        if saved is not None and saved.partition(" ")[2] != own.partition(" ")[2]:  # a class may have a new name
            raise CheckpointError(
                f"checkpoint {checkpoint.epoch} in {checkpoint.folder} is of {saved}\n"
                f"  this model is {own}\n"
                "  build the one that was saved, or give LearnerBuilder another folder"
            )

    def _warn_of_other_batches(self, checkpoint: Checkpoint) -> None:
        """Other batches are allowed, and to train other parts, but the run will not be the one that was stopped."""
        was, now = checkpoint.state or {}, self.rest()
        for split in "train", "valid":
            before, here = was["loaders"][split], now["loaders"][split]
            if (before is None) != (here is None):
                words = "without validation; this run has one" if here else "with validation; this run has none"
                self._warn_of_another(checkpoint, f"was trained {words}")
            elif here and _batches(before) != _batches(here):
                words = f"had {split} batches of {_batches(before)}; this loader has batches of {_batches(here)}"
                self._warn_of_another(checkpoint, words)
        window, own = was.get("accumulation", self.accumulation), self.accumulation
        if window != own:
            words = f"had grads_accumulation({window}); this run has grads_accumulation({own})"
            self._warn_of_another(checkpoint, words)
        frozen = was.get("frozen", now["frozen"])
        if frozen != now["frozen"]:
            names = (", ".join(each) or "nothing" for each in (frozen, now["frozen"]))
            self._warn_of_another(checkpoint, "trained a model with {} frozen; this one has {} frozen".format(*names))

    def _warn_of_another(self, checkpoint: Checkpoint, what: str) -> None:
        warn(
            LOG,
            f"checkpoint {checkpoint.epoch} {what}\n  training goes on, but not as the run that was stopped",
        )

    def _warn_of_rounding(self, checkpoint: Checkpoint) -> None:
        """Numbers narrower than the model's have lost digits: the run will not be the one that was stopped."""
        wide = self.device.dtype
        arrays = [
            (path[0], leaf.value if isinstance(leaf, ParamRecord) else leaf)
            for path, leaf in leaves(dict(checkpoint.parts))
            if isinstance(leaf, (ParamRecord, np.ndarray))
        ]
        narrow = [(part, x) for part, x in arrays if x.dtype.kind == "f" and x.dtype.itemsize < wide.itemsize]
        if narrow:
            count = {part: sum(x.size for of, x in narrow if of == part) for part, _ in narrow}
            keeps = "DefaultRecorder()" if wide.itemsize <= 4 else "NamedMpkFileRecorder(DoublePrecisionSettings)"
            names = {"model": "weights", "optim": "numbers of the optimizer"}
            what = " and ".join(f"{n} {names.get(part, part)}" for part, n in count.items())
            warn(
                LOG,
                f"checkpoint {checkpoint.epoch} holds {what} rounded to {narrow[0][1].dtype}; "
                f"the model computes in {wide}\n"
                f"  training goes on close to where it was, not on the same bits; {keeps} keeps them",
            )


def _tree(model: Module) -> str:
    """The display tree, without what is another in every process: the address of an object that has no better name."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", str(model))


def _frozen(model: Module) -> list[str]:
    """The parameters that training leaves alone, by path."""
    found: list[str] = []

    def look(path: str, param: Param) -> None:
        if not param.birth and param.dtype.kind == "f" and not isinstance(param, RunningState):
            found.append(path)

    model.visit(look)
    return found


def _batches(record: dict[str, Any]) -> str:
    """What a loader's record says of its batches."""
    drawn = "" if record["weights"] is None else " drawn by weights"
    return "{} of items {} to {}{}".format(record["batch_size"], *record["items"], drawn)
