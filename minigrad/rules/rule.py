"""What a rule is, and the list of all of them.

A rule computes a value and knows its gradient; it knows no graph. It is a plain function

    @rule(broadcasts=True, domain=(Reals(-3, 3), Away(0)))
    def div(K, x, y):
        q = x / y
        return q, lambda g: g / y, lambda g: -g * q / y

that returns its value and, for each positional argument after `K`, one *vjp*: given the gradient `g` of the result,
the gradient of that argument (or a single function of `g` that returns all of them where
they share work). What cannot carry a gradient (`axis`, `shape`, `index`) is keyword-only and has no default.

`K` is the namespace to compute in: NumPy's functions for values (`kernels.py`), the same names on tensors for
derivatives of derivatives, when the engine runs the very same rule again. So a rule uses operators, `K`, methods that
both have, and for a NumPy function that is its own `K.call`: the function on arrays, this or another rule on tensors

    @rule(domain=Reals(-1, 1))
    def tan(K, x):
        y = K.call(np.tan, tan, x)
        return y, lambda g: g * (1 + y * y)

A vjp may run any number of times and changes nothing that it captured. A rule may ignore broadcasting, dtypes and who
needs a gradient: the engine does that once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

__all__ = ["RULES", "Away", "Reals", "Traits", "rule", "traits"]

F = TypeVar("F", bound=Callable[..., Any])


class Reals(NamedTuple):
    """An interval to draw an argument from; at `kinks` the derivative does not exist or is a convention.

    Where a domain is no matter of single elements, such as that of matrices that have an inverse, `build` makes the
    argument from an array of elements that were drawn, of the same shape.
    """

    low: float
    high: float
    kinks: tuple[float, ...] = ()
    build: Callable[[Any], Any] | None = None


def Away(*points: float) -> Reals:
    """[-3, 3] away from `points`."""
    return Reals(-3, 3, points)


class Traits(NamedTuple):
    """What a rule declares; its tests, its row in the docs and its benchmark are made from this."""

    domain: tuple[Reals, ...]  # one for each positional argument; the last one stands for any further ones
    broadcasts: bool  # the arguments broadcast, so that a gradient may have to be summed to its argument's shape
    ties: bool  # equal arguments, or equal elements along the axis, are a kink
    wide: tuple[Reals, ...]  # of each argument, where value and gradients are finite: up to 1e4 wherever they exist
    integers: bool  # Int arguments stay Int; without it they become the device's float type


RULES: dict[str, Callable[..., Any]] = {}  # minigrad's own, by name
_TRAITS: dict[Callable[..., Any], Traits] = {}


def rule(
    *,
    domain: Reals | tuple[Reals, ...] = Reals(-3, 3),
    broadcasts: bool = False,
    ties: bool = False,
    wide: bool | Reals | tuple[Reals, ...] = False,
    integers: bool = False,
) -> Callable[[F], F]:
    """File a rule with what it declares, and return the function untouched.

    `wide=True` says that value and gradients are finite from -1e4 to 1e4; an interval, or one for each argument, that
    they are within it, as those of `log` from 1e-3 to 1e4.
    """

    def file(function: F) -> F:
        finite = () if wide is False else Reals(-1e4, 1e4) if wide is True else wide
        _TRAITS[function] = Traits(_each(domain), broadcasts, ties, _each(finite), integers)
        if function.__module__.startswith(__package__):
            RULES[function.__name__] = function
        return function

    return file


def _each(intervals: Reals | tuple[Any, ...]) -> tuple[Any, ...]:
    return (intervals,) if isinstance(intervals, Reals) else intervals


def traits(function: Callable[..., Any]) -> Traits:
    """What the rule declared; `KeyError` for a function that is no rule."""
    return _TRAITS[function]
