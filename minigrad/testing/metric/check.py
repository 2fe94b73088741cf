"""`check_metric`: what a Learner and its display rely on, tried on a metric of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...errors import CheckError
from ...train.metric import Metric
from .laws import LAWS
from .subject import Subject

__all__ = ["check_metric"]


def check_metric(
    metric: Metric,
    item: Any,
    *,
    rows: int | None = None,
    exact: bool = True,
    timed: bool = False,
    others: Sequence[Metric] = (),
) -> dict[str, int]:
    """Try all laws on a new metric; how much was compared, by law. Raises `CheckError`, whose `law` is the broken one.

    `item` is what a step returns for a batch, of at least 4 rows and of which the metric has a value. The laws try it
    whole and in parts: a part of a dataclass or of a named tuple has some rows of every tensor (a loss without axes
    stays as it is). Of anything else, give a function that makes an item of an array of row numbers below `rows`.
    `exact=False` says that the epoch's value depends on how its items are batched, `timed=True` that all values depend
    on the time. `others` are metrics of the same class with other parameters: their names must be others, too.

    >>> from minigrad import Tensor
    >>> from minigrad.train import ClassificationOutput
    >>> from minigrad.train.metric import AccuracyMetric, NumericMetric
    >>> output, targets = Tensor([[0.1, 0.9], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]]), Tensor([1, 0, 1, 0])
    >>> item = ClassificationOutput(Tensor(0.5), output, targets)
    >>> check_metric(AccuracyMetric(), item)["split"]
    6
    >>> class Errors(NumericMetric):
    ...     def name(self):
    ...         return "Errors"
    ...     def update(self, item, metadata):
    ...         return self.record((item.output.data.argmax(1) != item.targets.data).sum(), 1)
    >>> check_metric(Errors(), item)
    Traceback (most recent call last):
    ...
    minigrad.errors.CheckError: Errors breaks the law 'split': running_value() is 1.0 of one batch of 4, and 0.5 of ...
      count over the epoch and divide in running_value(), or let a batch weigh metadata.items
      what does depend on the batches is checked with exact=False
    """
    given: object = metric
    if not isinstance(given, Metric):
        raise CheckError(f"check_metric({given!r}): it takes a metric\n  check_metric(AccuracyMetric(), item)")
    subject = Subject(metric, item, rows, timed, others)
    compared: dict[str, int] = {}
    for law, check in LAWS.items():
        if law in ("split", "order") and (timed or not exact):
            continue
        try:
            compared[law] = check(subject)
        except CheckError as error:
            broken = CheckError(f"{type(metric).__name__} breaks the law {law!r}: {error}")
            broken.law = law
            raise broken from error.__cause__
    return compared
