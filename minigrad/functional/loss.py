"""Losses of logits for classes: softmax and the logarithm in one, exact for logits of any size."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..blame import whereabouts
from ..errors import DtypeError, LossInputError
from ..lifting import as_tensor, lift
from ..rules import softmax
from ..tensor import Tensor
from .checks import refuse

__all__ = ["check_classes", "cross_entropy", "cross_entropy_each", "cross_entropy_with_logits"]

_cross_entropy = lift(softmax.cross_entropy)
_log_softmax = lift(softmax.log_softmax)


def cross_entropy(logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
    """The mean of -log(softmax(logits)[target]): logits [n, classes], or [..., classes], and Int targets [n], or [...].

    With `weights`, one for each class, a mean weighted by those of the targets. Raises `ShapeError`, `DtypeError`, and
    `LossInputError` for a target that is no class.

    >>> cross_entropy(Tensor([[0.0, 0.0], [1e4, -1e4]]), Tensor([1, 0]))
    Tensor(0.3465736, dtype=float32)
    """
    losses = cross_entropy_each(logits, targets)
    if not losses.size:
        raise LossInputError(f"cross_entropy of logits {logits.shape}: there is nothing to average{whereabouts()}")
    if weights is None:
        return losses.mean()
    weights = as_tensor(weights)
    if weights.shape != logits.shape[-1:]:
        refuse(f"cross_entropy: weights of shape {weights.shape} for {logits.shape[-1]} classes: one for each")
    of_targets = weights[targets]
    return (losses * of_targets).sum() / of_targets.sum()


def cross_entropy_each(logits: Tensor, targets: Tensor) -> Tensor:
    """-log(softmax(logits)[target]) of each row, in the shape of the targets."""
    positions = check_classes(logits, targets)
    if logits.ndim == 2:
        return _cross_entropy(logits, targets=positions)
    rows = logits.reshape((-1, logits.shape[-1]))
    return _cross_entropy(rows, targets=positions.reshape(-1)).reshape(positions.shape)


def cross_entropy_with_logits(logits: Tensor, target_probs: Tensor) -> Tensor:
    """Of a distribution for each row, not of a class: the mean of -(log_softmax(logits) * target_probs).sum(-1).

    >>> cross_entropy_with_logits(Tensor([[0.0, 0.0]]), Tensor([[0.5, 0.5]]))
    Tensor(0.6931472, dtype=float32)
    """
    logits, target_probs = as_tensor(logits), as_tensor(target_probs)
    if not logits.ndim or logits.shape != target_probs.shape:
        refuse(
            f"cross_entropy_with_logits: logits {logits.shape}, targets {target_probs.shape}: "
            "both are [..., classes], of one shape"
        )
    return -(_log_softmax(logits, axis=logits.ndim - 1) * target_probs).sum(-1).mean()


def check_classes(logits: Any, targets: Any) -> np.ndarray[Any, Any]:
    """The targets as an array of positions among the classes. Raises as `cross_entropy` does."""
    if not isinstance(logits, Tensor) or not isinstance(targets, Tensor):
        kinds = f"{type(logits).__name__} and {type(targets).__name__}"
        raise DtypeError(f"cross_entropy of {kinds}: both are tensors; wrap the data: Tensor(data, device)")
    if targets.dtype.kind != "i":
        probs = targets.shape == logits.shape
        raise DtypeError(
            f"cross_entropy: targets of {targets.dtype}; they are numbers of classes, of Int: targets.int()"
            + whereabouts()
            + ("\n  of a probability for each class: cross_entropy_with_logits" if probs else "")
        )
    if logits.ndim < 2 or logits.shape[:-1] != targets.shape:
        one_hot = logits.ndim and targets.shape == logits.shape
        column = targets.ndim > 1 and targets.shape == (*logits.shape[:-1], 1)
        hint = ["one class number for each row, not one column for each class: targets.argmax(-1)"] if one_hot else []
        hint += [f"targets.squeeze(-1) has the shape {targets.shape[:-1]}"] if column else []
        refuse(
            f"cross_entropy: logits {logits.shape}, targets {targets.shape}: they are [n, classes] and [n]",
            *hint,
        )
    positions: np.ndarray[Any, Any] = targets.data.astype(np.int64, copy=False)
    classes = logits.shape[-1]
    if positions.size and positions.view(np.uint64).max() >= classes:  # a negative one is the largest
        wrong = positions[(positions < 0) | (positions >= classes)].flat[0]
        raise LossInputError(
            f"cross_entropy: target {wrong} is no class: {classes} columns of logits are classes 0 to {classes - 1}"
            f"{whereabouts()}"
        )
    return positions
