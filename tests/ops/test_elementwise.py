"""Element by element: every method and operator beside NumPy's function, on all kinds; derivatives; edges."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad import Tensor, grad
from minigrad.backend import Autodiff, NdArray
from minigrad.testing import check_gradients

from .samples import FLOATS, INTS, KINDS, NUMBERS, WIDE, arrays, close, floating, pairs, some, tensor

X = np.array([[0.5, 2.0, -1.5], [1.25, -0.25, 3.0]])
erf = np.vectorize(math.erf, otypes=[float])

# --- one argument -----------------------------------------------------------------------------------------------------

FUNCTIONS: dict[str, tuple[Callable[[Any], Any], tuple[float, float]]] = {
    "reciprocal": (lambda x: 1 / x, (0.5, 3)),
    "expm1": (np.expm1, (-3, 3)),
    "log2": (np.log2, (0.5, 4)),
    "log10": (np.log10, (0.5, 4)),
    "tan": (np.tan, (-1.4, 1.4)),
    "sinh": (np.sinh, (-3, 3)),
    "cosh": (np.cosh, (-3, 3)),
    "erf": (lambda x: erf(x).astype(x.dtype), (-3, 3)),
    **dict.fromkeys(("asin", "arcsin"), (np.arcsin, (-1, 1))),
    **dict.fromkeys(("acos", "arccos"), (np.arccos, (-1, 1))),
    **dict.fromkeys(("atan", "arctan"), (np.arctan, (-3, 3))),
    **dict.fromkeys(("asinh", "arcsinh"), (np.arcsinh, (-3, 3))),
    **dict.fromkeys(("acosh", "arccosh"), (np.arccosh, (1, 4))),
    **dict.fromkeys(("atanh", "arctanh"), (np.arctanh, (-0.9, 0.9))),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name: str) -> None:
    function, span = FUNCTIONS[name]
    kinds = KINDS if span[0] <= 0 and span[1] >= 1 else FLOATS

    @given(arrays(span, kinds))
    def check(x: Any) -> None:
        close(getattr(tensor(x), name)(), function(floating(x)))

    check()
    points = np.linspace(span[0] + 0.11, span[1] - 0.11, 6).reshape(2, 3)
    check_gradients(lambda x: getattr(x, name)(), points, order=3 if name in ("tan", "erf") else 2)


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "round", "sign", "isnan", "isinf", "isfinite", "signbit"])
def test_steps_and_questions(name: str) -> None:
    whole = name in ("floor", "ceil", "trunc", "round")

    @given(arrays())
    def check(x: Any) -> None:
        if whole and np.asarray(x).dtype.kind != "f":
            expected = x
        elif name == "sign" and np.asarray(x).dtype == np.bool_:
            expected = np.int64(x)  # NumPy has no sign of a Bool: it counts
        else:
            expected = getattr(np, name)(x if np.asarray(x).dtype != np.bool_ else np.int64(x))
        close(getattr(tensor(x), name)(), expected)

    check()


def test_square_and_positive_keep_ints() -> None:
    @given(arrays(dtypes=NUMBERS))
    def check(x: Any) -> None:
        close(tensor(x).square(), x * x)
        close(+tensor(x), x)

    check()
    assert Tensor([True]).square().numpy().tolist() == [1]
    check_gradients(Tensor.square, X)


def test_round_is_to_the_even_one_and_takes_decimals() -> None:
    assert Tensor([0.5, 1.5, 2.5, -0.5, -1.5]).round().numpy().tolist() == [0, 2, 2, 0, -2]
    close(Tensor([1.2345, -9.876]).round(2), np.float32([1.23, -9.88]))
    close(Tensor([1234, 1250, 1350]).round(-2), np.array([1200, 1200, 1400]))
    close(Tensor([1234.5]).round(-2), np.float32([1200]))
    x = Tensor([7])
    assert x.round() is x.floor() is x.ceil() is x.trunc() is x


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "round", "sign"])
def test_steps_leave_the_graph(name: str) -> None:
    x = Tensor([1.5], Autodiff(NdArray())).require_grad()
    assert not getattr(x, name)().is_require_grad
    assert getattr(x, name)().device.tracks
    assert x.grad((getattr(x, name)() * x).sum().backward()).item() == getattr(np, name)(1.5)
    assert grad(lambda t: getattr(t, name)())(1.5).item() == 0.0


# --- two arguments ----------------------------------------------------------------------------------------------------

BINARY: dict[str, tuple[Callable[[Any, Any], Any], tuple[float, float], tuple[float, float], tuple[Any, ...]]] = {
    "logaddexp": (np.logaddexp, (-3, 3), (-3, 3), FLOATS),
    "hypot": (np.hypot, (-3, 3), (-3, 3), FLOATS),
    "copysign": (np.copysign, (-3, 3), (-3, 3), FLOATS),
    "nextafter": (np.nextafter, (-3, 3), (-3, 3), FLOATS),
    "atan2": (np.arctan2, (-3, 3), (-3, 3), FLOATS),
    "arctan2": (np.arctan2, (-3, 3), (-3, 3), FLOATS),
    "remainder": (np.remainder, (-9, 9), (1, 3), NUMBERS),
    "fmod": (np.fmod, (-9, 9), (1, 3), NUMBERS),
    "floor_divide": (np.floor_divide, (-9, 9), (1, 3), NUMBERS),
    "clamp_min": (np.maximum, (-3, 3), (-3, 3), NUMBERS),
    "clamp_max": (np.minimum, (-3, 3), (-3, 3), NUMBERS),
}


@pytest.mark.parametrize("name", BINARY)
def test_two_arguments_broadcast(name: str) -> None:
    function, *spans, kinds = BINARY[name]

    @given(pairs(tuple(spans), kinds))
    def check(xs: Any) -> None:
        x, y = xs
        close(getattr(tensor(x), name)(tensor(y)), function(x, y))

    check()


@pytest.mark.parametrize("name", [name for name, row in BINARY.items() if row[3] is FLOATS])
def test_ints_become_the_devices_floats(name: str) -> None:
    function = BINARY[name][0]
    close(getattr(Tensor([1, 2]), name)(3), function(np.float32([1, 2]), np.float32(3)))
    close(getattr(Tensor([1, 2], WIDE), name)(Tensor([3])), function(np.array([1.0, 2.0]), 3.0))


@given(pairs(((-9, 9), (0, 3)), INTS))
def test_ints_to_the_power_of_ints_are_ints(xs: Any) -> None:
    x, y = xs
    close(tensor(x) ** tensor(y), np.power(x, y))
    close(2 ** tensor(y), np.power(np.asarray(2, y.dtype), y))
    close(tensor(np.asarray(x) > 0) ** tensor(np.asarray(y) > 0), np.power(np.int64(x > 0), np.int64(y > 0)))


def test_two_arguments_of_two_kinds() -> None:
    close(Tensor([7, -7]) % Tensor([2.5]), np.float32([2.0, 0.5]))
    close(Tensor([7, -7]) // 2.5, np.float32([2, -3]))
    close(Tensor([True]) // 2, np.array([0]))
    close(Tensor([True, True]) % Tensor([True]), np.array([0, 0]))
    close(Tensor([7], dtype=np.int8) % 4, np.array([3], np.int8))
    close(Tensor([1, 5, 9]).clip(2.5, 7), np.float32([2.5, 5, 7]))
    close(Tensor([7.0]) % np.float64(4), np.float32([3]))


@pytest.mark.parametrize("sign", [operator.mod, operator.floordiv])
@pytest.mark.parametrize("dtype", NUMBERS)
def test_operators_take_numbers_and_arrays_on_either_side(sign: Callable[[Any, Any], Any], dtype: Any) -> None:
    x, y = some((2, 3), dtype, (1, 3), 0), some((3,), dtype, (1, 3), 1)
    close(sign(tensor(x), 2), sign(x, dtype(2)))
    close(sign(7, tensor(x)), sign(dtype(7), x))
    close(sign(tensor(x), tensor(y)), sign(x, y))
    if dtype in (np.float32, np.int64):  # an array is data: it takes the device's type
        close(sign(x, tensor(y)), sign(x, y))
        close(sign(tensor(x), y), sign(x, y))


@pytest.mark.parametrize("pair", [(7, 3), (-7, 3), (7, -3), (-7, -3), (7.5, -2.0), (-0.5, 2.0), (6.0, 3.0)])
def test_remainders_have_numpys_and_pythons_signs(pair: tuple[float, float]) -> None:
    x, y = pair
    assert (Tensor(x) % y).item() == x % y
    assert (Tensor(x) // y).item() == x // y
    assert Tensor(x).fmod(y).item() == math.fmod(x, y)
    assert (Tensor(x) // y * y + Tensor(x) % y).item() == x


@given(pairs(((-9, 9), (1, 3)), FLOATS), st.sampled_from([1, -1]))
def test_the_slope_of_a_remainder_is_the_quotient(xs: Any, sign: int) -> None:
    x, y = np.broadcast_arrays(xs[0], sign * xs[1])
    for method, quotient in (("remainder", np.floor), ("fmod", np.trunc)):
        a, b = tensor(x).require_grad(), tensor(y).require_grad()
        grads = getattr(a, method)(b).sum().backward()
        assert np.all(a.grad(grads).numpy() == 1)
        np.testing.assert_array_equal(b.grad(grads).numpy(), -quotient(np.round(x / y, 6)) + 0.0)


# --- bounds -----------------------------------------------------------------------------------------------------------


@given(arrays(dtypes=NUMBERS), st.integers(-2, 1), st.integers(0, 2))
def test_clip_is_numpys(x: Any, low: int, width: int) -> None:
    low, high = (max(low, 0), max(low, 0) + width) if np.asarray(x).dtype.kind == "u" else (low, low + width)
    t = tensor(x)
    close(t.clip(low, high), np.clip(x, low, high))
    close(t.clamp(min=low), np.clip(x, low, None))
    close(t.clip(max=high), np.clip(x, None, high))
    close(t.clip(tensor(np.asarray(x).dtype.type(low)), high), np.clip(x, low, high))
    assert t.clip() is t


def test_bounds_that_are_tensors_broadcast_and_have_gradients() -> None:
    low, high = np.array([[-0.7], [0.1]]), np.array([1.2, 0.4, 2.2])
    close(Tensor(X, WIDE).clip(low, high), np.clip(X, low, high))
    check_gradients(lambda x, a, b: x.clip(a, b), X, low, high)
    assert Tensor([5.0]).clip(3.0, 1.0).item() == np.clip(5.0, 3.0, 1.0) == 1.0  # where they cross, the upper one


def test_at_a_bound_the_gradient_is_the_elements_own() -> None:
    x, low = Tensor([-1.0, 0.0, 1.0]).require_grad(), Tensor(0.0).require_grad()
    grads = x.clip(low, 1.0).sum().backward()
    assert x.grad(grads).numpy().tolist() == [0.0, 1.0, 1.0]
    assert low.grad(grads).item() == 1.0  # of the one element that was moved
    high = Tensor(0.0).require_grad()
    assert high.grad(x.clip(max=high).sum().backward()).item() == 1.0
    for method, expected in ((Tensor.clamp_min, [0, 1, 1]), (Tensor.clamp_max, [1, 1, 0])):
        grads = method(x, 0.0).sum().backward()
        assert x.grad(grads).numpy().tolist() == expected


def test_an_infinite_gradient_stops_at_a_bound() -> None:
    x = Tensor([-4.0, 4.0]).require_grad()
    with np.errstate(divide="ignore"):
        grads = x.clip(0.0).sqrt().sum().backward()
    assert x.grad(grads).numpy().tolist() == [0.0, 0.25]


def test_nan_stays_nan() -> None:
    """Burn's NdArray lets a bound take the place of NaN, so that a broken loss looks finite."""
    x = Tensor([math.nan, 1.0])
    assert x.clip(0.0, 0.5).isnan().numpy().tolist() == [True, False]
    assert x.contains_nan().item() is True
    assert Tensor([1.0]).contains_nan().item() is False


# --- derivatives ------------------------------------------------------------------------------------------------------

Y = np.array([[1.5, -0.7, 2.5]])


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: x.logaddexp(y),
        lambda x, y: x.hypot(y),
        lambda x, y: x.atan2(y),
        lambda x, y: x % y,
        lambda x, y: x.fmod(y),
        lambda x, y: x.copysign(y.detach()),
        lambda x, y: x.clip(y - 1, y + 1),
        lambda x, y: (x * y).expm1() / (x.square() + 1).log2(),
        lambda x, y: 7.5 % y + x,
    ],
)
def test_derivatives_of_two_arguments(f: Callable[[Tensor, Tensor], Tensor]) -> None:
    check_gradients(f, X, Y)


@pytest.mark.parametrize(
    ("f", "at", "slopes"),
    [
        (lambda x: x.hypot(0.0), 0.0, [0, 0]),  # as abs
        (lambda x: x.atan2(0.0), 0.0, [0, 0]),
        (lambda x: x.atan2(x), 0.0, [0, 0]),
        (lambda x: x.hypot(x), 0.0, [0, 0]),
        (lambda x: x.copysign(1.0), 0.0, [0, 0]),
        (lambda x: x.copysign(-1.0), 2.0, [-1, 0]),
        (lambda x: x.square(), 0.0, [0, 2, 0]),
        (lambda x: x.erf(), 0.0, [2 / math.sqrt(math.pi), 0]),
        (lambda x: x.logaddexp(1.0), 1.0, [0.5, 0.25]),
        (lambda x: 3 * x.logaddexp(x), 1.0, [3, 0]),
        (lambda x: x.expm1(), 0.0, [1, 1, 1]),
        (lambda x: x.sinh() + x.asinh(), 0.0, [2, 0]),
        (lambda x: x.cosh(), 0.0, [0, 1, 0]),
        (lambda x: x.tan() + x.atan(), 0.0, [2, 0, 0]),
    ],
)
def test_slopes_where_formulas_are_tender(f: Callable[[Tensor], Tensor], at: float, slopes: list[float]) -> None:
    for expected in slopes:
        f = grad(f)
        assert f(at).item() == pytest.approx(expected, abs=1e-6)


def test_the_logarithm_of_no_probability_has_a_gradient() -> None:
    """log(0) + log(0) in a sum over paths is -inf, and the slopes are no NaN."""
    x, y = (Tensor([-math.inf, 0.0]).require_grad() for _ in range(2))
    z = x.logaddexp(y)
    assert z.numpy().tolist() == [-math.inf, pytest.approx(math.log(2))]
    with np.errstate(invalid="ignore"):
        for cotangent in (0.0, 1.0):
            grads = z.backward([cotangent, 1.0])
            assert x.grad(grads).numpy().tolist() == y.grad(grads).numpy().tolist() == [cotangent / 2, 0.5]


def test_slopes_of_large_numbers() -> None:
    """x * x + y * y would overflow, exp(x) - 1 would lose all digits, 1 - x * x half of them."""
    big = Tensor([3e30])
    a, b = big.require_grad(), (big * 4 / 3).require_grad()
    with np.errstate(over="raise", invalid="raise"):
        grads = a.hypot(b).sum().backward()
        np.testing.assert_allclose([a.grad(grads).item(), b.grad(grads).item()], [0.6, 0.8], rtol=1e-6)
        grads = a.atan2(b).sum().backward()
        np.testing.assert_allclose(a.grad(grads).item(), 0.8 / 5e30, rtol=1e-6)
    assert grad(Tensor.expm1)(Tensor(-40.0, WIDE)).item() == pytest.approx(math.exp(-40), rel=1e-12)
    near = 1 - 2.0**-20
    assert grad(Tensor.asin)(near).item() == pytest.approx(1 / math.sqrt(2.0**-20 * (1 + near)), rel=1e-6)


# --- NumPy's functions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "ceil", "cosh", "expm1", "floor", "isfinite",
        "isinf", "isnan", "log10", "log2", "positive", "reciprocal", "rint", "signbit", "sinh", "square", "tan",
        "trunc", "acos", "asin", "atan", "acosh", "asinh", "atanh", "around", "round",
    ],
)  # fmt: skip
def test_ufuncs_of_one_argument(name: str) -> None:
    function = getattr(np, name)
    x = np.array([1.25, 2.5]) if "cosh" in name else np.array([0.25, 0.75])
    x = x if name != "acosh" and name != "arccosh" else x + 1
    close(function(Tensor(x, WIDE)), function(x))


@pytest.mark.parametrize(
    "name",
    ["arctan2", "atan2", "copysign", "floor_divide", "fmod", "hypot", "logaddexp", "mod", "nextafter", "remainder"],
)
def test_ufuncs_of_two_arguments(name: str) -> None:
    function = getattr(np, name)
    x, y = np.array([3.5, -2.0]), np.array([1.5, 1.25])
    for a, b in ((Tensor(x, WIDE), Tensor(y, WIDE)), (x, Tensor(y, WIDE)), (Tensor(x, WIDE), y), (Tensor(x, WIDE), 2)):
        close(function(a, b), function(*(np.asarray(t.data) if isinstance(t, Tensor) else t for t in (a, b))))


def test_numpys_clip_and_round() -> None:
    x = np.array([0.126, 2.0, 3.5])
    for call in (
        lambda t: np.clip(t, 1, 3),
        lambda t: np.clip(t, None, 3),
        lambda t: np.clip(t, min=1),
        lambda t: np.clip(t, a_min=1, a_max=2),
        lambda t: np.round(t, 2),
        lambda t: np.round(t, decimals=1),
    ):
        close(call(Tensor(x, WIDE)), call(x))
    assert np.clip(Tensor([5.0]).require_grad(), 0, 9).is_require_grad


def test_all_kinds_are_tried() -> None:
    assert {np.dtype(kind).kind for kind in KINDS} == set("fiub")
    assert set(FLOATS) | set(INTS) == set(NUMBERS)
