"""The smallest tour of the tensor and its gradients."""

from __future__ import annotations

import numpy as np
from script import run

from minigrad import Tensor, grad, hessian
from minigrad.testing import check_gradients


def main() -> None:
    print("A tensor is a NumPy array that may remember how it was made.")
    x = Tensor([1.0, 2.0, 3.0]).require_grad()
    y = (x * x).sum()
    print(f"  x = {x}\n  y = (x * x).sum() = {y}")

    print("\nbackward() returns gradients; it stores nothing on x, so there is nothing to reset.")
    grads = y.backward()
    print(f"  x.grad(grads) = {x.grad(grads)}")

    print("\nUsed twice, counted twice: a = 1; b = a + a; c = b + b has the slope 4.")
    a = Tensor(1.0).require_grad()
    b = a + a
    c = b + b
    print(f"  a.grad(c.backward()) = {a.grad(c.backward())}")

    print("\nBroadcasting is undone on the way back: each gradient has the shape of its tensor.")
    column, row = Tensor(np.ones((3, 1))).require_grad(), Tensor(np.ones(4)).require_grad()
    grads = (column * row).sum().backward()
    print(f"  (3, 1) * (4,) gives {column.grad(grads)} and {row.grad(grads)}".replace("\n", "\n  "))

    print("\nDerivatives of derivatives are functions of functions.")

    def cube(x: Tensor) -> Tensor:
        return x * x * x

    print(f"  cube''(2) = {grad(grad(cube))(2.0)}")
    print(f"  Hessian of sum(cube) = {hessian(lambda x: cube(x).sum())(Tensor([1.0, 2.0]))}".replace("\n", "\n  "))

    print("\nAnd whatever you write can be checked against finite differences, to second order.")
    check_gradients(lambda x: (x.sigmoid() * x.exp()).sum(), np.array([0.3, -1.2]), order=2)
    print("  sigmoid(x) * exp(x): right")


if __name__ == "__main__":
    run(main)
