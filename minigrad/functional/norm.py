"""Normalisation: to mean 0 and variance 1 over some axes, then times gamma, plus beta. All are one rule."""

from __future__ import annotations

from math import prod
from typing import Any

from ..arrays import number, whole
from ..errors import ConfigError
from ..lifting import as_tensor, lift
from ..rules import norm as rules
from ..tensor import Tensor
from .checks import check_tensor, refuse

__all__ = ["batch_norm", "group_norm", "instance_norm", "layer_norm", "rms_norm"]

_normalise = lift(rules.normalise)
_rms_norm = lift(rules.rms_norm)


def layer_norm(x: Tensor, gamma: Any = None, beta: Any = None, epsilon: float = 1e-5) -> Tensor:
    """Over the last axis of x [..., d]: (x - mean) / sqrt(variance + epsilon) * gamma + beta.

    gamma and beta are [d], or None for ones and zeros. Raises `ShapeError`.

    >>> layer_norm(Tensor([[1.0, 3.0], [5.0, 5.0]]), epsilon=3.0)
    Tensor([[-0.5,  0.5],
            [ 0. ,  0. ]], dtype=float32)
    """
    _check("layer_norm", x, 1, "[..., d]")
    gamma, beta = (_weight("layer_norm", name, w, x.shape[-1], x) for name, w in (("gamma", gamma), ("beta", beta)))
    return _normalise(x, *_or_ones(gamma, beta), axis=(x.ndim - 1,), epsilon=_positive("layer_norm", epsilon))


def rms_norm(x: Tensor, gamma: Any = None, epsilon: float = 1e-5) -> Tensor:
    """x / sqrt(mean of squares + epsilon) * gamma over the last axis of x [..., d]; gamma is [d], or None for ones.

    >>> rms_norm(Tensor([[3.0, -3.0]]), Tensor([1.0, 2.0]), epsilon=7.0)
    Tensor([[ 0.75, -1.5 ]], dtype=float32)
    """
    _check("rms_norm", x, 1, "[..., d]")
    gamma, _ = _or_ones(_weight("rms_norm", "gamma", gamma, x.shape[-1], x), None)
    return _rms_norm(x, gamma, axis=(x.ndim - 1,), epsilon=_positive("rms_norm", epsilon))


def batch_norm(
    x: Tensor, gamma: Any = None, beta: Any = None, mean: Any = None, var: Any = None, epsilon: float = 1e-5
) -> Tensor:
    """Of each channel of x [batch, channels, ...] over all other axes, in training; in inference pass `mean` and `var`.

    gamma, beta, mean and var are [channels]; the variance is the biased one.

    >>> batch_norm(Tensor([[1.0], [3.0]]), epsilon=3.0)
    Tensor([[-0.5],
            [ 0.5]], dtype=float32)
    >>> batch_norm(Tensor([[1.0], [3.0]]), mean=[1.0], var=[4.0], epsilon=0)
    Tensor([[0.],
            [1.]], dtype=float32)
    """
    _check("batch_norm", x, 2, "[batch, channels, ...]")
    if not number(epsilon, "batch_norm(epsilon") >= 0:
        raise ConfigError(f"batch_norm(epsilon={epsilon}): it is a number of 0 or more")
    given = {"gamma": gamma, "beta": beta, "mean": mean, "var": var}
    of_channels = (_weight("batch_norm", name, w, x.shape[1], x) for name, w in given.items())
    scale, shift, m, v = (w if w is None else w.reshape((-1, *(1,) * (x.ndim - 2))) for w in of_channels)
    if (m is None) != (v is None):
        refuse("batch_norm: of mean and var one was given: both, for inference, or none, for training")
    if m is None or v is None:
        axis = (0, *range(2, x.ndim))
        return _normalise(x, *_or_ones(scale, shift), axis=axis, epsilon=_positive("batch_norm", epsilon))
    y = (x - m) * (1 / (v + float(epsilon)).sqrt() if scale is None else scale / (v + float(epsilon)).sqrt())
    return y if shift is None else y + shift


def group_norm(x: Tensor, num_groups: int, gamma: Any = None, beta: Any = None, epsilon: float = 1e-5) -> Tensor:
    """Of each item's channels in groups: x [batch, channels, ...], gamma and beta [channels].

    Raises `ShapeError` where the groups do not divide the channels.

    >>> group_norm(Tensor([[1.0, 3.0, 11.0, 13.0]]), 2, epsilon=3.0)
    Tensor([[-0.5,  0.5, -0.5,  0.5]], dtype=float32)
    """
    _check("group_norm", x, 2, "[batch, channels, ...]")
    return _of_groups("group_norm", x, num_groups, gamma, beta, epsilon)


def instance_norm(x: Tensor, gamma: Any = None, beta: Any = None, epsilon: float = 1e-5) -> Tensor:
    """Of each item's each channel over the axes after it: x [batch, channels, ...], gamma and beta [channels].

    >>> instance_norm(Tensor([[[1.0, 3.0], [11.0, 13.0]]]), epsilon=3.0)
    Tensor([[[-0.5,  0.5],
             [-0.5,  0.5]]], dtype=float32)
    """
    _check("instance_norm", x, 2, "[batch, channels, ...]")
    return _of_groups("instance_norm", x, x.shape[1], gamma, beta, epsilon)


def _of_groups(name: str, x: Tensor, num_groups: int, gamma: Any, beta: Any, epsilon: float) -> Tensor:
    batch, channels, *rest = x.shape
    if whole(num_groups, f"{name}(num_groups") < 1 or channels % num_groups:
        refuse(f"{name}: {channels} channels of x {x.shape} do not make {num_groups} groups of one size")
    in_each = (num_groups, channels // num_groups, 1)
    gamma, beta = (_weight(name, w, v, channels, x) for w, v in (("gamma", gamma), ("beta", beta)))
    gamma, beta = (w if w is None else w.reshape(in_each) for w in (gamma, beta))
    grouped = x.reshape((batch, *in_each[:2], prod(rest)))
    y = _normalise(grouped, *_or_ones(gamma, beta), axis=(2, 3), epsilon=_positive(name, epsilon))
    return y.reshape(x.shape)


def _check(name: str, x: Any, axes: int, shape: str) -> None:
    check_tensor(name, x)
    if x.ndim < axes:
        refuse(f"{name} of an input of shape {x.shape}: it wants {shape}")
    if not x.size:
        refuse(f"{name} of an input of shape {x.shape}: nothing has no mean")


def _weight(name: str, what: str, weight: Any, n: int, x: Tensor) -> Tensor | None:
    if weight is None:
        return None
    w = as_tensor(weight, x.device.inner)
    if w.shape != (n,):
        refuse(f"{name} of an input of shape {x.shape}: {what} has shape {w.shape}, and must be ({n},)")
    return w


def _or_ones(gamma: Tensor | None, beta: Tensor | None) -> tuple[Any, Any]:
    return 1.0 if gamma is None else gamma, 0.0 if beta is None else beta


def _positive(name: str, epsilon: float) -> float:
    if not number(epsilon, f"{name}(epsilon") > 0:
        raise ConfigError(f"{name}(epsilon={epsilon}): it is a number > 0, which keeps equal elements from 0 / 0")
    return float(epsilon)
