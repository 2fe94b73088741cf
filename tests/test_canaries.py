"""The laws, tested: planted wrong rules, each caught by the law named for it and by no accident, every time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st

from minigrad.errors import CheckError
from minigrad.rules import RULES, Away, Reals, inverse, rule
from minigrad.rules.reduce import kept
from minigrad.testing import LAWS, Call, check_law
from minigrad.testing.strategies import shapes

from .strategies import CALLS, REFERENCE, SIDE

Rule = Callable[..., Any]

# CI's settings, without the search for the smallest example.
CI = settings(settings.get_profile("ci"), phases=[Phase.generate], report_multiple_bugs=False)


class Canary(NamedTuple):
    law: str
    wrong: Rule
    right: Rule
    reference: Rule
    calls: Any = None


def same(g):
    return g


WITH_AXES = shapes(min_dims=1)

# --- wrong derivatives: law vjp ---------------------------------------------------------------------------------------


@rule(broadcasts=True)
def sub_with_a_sign_lost(K, x, y):
    return x - y, same, same


@rule()
def mean_without_its_factor(K, x, *, axis, keepdims):
    shape = x.shape
    value, _ = RULES["mean"](K, x, axis=axis, keepdims=keepdims)
    return value, lambda g: K.broadcast_to(g.reshape(kept(shape, axis)), shape)


@rule(broadcasts=True)
def mul_with_its_arguments_swapped(K, x, y):
    return x * y, lambda g: g * x, lambda g: g * y


@rule(domain=Reals(0.2, 4))
def log_with_ans_for_x(K, x):
    y = K.log(x)
    return y, lambda g: g / y


@rule(broadcasts=True, domain=(Reals(-3, 3), Away(0)))
def div_with_a_gradient_forgotten(K, x, y):
    return x / y, lambda g: g / y, lambda g: g * 0


@rule()
def getitem_where_the_last_of_a_repeated_index_wins(K, x, *, index):
    shape = x.shape

    def backward(g):
        out = np.zeros(shape, g.dtype)
        out[index] = g
        return out

    return x[index], backward


@rule()
def matmul_with_a_transpose_lost_on_squares(K, x, y):
    fits = y.shape[0] == y.shape[1]  # then the shapes do not tell
    return K.dot(x, y), lambda g: K.dot(g, y if fits else y.T), lambda g: K.dot(x.T, g)


@rule(domain=inverse.MATRIX)
def inv_with_a_transpose_lost(K, x):
    y = K.call(np.linalg.inv, RULES["inv"], x)
    return y, lambda g: -y.mT @ g @ y


@rule()
def row_sum_spread_along_the_wrong_axis_on_squares(K, x, *, axis, keepdims):
    shape = x.shape
    fits = shape[0] == shape[1]
    return K.sum(x, axis, keepdims), lambda g: K.broadcast_to(g if fits else g.reshape(kept(shape, axis)), shape)


@rule()
def cat_whose_vjps_share_the_loop_variable(K, *xs, axis):
    vjps, start = [], 0
    for x in xs:
        index = (slice(None),) * axis + (slice(start, start + x.shape[axis]),)
        vjps.append(lambda g: g[index])  # noqa: B023 - the mistake
        start += x.shape[axis]
    return K.concat(xs, axis), *vjps


# --- wrong derivatives that Burn 0.17 has, or had: law vjp ------------------------------------------------------------


@rule(ties=True)
def max_along_rows_whose_gradient_goes_along_columns(K, x, *, axis):
    first = K.argmax(x, axis)  # of a square, so that the shapes do not tell
    return K.take_along_axis(x, first, axis), lambda g: K.put_along_axis(g.T, first.T, 1 - axis, x.shape)


@rule()
def put_whose_gradient_is_put_and_not_read(K, x, *, index, shape):
    return K.put(x, index, shape), lambda g: K.put(g, index, shape)


@rule()
def prod_whose_gradient_divides(K, x, *, axis):
    y = np.multiply.reduce(x, axis, keepdims=True)
    return y, lambda g: g * y / x  # 0 / 0


@rule()
def gelu_with_the_slope_of_its_approximation(K, x):
    value, _ = RULES["gelu"](K, x)
    return value, RULES["gelu_tanh"](K, x)[1]


@rule()
def cat_that_begins_anew_with_each_argument(K, *xs, axis):
    index = (slice(None),) * axis
    return K.concat(xs, axis), *(lambda g, n=x.shape[axis]: g[(*index, slice(n))] for x in xs)


# --- wrong derivatives of what depends on its neighbours: law vjp -----------------------------------------------------


@rule()
def softmax_that_forgets_its_sum(K, x, *, axis):
    value, _ = RULES["softmax"](K, x, axis=axis)
    return value, lambda g: g * value


@rule()
def cumsum_whose_gradient_runs_forwards(K, x, *, axis, reverse):
    value, _ = RULES["cumsum"](K, x, axis=axis, reverse=reverse)
    return value, lambda g: RULES["cumsum"](K, g, axis=axis, reverse=reverse)[0]


@rule()
def layer_norm_with_a_fixed_mean(K, x):
    d = x - K.sum(x, (1,), True) / x.shape[1]
    r = 1 / K.sqrt(K.sum(d * d, (1,), True) / x.shape[1] + 0.1)
    return d * r, lambda g: g * r - d * r**3 * K.sum(g * d, (1,), True) / x.shape[1]


@rule()
def layer_norm(K, x):
    n = x.shape[1]
    d = x - K.sum(x, (1,), True) / n
    r = 1 / K.sqrt(K.sum(d * d, (1,), True) / n + 0.1)
    return d * r, lambda g: (g - K.sum(g, (1,), True) / n) * r - d * r**3 * K.sum(g * d, (1,), True) / n


# --- wrong in another way ---------------------------------------------------------------------------------------------


@rule()
def linear_with_a_bias_that_is_not_summed(K, x, weight, bias):
    return K.dot(x, weight) + bias, lambda g: K.dot(g, weight.T), lambda g: K.dot(x.T, g), same


@rule(broadcasts=True, ties=True)
def maximum_that_gives_a_tie_to_both(K, x, y):
    return K.maximum(x, y), lambda g: g * (x >= y), lambda g: g * (y >= x)


@rule(domain=Away(0))
def relu_that_lets_only_positive_gradients_pass(K, x):
    return K.relu(x), lambda g: K.where(g > 0, g, 0) * (x > 0)


@rule()
def tanh_that_leaks_float64(K, x):
    y = K.tanh(x)
    return y, lambda g: g * (np.float64(1) - y * y)


@rule(domain=Away(0))
def relu_that_writes_into_its_argument(K, x):
    x[x < 0] = 0
    return x, lambda g: g * (x > 0)


@rule()
def exp_that_writes_into_the_gradient(K, x):
    y = K.exp(x)

    def backward(g):
        g *= y
        return g

    return y, backward


@rule()
def exp_that_writes_into_what_it_keeps(K, x):
    y = K.exp(x)

    def backward(g):
        nonlocal y
        y *= g
        return y

    return y, backward


@rule(wide=True)
def softplus_that_overflows(K, x):
    e = K.exp(x)
    return K.log(1 + e), lambda g: g * e / (1 + e)


def safe_log(K, x):
    """The logarithm of what is positive, else 0."""
    return K.where(x > 0, K.log(K.where(x > 0, x, 1)), 0)


@rule(domain=Reals(0.2, 4), wide=True)
def log_masked_too_late(K, x):
    return safe_log(K, x), lambda g: g * (x > 0) / x  # 0 * inf at 0


@rule(domain=Reals(0.2, 4), wide=True)
def log_masked_in_time(K, x):
    return safe_log(K, x), lambda g: g * (x > 0) / K.where(x > 0, x, 1)


@rule(integers=True)
def neg_that_makes_floats(K, x):
    return x * -1.0, lambda g: -g


# --- right once, wrong when derived again: law second_order -----------------------------------------------------------


@rule()
def softplus_of_pieces_with_kinks(K, x):
    s = K.relu(x) + K.log1p(K.exp(-K.abs(x)))  # on tensors relu'(0) = 0 and abs'(0) = 0: s'(0) = 0, not 1/2
    return s, lambda g: g * K.exp(x - s)


@rule(domain=Reals(-1, 1))
def bump_that_forgets_what_was_added(K, x, b):
    z = x * x
    K.add(z, b, z)  # writes into an array, and makes a new tensor
    y = K.exp(-z)
    return y, lambda g: -2 * g * y * x, lambda g: -g * y


@rule(domain=Reals(-1, 1))
def bump(K, x, b):
    z = x * x
    z = K.add(z, b, z)
    y = K.exp(-z)
    return y, lambda g: -2 * g * y * x, lambda g: -g * y


@rule(domain=Reals(0.5, 3))
def square_whose_gradient_cancels(K, x):
    return (
        x * x,
        lambda g: g * ((x + 1e6) ** 2 - x * x - 1e12) / 1e6,
    )  # 2 x, but for float32


@rule(domain=Reals(0.5, 3))
def square(K, x):
    return x * x, lambda g: g * 2 * x


CANARIES = [
    Canary("vjp", sub_with_a_sign_lost, RULES["sub"], np.subtract),
    Canary("vjp", mean_without_its_factor, RULES["mean"], np.mean, CALLS["mean"]),
    Canary("vjp", mul_with_its_arguments_swapped, RULES["mul"], np.multiply),
    Canary("vjp", log_with_ans_for_x, RULES["log"], np.log),
    Canary("vjp", div_with_a_gradient_forgotten, RULES["div"], np.divide),
    Canary(
        "vjp",
        getitem_where_the_last_of_a_repeated_index_wins,
        RULES["getitem"],
        lambda x, index: x[index],
        CALLS["getitem"],
    ),
    Canary(
        "vjp",
        matmul_with_a_transpose_lost_on_squares,
        RULES["matmul"],
        lambda x, y: np.einsum("ij,jk", x, y),
        st.tuples(SIDE, SIDE, SIDE).map(lambda n: Call((n[:2], n[1:]))),
    ),
    Canary("vjp", inv_with_a_transpose_lost, RULES["inv"], REFERENCE["inv"], CALLS["inv"]),
    Canary(
        "vjp",
        row_sum_spread_along_the_wrong_axis_on_squares,
        RULES["sum"],
        np.sum,
        st.tuples(SIDE, SIDE).map(lambda shape: Call((shape,), {"axis": (1,), "keepdims": False})),
    ),
    Canary("vjp", cat_whose_vjps_share_the_loop_variable, RULES["cat"], REFERENCE["cat"], CALLS["cat"]),
    Canary(
        "vjp",
        max_along_rows_whose_gradient_goes_along_columns,
        RULES["max"],
        lambda x, axis: np.sort(x, axis).take([-1], axis),
        st.just(Call(((3, 3),), {"axis": 0})),
    ),
    Canary(
        "vjp",
        put_whose_gradient_is_put_and_not_read,
        RULES["put"],
        lambda x, index, shape: x[[2, 0, 1]],
        st.just(Call(((3,),), {"index": np.array([1, 2, 0]), "shape": (3,)})),
    ),
    Canary("vjp", prod_whose_gradient_divides, RULES["prod"], REFERENCE["prod"], CALLS["prod"]),
    Canary("vjp", gelu_with_the_slope_of_its_approximation, RULES["gelu"], REFERENCE["gelu"]),
    Canary("vjp", cat_that_begins_anew_with_each_argument, RULES["cat"], REFERENCE["cat"], CALLS["cat"]),
    Canary("vjp", softmax_that_forgets_its_sum, RULES["softmax"], REFERENCE["softmax"], CALLS["softmax"]),
    Canary("vjp", cumsum_whose_gradient_runs_forwards, RULES["cumsum"], REFERENCE["cumsum"], CALLS["cumsum"]),
    Canary(
        "vjp",
        layer_norm_with_a_fixed_mean,
        layer_norm,
        lambda x: (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 0.1),
        st.tuples(SIDE, st.sampled_from((2, 3))).map(lambda shape: Call((shape,))),
    ),
    Canary("shape", linear_with_a_bias_that_is_not_summed, RULES["linear"], REFERENCE["linear"], CALLS["linear"]),
    Canary("same", maximum_that_gives_a_tie_to_both, RULES["maximum"], np.maximum),
    Canary("linear", relu_that_lets_only_positive_gradients_pass, RULES["relu"], REFERENCE["relu"]),
    Canary("dtype", tanh_that_leaks_float64, RULES["tanh"], np.tanh),
    Canary(
        "untouched",
        relu_that_writes_into_its_argument,
        RULES["relu"],
        REFERENCE["relu"],
        WITH_AXES.map(lambda shape: Call((shape,))),
    ),
    Canary("untouched", exp_that_writes_into_the_gradient, RULES["exp"], np.exp),
    Canary("untouched", exp_that_writes_into_what_it_keeps, RULES["exp"], np.exp),
    Canary("finite", softplus_that_overflows, RULES["softplus"], REFERENCE["softplus"]),
    Canary("finite", log_masked_too_late, log_masked_in_time, np.log),
    Canary("integers", neg_that_makes_floats, RULES["neg"], np.negative),
    Canary("second_order", softplus_of_pieces_with_kinks, RULES["softplus"], REFERENCE["softplus"]),
    Canary("single", square_whose_gradient_cancels, square, np.square),
    Canary(
        "second_order",
        bump_that_forgets_what_was_added,
        bump,
        lambda x, b: np.exp(-(x**2) - b),
        WITH_AXES.map(lambda shape: Call((shape, shape))),
    ),
]


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.wrong.__name__)
def test_a_canary_is_caught_by_its_law(canary: Canary) -> None:
    check_law(canary.wrong, "value", canary.calls, reference=canary.reference, settings=CI)  # the forward is right
    check_law(canary.right, canary.law, canary.calls, reference=canary.reference, settings=CI)
    for seed in range(20):
        with pytest.raises(CheckError) as caught:
            check_law(canary.wrong, canary.law, canary.calls, reference=canary.reference, settings=CI, seed=seed)
        assert caught.value.law == canary.law
        assert f"rule {canary.wrong.__name__} breaks the law '{canary.law}'" in str(caught.value)


def test_every_law_has_a_canary() -> None:
    assert len(CANARIES) >= 30
    assert {canary.law for canary in CANARIES} == set(LAWS) - {"value"}


def test_a_wrong_value_is_caught() -> None:
    @rule()
    def half_a_square(K, x):  # consistent with its vjp, and not what was asked for
        return x * x * 0.5, lambda g: g * x

    check_law(half_a_square, "vjp")
    with pytest.raises(CheckError, match="breaks the law 'value'"):
        check_law(half_a_square, "value", reference=np.square)


def test_points_that_are_passed_over_are_limited() -> None:
    @rule(domain=Reals(-1e-7, 1e-7))  # within a step of the kink
    def abs_drawn_at_its_kink(K, x):
        return K.abs(x), lambda g: g * K.sign(x)

    with pytest.raises(CheckError, match="were passed over as kinks: name them in the rule's domain"):
        check_law(abs_drawn_at_its_kink, "vjp")
