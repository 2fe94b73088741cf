"""where_nan: the first value, or the first gradient, that is not finite, and what it was born from."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad import Module, Param, Tensor, debug, lift, rule, value_and_grad, where
from minigrad.backend import Autodiff, NdArray
from minigrad.debug import where_nan
from minigrad.errors import DtypeError
from minigrad.nn import Linear, LinearConfig

pytestmark = pytest.mark.filterwarnings("ignore:.*encountered in.*:RuntimeWarning")

HINT = "\n  for the line: debug.where_nan(f, *args), or `with debug.lines():` around the program"
FINITE = "the loss is finite, a gradient is not: "


def leaf(values: object) -> Tensor:
    return Tensor(values).require_grad()


def told(loss: Any, *args: Any) -> str:
    text = where_nan(loss, *args)
    assert text is not None
    return text.removesuffix(HINT)


# --- in the values ------------------------------------------------------------------------------------------


def test_all_finite() -> None:
    assert where_nan((leaf([1.0, 2.0]).log() * 3).sum()) is None
    assert where_nan(Tensor([1.0])) is None
    assert where_nan(leaf(1.0)) is None
    assert where_nan(leaf(np.zeros((0, 3)))) is None
    assert where_nan(leaf(np.zeros((0, 3))).sqrt().sum()) is None
    assert where_nan(leaf([1.0, 2.0]) * 2) is None


def test_born_in_an_operation_and_not_where_it_was_seen() -> None:
    x = leaf([[4.0, 0.0], [-0.5, 1.0]])
    loss = (x.log() * 2 - 1).exp().mean()
    assert where_nan(loss) == (
        "log: 1 NaN and 1 infinite of 4 values\n  [0, 1]: log(0.0) = -inf\n  [1, 0]: log(-0.5) = nan" + HINT
    )


def test_two_arguments_that_broadcast() -> None:
    x, y = leaf([[1.0, 0.0], [3.0, 0.0]]), leaf([2.0, 0.0])
    assert told((x / y).sum()) == (
        "div: 2 NaN of 4 values\n  [0, 1]: div(0.0, 0.0) = nan\n  [1, 1]: div(0.0, 0.0) = nan"
    )


def test_a_plain_number_and_no_axes() -> None:
    assert told(leaf(1.0) / 0.0) == "div: 1 infinite of 1 value\n  div(1.0, 0.0) = inf"


def test_a_number_that_is_not_finite_is_the_data() -> None:
    assert told(leaf([1.0, 2.0]) * float("inf")) == "the data: 1 infinite of 1 value in y of mul, of shape ()"


def test_no_more_than_three_places() -> None:
    text = told(leaf(np.full((2, 3), -1.0)).sqrt().sum())
    assert text.splitlines()[1:] == [f"  [0, {i}]: sqrt(-1.0) = nan" for i in range(3)]


def test_nan_is_shown_before_infinity() -> None:
    text = told(leaf([0.0, 0.0, 0.0, -1.0]).log().sum())
    assert text.splitlines() == [
        "log: 1 NaN and 3 infinite of 4 values",
        "  [0]: log(0.0) = -inf",
        "  [1]: log(0.0) = -inf",
        "  [3]: log(-1.0) = nan",
    ]


def test_a_reduction_tells_of_its_whole_argument() -> None:
    x = leaf([3e38, 3e38])
    assert told(x.reshape(1, 2).sum(axis=1)) == ("sum: 1 infinite of 1 value\n  elements [0]\n  x = [[3e+38, 3e+38]]")


def test_a_product_of_square_matrices_is_no_matter_of_single_elements() -> None:
    x = leaf([[3e38, 0.0], [0.0, 1.0]])
    assert told((x @ x).sum()) == (
        "matmul: 1 infinite of 4 values\n  elements [0, 0]\n"
        "  x = [[3e+38, 0.0], [0.0, 1.0]]\n  y = [[3e+38, 0.0], [0.0, 1.0]]"
    )


def test_large_arguments_are_told_by_their_range() -> None:
    x = leaf(np.full((5, 4), 3e38))
    assert told(x.sum(axis=0).sum()) == (
        "sum: 4 infinite of 4 values\n  elements [0], [1], [2], ...\n  x = float32 (5, 4), all 3e+38"
    )


def test_nan_from_an_infinity_tells_of_both() -> None:
    x = leaf([1.0, 0.0])
    assert told((x.log() * 0).sum()) == (
        "mul: 1 NaN of 2 values\n  [1]: mul(-inf, 0) = nan\n"
        "  the infinity was born in log: 1 infinite of 2 values\n    [1]: log(0.0) = -inf"
    )


def test_a_mask_of_infinity_is_not_to_blame() -> None:
    scores, x = leaf([1.0, 2.0]), leaf([-1.0, 1.0])
    masked = where(np.array([True, False]), scores, -np.inf)
    assert told((masked.exp() + x.sqrt()).sum()) == "sqrt: 1 NaN of 2 values\n  [0]: sqrt(-1.0) = nan"


def test_the_oldest_of_several() -> None:
    x = leaf([-1.0])
    first, second = x.sqrt(), x.log()
    assert told((second + first).sum()).startswith("sqrt: ")


def test_data_that_is_not_tracked() -> None:
    batch = Tensor([[1.0, np.nan, np.inf]])
    assert told((batch * leaf([1.0, 1.0, 1.0])).sum()) == (
        "the data: 1 NaN and 1 infinite of 3 values in x of mul, of shape (1, 3)\n  elements [0, 1], [0, 2]"
    )


def test_a_leaf_a_parameter_and_a_tensor_without_a_record() -> None:
    assert told(leaf([np.nan, 1.0]).sum()) == "a leaf of shape (2,): 1 NaN of 2 values\n  elements [0]"
    model = LinearConfig(2, 1).init(Autodiff(NdArray(seed=1))).map(lambda _, p: p * np.nan)
    loss = model(Tensor([[1.0, 2.0]])).sum()
    assert told(loss) == "a parameter of shape (2, 1): 2 NaN of 2 values\n  elements [0, 0], [1, 0]"
    assert told(loss, model).startswith("the parameter weight of shape (2, 1): ")
    assert where_nan(Tensor(np.inf)) == (
        "a tensor without a record of shape (): 1 infinite of 1 value\n"
        "  track what it comes from: require_grad(), parameters on Autodiff(NdArray())"
    )


def test_inside_of_grad() -> None:
    texts = []

    def f(x: Tensor) -> Tensor:
        loss = x.log().sum()
        texts.append(told(loss))
        return loss

    value_and_grad(f)(np.zeros(1))
    assert texts == ["log: 1 infinite of 1 value\n  [0]: log(0.0) = -inf"]


def test_an_argument_of_grad() -> None:
    texts = []
    value_and_grad(lambda x: texts.append(told(x.sum())) or x.sum())(np.array([np.nan]))
    assert texts == ["an argument of grad of shape (1,): 1 NaN of 1 value\n  elements [0]"]


def test_a_long_record_needs_no_recursion() -> None:
    x = leaf(-1.0)
    y = x.sqrt()
    for _ in range(20_000):
        y = y + 1.0
    assert told(y) == "sqrt: 1 NaN of 1 value\n  sqrt(-1.0) = nan"


# --- in the gradients ---------------------------------------------------------------------------------------


def test_a_vjp_that_overflows() -> None:
    x = leaf([4.0, 0.0])
    assert where_nan(x.sqrt().sum()) == (
        f"{FINITE}the vjp of sqrt for x made 1 infinite of 2 values\n"
        "  [1]: sqrt(0.0) = 0.0, and the gradient 1.0 became inf\n"
        "  it reaches the gradient of 1 of 1 leaves" + HINT
    )


def test_a_masked_branch() -> None:
    x = leaf([2.0, 0.0])
    loss = where(x > 0, 1 / x, 0.0).sum()
    assert loss.item() == 0.5
    assert told(loss, {"x": x}) == (
        f"{FINITE}the vjp of div for y made 1 NaN of 2 values\n"
        "  [1]: div(1, 0.0) = inf, and the gradient 0.0 became nan\n"
        "  it reaches the gradient of x"
    )


def test_an_infinite_gradient_that_a_mask_takes_away_again_is_no_fault() -> None:
    x, y = leaf([4.0, 0.0]), leaf([0.0])
    safe = where(x > 0, x, 0.0).sqrt().sum()  # its gradient is infinite and is masked
    assert where_nan(safe) is None
    assert "sqrt(0.0) = 0.0, and the gradient 2.0" in told(safe + 2 * y.sqrt().sum())


def test_a_vjp_that_is_no_matter_of_single_elements() -> None:
    x, w = leaf([[0.0]]), Tensor([[3e38, 3e38]])
    assert told((x @ w).sum()) == (
        f"{FINITE}the vjp of matmul for x made 1 infinite of 1 value\n  elements [0, 0]\n"
        "  gradient = [[1.0, 1.0]]\n  x = [[0.0]]\n  y = [[3e+38, 3e+38]]\n  value = [[0.0, 0.0]]\n"
        "  it reaches the gradient of 1 of 1 leaves"
    )


def test_gradients_that_add_up_to_infinity() -> None:
    x = leaf([1.0])
    y = x * 1.0
    loss = (y * 3e38 - 3e38).sum() + (y * 3e38 - 3e38).sum()
    assert loss.item() == 0
    assert told(loss, {"y": y}) == (
        f"{FINITE}the gradients of y added up to 1 infinite of 1 value\n  [0]: 3e+38 + 3e+38 = inf\n"
        "  it reaches the gradient of 1 of 1 leaves"
    )


def test_a_sum_to_an_argument_that_was_broadcast() -> None:
    x = leaf(0.0)
    assert told((x * Tensor([3e38, 3e38])).sum()) == (
        f"{FINITE}the gradient of x of mul, summed to shape (), made 1 infinite of 1 value\n"
        "  summed = [3e+38, 3e+38]\n  it reaches the gradient of 1 of 1 leaves"
    )


@rule(broadcasts=True)
def shares(K: Any, x: Any, y: Any) -> tuple[Any, Callable[[Any], tuple[Any, Any]]]:
    """x * sqrt(y), with one function for both gradients."""
    r = K.sqrt(y)
    return x * r, lambda g: (g * r, g * x * 0.5 / r)


def test_a_joint_vjp_names_the_argument() -> None:
    x, y = leaf([1.0, 1.0]), leaf([4.0, 0.0])
    assert told(lift(shares)(x, y).sum(), {"x": x, "y": y}) == (
        f"{FINITE}the vjp of shares for y made 1 infinite of 2 values\n"
        "  [1]: shares(1.0, 0.0) = 0.0, and the gradient 1.0 became inf\n  it reaches the gradient of y"
    )


def test_the_parameters_that_it_reaches() -> None:
    leaves = {f"w{i}": leaf([0.0]) for i in range(5)}
    loss = sum(leaves.values(), leaf([0.0])).sqrt().sum()
    assert told(loss, leaves).splitlines()[-1] == "  it reaches the gradient of w0, w1, w2 and 2 more"
    assert told(loss).splitlines()[-1] == "  it reaches the gradient of 6 of 6 leaves"


def test_gradients_inside_of_grad() -> None:
    texts = []

    def f(x: Tensor) -> Tensor:
        texts.append(told(x.sqrt().sum()))
        return x.sqrt().sum()

    value_and_grad(f)(np.zeros(1))
    assert "sqrt(0.0) = 0.0, and the gradient 1.0 became inf" in texts[0]


# --- of a function ------------------------------------------------------------------------------------------


def test_a_function_is_run_with_tracked_arguments_and_lines() -> None:
    def f(x: Tensor, power: int) -> Tensor:
        return (x**power).log().sum()

    assert where_nan(f, Tensor([1.0, 0.0]), 2) == (
        "log: 1 infinite of 2 values\n"
        f"  at test_nan.py:{f.__code__.co_firstlineno + 1}: return (x**power).log().sum()\n"
        "  [1]: log(0.0) = -inf"
    )


def test_a_function_warns_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert told(lambda x: (1 / x).sum(), Tensor([0.0])).startswith("div: 1 infinite")
        assert told(lambda x: x.sqrt().sum(), Tensor([0.0])).startswith(FINITE)


class Net(Module):
    first: Linear
    scale: Param

    def forward(self, input: Tensor) -> Tensor:
        return (self.first(input) * self.scale).sqrt().sum()


def test_names_are_those_of_the_function_and_of_the_module() -> None:
    device = Autodiff(NdArray(seed=1))
    net = Net(LinearConfig(1, 1).init(device), Param([0.0], device))
    last = told(net, Tensor([[1.0]])).splitlines()[-1]
    assert last == "  it reaches the gradient of first.weight, first.bias, scale and 1 more"
    step = lambda model, batch: model(batch["x"])  # noqa: E731
    assert told(step, net, {"x": Tensor([[np.nan]])}).startswith("the leaf batch.x of shape (1, 1): 1 NaN")


def test_arguments_are_left_as_they_were() -> None:
    x, seen = Tensor([1.0]), []
    assert where_nan(lambda a, b: seen.append((a, b)) or a.sum(), x, Tensor([1])) is None
    assert not x.is_require_grad
    assert seen[0][0].is_require_grad
    assert not seen[0][1].is_require_grad  # an Int has no gradient


def test_what_is_no_tensor() -> None:
    with pytest.raises(DtypeError) as error:
        where_nan(3.0)  # type: ignore[arg-type]
    assert str(error.value) == "debug.where_nan of a float: give the tensor that the loss is"
    with pytest.raises(DtypeError, match=r"debug.where_nan of a tuple: give the tensor that the loss is"):
        where_nan(lambda x: (x, x), Tensor([1.0]))


def test_an_error_of_the_function_is_its_own() -> None:
    with pytest.raises(ZeroDivisionError):
        where_nan(lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    with pytest.raises(TypeError, match="positional argument"):
        where_nan(lambda x: x, Tensor(1.0), Tensor(2.0))
    assert debug.where_nan is where_nan
