"""Activations as modules without fields."""

from __future__ import annotations

from ..activation import gelu
from ..module import Module
from ..tensor import Tensor

__all__ = ["Gelu", "Relu", "Sigmoid", "Tanh"]


class Gelu(Module):
    """x times the share of the normal distribution below x, element by element, with its exact derivative.

    >>> Gelu()(Tensor([-1e4, 1e4]))
    Tensor([   -0., 10000.], dtype=float32)
    """

    def forward(self, input: Tensor) -> Tensor:
        return gelu(input)

    __call__ = forward


class Relu(Module):
    """max(x, 0), element by element; its derivative at 0 is 0.

    >>> Relu()(Tensor([-1.0, 2.0]))
    Tensor([0., 2.], dtype=float32)
    """

    def forward(self, input: Tensor) -> Tensor:
        return input.relu()

    __call__ = forward


class Sigmoid(Module):
    """1 / (1 + exp(-x)), element by element.

    >>> Sigmoid()(Tensor([0.0]))
    Tensor([0.5], dtype=float32)
    """

    def forward(self, input: Tensor) -> Tensor:
        return input.sigmoid()

    __call__ = forward


class Tanh(Module):
    """The hyperbolic tangent, element by element.

    >>> Tanh()(Tensor([0.0]))
    Tensor([0.], dtype=float32)
    """

    def forward(self, input: Tensor) -> Tensor:
        return input.tanh()

    __call__ = forward
