"""Where each rule has no derivative or none that is finite, fixed in a table; the domains keep away by construction."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from minigrad import Tensor, grad, where
from minigrad.rules import RULES, Reals, traits
from minigrad.tensor import softplus
from minigrad.testing.draw import MARGIN, points, whole, wide
from minigrad.testing.trial import Call, Trial

from . import calls_fused, calls_linalg, calls_numeric, calls_recurrent, calls_window

NONE: tuple[float, ...] = ()

# For each argument the points at which the rule is singular or has a kink, anywhere on the line.
SINGULAR: dict[str, tuple[tuple[float, ...], ...]] = {
    "add": (NONE,),
    "sub": (NONE,),
    "mul": (NONE,),
    "div": (NONE, (0.0,)),
    "neg": (NONE,),
    "power": ((0.0,), NONE),  # nor is it defined left of 0
    "power_scalar": ((0.0,),),  # for negative and broken exponents; nor is it defined left of 0 for broken ones
    "exp": (NONE,),
    "log": ((0.0,),),  # nor left of 0
    "log1p": ((-1.0,),),  # nor left of -1
    "sqrt": ((0.0,),),  # nor left of 0
    "sin": (NONE,),
    "cos": (NONE,),
    "tanh": (NONE,),
    "sigmoid": (NONE,),
    "softplus": (NONE,),
    "relu": ((0.0,),),
    "abs": ((0.0,),),
    "maximum": (NONE,),  # but for ties
    "minimum": (NONE,),  # but for ties
    "where": (NONE,),
    "cast": (NONE,),
    "linear": (NONE,),
    "bce_with_logits": (NONE, NONE),
    "getitem": (NONE,),
    "put": (NONE,),
    "take_along_axis": (NONE,),
    "put_along_axis": (NONE,),
    "take": (NONE,),
    "assign": (NONE,),
    "matmul": (NONE,),
    "sum": (NONE,),
    "mean": (NONE,),
    "max": (NONE,),  # but for ties
    "min": (NONE,),  # but for ties
    "reshape": (NONE,),
    "ravel": (NONE,),
    "permute_dims": (NONE,),
    "broadcast_to": (NONE,),
    "sum_to": (NONE,),
    "cat": (NONE,),
    **calls_fused.SINGULAR,
    **calls_linalg.SINGULAR,
    **calls_numeric.SINGULAR,
    **calls_recurrent.SINGULAR,
    **calls_window.SINGULAR,
}
LEFT_ENDS = {"power": 0.0, "power_scalar": 0.0, "log": 0.0, "log1p": -1.0, "sqrt": 0.0, **calls_numeric.LEFT_ENDS}
TIES = {"maximum", "minimum", "max", "min", *calls_numeric.TIES, *calls_window.TIES}


# What the rules promise, once more: the laws believe a rule that promises less than it could.
BROADCAST = """
add atan2 attention clamp_max clamp_min div fmod hypot logaddexp matmul maximum minimum mul power prelu remainder
solve sub where
"""
KEEP_INTS = """
abs add assign broadcast_to cast cat clamp_max clamp_min cumprod cumsum fmod fold getitem matmul max maximum min
minimum mul neg permute_dims power_scalar prod put put_along_axis ravel relu remainder reshape square sub sum sum_to
take take_along_axis unfold where
"""
NOT_WIDE = """
acos asin atanh attention cholesky cofactor cofactor_slope cumprod det eigh fmod gru inv lstm pinv power
power_scalar prod qr recurrence remainder slogdet solve svd tan
"""


def test_no_rule_promises_less_than_it_did() -> None:
    assert {n for n, rule in RULES.items() if traits(rule).broadcasts} == set(BROADCAST.split())
    assert {n for n, rule in RULES.items() if traits(rule).integers} == set(KEEP_INTS.split())
    assert {n for n, rule in RULES.items() if not traits(rule).wide} == set(NOT_WIDE.split())


def test_the_table_lists_every_rule() -> None:
    assert set(SINGULAR) == set(RULES)
    assert {name for name, rule in RULES.items() if traits(rule).ties} == TIES


@pytest.mark.parametrize("name", RULES)
def test_the_domain_keeps_away_from_singular_points(name: str) -> None:
    domain = traits(RULES[name]).domain
    assert len(domain) == len(SINGULAR[name])
    for interval, singular in zip(domain, SINGULAR[name]):
        inside = {point for point in singular if interval.low - MARGIN < point < interval.high + MARGIN}
        assert set(interval.kinks) == inside
    if name in LEFT_ENDS:
        assert domain[0].low > LEFT_ENDS[name] + MARGIN


@pytest.mark.parametrize("interval", [Reals(-3, 3), Reals(-3, 3, (0.0,)), Reals(0, 1), Reals(-1, 2, (-1.0, 0.5, 2.0))])
def test_points_keep_away_by_construction(interval: Reals) -> None:
    rng = np.random.default_rng(1)
    for distinct in (False, True):
        drawn = points(rng, 2_000, interval, distinct)
        assert drawn.shape == (2_000,)
        assert np.all((drawn >= interval.low) & (drawn <= interval.high))
        for kink in interval.kinks:
            assert np.all(np.abs(drawn - kink) >= MARGIN * (1 - 1e-12))
    pieces = pairwise([interval.low, *interval.kinks, interval.high])
    assert all(np.any((drawn > a) & (drawn < b)) for a, b in pieces if b > a), "a side of a kink is never tried"


def test_round_numbers_are_tried_too() -> None:
    drawn = points(np.random.default_rng(1), 1_000, Reals(-3, 3))
    assert all(np.mean(drawn == nice) > 0.02 for nice in (0.0, 1.0, -1.0, 0.5, 2.0))
    drawn = points(np.random.default_rng(1), 1_000, Reals(-3, 3, (0.0,)))
    assert not np.any(drawn == 0)


def test_the_numbers_of_a_rule_with_ties_are_well_apart() -> None:
    trial = Trial(RULES["maximum"], Call(((3, 3, 3), (3, 3, 3))), seed=1)
    x, y = trial.arguments(trial.generator())
    everything = np.sort(np.concatenate([np.ravel(x), np.ravel(y)]))
    assert np.min(np.diff(everything)) > MARGIN


def test_whole_and_wide_numbers() -> None:
    rng = np.random.default_rng(1)
    assert set(whole(rng, 500, Reals(-3, 3, (0.0,)))) == {-3, -2, -1, 1, 2, 3}
    drawn = wide(rng, 2_000)
    assert {0.0, 1e4, -1e4} <= set(drawn)
    assert np.max(np.abs(drawn)) <= 1e4
    assert np.any((np.abs(drawn) < 1e-4) & (drawn != 0))


# --- what holds at the points themselves ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "at", "slope"),
    [
        (Tensor.relu, 0.0, 0.0),
        (Tensor.relu, -0.0, 0.0),
        (Tensor.abs, 0.0, 0.0),
        (lambda x: x.maximum(0.0), 0.0, 0.5),
        (lambda x: x.minimum(0.0), 0.0, 0.5),
        (lambda x: x**2, 0.0, 0.0),
        (lambda x: x**1, 0.0, 1.0),
        (lambda x: x**0, 0.0, 0.0),
        (lambda x: x**0.0, 0.0, 0.0),
        (lambda x: x**1.5, 0.0, 0.0),
        (lambda x: x ** Tensor(2.0), 0.0, 0.0),
        (lambda x: x ** Tensor(1.0), 0.0, 1.0),
        (lambda x: x ** Tensor(0.0), 0.0, 0.0),
        (lambda y: 0.0**y, 2.0, 0.0),
        (lambda y: 0.0**y, 0.0, 0.0),
        (lambda y: (-2.0) ** y, 2.0, 0.0),  # of a negative base only whole exponents are defined: no slope
    ],
)
def test_conventions(f: Callable[[Tensor], Tensor], at: float, slope: float) -> None:
    assert grad(f)(at).item() == slope


def test_a_tie_is_shared_by_halves() -> None:
    x, y = Tensor([1.0, 2.0]).require_grad(), Tensor([1.0, 1.0]).require_grad()
    grads = x.maximum(y).sum().backward()
    assert x.grad(grads).numpy().tolist() == [0.5, 1.0]
    assert y.grad(grads).numpy().tolist() == [0.5, 0.0]
    grads = x.minimum(y).sum().backward()
    assert x.grad(grads).numpy().tolist() == [0.5, 0.0]
    assert y.grad(grads).numpy().tolist() == [0.5, 1.0]


@pytest.mark.parametrize("method", [Tensor.max, Tensor.min])
@pytest.mark.parametrize("axis", [0, 1, -1, None, (0, 1)])
def test_of_equal_elements_the_first_gets_the_gradient(method: Callable[..., Tensor], axis: int | None) -> None:
    x = Tensor.full((2, 3), 7.0).require_grad()
    grads = method(x, axis=axis).sum().backward()
    expected = {0: [[1, 1, 1], [0, 0, 0]], 1: [[1, 0, 0], [1, 0, 0]], -1: [[1, 0, 0], [1, 0, 0]]}
    assert x.grad(grads).numpy().tolist() == expected.get(axis, [[1, 0, 0], [0, 0, 0]])


@pytest.mark.parametrize(
    ("f", "at"), [(Tensor.sqrt, 0.0), (Tensor.log, 0.0), (Tensor.log1p, -1.0), (lambda x: 1.0 / x, 0.0)]
)
def test_an_infinite_slope_is_infinite(f: Callable[[Tensor], Tensor], at: float) -> None:
    with np.errstate(divide="ignore"):
        assert np.isinf(grad(f)(at).item())


def test_an_infinite_gradient_does_not_reach_the_side_that_was_not_chosen() -> None:
    x, y = Tensor([4.0, 4.0]).require_grad(), Tensor([0.0, 1.0]).require_grad()
    with np.errstate(divide="ignore"):
        grads = where(Tensor([False, True]), x, y).sqrt().sum().backward()
    assert x.grad(grads).numpy().tolist() == [0.0, 0.25]  # not inf * 0, which is NaN
    assert y.grad(grads).numpy().tolist() == [np.inf, 0.0]


def test_second_derivatives_at_zero() -> None:
    """Where formulas that hold almost everywhere would be wrong."""
    with np.errstate(all="raise"):
        assert grad(grad(softplus))(0.0).item() == 0.25
        assert grad(grad(Tensor.sigmoid))(0.0).item() == 0.0
        assert grad(grad(Tensor.tanh))(0.0).item() == 0.0
        assert grad(grad(lambda x: x**2))(0.0).item() == 2.0
        assert grad(grad(lambda x: x**1))(0.0).item() == 0.0
        assert grad(grad(Tensor.relu))(0.0).item() == 0.0
        assert grad(lambda y: grad(lambda x: x**y)(Tensor(4.0)))(0.0).item() == 0.25  # d/dy of y x^(y-1) is 1/x
