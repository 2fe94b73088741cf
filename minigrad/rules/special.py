"""Rules for the elementary functions beyond the core, and for bounds."""

from __future__ import annotations

import math

import numpy as np

from .elementwise import same
from .erf import erf as _erf
from .rule import Away, Reals, rule

# --- powers and logarithms --------------------------------------------------------------------------------------------


@rule(integers=True, wide=True)
def square(K, x):
    return x * x, lambda g: 2 * g * x


@rule(domain=Away(0), wide=Reals(-1e4, 1e4, (0.0,)))
def reciprocal(K, x):
    y = 1 / x
    return y, lambda g: -g * y * y


@rule(wide=Reals(-1e4, 80))
def expm1(K, x):
    return K.call(np.expm1, expm1, x), lambda g: g * K.exp(x)  # not y + 1, which loses the digits of small results


@rule(domain=Reals(0.2, 4), wide=Reals(1e-3, 1e4))
def log2(K, x):
    return K.call(np.log2, log2, x), lambda g: g / x * math.log2(math.e)


@rule(domain=Reals(0.2, 4), wide=Reals(1e-3, 1e4))
def log10(K, x):
    return K.call(np.log10, log10, x), lambda g: g / x * math.log10(math.e)


@rule(broadcasts=True, wide=True)
def logaddexp(K, x, y):
    z = K.call(np.logaddexp, logaddexp, x, y)

    def share(d):
        return K.sigmoid(K.where(z == -np.inf, 0, d))  # log 0 and log 0, whose difference is NaN, take a half each

    return z, lambda g: g * share(x - y), lambda g: g * share(y - x)


# --- circles and hyperbolas -------------------------------------------------------------------------------------------


@rule(domain=Reals(-1.4, 1.4))
def tan(K, x):
    y = K.call(np.tan, tan, x)
    return y, lambda g: g * (1 + y * y)


@rule(domain=Reals(-0.9, 0.9))
def asin(K, x):
    return K.call(np.arcsin, asin, x), lambda g: g / K.sqrt((1 - x) * (1 + x))  # 1 - x * x loses digits near 1


@rule(domain=Reals(-0.9, 0.9))
def acos(K, x):
    return K.call(np.arccos, acos, x), lambda g: -g / K.sqrt((1 - x) * (1 + x))


@rule(wide=True)
def atan(K, x):
    return K.call(np.arctan, atan, x), lambda g: g / (1 + x * x)


@rule(broadcasts=True, domain=(Away(0), Reals(-3, 3)), wide=True)
def atan2(K, y, x):
    def over_squares(z):
        r = K.call(np.hypot, hypot, x, y)  # x * x + y * y would overflow first
        safe = K.where(r == 0, 1, r)
        return K.where(r == 0, 0, z / safe / safe)  # at the origin the slopes are 0

    return K.call(np.arctan2, atan2, y, x), lambda g: g * over_squares(x), lambda g: -g * over_squares(y)


@rule(broadcasts=True, wide=True)
def hypot(K, x, y):
    r = K.call(np.hypot, hypot, x, y)
    safe = K.where(r == 0, 1, r)

    def share(z):
        return K.where(r == 0, 0, z / safe)  # at the origin the slopes are 0, as those of abs

    return r, lambda g: g * share(x), lambda g: g * share(y)


@rule(wide=Reals(-80, 80))
def sinh(K, x):
    return K.call(np.sinh, sinh, x), lambda g: g * K.call(np.cosh, cosh, x)


@rule(wide=Reals(-80, 80))
def cosh(K, x):
    return K.call(np.cosh, cosh, x), lambda g: g * K.call(np.sinh, sinh, x)


@rule(wide=True)
def asinh(K, x):
    return K.call(np.arcsinh, asinh, x), lambda g: g / K.sqrt(1 + x * x)


@rule(domain=Reals(1.2, 4), wide=Reals(1.1, 1e4))
def acosh(K, x):
    return K.call(np.arccosh, acosh, x), lambda g: g / K.sqrt((x - 1) * (x + 1))


@rule(domain=Reals(-0.9, 0.9))
def atanh(K, x):
    return K.call(np.arctanh, atanh, x), lambda g: g / ((1 - x) * (1 + x))


@rule(wide=True)
def erf(K, x):
    return K.call(_erf, erf, x), lambda g: g * (2 / math.sqrt(math.pi)) * K.exp(-x * x)


# --- remainders and bounds --------------------------------------------------------------------------------------------


@rule(broadcasts=True, domain=(Away(0), Away(0)), integers=True)
def remainder(K, x, y):
    """x - floor(x / y) * y, which has the sign of y."""
    return x % y, same, lambda g: -g * (x // y)


@rule(broadcasts=True, domain=(Away(0), Away(0)), integers=True)
def fmod(K, x, y):
    """x - trunc(x / y) * y, which has the sign of x."""
    return K.call(np.fmod, fmod, x, y), same, lambda g: -g * K.sign(x) * K.sign(y) * (K.abs(x) // K.abs(y))


@rule(broadcasts=True, ties=True, wide=True, integers=True)
def clamp_min(K, x, low):
    """The greater one; where they are equal the gradient is that of `x`, which nothing has moved."""
    return K.maximum(x, low), lambda g: K.where(x >= low, g, 0), lambda g: K.where(x < low, g, 0)


@rule(broadcasts=True, ties=True, wide=True, integers=True)
def clamp_max(K, x, high):
    """The less one; where they are equal the gradient is that of `x`, which nothing has moved."""
    return K.minimum(x, high), lambda g: K.where(x <= high, g, 0), lambda g: K.where(x > high, g, 0)
