"""Activation functions, Burn's `tensor::activation` and later ones: functions of tensors, lists and numbers.

All are stable for numbers of any size, and their derivatives are exact. An axis may be negative.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import rules
from .arrays import Axis, flag, normal_axes, normal_axis, number
from .errors import ConfigError, ShapeError
from .lifting import as_tensor, lift, make
from .tensor import Tensor, where
from .tensor import softplus as _softplus

__all__ = [
    "celu", "elu", "gelu", "hard_sigmoid", "hard_swish", "leaky_relu", "log_sigmoid", "log_softmax", "logsumexp",
    "mish", "prelu", "quiet_softmax", "relu", "selu", "sigmoid", "silu", "softmax", "softmin", "softplus", "softsign",
    "tanh", "thresholded_relu",
]  # fmt: skip

_gelu = lift(rules.activation.gelu)
_gelu_tanh = lift(rules.activation.gelu_tanh)
_silu = lift(rules.activation.silu)
_prelu = lift(rules.activation.prelu)
_elu = lift(rules.activation.elu)
_softmax = lift(rules.softmax.softmax)
_log_softmax = lift(rules.softmax.log_softmax)
_logsumexp = lift(rules.softmax.logsumexp)


# --- bends ------------------------------------------------------------------------------------------------------------


def relu(x: Any) -> Tensor:
    """max(x, 0); the slope at 0 is 0.

    >>> relu([-1.0, 2.0])
    Tensor([0., 2.], dtype=float32)
    """
    return Tensor.relu(x)


def leaky_relu(x: Any, negative_slope: float = 0.01) -> Tensor:
    """x, or `negative_slope` * x for x < 0; the slope at 0 is 1.

    >>> leaky_relu([-1.0, 2.0])
    Tensor([-0.01,  2.  ], dtype=float32)
    """
    return _prelu(x, number(negative_slope, "leaky_relu(negative_slope"))


def prelu(x: Any, alpha: Any) -> Tensor:
    """x, or alpha * x for x < 0: `alpha` has one element, or one for each channel of x [batch, channels, ...].

    Raises `ShapeError` for any other number of them.

    >>> prelu(Tensor([[-1.0, -1.0]]), Tensor([0.25, 0.5]))
    Tensor([[-0.25, -0.5 ]], dtype=float32)
    """
    x, alpha = as_tensor(x), as_tensor(alpha)
    if alpha.size == 1:
        return _prelu(x, alpha.reshape(()))
    if x.ndim < 2 or alpha.shape != x.shape[1:2]:
        channels = f"{x.shape[1]} channels" if x.ndim > 1 else "no channels"
        raise ShapeError(
            f"prelu: alpha of shape {alpha.shape} for x of shape {x.shape}, which has {channels}\n"
            "  x is [batch, channels, ...], alpha has one element or one for each channel"
        )
    return _prelu(x, alpha.reshape((-1, *(1,) * (x.ndim - 2))))


def elu(x: Any, alpha: float = 1.0) -> Tensor:
    """x, or alpha * (exp(x) - 1) for x <= 0.

    >>> elu([-1e4, 0.0, 2.0])
    Tensor([-1.,  0.,  2.], dtype=float32)
    """
    return _elu(x, alpha=float(number(alpha, "elu(alpha")))


def celu(x: Any, alpha: float = 1.0) -> Tensor:
    """x, or alpha * (exp(x / alpha) - 1) for x <= 0: its slope has no jump at 0. Raises `ConfigError` for alpha 0.

    >>> celu([-1e4, 2.0], alpha=0.5)
    Tensor([-0.5,  2. ], dtype=float32)
    """
    _nonzero("celu", "alpha", alpha)
    return _elu(as_tensor(x) / alpha, alpha=1.0) * alpha


def selu(x: Any) -> Tensor:
    """1.0507 * elu(x, 1.6733), under which layers keep mean 0 and variance 1 (Klambauer and others, 2017).

    >>> selu([0.0, 1.0])
    Tensor([0.      , 1.050701], dtype=float32)
    """
    return _elu(x, alpha=1.6732632423543772848) * 1.0507009873554804934


def thresholded_relu(x: Any, alpha: float = 1.0) -> Tensor:
    """x where it is greater than `alpha`, else 0.

    >>> thresholded_relu([0.5, 1.0, 2.0])
    Tensor([0., 0., 2.], dtype=float32)
    """
    x = as_tensor(x)
    return where(x > number(alpha, "thresholded_relu(alpha"), x, 0)


def hard_sigmoid(x: Any, alpha: float = 0.2, beta: float = 0.5) -> Tensor:
    """alpha * x + beta, between 0 and 1.

    >>> hard_sigmoid([-5.0, 0.0, 5.0])
    Tensor([0. , 0.5, 1. ], dtype=float32)
    """
    alpha, beta = number(alpha, "hard_sigmoid(alpha"), number(beta, "hard_sigmoid(beta")
    return (as_tensor(x) * float(alpha) + beta).clip(0, 1)


def hard_swish(x: Any) -> Tensor:
    """x * hard_sigmoid(x, 1 / 6, 1 / 2).

    >>> hard_swish([-4.0, 0.0, 4.0])
    Tensor([-0.,  0.,  4.], dtype=float32)
    """
    t = as_tensor(x)
    return t * hard_sigmoid(t, 1 / 6, 0.5)


# --- curves -----------------------------------------------------------------------------------------------------------


def sigmoid(x: Any) -> Tensor:
    """1 / (1 + exp(-x)).

    >>> sigmoid([-1e4, 0.0, 1e4])
    Tensor([0. , 0.5, 1. ], dtype=float32)
    """
    return Tensor.sigmoid(x)


def log_sigmoid(x: Any) -> Tensor:
    """log(1 / (1 + exp(-x))).

    >>> log_sigmoid([-1e4, 1e4])
    Tensor([-10000.,     -0.], dtype=float32)
    """
    return -_softplus(-as_tensor(x))


def tanh(x: Any) -> Tensor:
    """The hyperbolic tangent.

    >>> tanh([0.0, 1e4])
    Tensor([0., 1.], dtype=float32)
    """
    return Tensor.tanh(x)


def softplus(x: Any, beta: float = 1.0) -> Tensor:
    """log(1 + exp(beta * x)) / beta. Raises `ConfigError` for beta 0.

    >>> softplus([-1e4, 1e4])
    Tensor([    0., 10000.], dtype=float32)
    """
    _nonzero("softplus", "beta", beta)
    return _softplus(x) if beta == 1 else _softplus(as_tensor(x) * float(beta)) / beta


def softsign(x: Any) -> Tensor:
    """x / (1 + |x|).

    >>> softsign([-1.0, 0.0, 3.0])
    Tensor([-0.5 ,  0.  ,  0.75], dtype=float32)
    """
    t = as_tensor(x)
    return t / (t.abs() + 1)


def silu(x: Any) -> Tensor:
    """x * sigmoid(x), also called swish.

    >>> silu([0.0, 1e4])
    Tensor([    0., 10000.], dtype=float32)
    """
    return _silu(x)


def mish(x: Any) -> Tensor:
    """x * tanh(softplus(x)).

    >>> mish([0.0, 1e4])
    Tensor([    0., 10000.], dtype=float32)
    """
    t = as_tensor(x)
    return t * _softplus(t).tanh()


def gelu(x: Any, approximate: str | None = None) -> Tensor:
    """x times the share of the normal distribution below x: x * (1 + erf(x / sqrt(2))) / 2, and its exact derivative.

    With `approximate="tanh"`: x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))), which is faster.

    >>> gelu([-1e4, 0.0, 1e4])
    Tensor([   -0.,     0., 10000.], dtype=float32)
    """
    if not (approximate is None or isinstance(approximate, str)) or approximate not in (None, "none", "tanh"):
        raise ConfigError(f'gelu(approximate={approximate!r}): it is "tanh", or None for the exact one')
    return _gelu_tanh(x) if approximate == "tanh" else _gelu(x)


# --- shares along an axis ---------------------------------------------------------------------------------------------


def softmax(x: Any, axis: int) -> Tensor:
    """exp(x) over its sum along `axis`.

    >>> softmax([[0.0, 0.0], [1e4, -1e4]], axis=-1)
    Tensor([[0.5, 0.5],
            [1. , 0. ]], dtype=float32)
    """
    return _along("softmax", _softmax, as_tensor(x), axis)


def softmin(x: Any, axis: int) -> Tensor:
    """softmax(-x): the least element has the greatest share.

    >>> softmin([1e4, -1e4], axis=0)
    Tensor([0., 1.], dtype=float32)
    """
    return _along("softmin", _softmax, -as_tensor(x), axis)


def log_softmax(x: Any, axis: int) -> Tensor:
    """The logarithm of softmax, exact where softmax is too small for a number.

    >>> log_softmax([1e4, -1e4], axis=0)
    Tensor([     0., -20000.], dtype=float32)
    """
    return _along("log_softmax", _log_softmax, as_tensor(x), axis)


def quiet_softmax(x: Any, axis: int) -> Tensor:
    """exp(x) / (1 + the sum of exp(x) along `axis`): all of it may be near 0. That is softmax with one more number, 0.

    >>> quiet_softmax([-1e4, -1e4], axis=0)
    Tensor([0., 0.], dtype=float32)
    """
    x = as_tensor(x)
    x = x if x.dtype.kind == "f" else x.float()
    i = normal_axis(axis, x.ndim, "quiet_softmax")
    zero = make(np.zeros((*x.shape[:i], 1, *x.shape[i + 1 :]), x.dtype), x.device)
    return _softmax(Tensor.cat([x, zero], i), axis=i)[(slice(None),) * i + (slice(-1),)]


def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The logarithm of the sum of exp(x), over all axes, one, or several; of nothing -inf.

    >>> logsumexp([1e4, 1e4])
    Tensor(10000.693, dtype=float32)
    """
    x = as_tensor(x)
    axes = normal_axes(axis, x.ndim, "logsumexp")
    keepdims = flag(keepdims, "logsumexp(keepdims")
    return _logsumexp(x, axis=tuple(range(x.ndim)) if axes is None else axes, keepdims=keepdims)


def _along(name: str, operation: Callable[..., Tensor], x: Tensor, axis: int) -> Tensor:
    return operation(x, axis=normal_axis(axis, x.ndim, name))


def _nonzero(function: str, name: str, value: float) -> None:
    if number(value, f"{function}({name}") == 0:
        raise ConfigError(f"{function}({name}=0): it is divided by, and any other number will do")
