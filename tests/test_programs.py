"""Whole random programs: the value is NumPy's, the derivatives are those of finite differences, to second order."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given

from minigrad import Tensor, vjp
from minigrad.backend import NdArray
from minigrad.testing import check_gradients
from minigrad.testing.programs import Program
from minigrad.testing.strategies import programs

FLOAT64 = NdArray(seed=0, dtype=np.float64)


def tensors(program: Program, device: NdArray = FLOAT64) -> list[Tensor]:
    return [Tensor(x, device) for x in program.arguments]


@given(programs(smooth=False))
def test_the_value_is_numpys(program: Program) -> None:
    expected = program(*program.arguments)
    np.testing.assert_allclose(program(*tensors(program)).numpy(), expected, rtol=1e-12, atol=1e-12)
    tracked = program(*[x.require_grad() for x in tensors(program)])
    np.testing.assert_array_equal(tracked.numpy(), program(*tensors(program)).numpy())


@given(programs(steps=6))
def test_derivatives_to_second_order(program: Program) -> None:
    check_gradients(program, *tensors(program), order=2, samples=6)


@given(programs(smooth=False))
def test_derivatives_where_there_are_kinks(program: Program) -> None:
    try:
        check_gradients(program, *tensors(program), order=1, samples=6)
    except AssertionError as error:
        assert "a kink at every point" in str(error)  # noqa: PT017 - all that may be wrong


@given(programs())
def test_backward_and_vjp_agree_and_float32_stays(program: Program) -> None:
    leaves = [x.require_grad() for x in tensors(program, NdArray(seed=0))]
    value = program(*leaves)
    assert value.dtype == np.float32
    cotangent = np.cos(np.arange(value.size)).reshape(value.shape)
    _, pull = vjp(program, *leaves)
    by_pull: Any = pull(cotangent)
    if not value.birth:
        return
    grads = value.backward(cotangent)
    for leaf, other in zip(leaves, by_pull):
        got = leaf.grad(grads)
        np.testing.assert_array_equal(other.numpy(), 0 if got is None else got.numpy())
        assert got is None or got.dtype == np.float32
