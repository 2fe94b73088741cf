"""The negative log-likelihood of counts."""

from __future__ import annotations

import math
from typing import Any

from ...blame import module_path
from ...config import Config
from ...errors import ConfigError, LossInputError, ShapeError
from ...module import Module
from ...tensor import Tensor, where
from .reduction import Reduction

__all__ = ["PoissonNllLoss", "PoissonNllLossConfig"]


class PoissonNllLossConfig(Config):
    """`log_input`: predictions are logarithms of rates. `full`: with Stirling's formula for log(t!).

    `eps` is added to a rate before its logarithm is taken.

    >>> PoissonNllLossConfig().init()
    PoissonNllLoss {log_input: true, full: false, eps: 0.00000001}
    """

    log_input: bool = True
    full: bool = False
    eps: float = 1e-8

    def init(self) -> PoissonNllLoss:
        """The loss. Raises `ConfigError` unless eps is positive."""
        if not self.eps > 0:
            raise ConfigError(f"PoissonNllLossConfig: eps is {self.eps!r}, and must be a number > 0")
        return PoissonNllLoss(self.log_input, self.full, float(self.eps))


class PoissonNllLoss(Module):
    """exp(x) - t * x, or x - t * log(x + eps) of rates; averaged or summed.

    `full` adds t * log(t) - t + log(2 pi t) / 2 where t > 1.

    >>> PoissonNllLoss(True, False, 1e-8)(Tensor([0.0, 0.0]), Tensor([0.0, 3.0]))
    Tensor(1., dtype=float32)
    """

    log_input: bool
    full: bool
    eps: float

    def forward(self, predictions: Tensor, targets: Tensor, reduction: Reduction = Reduction.Auto) -> Tensor:
        """One number. Raises `ShapeError` unless the shapes are equal, `LossInputError` for what cannot be negative."""
        return reduction(self.forward_no_reduction(predictions, targets))

    __call__ = forward

    def forward_no_reduction(self, predictions: Tensor, targets: Tensor) -> Tensor:
        """The loss of each element."""
        self._check(predictions, targets)
        x, t = predictions, targets
        loss = x.exp() - t * x if self.log_input else x - t * (x + self.eps).log()
        if not self.full:
            return loss
        many = where(t > 1, t, 1)  # below, the logarithm of 0 must not be computed
        return loss + where(t > 1, many * many.log() - many + (many * (2 * math.pi)).log() * 0.5, 0.0)

    def _check(self, predictions: Tensor, targets: Tensor) -> None:
        if predictions.shape != targets.shape:
            raise ShapeError(
                f"PoissonNllLoss: predictions {predictions.shape}, targets {targets.shape}: shapes must be equal"
                f"{module_path()}"
            )
        for what, x in (("targets", targets), ("predictions", predictions)):
            low = x.data.min(initial=0)
            if not low >= 0 and not (what == "predictions" and self.log_input):  # also for NaN
                hint = "\n  of logarithms of rates: log_input=True" if what == "predictions" else ""
                raise LossInputError(
                    f"PoissonNllLoss: {what} go down to {low:.4g}: no count is below 0{module_path()}{hint}"
                )

    def attributes(self) -> dict[str, Any]:
        return {"log_input": self.log_input, "full": self.full, "eps": self.eps}
