"""What an output and its targets must be: one score an item, a column for every class, or a label in every column."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import MetricError
from .base import Metric
from .reading import ItemMetric, not_a_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["binary", "check_classes", "check_range", "empty_batch", "multiclass", "multilabel", "one_hot", "pairs"]


def check_classes(metric: ItemMetric, output: Any, targets: Any) -> None:
    """Output `[batch, classes]` of two classes or more, targets `[batch]`, and not empty."""
    kind = type(metric).__name__
    if output.ndim != 2 or targets.shape != output.shape[:1]:
        raise MetricError(
            f"{kind}: output of shape {output.shape} and targets of shape {targets.shape}\n"
            "  it wants output [batch, classes] and targets [batch]"
        )
    if output.shape[1] == 1:
        raise MetricError(
            f"{kind}: the output has one column, so argmax would always say class 0\n"
            f"  for one logit use {metric.for_one.format(kind)}"
        )
    if not len(targets):
        raise empty_batch(metric)


def check_range(metric: Metric, output: Any, targets: Any) -> None:
    """Every target is the number of a column, and the output has no NaN."""
    classes = output.shape[1]
    wrong = targets[~((targets >= 0) & (targets < classes))]
    if wrong.size:
        raise MetricError(
            f"{type(metric).__name__}: a target is {wrong[0]}, and the output has {classes} columns: "
            f"classes 0 to {classes - 1}\n"
            "  give the output a column for every class; classes count from 0"
        )
    if targets.dtype.kind == "f" and (targets % 1).any():
        raise MetricError(
            f"{type(metric).__name__}: a target is {targets[targets % 1 != 0][0]}, which is no class number"
        )
    if math.isnan(output.max()):
        raise not_a_number(metric)


def one_hot(targets: Any, classes: int) -> NDArray[np.bool_]:
    """`[batch, classes]`: which class each target is."""
    return np.asarray(targets[:, None] == np.arange(classes))


def binary(metric: ItemMetric, item: Any) -> tuple[Any, NDArray[np.bool_]]:
    """One score an item, `[batch]` or `[batch, 1]`, and targets 0 and 1 of either shape: both as `[batch, 1]`."""
    output, targets = metric.arrays(item)
    if output.size != targets.size or output.shape[:1] != (output.size,):
        kind = type(metric).__name__
        raise MetricError(
            f"{kind}: output of shape {output.shape} and targets of shape {targets.shape}\n"
            "  it wants one output an item, [batch] or [batch, 1]; "
            f"for one column a class use {metric.for_classes.format(kind)}"
        )
    return _checked(metric, output.reshape(-1, 1), targets.reshape(-1, 1))


def multiclass(metric: ItemMetric, item: Any) -> tuple[Any, NDArray[np.bool_]]:
    """Output `[batch, classes]` and targets `[batch]` of class numbers: both as `[batch, classes]`."""
    output, targets = metric.arrays(item)
    check_classes(metric, output, targets)
    check_range(metric, output, targets)
    return output, one_hot(targets, output.shape[1])


def multilabel(metric: ItemMetric, item: Any) -> tuple[Any, NDArray[np.bool_]]:
    """Output and targets of 0 and 1 `[batch, classes]`; one label may come as `[batch]`."""
    output, targets = metric.arrays(item)
    if output.ndim == 2 and output.shape[1] == 1 and targets.ndim == 1:
        targets = targets[:, None]
    if output.ndim != 2 or output.shape != targets.shape:
        raise MetricError(
            f"{type(metric).__name__}: output of shape {output.shape} and targets of shape {targets.shape}\n"
            "  it wants both [batch, classes], with a target of 0 or 1 for every class"
        )
    return _checked(metric, output, targets)


def pairs(metric: ItemMetric, item: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Output and targets of one shape, both as float64 `[batch, values]`; `[batch]` fits `[batch, 1]`."""
    output, targets = metric.arrays(item)
    squeezed = [x[:, 0] if x.ndim == 2 and x.shape[1] == 1 else x for x in (output, targets)]
    if not output.ndim or squeezed[0].shape != squeezed[1].shape:
        raise MetricError(
            f"{type(metric).__name__}: output of shape {output.shape} and targets of shape {targets.shape}\n"
            "  it wants them of one shape, [batch, values] or [batch]"
        )
    if not output.size:
        raise empty_batch(metric)
    wide = [x.reshape(len(output), -1).astype(np.float64) for x in squeezed]
    if math.isnan(wide[0].max()):
        raise not_a_number(metric)
    unknown = wide[1][~np.isfinite(wide[1])]
    if unknown.size:
        raise MetricError(f"{type(metric).__name__}: a target is {unknown[0]}, from which everything is far")
    return wide[0], wide[1]


def _checked(metric: ItemMetric, output: Any, targets: Any) -> tuple[Any, NDArray[np.bool_]]:
    if not targets.size:
        raise empty_batch(metric)
    ones = targets == 1
    wrong = targets[~ones & (targets != 0)]
    if wrong.size:
        kind = type(metric).__name__
        raise MetricError(
            f"{kind}: a target is {wrong[0]}, and they are 0 or 1\n"
            f"  for class numbers use {metric.for_classes.format(kind)}, with a column for each"
        )
    if math.isnan(output.max()):
        raise not_a_number(metric)
    return output, ones


def empty_batch(metric: Metric) -> MetricError:
    """Words the error for a batch without items."""
    return MetricError(f"{type(metric).__name__}: the batch has no items, and so no value")
