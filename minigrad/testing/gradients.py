"""Gradients against central differences in float64: never against a formula, which could share the mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from .. import tree
from ..backend import Autodiff, NdArray
from ..errors import CheckError
from ..tensor import Tensor
from ..transforms import vjp

__all__ = ["Report", "check_derivative", "check_gradients", "compare"]

Array = np.ndarray[Any, Any]

FLOAT32, FLOAT64 = NdArray(seed=0), NdArray(seed=0, dtype=np.float64)
STEPS = (6e-6, 3e-7, 1.5e-8)  # the cube root of float64's precision balances truncation and rounding; steep places
EPS = 2.3e-16


class Report(NamedTuple):
    """How many numbers were compared, and how many points were passed over for want of a derivative."""

    checked: int = 0
    skipped: int = 0

    def plus(self, other: Report) -> Report:
        """The sums."""
        return Report(self.checked + other.checked, self.skipped + other.skipped)


def check_gradients(f: Callable[..., Any], *args: Any, order: int = 2, seed: int = 0, samples: int = 100) -> Report:
    """Compare the derivatives of `f` at `args`, of every order up to `order`, with central differences in float64.

    `f` takes what `vjp` takes (tensors, arrays, numbers, structures and modules of them) and returns a Float tensor of
    any shape, whose elements are weighed at random. Floats are differentiated; ints and bools stay as they are. Of an
    argument of more than `samples` elements as many are drawn. A point where the slopes from the left and from the
    right disagree, as of `relu` at 0, is passed over and counted. Raises `CheckError`, an `AssertionError`, which names
    the argument, the element and the two numbers.

    >>> check_gradients(lambda x, y: (x * y).tanh(), Tensor([0.5, 1.0]), 2.0)
    Report(checked=6, skipped=0)
    >>> check_gradients(lambda x: x * x.detach(), 3.0, order=1)
    Traceback (most recent call last):
    ...
    minigrad.errors.CheckError: check_gradients: the gradient in argument 0 is 0.377191, finite differences say 0.754381
      where it is 3, in order 1, seed 0
    """
    names, xs, rebuild = _variables(args)
    if not xs:
        raise CheckError("check_gradients: no argument has a gradient: give floats, or a module on Autodiff(NdArray())")
    rng = np.random.default_rng(seed)

    def name(i: int, index: tuple[int, ...]) -> str:
        return f"{names[i]}{f' at {list(index)}' if index else ''}"

    try:
        report = _check(lambda *new: f(*rebuild(new)), xs, name, order, rng, samples)
    except CheckError as error:
        raise CheckError(f"check_gradients: {error}, seed {seed}") from None
    if report.skipped and not report.checked:
        raise CheckError("check_gradients: the function has a kink at every point that was tried: try other arguments")
    return report


def _check(f: Callable[..., Any], xs: Sequence[Tensor], name: Any, order: int, rng: Any, samples: int) -> Report:
    total = Report()
    for n in range(1, order + 1):
        try:
            report, weights = check_derivative(f, xs, name, rng, samples)
        except CheckError as error:
            raise CheckError(f"{error}, in order {n}") from None
        total = total.plus(report)
        f = gradients_of(f, weights)
    return total


def check_derivative(
    f: Callable[..., Any], xs: Sequence[Tensor], name: Callable[[int, tuple[int, ...]], str], rng: Any, samples: int
) -> tuple[Report, Array]:
    """Compare the gradients of `f` in each of `xs` with differences; also the weights that the elements of `f` had."""
    value, pull = vjp(f, *xs)
    if value.dtype != np.float64:
        raise CheckError(f"the function turned float64 into {value.dtype}: differences need float64 all the way")
    # but for rounding: a derivative that is recorded runs the rules on tensors, one that is not on scalars and arrays
    if not np.allclose(value.data, f(*xs).data, rtol=1e-9, atol=1e-12, equal_nan=True):
        raise CheckError("the function gave two values for the same arguments: fix what it draws at random")
    weights = rng.standard_normal(value.shape)
    gradients = [g.data for g in pull(weights)]

    def weighed(arrays: Sequence[Array]) -> tuple[float, float]:
        terms = f(*[Tensor(a, x.device) for a, x in zip(arrays, xs)]).data * weights
        return float(np.sum(terms)), float(np.sum(np.abs(terms)))

    return compare(weighed, [x.data for x in xs], gradients, name, rng, samples), weights


def gradients_of(f: Callable[..., Any], weights: Array) -> Callable[..., Tensor]:
    """All gradients of the weighed elements of `f` as one vector, a function of the same arguments."""

    def gradients(*xs: Tensor) -> Tensor:
        _, pull = vjp(f, *xs)
        return Tensor.cat([g.reshape(-1) for g in pull(weights)])

    return gradients


def compare(
    f: Callable[[Sequence[Array]], tuple[float, float]],
    xs: Sequence[Any],
    gradients: Sequence[Any],
    name: Callable[[int, tuple[int, ...]], str],
    rng: np.random.Generator,
    samples: int,
) -> Report:
    """Compare `gradients` with the slopes of `f` at `xs`; `f` returns its value and the size of the terms it added up.

    `name(i, index)` names element `index` of array `i` in the error.
    """
    arrays = [np.array(x, np.float64) for x in xs]
    checked = skipped = 0
    for i, x in enumerate(arrays):
        for index in _some(x.shape, samples, rng):
            at = partial(_moved, f, arrays, x, index)
            got = float(gradients[i][index])
            expected = _slope(at, float(x[index]), got)
            if expected is None:
                skipped += 1
                continue
            checked += 1
            if expected != got:
                raise CheckError(
                    f"the gradient in {name(i, index)} is {got:.6g}, finite differences say {expected:.6g}\n"
                    f"  where it is {float(x[index]):.12g}"
                )
    return Report(checked, skipped)


def _moved(f: Any, arrays: Sequence[Array], x: Array, index: tuple[int, ...], value: float) -> tuple[float, float]:
    before, x[index] = x[index], value
    with np.errstate(all="ignore"):  # a step may leave the function's domain
        result = f(arrays)
    x[index] = before
    return result  # type: ignore[no-any-return]


def _some(shape: tuple[int, ...], samples: int, rng: np.random.Generator) -> Iterator[tuple[int, ...]]:
    """The positions in an array of `shape`, or as many of them as `samples`."""
    size = int(np.prod(shape))
    places = range(size) if size <= samples else np.sort(rng.choice(size, samples, replace=False))
    return (tuple(map(int, np.unravel_index(place, shape))) for place in places)


def _slope(at: Callable[[float], tuple[float, float]], x: float, got: float) -> float | None:
    """`got` if it is the slope at `x`, else the slope; None where there is none.

    First one step for all; where it disagrees, a smaller one, and what the two say together (Richardson), so that a
    high third derivative is not taken for a mistake; at last whether the slopes close in on `got` as the step shrinks,
    as those of `x * abs(x)` do at 0 and of `log` near it, while they keep their distance from a wrong one. The slopes
    of the two sides come together as the step shrinks; at a kink they do not. At a jump, such as the derivative of
    `abs` has at 0, they grow.
    """
    middle, terms = at(x)
    central: list[float] = []
    torn: list[float] = []
    noise = 0.0
    for step in STEPS:
        up, down = x + step * max(1.0, abs(x)), x - step * max(1.0, abs(x))
        above, below = at(up)[0], at(down)[0]
        central.append((above - below) / (up - down))
        torn.append(abs((above - middle) / (up - x) - (middle - below) / (x - down)))
        noise = 64 * EPS * (terms + abs(middle)) / (up - down) + 1e-9
        if len(central) == 3:
            break
        slopes = list(central)
        if len(central) == 2:
            slopes.append(central[1] + (central[1] - central[0]) / ((STEPS[0] / STEPS[1]) ** 2 - 1))
        if any(abs(got - slope) <= 1e-6 * min(abs(got), abs(slope)) + noise for slope in slopes):
            return got
    far, near, nearest = (abs(slope - got) for slope in central)
    if np.isfinite(got) and near <= 0.1 * far and nearest <= 0.1 * near + noise:
        return got
    kink = torn[1] > 0.1 * torn[0] and torn[1] > 10 * noise
    jump = abs(central[1]) > 5 * abs(central[0]) and abs(central[2]) > 5 * abs(central[1])
    return central[1] if np.isfinite(central[1]) and np.isfinite(middle) and not kink and not jump else None


def _variables(args: tuple[Any, ...]) -> tuple[list[str], list[Tensor], Callable[[Sequence[Tensor]], list[Any]]]:
    """What has a gradient in `args`: names, float64 tensors, and the way back to arguments."""
    names: list[str] = []
    xs: list[Tensor] = []

    def number(i: int, path: str, leaf: Any) -> Any:
        tensor = isinstance(leaf, Tensor)
        array = isinstance(leaf, (Tensor, np.ndarray))
        is_float = leaf.dtype.kind == "f" if array else isinstance(leaf, (float, np.floating))
        # of a module's leaves only what is tracked: the rest are its settings
        if not is_float or (tree.is_module(args[i]) and not (tensor and leaf.birth)):
            return leaf
        names.append(f"argument {i}" + (f" ({path})" if path else ""))
        device = Autodiff(FLOAT64) if tensor and leaf.device.tracks else FLOAT64
        xs.append(Tensor(leaf.data if tensor else leaf, device))
        return _Place(len(xs) - 1)

    shapes = [tree.map_paths(partial(number, i), arg) for i, arg in enumerate(args)]

    def rebuild(new: Sequence[Tensor]) -> list[Any]:
        return [tree.map_leaves(lambda x: new[x.number] if isinstance(x, _Place) else x, shape) for shape in shapes]

    return names, xs, rebuild


class _Place:
    """Where in a structure variable `number` stands."""

    def __init__(self, number: int) -> None:
        self.number = number
