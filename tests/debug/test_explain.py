"""explain: the walk of the engine itself, told with its numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from minigrad import Tensor, debug, grad, lift, rule
from minigrad.backend import NdArray
from minigrad.debug.steps import watch
from minigrad.errors import GradientError
from minigrad.testing.programs import Program
from minigrad.testing.strategies import programs


def leaf(values: object) -> Tensor:
    return Tensor(values).require_grad()


def shows(text: str, expected: str) -> None:
    assert text == expected.strip("\n")


def test_the_lesson() -> None:
    a = leaf(1.0)
    b = a + a
    c = b + b
    shows(
        debug.explain(c, {"a": a, "b": b, "c": c}),
        """
c = add(b, b)
  value 4.0, gradient 1.0
  b gets 1.0, the first to arrive
  b gets 1.0, added to 1.0: 2.0
b = add(a, a)
  value 2.0, gradient 2.0
  a gets 2.0, the first to arrive
  a gets 2.0, added to 2.0: 4.0
the gradients of the leaves
  a: 4.0
""",
    )


def test_numbers_large_arrays_and_a_sum_to_the_argument() -> None:
    x, w = leaf(np.arange(10.0).reshape(5, 2)), leaf([0.5, -1.0])
    shows(
        debug.explain((x * w * 2).sum(), {"x": x, "w": w}),
        """
%3 = sum(%2, axis=None, keepdims=False)
  value -30.0, gradient 1.0
  %2 gets float32 (5, 2), all 1, the first to arrive
%2 = mul(%1, 2)
  value float32 (5, 2), from -18 to 8, gradient float32 (5, 2), all 1
  %1 gets float32 (5, 2), all 2, the first to arrive
%1 = mul(x, w)
  value float32 (5, 2), from -9 to 4, gradient float32 (5, 2), all 2
  x gets float32 (5, 2), from -2 to 1, the first to arrive
  w gets float32 (5, 2), from 0 to 18, summed to shape (2,): [40.0, 50.0], the first to arrive
the gradients of the leaves
  x: float32 (5, 2), from -2 to 1
  w: [40.0, 50.0]
""",
    )


def test_three_arrivals() -> None:
    x = leaf([1.0, 2.0])
    text = debug.explain((x + x * x).sum(), {"x": x})
    assert re.findall(r"x gets (.*)", text) == [
        "[1.0, 1.0], the first to arrive",
        "[1.0, 2.0], added to [1.0, 1.0]: [2.0, 3.0]",
        "[1.0, 2.0], added to [2.0, 3.0]: [3.0, 5.0]",
    ]


@rule()
def both(K: Any, x: Any, y: Any) -> tuple[Any, Callable[[Any], tuple[Any, Any]]]:
    """x * y, with one function for both gradients."""
    calls.append(0)

    def back(g: Any) -> tuple[Any, Any]:
        calls[-1] += 1
        return g * y, g * x

    return x * y, back


calls: list[int] = []


def test_a_joint_vjp_runs_once() -> None:
    x, y = leaf(2.0), leaf(3.0)
    text = debug.explain(lift(both)(x, y), {"x": x, "y": y})
    assert "x gets 3.0, the first to arrive\n  y gets 2.0, the first to arrive" in text
    assert calls[-1] == 1


def bits(array: Any) -> tuple[Any, ...]:
    array = np.asarray(array)
    return array.dtype, array.shape, array.tobytes()


@given(programs(smooth=False))
def test_the_gradients_are_those_of_backward_bit_for_bit(program: Program) -> None:
    for dtype in (np.float32, np.float64):
        leaves = [Tensor(x, NdArray(seed=0, dtype=dtype)).require_grad() for x in program.arguments]
        loss = program(*leaves).sum()
        if not loss.birth:
            continue
        grads = loss.backward()
        steps: list[Any] = []
        found = {x.birth: g for x, g in watch(loss, None, steps.append)}
        expected = {x.birth: grads.get(x) for x in leaves if grads.get(x) is not None}
        assert found.keys() == expected.keys()
        assert all(bits(found[birth]) == bits(g) for birth, g in expected.items())
        last = {step.argument.birth: step.total for step in steps}  # what was told last of each leaf is its gradient
        assert all(bits(last[birth]) == bits(g) for birth, g in expected.items() if birth in last)


def test_the_numbers_printed_are_exact() -> None:
    rng = np.random.default_rng(0)
    x, w = leaf(rng.normal(size=(2, 3))), leaf(rng.normal(size=(3, 2)))
    loss = ((x @ w).tanh() * (x @ w)).sum()
    grads = loss.backward()
    text = debug.explain(loss, {"x": x, "w": w})
    for name, tensor in (("x", x), ("w", w)):
        (printed,) = re.findall(rf"^  {name}: (.*)$", text, re.M)
        assert bits(np.array(eval(printed), np.float32)) == bits(grads.get(tensor))


def test_it_changes_nothing() -> None:
    x = leaf([1.0, 2.0])
    loss = (x * x + x).sum()
    before = loss.backward().get(x).copy()
    debug.explain(loss)
    np.testing.assert_array_equal(loss.backward().get(x), before)


def test_a_cotangent() -> None:
    x = leaf([1.0, 2.0])
    assert debug.explain(x * 3, {"x": x}, cotangent=[1.0, 10.0]).endswith("leaves\n  x: [3.0, 30.0]")
    with pytest.raises(GradientError, match="it wants one number"):
        debug.explain(x * 3)
    with pytest.raises(GradientError, match="a cotangent of shape"):
        debug.explain(x * 3, cotangent=[1.0])


def test_constants_empty_arrays_and_a_leaf_alone() -> None:
    x = leaf(np.zeros((0, 3)))
    text = debug.explain((x * Tensor(np.zeros((0, 3), np.int64))).sum(), {"x": x})
    assert text.endswith("leaves\n  x: float32 (0, 3), no elements")
    assert debug.explain(leaf(1.0)) == "the gradients of the leaves\n  %1: 1.0"


def test_inside_and_after_grad() -> None:
    texts = []
    w = leaf(3.0)

    def f(x: Tensor) -> Tensor:
        y = x * x * w
        texts.append(debug.explain(y, {"x": x, "w": w}))
        return y

    first = grad(f)(2.0)
    assert texts[0].endswith("the gradients of the leaves\n  w: 4.0\n  x: 12.0")
    assert debug.explain(first, {"w": w}).endswith("the gradients of the leaves\n  w: 4.0")  # d(2 x w)/dw


def test_nothing_tracked() -> None:
    with pytest.raises(GradientError) as error:
        debug.explain(Tensor(1.0))
    assert str(error.value) == (
        "debug.explain of a tensor that depends on nothing tracked\n"
        "  parameters made on Autodiff(NdArray()) are tracked, and so is x.require_grad()"
    )


def test_a_long_graph_is_shortened() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(20_000):
        y = y * 1.0
    shows(
        debug.explain(y, limit=2),
        """
%20001 = mul(%20000, 1.0)
  value 1.0, gradient 1.0
  %20000 gets 1.0, the first to arrive
... 19,998 more ...
%2 = mul(%1, 1.0)
  value 1.0, gradient 1.0
  %1 gets 1.0, the first to arrive
the gradients of the leaves
  %1: 1.0
""",
    )


def test_many_leaves_are_shortened() -> None:
    leaves = [leaf(float(i)) for i in range(100)]
    text = debug.explain(Tensor.stack(leaves).sum(), limit=3)
    assert text.split("the leaves\n")[1] == "  %1: 1.0\n  ... 97 more ...\n  %99: 1.0\n  %100: 1.0"
