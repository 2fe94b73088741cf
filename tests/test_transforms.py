"""grad and its family: values, structures, nesting to any order, and what may not be mixed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad import Module, Param, Tensor, grad, hessian, hvp, jacobian, jvp, tree, value_and_grad, vjp, where
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import GradientError, ShapeError
from minigrad.nn import LinearConfig
from minigrad.tensor import softplus
from minigrad.testing import check_gradients

FLOAT64 = NdArray(seed=0, dtype=np.float64)


def f64(data: Any) -> Tensor:
    return Tensor(data, FLOAT64)


# --- values -----------------------------------------------------------------------------------------------------------


def test_grad_of_numbers_arrays_and_tensors() -> None:
    assert grad(lambda x: x * x)(3.0).item() == 6.0
    assert grad(lambda x: (x * x).sum())(np.array([1.0, 2.0])).numpy().tolist() == [2.0, 4.0]
    assert grad(lambda x: (x * x).sum())(Tensor([1.0, 2.0])).numpy().tolist() == [2.0, 4.0]
    assert grad(lambda x: (x * x).sum())(Tensor([1.0, 2.0]).require_grad()).numpy().tolist() == [2.0, 4.0]


def test_value_and_grad_runs_once() -> None:
    runs = []

    def f(x: Tensor) -> Tensor:
        runs.append(x)
        return x * x

    value, g = value_and_grad(f)(3.0)
    assert (value.item(), g.item(), len(runs)) == (9.0, 6.0, 1)
    assert not value.is_require_grad
    assert not g.is_require_grad


def test_argnums() -> None:
    def f(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
        return x * y + 0 * z

    assert grad(f)(2.0, 3.0, 4.0).item() == 3.0
    assert grad(f, argnums=1)(2.0, 3.0, 4.0).item() == 2.0
    assert grad(f, argnums=-2)(2.0, 3.0, 4.0).item() == 2.0
    assert [g.item() for g in grad(f, argnums=(1, 0))(2.0, 3.0, 4.0)] == [2.0, 3.0]
    assert isinstance(grad(f, argnums=(0,))(2.0, 3.0, 4.0), tuple)


def test_zeros_for_an_argument_that_is_ignored() -> None:
    ignored = grad(lambda x, y: x * 1.0, argnums=(0, 1))(2.0, Tensor([1.0, 2.0]))
    assert [g.numpy().tolist() for g in ignored] == [1.0, [0.0, 0.0]]
    constant = Tensor(5.0)
    assert grad(lambda x: constant)(Tensor([1.0, 2.0])).numpy().tolist() == [0.0, 0.0]


def test_zeros_for_an_ignored_argument_where_the_gradient_is_tracked_too() -> None:
    w = Tensor(3.0).require_grad()
    used, ignored = grad(lambda x, y: x * w, argnums=(0, 1))(2.0, Tensor([5.0, 6.0]))
    assert used.is_require_grad
    assert ignored.numpy().tolist() == [0.0, 0.0]


def test_structures_come_back_as_they_went() -> None:
    x = {"a": Tensor([1.0, 2.0]), "b": (Tensor(3.0), [Tensor(4.0), 5.0])}
    g = grad(lambda p: (p["a"] * p["b"][0]).sum() + p["b"][1][0] * p["b"][1][1])(x)
    assert list(g) == ["a", "b"]
    assert isinstance(g["b"], tuple)
    assert isinstance(g["b"][1], list)
    assert g["a"].numpy().tolist() == [3.0, 3.0]
    assert [g["b"][0].item(), g["b"][1][0].item(), g["b"][1][1].item()] == [3.0, 5.0, 4.0]


class Affine(Module):
    weight: Param
    scale: float
    bias: Param | None

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight * self.scale


def test_grad_in_a_module() -> None:
    model = Affine(Param([[1.0], [2.0]], Autodiff(NdArray(seed=1))), 3.0, None)
    g = grad(lambda m: m(Tensor([[1.0, 10.0]])).sum())(model)
    assert isinstance(g, Affine)
    assert g.weight.numpy().tolist() == [[3.0], [30.0]]
    assert (g.scale, g.bias) == (3.0, None)


def test_vjp() -> None:
    value, pull = vjp(lambda x, y: x * y, Tensor([1.0, 2.0]), Tensor([3.0, 4.0]))
    assert value.numpy().tolist() == [3.0, 8.0]
    for _ in range(2):  # any number of times
        gx, gy = pull([1.0, 10.0])
        assert (gx.numpy().tolist(), gy.numpy().tolist()) == ([3.0, 40.0], [1.0, 20.0])
    assert pull(Tensor([0.0, 1.0]))[0].numpy().tolist() == [0.0, 4.0]


def test_the_pull_is_differentiable_in_its_cotangent() -> None:
    """The double-vjp trick: the derivative of the pull in its cotangent is the forward derivative."""
    x, direction = f64([0.3, -0.5]), f64([1.0, 2.0])

    def f(x: Tensor) -> Tensor:
        return Tensor.stack([x[0] * x[1], x[0].exp()])

    def forward(u: Tensor) -> Tensor:
        _, pull = vjp(f, x)
        return (pull(u)[0] * direction).sum()

    got = grad(forward)(f64([0.0, 0.0])).numpy()
    expected = jacobian(f)(x).numpy() @ direction.numpy()
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_jacobian() -> None:
    got = jacobian(lambda x: Tensor.stack([x[0] * x[1], x[1], x.sum()]))(Tensor([2.0, 3.0]))
    assert got.numpy().tolist() == [[3.0, 2.0], [0.0, 1.0], [1.0, 1.0]]
    assert jacobian(lambda x: x * 2)(Tensor(np.ones((2, 3)))).shape == (2, 3, 2, 3)
    assert jacobian(lambda x: x[:0])(Tensor([1.0, 2.0])).shape == (0, 2)
    assert jacobian(lambda x, y: x * y, argnums=1)(Tensor([2.0, 3.0]), 1.0).numpy().tolist() == [2.0, 3.0]


def test_hessian() -> None:
    def f(x: Tensor) -> Tensor:
        return x[0] ** 2 * x[1] + x[1] ** 3

    assert hessian(f)(Tensor([2.0, 3.0])).numpy().tolist() == [[6.0, 4.0], [4.0, 18.0]]
    assert hessian(lambda x: x.sum())(Tensor([2.0, 3.0])).numpy().tolist() == [[0.0, 0.0], [0.0, 0.0]]


# --- nesting ----------------------------------------------------------------------------------------------------------


def nested(f: Callable[[Tensor], Tensor], order: int) -> Callable[..., Any]:
    for _ in range(order):
        f = grad(f)
    return f


@pytest.mark.parametrize(
    ("f", "at", "derivatives"),
    [
        (lambda x: x**4, 2.0, [32.0, 48.0, 48.0, 24.0, 0.0]),
        (Tensor.exp, 0.5, [math.exp(0.5)] * 5),
        (Tensor.sin, 0.3, [math.cos(0.3), -math.sin(0.3), -math.cos(0.3), math.sin(0.3), math.cos(0.3)]),
        (lambda x: 1.0 / x, 2.0, [-1 / 4, 2 / 8, -6 / 16, 24 / 32, -120 / 64]),
        (Tensor.log, 2.0, [1 / 2, -1 / 4, 2 / 8, -6 / 16, 24 / 32]),
        (Tensor.relu, 2.0, [1.0, 0.0, 0.0, 0.0, 0.0]),
        (lambda x: where(x > 0, x**3, x), 2.0, [12.0, 12.0, 6.0, 0.0, 0.0]),
    ],
)
def test_derivatives_to_the_fifth(f: Callable[[Tensor], Tensor], at: float, derivatives: list[float]) -> None:
    got = [nested(f, order)(f64(at)).item() for order in range(1, 6)]
    np.testing.assert_allclose(got, derivatives, rtol=1e-12, atol=1e-12)


def test_tanh_to_the_fourth_against_its_known_polynomials() -> None:
    t = math.tanh(0.4)
    s = 1 - t * t
    expected = [s, -2 * t * s, s * (6 * t * t - 2), 8 * t * s * (2 - 3 * t * t)]
    got = [nested(Tensor.tanh, order)(f64(0.4)).item() for order in range(1, 5)]
    np.testing.assert_allclose(got, expected, rtol=1e-12)


@pytest.mark.parametrize("f", [Tensor.sigmoid, softplus, Tensor.cos, Tensor.sqrt, lambda x: (x * x).log1p() / (x + 2)])
def test_fourth_derivatives_agree_with_finite_differences(f: Callable[[Tensor], Tensor]) -> None:
    assert check_gradients(f, np.array([0.7, 1.3]), order=4).skipped == 0


def test_a_network_to_the_third_order() -> None:
    rng = np.random.default_rng(0)
    x = f64(rng.normal(size=(3, 2)))

    def loss(w: Tensor, b: Tensor) -> Tensor:
        hidden = (x @ w + b).tanh()
        return (hidden.max(axis=1) * hidden[:, 0]).mean() + Tensor.cat([w.T, b.expand_dims(1)], axis=1).exp().mean()

    assert check_gradients(loss, rng.normal(size=(2, 2)), rng.normal(size=2), order=3).skipped == 0


def test_perturbations_are_not_confused() -> None:
    """d/dx (x * d/dy (x + y)) is 1: a system that confuses the inner variable with the outer one says 2."""
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0).item() == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0).item() == 6.0
    assert grad(lambda x: grad(lambda y: x * y)(x))(3.0).item() == 1.0
    assert grad(lambda x: grad(lambda x: x * x)(x) * x)(3.0).item() == 12.0


def test_an_inner_gradient_that_depends_on_the_outer_variable_by_closure() -> None:
    def outer(x: Tensor) -> Tensor:
        inner = grad(lambda y: (y * y * x).sum())(Tensor([1.0, 2.0]))  # 2 x y
        return (inner * inner).sum()  # 4 x^2 (1 + 4)

    assert grad(outer)(3.0).item() == 120.0


def test_mixed_derivatives_in_two_arguments() -> None:
    mixed = grad(lambda x: grad(lambda y: x**2 * y**3)(2.0))
    assert mixed(3.0).item() == 2 * 3 * 3 * 2**2


def test_a_hessian_vector_product_is_the_hessian_times_the_vector() -> None:
    def f(x: Tensor) -> Tensor:
        return ((x * x).sum() * x[0]).exp() * 0.01

    x, v = f64([0.3, 0.5, -0.2]), f64([1.0, 2.0, 3.0])
    product = grad(lambda x: (grad(f)(x) * v).sum())(x).numpy()
    np.testing.assert_allclose(product, hessian(f)(x).numpy() @ v.numpy(), rtol=1e-12)
    np.testing.assert_allclose(hessian(f)(x).numpy(), hessian(f)(x).numpy().T, rtol=1e-12)


# --- grad and backward beside each other ------------------------------------------------------------------------------


def test_what_depends_on_a_tracked_tensor_is_tracked() -> None:
    w = Tensor([2.0, 3.0]).require_grad()
    value, g = value_and_grad(lambda x: (x * x * w).sum())(Tensor([1.0, 2.0]))
    assert value.is_require_grad
    assert g.is_require_grad
    assert w.grad(g.sum().backward()).numpy().tolist() == [2.0, 4.0]  # d/dw of 2 x w
    assert w.grad(value.backward()).numpy().tolist() == [1.0, 4.0]


def test_a_tracked_argument_tracks_the_gradient() -> None:
    x = Tensor(3.0).require_grad()
    g = grad(lambda x: x * x * x)(x)
    assert x.grad(g.backward()).item() == 18.0


def test_what_does_not_depend_on_tracked_tensors_is_not_tracked() -> None:
    w = Tensor([2.0, 3.0]).require_grad()
    assert not grad(lambda x: (x * w.detach()).sum())(Tensor([1.0, 2.0])).is_require_grad
    assert not grad(lambda x: (x * x).sum())(Tensor([1.0, 2.0])).is_require_grad


def test_backward_inside_of_grad() -> None:
    """Its gradients are untracked, so one that would pass a variable of the enclosing grad is refused."""

    def wrong(x: Tensor) -> Tensor:
        y = Tensor([1.0]).require_grad()
        (y * x).sum().backward()
        return x * 1.0

    with pytest.raises(GradientError, match="inside of grad, use grad again"):
        grad(wrong)(2.0)

    def fine(x: Tensor) -> Tensor:
        y = Tensor([1.0, 2.0]).require_grad()
        g = y.grad((y * y).sum().backward())
        return (x * g).sum()

    assert grad(fine)(2.0).item() == 6.0


def test_backward_after_grad_has_returned() -> None:
    kept = []

    def f(x: Tensor) -> Tensor:
        kept.append(x * x)
        return x * 1.0

    w = Tensor(3.0).require_grad()
    grad(f)(w)
    assert w.grad(kept[0].backward()).item() == 6.0


def test_a_function_that_raises_leaves_nothing_behind() -> None:
    def f(x: Tensor) -> Tensor:
        raise RuntimeError("of the user's own")

    w = Tensor(3.0).require_grad()
    with pytest.raises(RuntimeError, match="of the user's own"):
        grad(f)(w)
    assert w.grad((w * w).backward()).item() == 6.0


def test_dtypes_and_devices() -> None:
    device = Autodiff(NdArray(seed=1, dtype=np.float64))
    g = grad(lambda x: (x * x).sum())(Tensor([1.0, 2.0], device))
    assert (g.dtype, g.device) == (np.float64, device)
    both = grad(lambda x, y: (x * y).sum(), argnums=(0, 1))(Tensor([1.0]), f64([2.0]))
    assert [b.dtype for b in both] == [np.float32, np.float64]


# --- misuse -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: grad(lambda x: x * 2)(Tensor([1.0, 2.0])), r"shape \(2,\): it wants one number"),
        (lambda: grad(lambda x: 3.0)(1.0), "the function returned float; a gradient is one of a Tensor"),
        (lambda: grad(lambda x: (x, x))(1.0), "the function returned a tuple"),
        (lambda: grad(lambda x: x * 1.0)(3), "only Float has one; write 2.0 or use float()"),
        (lambda: grad(lambda x: x * 1.0)(Tensor([1, 2])), "a gradient in an argument of dtype int64"),
        (lambda: grad(lambda x: x, argnums=1)(1.0), r"grad\(argnums=1\) of a call with 1 arguments"),
        (lambda: vjp(lambda x: x, Tensor([1.0]))[1]([1.0, 2.0]), r"a cotangent of shape \(2,\)"),
    ],
)
def test_errors(call: Callable[[], Any], told: str) -> None:
    with pytest.raises(GradientError, match=told):
        call()


# --- structures, forward derivatives, Hessian-vector products ---------------------------------------------------------


def energy(p: Any) -> Tensor:
    return (p["w"] * p["b"][0]).sum() ** 3 + (p["w"] ** 2).sum()


POINT = {"w": Tensor([1.0, 2.0], FLOAT64), "b": [Tensor(3.0, FLOAT64)]}
DIRECTION = {"w": Tensor([1.0, -0.5], FLOAT64), "b": [Tensor(0.25, FLOAT64)]}


def moved(p: Any, by: float) -> Any:
    return tree.map_leaves(lambda x, d: x + by * d, p, DIRECTION)


def test_jvp_is_the_slope_along_the_tangent() -> None:
    value, slope = jvp(energy, POINT, DIRECTION)
    assert value.item() == energy(POINT).item()
    h = 1e-5
    expected = (energy(moved(POINT, h)).item() - energy(moved(POINT, -h)).item()) / (2 * h)
    np.testing.assert_allclose(slope.item(), expected, rtol=1e-8)


def test_jvp_of_several_arguments_and_of_a_structure_of_values() -> None:
    def f(x: Tensor, y: Tensor) -> Any:
        return x * y, {"total": x.sum()}

    (product, total), (along, of_total) = jvp(f, (Tensor([1.0, 2.0]), 3.0), (Tensor([1.0, 0.0]), 1.0))
    assert product.numpy().tolist() == [3.0, 6.0]
    assert total["total"].item() == 3
    assert along.numpy().tolist() == [4.0, 2.0]
    assert of_total["total"].item() == 1


def test_jvp_nests_and_mixes_with_grad() -> None:
    def slope(x: Any) -> Any:
        return jvp(lambda y: y * y * y * x, x, 1.0)[1]  # 3 x ** 3

    assert jvp(slope, 2.0, 1.0)[1].item() == 36
    assert grad(slope)(2.0).item() == 36
    assert grad(lambda a: jvp(lambda x: x * x * a, 3.0, 1.0)[1])(2.0).item() == 6
    assert jvp(grad(lambda x: x**3), 2.0, 1.0)[1].item() == 12
    assert jvp(lambda x: Tensor(2.0), 3.0, 1.0)[1].item() == 0
    assert not jvp(slope, 2.0, 1.0)[1].birth


def test_hvp_is_the_hessian_times_the_vector() -> None:
    got = hvp(energy, POINT, DIRECTION)
    h = 1e-5
    above, below = grad(energy)(moved(POINT, h)), grad(energy)(moved(POINT, -h))
    tree.map_leaves(
        lambda g, a, b: np.testing.assert_allclose(g.numpy(), (a - b).numpy() / (2 * h), rtol=1e-7), got, above, below
    )
    x, v = Tensor([0.5, -1.0], FLOAT64), Tensor([2.0, 1.0], FLOAT64)

    def f(x: Tensor) -> Tensor:
        return (x.exp() * x[0]).sum()

    np.testing.assert_allclose(hvp(f, x, v).numpy(), hessian(f)(x).numpy() @ v.numpy(), rtol=1e-12)
    both = hvp(lambda x, y: (x * y).sum() ** 2, (x, v), (v, x))
    assert isinstance(both, tuple)
    assert [g.shape for g in both] == [(2,), (2,)]


def test_jacobian_and_hessian_of_structures() -> None:
    rows = hessian(energy)(POINT)
    assert rows["w"]["w"].shape == (2, 2)
    assert rows["w"]["b"][0].shape == (2,)
    assert rows["b"][0]["w"].shape == (2,)
    np.testing.assert_allclose(rows["w"]["b"][0].numpy(), rows["b"][0]["w"].numpy(), rtol=1e-12)
    product = hvp(energy, POINT, DIRECTION)["w"].numpy()
    by_rows = rows["w"]["w"].numpy() @ DIRECTION["w"].numpy() + rows["w"]["b"][0].numpy() * 0.25
    np.testing.assert_allclose(product, by_rows, rtol=1e-10)
    squares, total = jacobian(lambda x: (x * x, {"s": x.sum()}))(Tensor([1.0, 2.0]))
    assert squares.numpy().tolist() == [[2.0, 0.0], [0.0, 4.0]]
    assert total["s"].numpy().tolist() == [1.0, 1.0]


def test_vjp_of_a_structure_of_values_adds_the_parts() -> None:
    value, pull = vjp(lambda x: (x * x, {"s": x.sum()}), Tensor([1.0, 2.0]))
    assert value[1]["s"].item() == 3
    assert pull((Tensor([1.0, 1.0]), {"s": 2.0}))[0].numpy().tolist() == [4.0, 6.0]
    with pytest.raises(ShapeError, match="a dict of t beside a dict of s"):
        pull((Tensor([1.0, 1.0]), {"t": 2.0}))


def test_a_module_is_a_structure_too() -> None:
    layer = LinearConfig(2, 1).init(NdArray(seed=1, dtype=np.float64))
    x = Tensor([[1.0, 2.0]], FLOAT64)

    def loss(layer: Any) -> Tensor:
        return (layer(x) ** 2).sum()

    gradient = grad(loss)(layer)
    along = hvp(loss, layer, gradient)  # the loss is (w x + b) ** 2: its Hessian is 2 (x, 1) (x, 1)'
    w, b = gradient.weight.numpy()[:, 0], gradient.bias.numpy()[0]
    np.testing.assert_allclose(along.bias.numpy()[0], 2 * (w[0] + 2 * w[1] + b), rtol=1e-12)
    with pytest.raises(ShapeError, match=r"a tangent of shape \(3,\) for a primal of shape \(2,\)"):
        hvp(lambda x: x.sum(), Tensor([1.0, 2.0]), Tensor([1.0, 2.0, 3.0]))


def test_an_infinite_gradient_does_not_pass_a_closed_gate() -> None:
    x = Tensor([-1.0, 4.0])
    with np.errstate(divide="ignore"):
        assert grad(lambda x: x.relu().sqrt().sum())(x).numpy().tolist() == [0.0, 0.25]
        assert grad(lambda x: x.maximum(0.0).log().sum())(x).numpy().tolist() == [0.0, 0.25]
        assert grad(lambda x: (-(x.minimum(9.0) - 9.0)).log().sum())(Tensor([10.0, 4.0])).numpy().tolist()[0] == 0.0
