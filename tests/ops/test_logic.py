"""Comparisons, truth and bits beside NumPy's, on all kinds and between them."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from minigrad import Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import DtypeError, ShapeError

from .samples import INTS, KINDS, WIDE, arrays, close, pairs, tensor

BITS = (*INTS, np.bool_)

COMPARISONS = {
    "equal": operator.eq,
    "not_equal": operator.ne,
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
}


@pytest.mark.parametrize("name", COMPARISONS)
def test_comparisons_are_the_operators_by_name(name: str) -> None:
    function = getattr(np, name)

    @given(pairs(dtypes=KINDS))
    def check(xs: Any) -> None:
        x, y = xs
        close(getattr(tensor(x), name)(tensor(y)), function(x, y))
        close(COMPARISONS[name](tensor(x), tensor(y)), function(x, y))
        close(function(tensor(x), tensor(y)), function(x, y))

    check()
    x = np.array([1.0, 2.0, 3.0])
    for other in (2, 2.0, [2.0, 2.0, 2.0], np.full(3, 2.0), Tensor([2]), np.float64(2)):
        expected = function(x, np.asarray(getattr(other, "data", other)))
        close(getattr(Tensor(x), name)(other), expected)
        close(function(Tensor(x), other), expected)


def test_lower_is_burns_less() -> None:
    x = Tensor([1, 2, 3])
    assert x.lower(2).numpy().tolist() == [True, False, False]
    assert x.lower_equal(2).numpy().tolist() == [True, True, False]


# --- close ------------------------------------------------------------------------------------------------------------


@given(pairs())
def test_isclose_is_numpys(xs: Any) -> None:
    x, y = xs
    for rtol, atol in ((1e-5, 1e-8), (0.3, 0), (0, 0.5)):
        close(tensor(x).isclose(tensor(y), rtol=rtol, atol=atol), np.isclose(x, y, rtol, atol))
        assert tensor(x).allclose(tensor(y), rtol, atol) is np.allclose(x, y, rtol, atol)


def test_what_is_close_to_infinity_and_nan() -> None:
    x = Tensor([math.inf, -math.inf, math.inf, math.nan, 1.0])
    y = [math.inf, math.inf, 1.0, math.nan, 1.0 + 5e-6]
    assert x.is_close(y).numpy().tolist() == [True, False, False, False, True]
    assert x.is_close(y, equal_nan=True).numpy().tolist() == [True, False, False, True, True]
    assert Tensor([1.0, 2.0]).all_close([1.0, 2.0]) is True
    assert Tensor([True]).all_close([1]) is True
    assert Tensor([1.0]).all_close(1.1) is False
    assert Tensor([2**24 + 1]).all_close(2**24, rtol=0, atol=0.5) is False  # which float32 cannot tell
    assert np.allclose(Tensor([1.0]), np.ones(1)) is True
    assert np.isclose(Tensor([1.0]), 1.0, atol=0.1).numpy().tolist() == [True]


# --- truth ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["logical_and", "logical_or", "logical_xor"])
def test_truth_of_two(name: str) -> None:
    function = getattr(np, name)

    @given(pairs(dtypes=KINDS))
    def check(xs: Any) -> None:
        x, y = xs
        close(getattr(tensor(x), name)(tensor(y)), function(x, y))
        close(function(tensor(x), tensor(y)), function(x, y))

    check()
    close(getattr(Tensor([0.0, 2.0]), name)(Tensor([True, False])), function([0.0, 2.0], [True, False]))
    close(getattr(Tensor([0, 2]), name)(True), function([0, 2], True))


@given(arrays())
def test_logical_not_is_of_any_kind(x: Any) -> None:
    close(tensor(x).logical_not(), np.logical_not(x))
    close(np.logical_not(tensor(x)), np.logical_not(x))


# --- bits -------------------------------------------------------------------------------------------------------------

OPERATORS = {"bitwise_and": operator.and_, "bitwise_or": operator.or_, "bitwise_xor": operator.xor}
SHIFTS = {"left_shift": operator.lshift, "right_shift": operator.rshift}


@pytest.mark.parametrize("name", OPERATORS)
def test_bits_of_two(name: str) -> None:
    sign, function = OPERATORS[name], getattr(np, name)

    @given(pairs(dtypes=BITS))
    def check(xs: Any) -> None:
        x, y = xs
        expected = function(x, y)
        close(getattr(tensor(x), name)(tensor(y)), expected)
        close(sign(tensor(x), tensor(y)), expected)
        close(function(tensor(x), tensor(y)), expected)

    check()
    close(sign(Tensor([5, 6]), 3), sign(np.array([5, 6]), 3))
    close(sign(3, Tensor([5, 6])), sign(3, np.array([5, 6])))
    close(sign(Tensor([5], dtype=np.int8), 3), np.array([sign(5, 3)], np.int8))
    close(sign(Tensor([True, False]), True), sign(np.array([True, False]), True))
    close(sign(True, Tensor([True, False])), sign(True, np.array([True, False])))
    close(sign(Tensor([True]), 3), np.array([sign(True, 3)]))
    close(sign(Tensor([True, False]), Tensor([3])), sign(np.array([1, 0]), 3))
    close(sign(np.array([5, 6]), Tensor([3])), sign(np.array([5, 6]), 3))
    close(sign(np.array([True, False]), Tensor([True])), sign(np.array([True, False]), True))


@pytest.mark.parametrize("name", SHIFTS)
def test_shifts(name: str) -> None:
    sign, function = SHIFTS[name], getattr(np, name)

    @given(pairs(((-3, 3), (0, 3)), dtypes=INTS))
    def check(xs: Any) -> None:
        x, y = xs
        expected = function(x, y)
        close(getattr(tensor(x), f"bitwise_{name}")(tensor(y)), expected)
        close(sign(tensor(x), tensor(y)), expected)
        close(function(tensor(x), tensor(y)), expected)

    check()
    close(sign(Tensor([8, -9]), 1), sign(np.array([8, -9]), 1))
    close(sign(8, Tensor([1, 2])), sign(8, np.array([1, 2])))
    close(sign(Tensor([True]), True), np.array([sign(1, 1)]))
    close(sign(np.array([8]), Tensor([1])), sign(np.array([8]), 1))


@given(arrays(dtypes=BITS))
def test_invert(x: Any) -> None:
    for got in (~tensor(x), tensor(x).bitwise_not(), tensor(x).bitwise_invert(), np.invert(tensor(x))):
        close(got, ~x)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: x & x,
        lambda x: x | True,
        lambda x: 1 ^ x,
        lambda x: x << 1,
        lambda x: 1 >> x,
        lambda x: Tensor([1]) & x,
        lambda x: Tensor([True]) & 1.5,
        lambda x: ~x,
        lambda x: np.bitwise_or(x, 1),
    ],
)
def test_floats_have_no_bits(call: Callable[[Tensor], Any]) -> None:
    with pytest.raises(DtypeError, match=r"only Int and Bool have bits|it is for Bool and Int"):
        call(Tensor([1.0]))


# --- all of them ------------------------------------------------------------------------------------------------------

EVERY = [*COMPARISONS, "isclose", "logical_and", "logical_or", "logical_xor", *OPERATORS, "bitwise_left_shift"]


@pytest.mark.parametrize("name", EVERY)
def test_shapes_that_do_not_fit_are_named(name: str) -> None:
    with pytest.raises(ShapeError, match=r"shapes \(2,\) and \(3,\) do not broadcast"):
        getattr(Tensor([1, 2]), name)([1, 2, 3])


@pytest.mark.parametrize("name", EVERY)
def test_results_live_on_the_tracking_device_without_a_gradient(name: str) -> None:
    x, y = Tensor([1, 2]), Tensor([1, 2], Autodiff(NdArray()))
    for got in (getattr(x, name)(y), getattr(y, name)(x)):
        assert got.device.tracks
        assert not got.is_require_grad
    assert not Tensor([1.0], WIDE).require_grad().greater(0).is_require_grad


# --- operands of comparisons ------------------------------------------------------------------------------------------


def test_operators_compare_with_lists_element_by_element() -> None:
    """Python, left to itself, says that a tensor and a list are not the same thing: False, for all of it."""
    x = Tensor([1, 2])
    assert (x == [1, 3]).tolist() == [True, False]
    assert (x != (1, 3)).tolist() == [False, True]
    assert (x > [0, 2]).tolist() == [True, False]
    with pytest.raises(ShapeError, match=r"shapes \(2,\) and \(3,\)"):
        x == [1, 2, 3]  # noqa: B015


def test_no_scalar_widens_a_comparison() -> None:
    x = Tensor([0.1])
    assert (x == np.float64(0.1)).item()
    assert x.equal(np.float64(0.1)).item()
    assert not (Tensor([1], dtype=np.uint8) == np.int64(300)).item()


def test_a_comparison_of_both_kinds_lives_on_the_autodiff_device() -> None:
    plain, tracked = Tensor([1.0]), Tensor([2.0], Autodiff(NdArray()))
    assert (plain < tracked).device is (tracked > plain).device is plain.less(tracked).device is tracked.device


@pytest.mark.parametrize("value", [np.complex64(1 + 2j), np.str_("3"), np.datetime64(5, "s"), np.int64(300)])
def test_numpy_scalars_that_the_dtype_cannot_hold(value: Any) -> None:
    """They lost their imaginary part, were read as a number, and wrapped to 44."""
    with pytest.raises(DtypeError):
        Tensor([1], dtype=np.uint8) + value
