"""Evaluator: a trained model on test sets, each measured as a whole and logged under its name."""

from __future__ import annotations

import logging
import os
import re
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LearnerError
from ..module import Module
from .artifacts import Artifacts, folder_of
from .learner import validate
from .logger.application import FileApplicationLogger, attached, needs_handler
from .logger.metric import log_name, needs_log, write_logs
from .meter import Meter, needs_loader
from .metric.base import Metric, NumericMetric, needs_metric
from .metric.format import format_float

if TYPE_CHECKING:
    from ..data.dataloader import DataLoader

__all__ = ["Evaluator", "EvaluatorBuilder"]

LOG = logging.getLogger(__name__)
NAME = re.compile(r'(?![. ])[^/\\:*?"<>|\x00-\x1f]+(?<![. ])')  # of a folder, on any system


class EvaluatorBuilder:
    """Sets up an evaluation: its logs go to `directory/test`, what it says to `directory/evaluation.log`.

    Each method returns a new builder and leaves this one as it was.

    >>> from minigrad.train.metric import LossMetric
    >>> base = EvaluatorBuilder("artifacts/circle")
    >>> base.metric_numeric(LossMetric()) is base
    False
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self._root = folder_of("EvaluatorBuilder", directory)
        self._metrics: tuple[Metric, ...] = ()
        self._numeric: tuple[str, ...] = ()
        self._diary: logging.Handler | None = FileApplicationLogger(self._root / "evaluation.log")

    def metric_numeric(self, metric: NumericMetric) -> EvaluatorBuilder:
        """Measures a number, which is logged and given back."""
        builder = self._measuring("metric_numeric", metric, NumericMetric)
        builder._numeric += (metric.name(),)
        return builder

    def metric(self, metric: Metric) -> EvaluatorBuilder:
        """Measures for the log only."""
        return self._measuring("metric", metric, Metric)

    def _measuring(self, method: str, metric: Metric, kind: type) -> EvaluatorBuilder:
        needs_metric(method, metric, kind)
        needs_log(method, "{} is measured", metric, self._metrics)
        builder = copy(self)
        builder._metrics += (metric,)
        return builder

    def with_application_logger(self, handler: logging.Handler | None) -> EvaluatorBuilder:
        """A handler that hears minigrad's log during `eval`, instead of `evaluation.log`; None for neither."""
        needs_handler(handler)
        builder = copy(self)
        builder._diary = handler
        return builder

    def build(self, model: Module) -> Evaluator:
        """The Evaluator of a model. Raises `LearnerError` for one that lacks `valid_step`, and without a metric."""
        kind = type(model).__name__
        if not isinstance(model, Module):
            raise LearnerError(f"build: the model is no Module but {kind}: {model!r}\n  class Model(Module): ...")
        if not callable(getattr(model, "valid_step", None)):
            raise LearnerError(f"build: {kind} has no valid_step\n  def valid_step(self, batch): ... return item")
        if not self._metrics:
            raise LearnerError("build: there is nothing to measure\n  .metric_numeric(LossMetric())")
        return Evaluator(self._root, self._metrics, self._numeric, self._diary, model)


class Evaluator:
    """Runs a model's `valid_step` over test sets: of its `valid()` twin, on the inner device."""

    def __init__(
        self,
        root: Path,
        metrics: tuple[Metric, ...],
        numeric: tuple[str, ...],
        diary: logging.Handler | None,
        model: Module,
    ) -> None:
        self.model = model.valid() if model.device is not None and model.device.tracks else model
        self._artifacts = Artifacts(root, "EvaluatorBuilder")
        self._metrics, self._numeric, self._diary = metrics, numeric, diary

    def eval(self, name: str, loader: DataLoader[Any]) -> dict[str, float]:
        """Each numeric metric's value over the whole set; its batches are logged to `test/{name}`.

        An evaluation of the same name is replaced; what a training run has written is left alone. A loss that is not
        finite is a warning. Raises `LearnerError` for a name that no folder can have, a loader without a batch and a
        folder that cannot be written, and whatever `valid_step` raises.
        """
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise LearnerError(
                f"eval: the name is {name!r}, and must be one that a folder can have: its logs go to test/NAME\n"
                '  eval("held out", loader)'
            )
        needs_loader("eval", "test", loader)
        if self.model.device is not None:
            loader = loader.to_device(self.model.device)
        self._artifacts.make()
        with attached(self._diary):
            LOG.info("Evaluating %s: %d items", name, loader.num_items())
            meter = Meter("test", f"the evaluation of {name}", loader, self._metrics)
            validate(self.model, meter)
            entries, values = meter.entries, meter.values(self._numeric)
            with self._artifacts.writing():
                folder = self._artifacts.root / "test" / name
                folder.mkdir(parents=True, exist_ok=True)
                for old in {path.name for path in folder.glob("*.log")} - set(map(log_name, entries)):
                    (folder / old).unlink()
                write_logs(str(folder), entries)
            LOG.info("Evaluated %s: %s", name, ", ".join(f"{k} {format_float(v, 3)}" for k, v in values.items()))
        return values
