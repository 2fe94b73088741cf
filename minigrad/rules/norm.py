"""Normalisation. Layer, batch, group and instance norm differ in the axes and in the shapes of gamma and beta alone."""

from __future__ import annotations

from .kernels import size
from .rows import BLOCK, by_rows, centre, centre_kernel, inner, inner_kernel, mean_of
from .rule import rule


@rule(wide=True)
def normalise(K, x, gamma, beta, *, axis, epsilon):
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta: both statistics over `axis`; gamma and beta broadcast."""
    c = K.call(centre_kernel, centre, x, axis=axis)
    scale = 1 / K.sqrt(mean_product(K, c, c, axis) + epsilon)

    def slope(g, c, scale, gamma):
        d = g * gamma
        along, m = mean_product(K, d, c, axis) * scale * scale, mean_of(K, d, axis)
        return by_rows(without, d, c, along, m, scale)

    def backward(g):
        dx = slope(g, c, scale, gamma) if 0 in axis else by_rows(slope, g, c, scale, gamma)
        return dx, products_to(K, gamma, g, c, scale), K.sum_to(g, beta.shape)

    return by_rows(scaled, c, scale, gamma, beta), backward


def scaled(c, scale, gamma, beta):
    y = c * scale
    y *= gamma
    y += beta
    return y


def without(d, c, along, m, scale):
    """(d - c * along - m) * scale, in the place of `d` where it is an array."""
    d -= c * along
    d -= m
    d *= scale
    return d


@rule(wide=True)
def rms_norm(K, x, gamma, *, axis, epsilon):
    """x / sqrt(mean of squares over `axis` + epsilon) * gamma, which broadcasts."""
    scale = 1 / K.sqrt(mean_product(K, x, x, axis) + epsilon)

    def slope(g, x, scale, gamma):
        d = g * gamma
        return (d - x * (mean_product(K, d, x, axis) * scale * scale)) * scale

    def backward(g):
        dx = slope(g, x, scale, gamma) if 0 in axis else by_rows(slope, g, x, scale, gamma)
        return dx, products_to(K, gamma, g, x, scale)

    return by_rows(lambda x, scale, gamma: x * scale * gamma, x, scale, gamma), backward


def mean_product(K, x, y, axis):
    return K.call(inner_kernel, inner, x, y, axis=axis) / size(x.shape, axis)


def products_to(K, gamma, g, x, scale):
    """The sums of g * x * scale to the shape of gamma; no large array of all products."""
    if g.size <= 2 * BLOCK:
        return K.sum_to(products(g, x, scale), gamma.shape)
    before = g.ndim - gamma.ndim
    shape = (*(1,) * (before - 1), *gamma.shape) if before else gamma.shape[1:]
    rows = by_rows(lambda g, x, scale: K.sum_to(products(g, x, scale), (len(g), *shape)), g, x, scale)
    return K.sum_to(rows, gamma.shape)


def products(g, x, scale):
    p = g * x
    p *= scale
    return p
