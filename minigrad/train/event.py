"""The one stream of events: loggers, renderers, checkpoints and whatever stops a run subscribe to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from .interrupter import TrainingInterrupter
from .metric.history import History, Split

if TYPE_CHECKING:
    from .metric.base import MetricEntry, MetricMetadata, NumericEntry
    from .state import TrainState

__all__ = ["BatchDone", "EpochDone", "EpochStarted", "Event", "Events", "FitEnded", "FitStarted", "StateReady"]


@dataclass(frozen=True)
class FitStarted:
    """Training begins at `epoch`, above 1 in a resumed run, whose earlier epochs `history` has.

    `interrupter` stops the run after the batch at hand, `next_batch(handler)` shows that batch to a handler, once, in
    the thread that trains: for those who look at a clock and not at every batch. Any thread may call both.
    """

    epoch: int
    epoch_total: int
    interrupter: TrainingInterrupter
    history: History
    next_batch: Callable[[Callable[[BatchDone], object]], None]


@dataclass(frozen=True)
class EpochStarted:
    """A pass over one of the two loaders begins."""

    split: Split
    epoch: int
    epoch_total: int
    items_total: int


class BatchDone(NamedTuple):
    """A batch went through: the only event of the hot loop, hence a tuple."""

    split: Split
    metadata: MetricMetadata
    entries: list[MetricEntry | NumericEntry]


@dataclass(frozen=True)
class EpochDone:
    """A whole pass is over: every batch's `entries`, and the epoch's `values`, by metric."""

    split: Split
    epoch: int
    epoch_total: int
    iterations: int
    entries: dict[str, list[MetricEntry | NumericEntry]]
    values: dict[str, float]
    seconds: float


@dataclass(frozen=True, eq=False)
class StateReady:
    """All passes of an epoch are over, and this is all there is to know: what a checkpoint writes."""

    state: TrainState[Any]


@dataclass(frozen=True)
class FitEnded:
    """The last event, also of a run that failed; `finished` if all epochs are done, else maybe the `reason`."""

    epoch: int
    finished: bool
    reason: str = ""


Event = FitStarted | EpochStarted | BatchDone | EpochDone | StateReady | FitEnded
E = TypeVar("E", bound=Event)


class Events:
    """Hands each event to those who asked for its class, in the order of their subscription.

    >>> events, heard = Events(), []
    >>> events.subscribe(FitEnded, heard.append)
    >>> events.emit(FitEnded(100, finished=True))
    >>> heard
    [FitEnded(epoch=100, finished=True, reason='')]
    """

    def __init__(self) -> None:
        self._handlers: dict[type[Any], list[Callable[[Any], object]]] = {}
        self.asked: list[Callable[[BatchDone], object]] = []  # who wants the next batch, and no more

    def subscribe(self, kind: type[E], handler: Callable[[E], object]) -> None:
        self._handlers.setdefault(kind, []).append(handler)

    def wanted(self, kind: type[Event]) -> bool:
        """Whether anybody listens: what nobody hears need not be made."""
        return bool(self._handlers.get(kind))

    def next_batch(self, handler: Callable[[BatchDone], object]) -> None:
        """`handler` hears the next `BatchDone`, and no other."""
        self.asked.append(handler)

    def emit(self, event: Event) -> None:
        for handler in self._handlers.get(type(event), ()):
            handler(event)
        if self.asked and isinstance(event, BatchDone):
            while self.asked:
                self.asked.pop()(event)
