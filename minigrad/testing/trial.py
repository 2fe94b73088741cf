"""What a law is tried on: a rule, a call of it, and a seed that draws the numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..autodiff import fit
from ..errors import CheckError, GradientError
from ..rules import Reals, kernels, traits
from ..rules.scatter import Part
from . import draw

__all__ = ["Call", "Rule", "Trial", "near", "weights"]

Rule = Callable[..., Any]


class Call(NamedTuple):
    """One way to call a rule: the shapes of its arguments, and what it takes by keyword.

    >>> Call(((2, 3),), {"axis": (1,), "keepdims": False}).shapes
    ((2, 3),)
    """

    shapes: tuple[tuple[int, ...], ...]
    static: dict[str, Any] = {}  # noqa: RUF012 - nobody writes to it


class Trial(NamedTuple):
    """What a law is tried on; `reference` is the rule's value in plain NumPy."""

    rule: Rule
    call: Call
    seed: int
    reference: Callable[..., Any] | None = None

    def generator(self) -> np.random.Generator:
        """A fresh generator of this trial."""
        return np.random.default_rng(self.seed)

    def domain(self, i: int) -> Reals:
        """Where argument `i` lives."""
        domain = traits(self.rule).domain
        return domain[min(i, len(domain) - 1)]

    def arguments(self, rng: np.random.Generator, dtype: Any = np.float64, kind: str = "domain") -> list[Any]:
        """Arrays (scalars without axes) of the "domain", of "whole" numbers in it, or of the "wide" range."""
        sizes = [int(np.prod(shape)) for shape in self.call.shapes]
        if kind == "domain" and traits(self.rule).ties:
            values = np.split(draw.points(rng, sum(sizes), self.domain(0), distinct=True), np.cumsum(sizes)[:-1])
        elif kind == "wide":
            finite = traits(self.rule).wide
            values = [draw.wide(rng, size, finite[min(i, len(finite) - 1)]) for i, size in enumerate(sizes)]
        else:
            pick = draw.points if kind == "domain" else draw.whole
            values = [pick(rng, size, self.domain(i)) for i, size in enumerate(sizes)]
        arrays = [each.reshape(shape) for each, shape in zip(values, self.call.shapes)]
        builds = [self.domain(i).build for i in range(len(arrays))]
        arrays = [build(array) if build else array for build, array in zip(builds, arrays)]
        return [draw.lay(rng, array, array.shape, dtype) for array in arrays]

    def run(self, xs: Sequence[Any]) -> tuple[Any, Callable[[Any], list[Any]]]:
        """The value, and the pull that gives the gradients as the engine does, one for each argument."""
        value, *vjps = self.rule(kernels, *xs, **self.call.static)

        def pull(g: Any) -> list[Any]:
            found = vjps[0](g) if len(vjps) < len(xs) else [vjp(g) for vjp in vjps]
            return [self._fitted(i, gx, x.shape) for i, (gx, x) in enumerate(zip(found, xs))]

        return (value if np.shape(value) else np.asarray(value)[()]), pull

    def _fitted(self, i: int, g: Any, shape: tuple[int, ...]) -> Any:
        if not isinstance(g, (np.ndarray, np.generic, Part)):
            raise CheckError(f"the gradient of argument {i} is {g!r}, which is no array")
        try:
            return g if g.shape == shape else fit(self.rule, i, g, shape)
        except GradientError as error:
            raise CheckError(str(error)) from None


def weights(rng: np.random.Generator, value: Any) -> Any:
    """A random gradient of `value`, in its dtype."""
    return draw.lay(rng, rng.standard_normal(value.size), value.shape, value.dtype)


def near(expected: Any, got: Any, slack: float = 0.0) -> bool:
    """Equal but for the rounding of the type of `got`, whose size is that of the largest element, or `slack`."""
    tolerance = 1e-5 if got.dtype == np.float32 else 1e-11
    atol = tolerance * max(np.max(np.abs(expected), initial=0.0), 1e-3) + slack
    return np.shape(expected) == got.shape and np.allclose(got, expected, rtol=tolerance, atol=atol, equal_nan=True)
