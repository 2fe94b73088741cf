"""What a metric is: numbers go in at every batch, words come out when somebody reads them."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import MetricError
from .format import format_float, shortest
from .history import Direction

if TYPE_CHECKING:
    from ...data.dataloader import Progress

__all__ = ["Metric", "MetricEntry", "MetricMetadata", "NumericEntry", "NumericMetric", "needs_metric"]

new_tuple = tuple.__new__  # of a NamedTuple, in the training loop: a third of the time of calling the class


class MetricMetadata(NamedTuple):
    """Where a batch stands: `iteration` counts from 1 in each epoch, `items` is what the loader put into the batch."""

    progress: Progress
    epoch: int
    epoch_total: int
    iteration: int
    lr: float | None
    items: int


class MetricEntry(NamedTuple):
    """What a text metric says about a batch: `formatted` for people, `serialize` for the log."""

    name: str
    formatted: str
    serialize: str


class NumericEntry(NamedTuple):
    """A batch's value, and the items it stands for; words are made on demand.

    The epoch's value is asked of the metric when it is drawn: an exact one may cost more than a training step.
    """

    metric: NumericMetric
    value: float
    items: int

    @property
    def name(self) -> str:
        return self.metric.name()

    @property
    def serialize(self) -> str:
        return f"{shortest(self.value)},{self.items}"

    @property
    def formatted(self) -> str:
        metric = self.metric
        unit = f" {metric.unit}" if metric.unit else ""
        running, batch = (format_float(x, metric.precision) for x in (metric.running_value(), self.value))
        return f"epoch {running}{unit} - batch {batch}{unit}"


class Metric(ABC):
    """Reads an item by its fields (`.loss`, `.output`, `.targets`), so a dataclass of your own works.

    The Learner calls `clear` when an epoch starts and `update` at every batch; what a metric holds after `fit` is
    its last epoch.
    """

    @abstractmethod
    def name(self) -> str:
        """The name in logs and tables, unique with its parameters: `Loss`, `Top-K Accuracy @ TopK(3)`."""

    @abstractmethod
    def update(self, item: Any, metadata: MetricMetadata) -> MetricEntry | NumericEntry:
        """Takes one batch in. Only numbers here: this runs in the training loop."""

    @abstractmethod
    def clear(self) -> None:
        """Forgets the epoch."""


class NumericMetric(Metric):
    """A metric with a number: it is plotted, summarised, and chooses checkpoints.

    The epoch's value is the mean over its items: each batch weighs as many as it had. A metric of your own gives a name
    and, in `update`, a batch's value:

    >>> class Largest(NumericMetric):
    ...     def name(self) -> str:
    ...         return "Largest output"
    ...     def update(self, item, metadata):
    ...         return self.record(float(item.output.data.max()), metadata.items)
    >>> metric = Largest()
    >>> entries = metric.record(1.0, 150), metric.record(4.0, 50)
    >>> metric.value(), metric.running_value(), entries[1].formatted
    (4.0, 1.75, 'epoch 1.75 - batch 4.00')
    """

    unit = ""
    precision = 2
    direction: Direction | None = None  # which of its epochs a display calls the best

    def __init__(self) -> None:
        self.clear()

    def record(self, value: float, items: int) -> NumericEntry:
        """Counts a batch's value `items` times."""
        self._value = value = float(value)  # a float32 of NumPy's would sum in float32
        self._sum += value * items
        self._count += items
        return new_tuple(NumericEntry, (self, value, items))

    def no_value(self) -> NumericEntry:
        """The entry of a batch without a value, such as the AUROC of a single class: NaN, which weighs nothing."""
        self._value = math.nan
        return NumericEntry(self, math.nan, 0)

    def value(self) -> float:
        """The last batch's value; NaN before the first."""
        return self._value

    def running_value(self) -> float:
        """The value of the epoch so far, over all its items; NaN before the first."""
        return self._sum / self._count if self._count else math.nan

    def clear(self) -> None:
        self._value = math.nan
        self._sum = 0.0
        self._count = 0


def needs_metric(call: str, given: object, kind: type = Metric) -> None:
    """Raises `MetricError` for what is no metric of this kind."""
    if not isinstance(given, kind):
        if isinstance(given, Metric):
            name, other = type(given).__name__, call.removesuffix("_numeric")
            help = f"\n  {other}({name}(...)) takes it" if other != call else ""
            raise MetricError(
                f"{call}({name}(...)): it takes a metric with a number, and this one has words alone{help}"
            )
        shown, help = repr(given), "LossMetric(), or a subclass of NumericMetric"
        if isinstance(given, type):
            shown, help = f"{given.__name__}, a class", f"{given.__name__}()"
        raise MetricError(f"{call}({shown}): it takes a metric\n  {call}({help})")
