"""Cross-entropy of classes, of logits or of probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...activation import log_softmax
from ...backend import Device
from ...blame import module_path
from ...config import Config
from ...errors import ConfigError, LossInputError, ShapeError
from ...functional.loss import check_classes, cross_entropy_each
from ...lifting import make
from ...module import Module
from ...tensor import Tensor, where

__all__ = ["CrossEntropyLoss", "CrossEntropyLossConfig"]


class CrossEntropyLossConfig(Config):
    """Of logits, unless `logits=False` says that it is given probabilities.

    `pad_tokens`: targets that cost nothing, which need not be classes. `weights`: one for each class, > 0. `smoothing`:
    in [0, 1], the share of a target that is spread over all classes.

    >>> CrossEntropyLossConfig(weights=[3.0, 7.0, 0.9], smoothing=0.5).init()
    CrossEntropyLoss {pad_tokens: None, weights: Tensor {rank: 1, shape: [3]}, smoothing: 0.5, logits: true}
    """

    pad_tokens: list[int] | None = None
    weights: list[float] | None = None
    smoothing: float | None = None
    logits: bool = True

    def init(self, device: Device | None = None) -> CrossEntropyLoss:
        """The loss. Raises `ConfigError` for a smoothing outside [0, 1] or a weight that is not positive."""
        if self.smoothing is not None and not 0 <= self.smoothing <= 1:
            raise ConfigError(f"CrossEntropyLossConfig: smoothing is {self.smoothing}, and goes from 0 to 1")
        if self.weights is not None and (not self.weights or not all(w > 0 for w in self.weights)):
            raise ConfigError(f"CrossEntropyLossConfig: weights are {list(self.weights)}, and each must be positive")
        weights = None if self.weights is None else Tensor(self.weights, device, np.float32)
        pad_tokens = None if self.pad_tokens is None else tuple(map(int, self.pad_tokens))
        return CrossEntropyLoss(pad_tokens, weights, self.smoothing, self.logits)


class CrossEntropyLoss(Module):
    """-log(p[target]) of each row, averaged; of logits p is their softmax.

    Burn's formulas: a padded row counts as 0 in a mean over all rows; a weighted mean is divided by the weights of all
    targets, padded ones too; smoothing a makes onehot * (1 - a) + a / classes of a target. Logarithms of probabilities
    end at -100.

    >>> CrossEntropyLoss()(Tensor([[0.0, 0.0]]), Tensor([1]))
    Tensor(0.6931472, dtype=float32)
    """

    pad_tokens: tuple[int, ...] | None = None
    weights: Tensor | None = None
    smoothing: float | None = None
    logits: bool = True

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        """One number, for logits [n, classes] (or [..., classes]) and Int targets [n] (or [...]).

        Raises `ShapeError`, `DtypeError`, and `LossInputError` for a target that is no class or, with `logits=False`,
        for values outside [0, 1].
        """
        padded = None
        if self.pad_tokens is not None and isinstance(targets, Tensor) and targets.dtype.kind == "i":
            padded = np.isin(targets.data, self.pad_tokens)
            no_class = padded & ((targets.data < 0) | (targets.data >= logits.shape[-1]))
            targets = make(np.where(no_class, 0, targets.data), targets.device)
        losses = self._losses(logits, targets)
        if not losses.size:
            raise LossInputError(f"CrossEntropyLoss of no rows: there is nothing to average{module_path()}")
        if padded is not None:
            losses = where(padded, 0.0, losses)
        return losses.mean() if self.weights is None else losses.sum() / self.weights[targets].sum()

    __call__ = forward

    def _losses(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Of each row, weighted."""
        positions, weights, classes = check_classes(logits, targets), self.weights, logits.shape[-1]
        if weights is not None and weights.shape[0] != classes:
            raise ShapeError(
                f"CrossEntropyLoss: {weights.shape[0]} weights for {classes} classes{module_path()}\n"
                "  give one weight for each column of the logits"
            )
        if self.logits and self.smoothing is None:
            losses = cross_entropy_each(logits, targets)
            return losses if weights is None else losses * weights[targets]
        logs = log_softmax(logits, -1) if self.logits else self._logs(logits)
        logs = logs if weights is None else logs * weights
        losses = -logs.take_along_axis(positions[..., None], -1).squeeze(-1)
        if self.smoothing is None:
            return losses
        return losses * (1 - self.smoothing) - logs.sum(-1) * (self.smoothing / classes)

    @staticmethod
    def _logs(p: Tensor) -> Tensor:
        low, high = p.data.min(initial=0.5), p.data.max(initial=0.5)
        if not (low >= 0 and high <= 1):  # also for NaN
            raise LossInputError(
                f"CrossEntropyLoss(logits=False) got values outside [0, 1] (min {low:.4g}, max {high:.4g})"
                f"{module_path()}\n"
                "  they look like logits: leave logits=True, or apply softmax first"
            )
        # both sides of `where` are computed: the logarithm of 0 must not be, or its slope makes NaN of a zero gradient
        return where(p > 0, where(p > 0, p, 1.0).log(), -100.0).maximum(-100.0)

    def attributes(self) -> dict[str, Any]:
        pad_tokens = None if self.pad_tokens is None else f"Vec<0..{len(self.pad_tokens)}>"
        return {"pad_tokens": pad_tokens, "weights": self.weights, "smoothing": self.smoothing, "logits": self.logits}
