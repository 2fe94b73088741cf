"""The Huber loss: squares near 0, straight lines beyond."""

from __future__ import annotations

from typing import Any

from ...blame import module_path
from ...config import Config
from ...errors import ConfigError, ShapeError
from ...module import Module
from ...tensor import Tensor
from .reduction import Reduction

__all__ = ["HuberLoss", "HuberLossConfig"]


class HuberLossConfig(Config):
    """`delta` is the error at which the line begins.

    >>> HuberLossConfig(0.5).init()
    HuberLoss {delta: 0.5, lin_bias: 0.125}
    """

    delta: float

    def init(self) -> HuberLoss:
        """The loss. Raises `ConfigError` for a negative delta."""
        if not self.delta >= 0:
            raise ConfigError(f"HuberLossConfig: delta is {self.delta!r}, and must be a number of at least 0")
        return HuberLoss(float(self.delta), self.delta * self.delta * 0.5)


class HuberLoss(Module):
    """r^2 / 2 for errors r of at most delta, else delta * |r| - delta^2 / 2: averaged or summed.

    >>> HuberLossConfig(0.5).init()(Tensor([0.0, 2.0]), Tensor([0.25, 0.0]), Reduction.Sum)
    Tensor(0.90625, dtype=float32)
    """

    delta: float
    lin_bias: float

    def forward(self, predictions: Tensor, targets: Tensor, reduction: Reduction = Reduction.Auto) -> Tensor:
        """One number. Raises `ShapeError` unless the shapes are equal."""
        return reduction(self.forward_no_reduction(predictions, targets))

    __call__ = forward

    def forward_no_reduction(self, predictions: Tensor, targets: Tensor) -> Tensor:
        """The loss of each element."""
        if predictions.shape != targets.shape:
            raise ShapeError(
                f"HuberLoss: predictions {predictions.shape}, targets {targets.shape}: shapes must be equal"
                f"{module_path()}"
            )
        return self.forward_residuals(targets - predictions)

    def forward_residuals(self, residuals: Tensor) -> Tensor:
        """The loss of each error."""
        size = residuals.abs()
        near = size.clip(max=self.delta)
        return near * (size - near * 0.5)

    def attributes(self) -> dict[str, Any]:
        return {"delta": self.delta, "lin_bias": self.lin_bias}
