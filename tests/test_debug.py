"""where_nan: the first value that is not finite, and what it was born from."""

from __future__ import annotations

import numpy as np
import pytest

from minigrad import Tensor, value_and_grad
from minigrad.debug import where_nan

pytestmark = pytest.mark.filterwarnings("ignore:.*encountered in.*:RuntimeWarning")


def leaf(values: object) -> Tensor:
    return Tensor(values).require_grad()


def test_all_finite() -> None:
    assert where_nan((leaf([1.0, 2.0]).log() * 3).sum()) is None
    assert where_nan(Tensor([1.0])) is None
    assert where_nan(leaf(1.0)) is None


def test_born_in_an_operation_and_not_where_it_was_seen() -> None:
    x = leaf([[4.0, 0.0], [-0.5, 1.0]])
    loss = (x.log() * 2 - 1).exp().mean()
    assert where_nan(loss) == (
        "log: 2 of 4 values are not finite (1 NaN)\n  there argument 0 of shape (2, 2) is from -0.5 to 0"
    )


def test_two_arguments_that_broadcast() -> None:
    x, y = leaf([[1.0, 0.0], [3.0, 0.0]]), leaf([2.0, 0.0])
    assert where_nan((x / y).sum()) == (
        "div: 2 of 4 values are not finite (2 NaN)\n"
        "  there argument 0 of shape (2, 2) is from 0 to 0\n"
        "  there argument 1 of shape (2,) is from 0 to 0"
    )


def test_a_plain_number() -> None:
    assert where_nan((leaf([1.0, 2.0]) / 0.0).sum()) == (
        "div: 2 of 2 values are not finite (all infinite)\n"
        "  there argument 0 of shape (2,) is from 1 to 2\n"
        "  there argument 1 of shape () is from 0 to 0"
    )


def test_a_reduction_tells_of_its_whole_argument() -> None:
    x = leaf([3e38, 3e38])
    assert where_nan(x.reshape(1, 2).sum(axis=1) * 0) == (
        "sum: 1 of 1 values are not finite (all infinite)\n  argument 0 of shape (1, 2) is from 3e+38 to 3e+38"
    )


def test_the_oldest_of_several() -> None:
    x = leaf([-1.0])
    first, second = x.sqrt(), x.log()
    text = where_nan((second + first).sum())
    assert text is not None
    assert text.startswith("sqrt: ")


def test_data_that_is_not_tracked() -> None:
    batch = Tensor([[1.0, np.nan, np.inf]])
    assert where_nan((batch * leaf([1.0, 1.0, 1.0])).sum()) == (
        "the data: 2 of 3 values are not finite (1 NaN)\n  in argument 0 of mul, of shape (1, 3)"
    )


def test_a_leaf_and_a_tensor_without_a_record() -> None:
    assert where_nan(leaf([np.nan, 1.0]).sum()) == "a leaf of shape (2,): 1 of 2 values are not finite (1 NaN)"
    assert where_nan(Tensor(np.inf)) == "a tensor of shape (): 1 of 1 values are not finite (all infinite)"


def test_inside_of_grad() -> None:
    told = []

    def f(x: Tensor) -> Tensor:
        loss = x.log().sum()
        told.append(where_nan(loss))
        return loss

    value_and_grad(f)(np.zeros(1))
    assert told == ["log: 1 of 1 values are not finite (all infinite)\n  there argument 0 of shape (1,) is from 0 to 0"]


def test_a_long_record_needs_no_recursion() -> None:
    x = leaf(-1.0)
    y = x.sqrt()
    for _ in range(20_000):
        y = y + 1.0
    assert where_nan(y) == (
        "sqrt: 1 of 1 values are not finite (1 NaN)\n  there argument 0 of shape () is from -1 to -1"
    )
