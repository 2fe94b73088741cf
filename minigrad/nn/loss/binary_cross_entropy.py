"""Binary cross-entropy, of logits or of probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...backend import Device
from ...blame import module_path
from ...config import Config
from ...errors import ConfigError, DtypeError, LossInputError, ShapeError
from ...lifting import make
from ...module import Module
from ...rules import kernels
from ...tensor import Tensor, bce_with_logits, softplus, where

__all__ = ["BinaryCrossEntropyLoss", "BinaryCrossEntropyLossConfig"]


class BinaryCrossEntropyLossConfig(Config):
    """`logits=True` for raw outputs of a model; by default it expects probabilities, as Burn does.

    `weights`: one for each class, > 0; two for targets without a class axis. `smoothing`: in [0, 1], pulls targets to
    the middle.
    """

    weights: list[float] | None = None
    smoothing: float | None = None
    logits: bool = False

    def init(self, device: Device | None = None) -> BinaryCrossEntropyLoss:
        """The loss. Raises `ConfigError` for a smoothing outside [0, 1] or a weight that is not positive."""
        if self.smoothing is not None and not 0 <= self.smoothing <= 1:
            raise ConfigError(f"BinaryCrossEntropyLossConfig: smoothing is {self.smoothing}, and goes from 0 to 1")
        if self.weights is None:
            return BinaryCrossEntropyLoss(None, self.smoothing, self.logits)
        if not self.weights or not all(w > 0 for w in self.weights):
            raise ConfigError(
                f"BinaryCrossEntropyLossConfig: weights are {list(self.weights)}, and each must be positive"
            )
        return BinaryCrossEntropyLoss(Tensor(self.weights, device, np.float32), self.smoothing, self.logits)


class BinaryCrossEntropyLoss(Module):
    """-t * log(p) - (1 - t) * log(1 - p), averaged over all elements; with logits x, p = sigmoid(x).

    Burn's formulas: logarithms of probabilities end at -100; smoothing a makes t * (1 - a) + a / classes of t; a
    weighted mean is not divided by the weights.

    >>> BinaryCrossEntropyLossConfig(logits=True).init()(Tensor([0.0, 0.0]), Tensor([0, 1]))
    Tensor(0.6931472, dtype=float32)
    """

    weights: Tensor | None
    smoothing: float | None
    logits: bool

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """One number, for outputs and targets (Int or Float) of one shape, [n] or [..., classes].

        Raises `ShapeError`, and `LossInputError` for probabilities or targets outside [0, 1].
        """
        try:
            if logits.data.shape != targets.data.shape:
                raise self._misfit(logits, targets)
            t = targets if targets.data.dtype is logits.data.dtype else _cast(targets, logits)
        except AttributeError:
            kinds = f"{type(logits).__name__} and {type(targets).__name__}"
            raise DtypeError(
                f"BinaryCrossEntropyLoss of {kinds}: both are tensors; wrap the data: Tensor(data)"
            ) from None
        # Squares of numbers in [0, 1] add up to no more than the numbers: 0.9 us, where min and max take 2.
        d = t.data
        if not d.size:
            raise LossInputError(
                f"BinaryCrossEntropyLoss of shape {t.shape}: there is nothing to average{module_path()}"
            )
        if (d.dot(d) if d.ndim == 1 else kernels.total(d * d)) > 1.00001 * kernels.total(d):
            self._check_targets(targets)
        if self.smoothing is not None:
            classes = t.shape[-1] if t.ndim > 1 else 2
            t = t * (1 - self.smoothing) + self.smoothing / classes
        if self.logits and self.weights is None:
            loss = bce_with_logits(logits, t)
        else:
            each = (1 - t) * logits + softplus(-logits) if self.logits else self._of_probabilities(logits, t)
            loss = (each if self.weights is None else each * self._weights(targets)).mean()
        return loss

    __call__ = forward

    @staticmethod
    def _check_targets(targets: Tensor) -> None:
        low, high = targets.data.min(), targets.data.max()
        if not (low >= 0 and high <= 1):
            raise LossInputError(
                f"BinaryCrossEntropyLoss: targets go from {low} to {high}{module_path()}\n"
                "  they are 0 and 1, or between them"
            )

    @staticmethod
    def _of_probabilities(p: Tensor, t: Tensor) -> Tensor:
        low, high = p.data.min(initial=0.5), p.data.max(initial=0.5)
        if not (low >= 0 and high <= 1):  # also for NaN
            raise LossInputError(
                f"BinaryCrossEntropyLoss(logits=False) got values outside [0, 1] (min {low:.4g}, max {high:.4g})"
                f"{module_path()}\n"
                "  they look like logits: use BinaryCrossEntropyLossConfig(logits=True), or apply sigmoid first"
            )
        # both sides of `where` are computed: the logarithm of 0 must not be, or its slope makes NaN of a zero gradient
        log_p = where(p > 0, where(p > 0, p, 1.0).log(), -100.0).maximum(-100.0)
        log_q = where(p < 1, (-where(p < 1, p, 0.0)).log1p(), -100.0).maximum(-100.0)
        return (t - 1) * log_q - t * log_p

    def _weights(self, targets: Tensor) -> Tensor:
        weights = self.weights
        assert weights is not None
        if targets.ndim > 1:
            if targets.shape[-1] != weights.shape[0]:
                raise ShapeError(
                    f"BinaryCrossEntropyLoss: {len(weights)} weights for {targets.shape[-1]} classes{module_path()}\n"
                    "  give one weight for each of the last axis of the targets"
                )
            return weights
        if weights.shape[0] != 2:
            raise ShapeError(
                f"BinaryCrossEntropyLoss: {weights.shape[0]} weights for targets [n], which are of 2 classes"
            )
        return weights[targets.int()]

    def _misfit(self, logits: Tensor, targets: Tensor) -> ShapeError:
        n = targets.shape
        hint = f"\n  logits.squeeze(1) has the shape {n}" if logits.shape == (*n, 1) else ""
        return ShapeError(
            f"BinaryCrossEntropyLoss: logits {logits.shape}, targets {n}: shapes must be equal{module_path()}{hint}"
        )

    def attributes(self) -> dict[str, Any]:
        return {"weights": self.weights, "smoothing": self.smoothing, "logits": self.logits}


def _cast(targets: Tensor, logits: Tensor) -> Tensor:
    dtype = logits.data.dtype
    if targets.birth:
        return targets.astype(dtype)
    return make(targets.data.astype(dtype), targets.device)  # Int targets in every step: 0.5 us against 1.8
