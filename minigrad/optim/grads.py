"""Gradients by parameter id, and their accumulation over several steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..autodiff import Gradients
from ..errors import GradientError
from ..lifting import make
from ..module import Module
from ..param import Param
from ..tensor import Tensor

__all__ = ["GradientsAccumulator", "GradientsParams"]


class GradientsParams:
    """The gradients of a model's parameters, by parameter id: a value apart from the graph that they came from.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> from minigrad.nn import LinearConfig
    >>> model = LinearConfig(2, 1).init(Autodiff(NdArray(seed=1)))
    >>> grads = GradientsParams.from_grads(model(Tensor([[1.0, 2.0]])).sum().backward(), model)
    >>> len(grads), grads.get(model.weight)
    (2, Tensor([[1.],
            [2.]], dtype=float32))
    """

    __slots__ = ("_by_id",)

    def __init__(self) -> None:
        self._by_id: dict[int, Any] = {}

    @classmethod
    def from_grads(cls, grads: Gradients, model: Module) -> GradientsParams:
        """Those of `grads` that belong to `model`; a parameter without one is left out."""
        found = cls()
        for param in model.params():
            g = grads.of(param)
            if g is not None:
                found._by_id[param.id] = g
        return found

    def get(self, param: Param) -> Tensor | None:
        """The gradient of a parameter, on the inner device; None if it has none."""
        g = self._by_id.get(param.id)
        return None if g is None else make(g, param.device.inner)

    def register(self, param: Param, grad: Tensor) -> None:
        """Set the gradient of a parameter. Raises `GradientError` unless the shapes are equal."""
        if grad.shape != param.shape:
            raise GradientError(f"a gradient of shape {grad.shape} for a parameter of shape {param.shape}")
        self._by_id[param.id] = grad.data

    def remove(self, param: Param) -> Tensor | None:
        """Take the gradient of a parameter out."""
        g = self.get(param)
        self._by_id.pop(param.id, None)
        return g

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[int]:
        return iter(self._by_id)

    def __repr__(self) -> str:
        return f"GradientsParams(of {len(self)} parameters)"


class GradientsAccumulator:
    """Sums gradients, Burn's: divide the learning rate for a mean.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> from minigrad.nn import LinearConfig
    >>> model, total = LinearConfig(2, 1, bias=False).init(Autodiff(NdArray(seed=1))), GradientsAccumulator()
    >>> for x in [[1.0, 2.0]], [[10.0, 20.0]]:
    ...     total.accumulate(model, model(Tensor(x)).sum().backward())
    >>> total.grads().get(model.weight)
    Tensor([[11.],
            [22.]], dtype=float32)
    """

    __slots__ = ("_own", "_sum")

    def __init__(self) -> None:
        self._sum = GradientsParams()
        self._own: set[int] = set()  # whose sum is an array that nobody else has

    def accumulate(self, model: Module, grads: GradientsParams | Gradients) -> None:
        """Add the gradients of `model`'s parameters."""
        if isinstance(grads, Gradients):
            grads = GradientsParams.from_grads(grads, model)
        total = self._sum._by_id
        for id, g in grads._by_id.items():
            if id in self._own:
                total[id] += g
            elif id in total:
                total[id] = total[id] + g
                self._own.add(id)
            else:
                total[id] = g  # somebody's

    def grads(self) -> GradientsParams:
        """The sums so far; starts anew."""
        total = self._sum
        self._sum, self._own = GradientsParams(), set()
        return total
