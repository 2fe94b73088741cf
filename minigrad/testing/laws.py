"""The laws that every rule keeps, each a function of its own.

A law takes a `Trial`, draws the numbers that it wants, raises `CheckError` where the rule breaks it, and reports how
much it compared. No law knows a derivative: what it compares with are finite differences, a reference in plain NumPy,
or the rule itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from ..errors import CheckError
from ..lifting import lift
from ..rules import Reals, kernels, traits
from ..tensor import Tensor
from .draw import MARGIN
from .gradients import FLOAT32, FLOAT64, Report, check_derivative, compare, gradients_of
from .trial import Trial, near, weights

__all__ = ["LAWS"]

SAMPLES = 10  # elements of an argument that are compared with differences in one trial


def value(trial: Trial) -> Report:
    """The value is what the reference says, in both float types."""
    if trial.reference is None:
        return Report()
    for dtype in (np.float64, np.float32):
        xs = trial.arguments(trial.generator(), dtype)
        expected = trial.reference(*[np.array(x, np.float64) for x in xs], **trial.call.static)
        got, _ = trial.run(xs)
        if not near(expected, got):
            raise CheckError(f"the value is {got!r}, the reference says {expected!r}")
    return Report(2)


def vjp(trial: Trial) -> Report:
    """Each vjp is the derivative: it agrees with central differences under a random gradient of the value."""
    rng = trial.generator()
    xs = trial.arguments(rng)
    result, pull = trial.run(xs)
    g = weights(rng, result)

    def weighed(arrays: Sequence[Any]) -> tuple[float, float]:
        scalars = [a if a.ndim else a[()] for a in arrays]
        terms = trial.rule(kernels, *scalars, **trial.call.static)[0] * g
        return float(np.sum(terms)), float(np.sum(np.abs(terms)))

    return compare(weighed, xs, pull(g), name, rng, SAMPLES)


def linear(trial: Trial) -> Report:
    """Each vjp is linear in the gradient that it is given, and 0 for 0."""
    rng = trial.generator()
    result, pull = trial.run(trial.arguments(rng))
    g, h = weights(rng, result), weights(rng, result)
    together = zip(pull(2 * g - 3 * h), pull(g), pull(h), pull(g * 0))
    for i, (both, of_g, of_h, of_zero) in enumerate(together):
        if not near(2 * of_g - 3 * of_h, both) or np.any(of_zero):
            raise CheckError(f"the vjp of argument {i} is not linear in g: at 2 g - 3 h it is {both!r}")
    return Report(len(trial.call.shapes))


def shape(trial: Trial) -> Report:
    """Each gradient has its argument's shape, or one that broadcasting explains where the rule declares it."""
    rng = trial.generator()
    xs = trial.arguments(rng)
    result, pull = trial.run(xs)
    for i, (gx, x) in enumerate(zip(pull(weights(rng, result)), xs)):
        if gx.shape != x.shape:
            raise CheckError(f"the gradient of argument {i} has shape {gx.shape}, the argument {x.shape}")
    return Report(len(xs))


def dtype(trial: Trial) -> Report:
    """float32 gives float32 and float64 float64, value and gradients (a static `dtype` is that of the value)."""
    for wanted in (np.float32, np.float64):
        rng = trial.generator()
        result, pull = trial.run(trial.arguments(rng, wanted))
        if result.dtype != trial.call.static.get("dtype", wanted):
            raise CheckError(f"the value of {np.dtype(wanted)} arguments is {result.dtype}")
        for i, gx in enumerate(pull(weights(rng, result))):
            if gx.dtype != wanted:
                raise CheckError(f"the gradient of argument {i}, which is {np.dtype(wanted)}, is {gx.dtype}")
    return Report(len(trial.call.shapes))


def untouched(trial: Trial) -> Report:
    """Arguments, value and gradient are as before, and a vjp that runs again gives the same bits."""
    rng = trial.generator()
    xs = trial.arguments(rng)
    arguments = [(f"argument {i}", x, np.array(x)) for i, x in enumerate(xs)]
    result, pull = trial.run(xs)
    _unchanged("the rule", arguments)
    g = weights(rng, result)
    watched = [*arguments, ("the value", result, np.array(result)), ("the gradient that it was given", g, np.array(g))]
    first = [np.array(gx) for gx in pull(g)]
    _unchanged("a vjp", watched)
    for i, (a, b) in enumerate(zip(first, pull(g))):
        if not np.array_equal(a, b, equal_nan=True):
            raise CheckError(f"the vjp of argument {i} gave something else when it ran again")
    return Report(len(watched))


def _unchanged(who: str, watched: Sequence[tuple[str, Any, Any]]) -> None:
    for what, array, before in watched:
        if not np.array_equal(array, before, equal_nan=True):
            raise CheckError(f"{who} wrote into {what}")


def same(trial: Trial) -> Report:
    """The same tensor as two arguments gets the sum of both gradients."""
    rng = trial.generator()
    xs = trial.arguments(rng)
    total = Report()
    for i, j in combinations(range(len(xs)), 2):
        candidates = [x for x, other in ((xs[i], j), (xs[j], i)) if _inside(x, trial.domain(other))]
        if xs[i].shape == xs[j].shape and candidates:
            total = total.plus(_twice(trial, xs, (i, j), candidates[0], rng))
    return total


def _inside(x: Any, interval: Reals) -> bool:
    apart = all(np.all(np.abs(x - kink) >= MARGIN) for kink in interval.kinks)
    return bool(interval.build is None and apart and np.all(x >= interval.low) and np.all(x <= interval.high))


def _twice(trial: Trial, xs: Sequence[Any], places: tuple[int, int], x: Any, rng: np.random.Generator) -> Report:
    operation = lift(trial.rule)

    def twice(t: Tensor) -> Tensor:
        inputs = [t if k in places else Tensor(other, FLOAT64) for k, other in enumerate(xs)]
        return operation(*inputs, **trial.call.static)

    def both(_: int, index: tuple[int, ...]) -> str:
        return f"{name(places[0], index)}, which is argument {places[1]} too,"

    return check_derivative(twice, [Tensor(x, FLOAT64)], both, rng, SAMPLES)[0]


def finite(trial: Trial) -> Report:
    """Where it is promised (`wide`), value and gradients at up to 1e4 are finite, without floating-point errors.

    And the value is right there, wherever the reference is finite itself.
    """
    if not traits(trial.rule).wide:
        return Report()
    for wanted in (np.float32, np.float64):
        rng = trial.generator()
        try:
            with np.errstate(over="raise", invalid="raise", divide="raise"):
                xs = trial.arguments(rng, wanted, "wide")
                result, pull = trial.run(xs)
                gradients = pull(weights(rng, result))
        except FloatingPointError as error:
            raise CheckError(f"at {np.dtype(wanted)} arguments of up to 1e4: {error}") from None
        if trial.reference is not None:
            expected = np.asarray(trial.reference(*[np.array(x, np.float64) for x in xs], **trial.call.static))
            known = np.isfinite(expected)
            # what rounding the arguments by a bit may do: 1e4 - 1e4 + 5e-6
            moved = [np.max(np.abs(gx * x), initial=0.0) for gx, x in zip(gradients, xs)]
            slack = 4 * float(np.finfo(wanted).eps) * float(max(moved, default=0.0))
            if not near(np.where(known, expected, 0), np.where(known, result, 0).astype(result.dtype), slack):
                raise CheckError(
                    f"at {np.dtype(wanted)} arguments of up to 1e4 the value is {result!r}, not {expected!r}"
                )
        for array in (result, *gradients):
            if not np.all(np.isfinite(array)):
                raise CheckError(f"at {np.dtype(wanted)} arguments of up to 1e4 there is {array!r}")
    return Report(len(trial.call.shapes))


def integers(trial: Trial) -> Report:
    """Ints stay Int where the rule declares it and become the device's float type elsewhere; the value is right."""
    xs = trial.arguments(trial.generator(), np.int64, "whole")
    declared = traits(trial.rule).integers
    if declared:
        result, _ = trial.run(xs)
    else:
        result = lift(trial.rule)(*map(Tensor, xs), **trial.call.static).data
    if result.dtype != trial.call.static.get("dtype", np.int64 if declared else np.float32):
        raise CheckError(f"the value of Int arguments is {result.dtype}; declared: integers={declared}")
    if trial.reference is not None:
        expected = trial.reference(*[np.array(x, np.float64) for x in xs], **trial.call.static)
        if not near(expected, result):
            raise CheckError(f"the value of Int arguments is {result!r}, the reference says {expected!r}")
    return Report(1)


def second_order(trial: Trial) -> Report:
    """The rule run again on tensors gives the derivative of its gradients, by finite differences of the gradients."""
    rng = trial.generator()
    xs = [Tensor(x, FLOAT64) for x in trial.arguments(rng)]
    operation = lift(trial.rule)

    def call(*inputs: Tensor) -> Tensor:
        return operation(*inputs, **trial.call.static)

    g = rng.standard_normal(call(*xs).shape)
    return check_derivative(gradients_of(call, g), xs, name, rng, SAMPLES)[0]


def single(trial: Trial) -> Report:
    """float32 gives what float64 gives for the same numbers, but for rounding: value, first and second derivatives."""
    drawn = trial.arguments(trial.generator(), np.float32)
    operation = lift(trial.rule)

    def call(*inputs: Tensor) -> Tensor:
        return operation(*inputs, **trial.call.static)

    results = []
    for device in (FLOAT64, FLOAT32):
        rng, xs = trial.generator(), [Tensor(x, device) for x in drawn]
        gradients = gradients_of(call, rng.standard_normal(call(*xs).shape))
        seconds = gradients_of(gradients, rng.standard_normal(gradients(*xs).shape))
        results.append([f(*xs).data for f in (call, gradients, seconds)])
    for what, exact, got in zip(("value", "gradients", "second derivatives"), *results):
        if not np.allclose(got, exact, rtol=1e-3, atol=1e-4 * max(np.max(np.abs(exact), initial=0.0), 1.0)):
            raise CheckError(f"the {what} in float32: {got!r}, in float64: {exact!r}")
    return Report(3)


def name(i: int, index: tuple[int, ...]) -> str:
    """An argument's element in a message."""
    return f"argument {i}{f' at {list(index)}' if index else ''}"


LAWS: dict[str, Callable[[Trial], Report]] = {
    law.__name__: law
    for law in (value, vjp, linear, shape, dtype, untouched, same, finite, integers, second_order, single)
}  # fmt: skip
