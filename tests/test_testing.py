"""What users get from minigrad.testing: checks of their own functions and rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrad import Module, Param, Tensor, grad
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import CheckError, MinigradError
from minigrad.lifting import lift
from minigrad.nn import Linear, LinearConfig
from minigrad.rules import Away, Reals, rule
from minigrad.testing import LAWS, Call, Report, Trial, check_gradients, check_law, check_rule
from minigrad.testing.strategies import broadcastable, calls, shapes

from .test_canaries import bump_that_forgets_what_was_added

# --- check_gradients --------------------------------------------------------------------------------------------------


def test_a_right_function_passes_and_says_how_much_was_compared() -> None:
    assert check_gradients(lambda x: x * x, np.ones((2, 3)), order=1) == Report(6, 0)
    assert check_gradients(lambda x, y: x * y, 2.0, 3.0, order=3) == Report(6, 0)
    assert check_gradients(lambda x: x.sum(), np.zeros((0, 3))) == Report(0, 0)


def test_arguments_of_every_kind() -> None:
    def f(x: Tensor, n: int, parts: dict[str, Any], flag: bool) -> Tensor:
        assert isinstance(x, Tensor)
        assert x.dtype == np.float64
        assert (n, flag, parts["k"]) == (2, True, 3)
        assert isinstance(parts["index"], np.ndarray)
        return (x**n * parts["a"][0])[parts["index"]] + parts["a"][1]

    parts = {"a": [Tensor([1.0, 2.0]), np.float32(3.0)], "index": np.array([0, 0, 1]), "k": 3}
    assert check_gradients(f, [0.5, 1.5] and np.array([0.5, 1.5]), 2, parts, True) == Report(10, 0)


class Model(Module):
    linear: Linear
    scale: float
    frozen: Linear

    def forward(self, x: Tensor) -> Tensor:
        return self.frozen(self.linear(x).tanh()) * self.scale


def test_a_module_is_checked_in_its_tracked_parameters() -> None:
    device = Autodiff(NdArray(seed=1))
    model = Model(LinearConfig(2, 2).init(device), 0.5, LinearConfig(2, 1).init(device).no_grad())
    x = Tensor([[0.3, -0.2]])
    assert check_gradients(lambda m: m(x), model, order=2) == Report(12, 0)
    assert model.linear.weight.dtype == np.float32


def test_of_a_large_argument_some_elements_are_drawn() -> None:
    big = np.linspace(-1, 1, 50_000)
    assert check_gradients(lambda x: (x * x).sum(), big, order=1) == Report(100, 0)
    assert check_gradients(lambda x: (x * x).sum(), big, order=1, samples=7) == Report(7, 0)


def test_kinks_are_passed_over_and_counted() -> None:
    x = np.array([-1.0, 0.0, 1e-8, 1.0])
    assert check_gradients(Tensor.relu, x, order=1) == Report(2, 2)
    assert check_gradients(lambda x: x.maximum(0.0), x, order=1) == Report(3, 1)  # 1/2 is also what the difference says
    assert check_gradients(lambda x: x.max(), np.array([1.0, 1.0, 0.0]), order=1) == Report(1, 2)
    with pytest.raises(CheckError, match="a kink at every point that was tried"):
        check_gradients(Tensor.relu, 0.0, order=1)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: abs(x).sum(), [0.0]),  # its derivative jumps
        (lambda x: x.maximum(x[::-1]).sum(), [1.0, 1.0]),
        (lambda x: (x * abs(x)).sum(), [0.0, 2.0]),  # once differentiable at 0
        (lambda x: x.log().sum(), [1e-5]),  # as steep as its place is small
    ],
)
def test_right_functions_in_awkward_places(f: Callable[[Tensor], Tensor], x: list[float]) -> None:
    assert check_gradients(f, np.array(x)).checked


@pytest.mark.parametrize("factor", [1.001, 1.1, -1.0])
def test_wrong_gradients_are_found_in_steep_places_too(factor: float) -> None:
    with pytest.raises(AssertionError, match="finite differences say"):
        check_gradients(lambda x: (x.log() * factor + (x.log() * (1 - factor)).detach()).sum(), np.array([1e-5]))


def test_a_kink_close_by_is_no_mistake() -> None:
    for distance in (1e-5, 4e-6, 1e-6, 2e-7):
        assert check_gradients(Tensor.relu, np.array([distance, 1.0]), order=1).checked >= 1


@pytest.mark.parametrize(
    "f",
    [
        lambda x: 1e6 * x**3,
        lambda x: (30 * x).exp(),
        lambda x: (100 * x).sin(),
        lambda x: (1e4 * x).tanh(),
        lambda x: 1e8 * x,
        lambda x: 1e-8 * x * x,
        lambda x: 1 / (x + 0.013),
        lambda x: x * 0 + 1e10,
    ],
)
def test_steep_flat_and_large_functions_are_right(f: Callable[[Tensor], Tensor]) -> None:
    assert check_gradients(f, np.array([0.0, 0.3, 1.0]), order=1) == Report(3, 0)


def wrong_rule(factor: float) -> Callable[[Tensor], Tensor]:
    @rule()
    def square(K: Any, x: Any) -> Any:
        return x * x, lambda g: g * 2 * x * factor

    return lift(square)


@pytest.mark.parametrize("factor", [0.0, -1.0, 0.5, 2.0, 1.00001, np.inf, np.nan])
def test_wrong_gradients_are_found(factor: float) -> None:
    with pytest.raises(
        CheckError, match=r"(?s)in argument 0 at \[0, 0\] is .*, finite differences say .*order 1, seed 3"
    ):
        check_gradients(lambda x: wrong_rule(factor)(x), np.array([[0.5, 0.7]]), seed=3)


def test_a_wrong_gradient_at_a_stationary_point_is_no_kink() -> None:
    with pytest.raises(CheckError, match=r"is 1\.257\d*e-05, finite differences say 0"):
        check_gradients(lambda x: lift(_leaning)(x), 0.0, order=1)


@rule()
def _leaning(K: Any, x: Any) -> Any:
    return x * x, lambda g: g * (2 * x + 1e-4)


def test_what_is_wrong_only_in_the_second_order_is_found_there() -> None:
    operation = lift(bump_that_forgets_what_was_added)
    x, b = np.array([0.4, 0.8]), np.array([0.3, -0.5])
    assert check_gradients(operation, x, b, order=1) == Report(4, 0)
    with pytest.raises(CheckError, match="in order 2"):
        check_gradients(operation, x, b)


def test_a_module_is_named_by_its_path() -> None:
    device = Autodiff(NdArray(seed=1))

    class Wrong(Module):
        weight: Param

        def forward(self, x: Tensor) -> Tensor:
            return self.weight * self.weight.detach() * x

    with pytest.raises(CheckError, match=r"the gradient in argument 0 \(weight\) at \[1\] is"):
        check_gradients(lambda m: m(Tensor([0.0, 1.0])), Wrong(Param([1.0, 2.0], device)), order=1)


def test_functions_that_cannot_be_checked_say_why() -> None:
    device = NdArray(seed=1)
    with pytest.raises(CheckError, match="two values for the same arguments: fix what it draws at random"):
        check_gradients(lambda x: x * Tensor.random(1, device=device), 1.0)
    with pytest.raises(CheckError, match="turned float64 into float32"):
        check_gradients(lambda x: x.astype(np.float32) * 2, 1.0)
    with pytest.raises(CheckError, match="no argument has a gradient"):
        check_gradients(lambda n: Tensor(1.0), 3)
    with pytest.raises(CheckError, match="no argument has a gradient"):
        check_gradients(lambda m: m(Tensor([1.0])), LinearConfig(1, 1).init(device))


def test_its_error_is_an_assertion_error_and_ours() -> None:
    assert issubclass(CheckError, AssertionError)
    assert issubclass(CheckError, MinigradError)


@given(st.integers(0, 2**32 - 1))
def test_seeds_change_the_weights_and_not_the_verdict(seed: int) -> None:
    check_gradients(lambda x: (x * x).exp(), np.array([0.3, -0.4]), seed=seed)


# --- check_rule -------------------------------------------------------------------------------------------------------


@rule(domain=(Reals(-2, 2), Away(0)), broadcasts=True)
def ratio_of_squares(K: Any, x: Any, y: Any) -> Any:
    return x * x / (y * y), lambda g: 2 * g * x / (y * y), lambda g: -2 * g * x * x / (y * y * y)


@rule()
def row_sums(K: Any, x: Any, *, axis: int) -> Any:
    shape = x.shape
    kept = tuple(1 if i == axis else n for i, n in enumerate(shape))
    return K.sum(x, (axis,), False), lambda g: K.broadcast_to(g.reshape(kept), shape)


def test_a_rule_of_ones_own_keeps_the_laws() -> None:
    reports = check_rule(ratio_of_squares, reference=lambda x, y: (x / y) ** 2, settings=settings(max_examples=20))
    assert list(reports) == list(LAWS)
    assert all(report.checked for law, report in reports.items() if law != "finite")
    assert reports["finite"] == Report(0, 0), "it does not promise to be finite"


def plus_diagonal(x: Any) -> Any:
    return x + 4 * np.eye(x.shape[-1], dtype=x.dtype)


@rule(domain=Reals(-1, 1, build=plus_diagonal))
def inverse(K: Any, x: Any) -> Any:
    y = K.call(np.linalg.inv, inverse, x)
    return y, lambda g: -y.mT @ g @ y.mT


def test_a_domain_may_build_its_arguments() -> None:
    for kind in ("domain", "whole"):
        (x,) = Trial(inverse, Call(((2, 3, 3),)), seed=1).arguments(np.random.default_rng(0), kind=kind)
        assert np.all(np.abs(plus_diagonal(-x)) <= 1)
    reports = check_rule(inverse, [Call(((2, 2),)), Call(((2, 3, 3),))], reference=np.linalg.pinv)
    assert reports["vjp"].checked == 140


def test_calls_as_a_list_and_as_a_strategy() -> None:
    listed = [Call(((2, 2),), {"axis": 0}), Call(((3,),), {"axis": 0})]
    assert check_rule(row_sums, listed)["shape"].checked == 20
    drawn = shapes(min_dims=1).map(lambda shape: Call((shape,), {"axis": len(shape) - 1}))
    assert check_rule(row_sums, drawn, settings=settings(max_examples=10))["shape"].checked == 10


def test_without_calls_a_rule_with_static_arguments_says_what_to_write() -> None:
    with pytest.raises(CheckError, match=r"rule row_sums has axis\n  say which calls to try"):
        check_rule(row_sums)

    @rule()
    def many(K: Any, *xs: Any) -> Any:
        return sum(xs), *(lambda g: g for _ in xs)

    with pytest.raises(CheckError, match="rule many has any number of arguments"):
        check_rule(many)
    assert check_law(many, "vjp", [Call(((2,), (2,), (2,)))]) == Report(60, 0)


def test_a_broken_law_names_the_call_and_the_seed_that_repeat_it() -> None:
    @rule()
    def halved(K: Any, x: Any) -> Any:
        return x * x, lambda g: g * x

    with pytest.raises(CheckError) as caught:
        check_rule(halved)
    assert caught.value.law == "vjp"
    text = str(caught.value)
    assert text.startswith("rule halved breaks the law 'vjp': the gradient in argument 0")
    assert "in Call(shapes=((2,),), static={}), seed " in text, "Hypothesis found the smallest example"


def test_the_number_of_arguments_is_no_array() -> None:
    @rule()
    def forgets(K: Any, x: Any) -> Any:
        return x * 2, lambda g: 0.0

    with pytest.raises(CheckError, match=r"the gradient of argument 0 is 0\.0, which is no array"):
        check_law(forgets, "shape", [Call(((2,),))])


def test_a_rule_lifted_by_a_user_has_derivatives_of_any_order() -> None:
    operation = lift(ratio_of_squares)
    assert grad(grad(lambda x: operation(x, Tensor(2.0))))(3.0).item() == pytest.approx(0.5)
    assert check_gradients(operation, np.array([0.3, 1.2]), np.array([[0.7], [-1.1]]), order=3).skipped == 0


# --- strategies -------------------------------------------------------------------------------------------------------


def test_shapes_have_every_kind() -> None:
    seen: set[tuple[int, ...]] = set()

    @settings(max_examples=300)
    @given(shapes())
    def collect(shape: tuple[int, ...]) -> None:
        seen.add(shape)

    collect()
    assert () in seen
    assert any(0 in shape for shape in seen)
    assert {(2, 2), (3, 3), (1,), (2, 3)} <= seen
    assert all(len(shape) <= 3 and max(shape, default=0) <= 3 for shape in seen)


@given(shapes(min_dims=1, max_dims=2, min_side=1))
def test_shapes_keep_their_limits(shape: tuple[int, ...]) -> None:
    assert 1 <= len(shape) <= 2
    assert min(shape) >= 1


@given(broadcastable(3))
def test_broadcastable_shapes_broadcast(three: tuple[tuple[int, ...], ...]) -> None:
    assert len(np.broadcast_shapes(*three)) == max(map(len, three))


def test_equal_and_different_shapes_are_both_drawn() -> None:
    equal: list[bool] = []

    @settings(max_examples=200)
    @given(broadcastable(2))
    def collect(two: tuple[tuple[int, ...], ...]) -> None:
        equal.append(two[0] == two[1])

    collect()
    assert 0.2 < np.mean(equal) < 0.8


@given(calls(ratio_of_squares))
def test_calls_of_a_rule(call: Call) -> None:
    assert len(call.shapes) == 2
    assert call.static == {}


# --- without Hypothesis -----------------------------------------------------------------------------------------------


def test_without_hypothesis_all_but_drawing_works(run_python: Callable[..., str]) -> None:
    code = """
import sys
sys.modules["hypothesis"] = None  # as if it were not installed
from minigrad.rules import rule
from minigrad.testing import Call, check_gradients, check_rule, strategies
from minigrad.errors import MissingExtraError

@rule()
def double(K, x):
    return x * 2, lambda g: g * 2

print(check_gradients(lambda x: x * x, 3.0))
print(check_rule(double, [Call(((2,),))], reference=lambda x: x + x)["vjp"])
for draw in (lambda: check_rule(double), strategies.shapes):
    try:
        draw()
    except MissingExtraError as error:
        print(error)
"""
    told = (
        "drawing examples needs Hypothesis: pip install hypothesis\n"
        "  without it, say which calls to try: check_rule(rule, calls=[Call(((2, 3), (3,)))])\n"
    )
    assert run_python(code) == f"Report(checked=2, skipped=0)\nReport(checked=20, skipped=0)\n{told}{told}"
