"""Rules that do the work of several at once: few nodes, stable numbers, and the kernels' fast spellings."""

from __future__ import annotations

from .rule import Reals, rule


@rule(wide=True)
def linear(K, x, weight, bias):
    """x [n, d_in] @ weight [d_in, d_out] + bias [d_out]."""
    out = K.dot(x, weight)
    out = K.add(out, bias if bias.shape[0] != 1 else bias.reshape(()), out)  # [150, 1] + [1]: 0.8 us, + []: 0.3
    return out, lambda g: K.dot(g, weight.T), lambda g: K.dot(x.T, g), lambda g: K.colsum(g)


@rule(domain=(Reals(-3, 3), Reals(0, 1)), wide=True)
def bce_with_logits(K, x, t):
    """The mean of softplus(x) - t * x over all elements: binary cross-entropy of logits `x` and targets `t`."""
    n = x.size
    s = K.softplus(x)
    return (
        K.total(s - t * x) / n,
        lambda g: (K.exp(x - s) - t) * (g / n),  # x - softplus(x) is the logarithm of sigmoid(x)
        lambda g: x * (-g / n),
    )
