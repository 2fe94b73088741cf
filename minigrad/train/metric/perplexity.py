"""How many classes a model wavers between."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import MetricError
from .base import MetricMetadata, NumericEntry
from .history import Direction
from .padded import PaddedMetric
from .reading import not_a_number

__all__ = ["PerplexityMetric"]


class PerplexityMetric(PaddedMetric):
    """`Perplexity`: exp of the mean cross-entropy of all targets of the epoch, so 1 is perfect.

    Output `[batch, classes]` of logits, or of their log_softmax, which is its own; targets `[batch]` of class numbers.
    `with_pad_token` leaves rows out. Raises `MetricError` for probabilities, for other shapes, for targets that are the
    number of no column, and for NaN.
    """

    for_one = "two columns, 0 and the logit"
    _name = "Perplexity"
    direction = Direction.Lowest

    def update(self, item: Any, metadata: MetricMetadata) -> NumericEntry:
        output, targets = self.rows(item)
        if not len(targets):
            return self.no_value()
        logits = output.astype(np.float64)
        if not self._count:
            _check_logits(logits)
        meant = np.take_along_axis(logits, targets[:, None].astype(np.intp), 1)
        highest = logits.max(1, keepdims=True)
        with np.errstate(invalid="ignore"):  # infinite logits give NaN, which is looked for below
            entropy = np.log(np.exp(logits - highest).sum(1, keepdims=True)) + highest - meant
        total = float(entropy.sum())
        if math.isnan(total):
            raise not_a_number(self, "cross-entropy")
        self._entropy += total
        return self.record(_exp(total / len(targets)), len(targets))

    def running_value(self) -> float:
        return _exp(self._entropy / self._count) if self._count else math.nan

    def clear(self) -> None:
        super().clear()
        self._entropy = 0.0


def _check_logits(output: Any) -> None:
    """That rows add up to 1 and are positive is no accident."""
    if output.min() >= 0 and np.allclose(output.sum(1), 1, rtol=0, atol=1e-4):
        raise MetricError(
            "PerplexityMetric: the outputs are probabilities, as the rows are positive and add up to 1\n"
            "  it wants logits, or their logarithm: PerplexityMetric().reading(output=lambda item: item.output.log())"
        )


def _exp(x: float) -> float:
    return math.exp(x) if x < 709 else math.inf  # from 709.8 on math.exp raises
