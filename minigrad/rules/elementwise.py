"""Rules that act on each element alone."""

from __future__ import annotations

from .rule import Away, Reals, rule


# Shared: made anew in each call, they would double the memory of a long chain.
def same(g):
    return g


def negated(g):
    return -g


@rule(broadcasts=True, integers=True, wide=True)
def add(K, x, y):
    return x + y, same, same


@rule(broadcasts=True, integers=True, wide=True)
def sub(K, x, y):
    return x - y, same, negated


@rule(broadcasts=True, integers=True, wide=True)
def mul(K, x, y):
    return x * y, lambda g: g * y, lambda g: g * x


@rule(broadcasts=True, domain=(Reals(-3, 3), Away(0)), wide=(Reals(-1e4, 1e4), Reals(-1e4, 1e4, (0.0,))))
def div(K, x, y):
    q = x / y
    return q, lambda g: g / y, lambda g: -g * q / y  # not x / (y * y), which overflows first


@rule(integers=True, wide=True)
def neg(K, x):
    return -x, negated


@rule(broadcasts=True, domain=(Reals(0.2, 3), Reals(-3, 3)))
def power(K, x, y):
    z = x**y
    # At x = 0 the plain formulas say 0 * inf: y * x ** (y - 1) for y = 0, and z * log(x) for y > 0. Both slopes are 0.
    # It is x that is replaced there: with another exponent the mixed derivative at y = 0 would be x, not 1 / x.
    return (
        z,
        lambda g: g * y * K.where(y == 0, K.where(x == 0, 1, x), x) ** (y - 1),
        lambda g: g * z * K.log(K.where(x > 0, x, 1)),
    )


@rule(domain=Reals(0.2, 3), integers=True)
def power_scalar(K, x, *, exponent):
    # x ** 0 is constant, and 0 * x ** -1 would be NaN at 0
    return x**exponent, lambda g: g * (exponent * x ** (exponent - 1) if exponent else 0)


@rule(domain=Reals(-3, 3), wide=Reals(-1e4, 80))
def exp(K, x):
    y = K.exp(x)
    return y, lambda g: g * y


@rule(domain=Reals(0.2, 4), wide=Reals(1e-3, 1e4))
def log(K, x):
    return K.log(x), lambda g: g / x


@rule(domain=Reals(-0.8, 3), wide=Reals(-0.9, 1e4))
def log1p(K, x):
    return K.log1p(x), lambda g: g / (x + 1)


@rule(domain=Reals(0.2, 4), wide=Reals(1e-3, 1e4))
def sqrt(K, x):
    y = K.sqrt(x)
    return y, lambda g: g * 0.5 / y


@rule(wide=True)
def sin(K, x):
    return K.sin(x), lambda g: g * K.cos(x)


@rule(wide=True)
def cos(K, x):
    return K.cos(x), lambda g: -g * K.sin(x)


@rule(wide=True)
def tanh(K, x):
    y = K.tanh(x)
    return y, lambda g: g * (1 - y * y)


@rule(wide=True)
def sigmoid(K, x):
    y = K.sigmoid(x)
    return y, lambda g: g * (y * (1 - y))


@rule(wide=True)
def softplus(K, x):
    # One kernel with a rule of its own: differentiating its max and abs gave 0.5 for the second derivative's 0.25 at 0.
    return K.softplus(x), lambda g: g * K.sigmoid(x)


@rule(domain=Away(0), wide=True, integers=True)
def relu(K, x):
    return K.relu(x), lambda g: K.keep(g, x > 0)  # relu'(0) = 0


@rule(domain=Away(0), wide=True, integers=True)
def abs(K, x):
    return K.abs(x), lambda g: g * K.sign(x)  # abs'(0) = 0


@rule(broadcasts=True, ties=True, wide=True, integers=True)
def maximum(K, x, y):
    return (
        K.maximum(x, y),
        lambda g: K.keep(g, x > y) + K.keep(g * 0.5, x == y),  # a tie is shared by halves
        lambda g: K.keep(g, y > x) + K.keep(g * 0.5, x == y),
    )


@rule(broadcasts=True, ties=True, wide=True, integers=True)
def minimum(K, x, y):
    return (
        K.minimum(x, y),
        lambda g: K.keep(g, x < y) + K.keep(g * 0.5, x == y),
        lambda g: K.keep(g, y < x) + K.keep(g * 0.5, x == y),
    )


@rule(broadcasts=True, wide=True, integers=True)
def where(K, x, y, *, mask):
    # not g * mask: an infinite gradient on the side that was not chosen would become NaN
    return K.where(mask, x, y), lambda g: K.where(mask, g, 0), lambda g: K.where(mask, 0, g)


@rule(integers=True, wide=True)
def cast(K, x, *, dtype):
    before = x.dtype
    return K.cast(x, dtype), lambda g: K.cast(g, before)
