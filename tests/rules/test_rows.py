"""Formulas by rows give what they give of all rows at once, and how much the fused rules promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minigrad.rules import RULES, kernels, rows, traits
from minigrad.rules.rows import by_rows, centre_kernel, inner_kernel

RNG = np.random.default_rng(0)


def drawn(*shape: int) -> Any:
    return RNG.normal(size=shape)


@pytest.mark.parametrize(("n", "pieces"), [(16, [16]), (17, [8, 8, 1]), (24, [8, 8, 8]), (30, [8, 8, 8, 6])])
def test_large_arrays_come_in_pieces(n: int, pieces: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "BLOCK", 16)
    x, y, one, last = drawn(n, 2), drawn(n, 1), drawn(1, 2), drawn(2)
    seen = []

    def formula(x: Any, y: Any, one: Any, last: Any) -> Any:
        seen.append(len(x))
        assert len(y) == len(x) and len(one) == 1 and len(last) == 2
        return x * y + one * last

    got = by_rows(formula, x, y, one, last)
    np.testing.assert_array_equal(got, x * y + one * last)
    assert seen == pieces and got.dtype == x.dtype


def test_a_piece_is_at_least_a_row_and_may_have_another_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "BLOCK", 4)
    x, weights = drawn(3, 5, 7), drawn(5, 7)
    got = by_rows(lambda x, w: (x * w).sum(-1, keepdims=True), x, weights)
    np.testing.assert_allclose(got, (x * weights).sum(-1, keepdims=True))
    assert got.shape == (3, 5, 1)


def test_what_has_as_many_rows_but_fewer_axes_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "BLOCK", 4)
    x, v = drawn(6, 6), drawn(6)
    np.testing.assert_array_equal(by_rows(lambda x, v: x * v, x, v), x * v)


CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    *((name, (drawn(9, 4),), {}) for name in ("gelu", "gelu_tanh", "silu", "normal_cdf")),
    *(
        ("normalise", (drawn(6, 4, 3), drawn(*shape), drawn(*shape)), {"axis": axis, "epsilon": 0.1})
        for axis, shape in (((2,), (3,)), ((1, 2), (4, 1)), ((0, 2), (4, 1)), ((0,), (4, 3)), ((0,), (6, 1, 1)))
    ),
    *(
        ("rms_norm", (drawn(6, 4, 3), drawn(*shape)), {"axis": axis, "epsilon": 0.1})
        for axis, shape in (((2,), (3,)), ((0, 2), (4, 1)), ((0,), (6, 4, 3)))
    ),
]


@pytest.mark.parametrize(("name", "xs", "static"), CALLS)
def test_rules_do_not_depend_on_the_size_of_a_piece(
    name: str, xs: Any, static: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for block in (1 << 18, 1, 4, 13):
        monkeypatch.setattr(rows, "BLOCK", block)
        value, pull = RULES[name](kernels, *xs, **static)
        gradients = pull(np.cos(np.arange(value.size)).reshape(value.shape))
        found.append([value, *(gradients if isinstance(gradients, tuple) else [gradients])])
    for other in found[1:]:
        for whole, pieces in zip(found[0], other, strict=True):
            np.testing.assert_allclose(pieces, whole, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("axis", [(), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)])
def test_sums_of_products(axis: tuple[int, ...]) -> None:
    x, y = drawn(3, 4, 5), drawn(3, 4, 5)
    expected = (x * y).sum(axis, keepdims=True) if axis else x * y
    np.testing.assert_allclose(inner_kernel(x, y, axis), expected, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(
        inner_kernel(x.T, y.T, axis), (x.T * y.T).sum(axis, keepdims=True) if axis else (x * y).T
    )


def test_centring_is_exact_where_a_mean_is_large() -> None:
    x = (1e4 + drawn(4, 1000)).astype(np.float32)
    exact = x.astype(np.float64) - x.astype(np.float64).mean(1, keepdims=True)
    assert np.max(np.abs(centre_kernel(x, (1,)) - exact)) < 1e-6
    plain = drawn(5, 1000).astype(np.float32)
    mixed = np.concatenate([x, plain[4:]])
    np.testing.assert_array_equal(centre_kernel(mixed, (1,))[4], centre_kernel(plain, (1,))[4])  # to the bit


def test_what_they_promise_far_out() -> None:
    fused = {name: rule for name, rule in RULES.items() if rule.__module__.rpartition(".")[2] in MODULES}
    assert {name for name, rule in fused.items() if not traits(rule).wide} == {"attention", "lstm", "gru"}
    assert {name for name, rule in fused.items() if traits(rule).broadcasts} == {"attention", "prelu"}
    assert not any(traits(rule).integers or traits(rule).ties for rule in fused.values())


MODULES = {"activation", "attention", "norm", "recurrent", "rows", "softmax"}
