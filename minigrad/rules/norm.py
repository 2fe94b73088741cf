"""Normalisation. Layer, batch, group and instance norm differ in the axes and in the shapes of gamma and beta alone."""

from __future__ import annotations

from .kernels import size
from .rows import by_rows, centre, centre_kernel, inner, inner_kernel, mean_of
from .rule import rule


@rule(wide=True)
def normalise(K, x, gamma, beta, *, axis, epsilon):
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta: both statistics over `axis`; gamma and beta broadcast."""
    c = K.call(centre_kernel, centre, x, axis=axis)
    scale = 1 / K.sqrt(mean_product(K, c, c, axis) + epsilon)
    h = by_rows(lambda c, scale: c * scale, c, scale)

    def slope(g, h, scale, gamma):
        d = g * gamma
        along, m = mean_product(K, d, h, axis), mean_of(K, d, axis)
        return by_rows(lambda d, h, along, m, scale: (d - h * along - m) * scale, d, h, along, m, scale)

    def backward(g):
        dx = slope(g, h, scale, gamma) if 0 in axis else by_rows(slope, g, h, scale, gamma)
        return dx, products_to(K, gamma, g, h), K.sum_to(g, beta.shape)

    return by_rows(lambda h, gamma, beta: h * gamma + beta, h, gamma, beta), backward


@rule(wide=True)
def rms_norm(K, x, gamma, *, axis, epsilon):
    """x / sqrt(mean of squares over `axis` + epsilon) * gamma, which broadcasts."""
    scale = 1 / K.sqrt(mean_product(K, x, x, axis) + epsilon)
    h = by_rows(lambda x, scale: x * scale, x, scale)

    def slope(g, h, scale, gamma):
        d = g * gamma
        return (d - h * mean_product(K, d, h, axis)) * scale

    def backward(g):
        dx = slope(g, h, scale, gamma) if 0 in axis else by_rows(slope, g, h, scale, gamma)
        return dx, products_to(K, gamma, g, h)

    return by_rows(lambda h, gamma: h * gamma, h, gamma), backward


def mean_product(K, x, y, axis):
    return K.call(inner_kernel, inner, x, y, axis=axis) / size(x.shape, axis)


def products_to(K, gamma, g, h):
    """The sums of g * h to the shape of gamma, row by row first: no array of all products."""
    before = g.ndim - gamma.ndim
    shape = (*(1,) * (before - 1), *gamma.shape) if before else gamma.shape[1:]
    return K.sum_to(by_rows(lambda g, h: K.sum_to(g * h, (len(g), *shape)), g, h), gamma.shape)
