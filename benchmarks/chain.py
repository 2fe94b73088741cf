"""A chain of elementwise operations on 1,000,000 floats, forward and backward: mean((relu(x w + b) x - y)^2).

Arithmetic costs little here and memory much: where results are written, and whether the system has to find pages for
them.
"""

from __future__ import annotations

import numpy as np
from numpy import add, greater, maximum, multiply, subtract

import workload

SIZE, BLOCK = 1_000_000, 8_192


def data():
    """x, y, w, b; none of them out of a larger array, whose release would change what the allocator does later."""
    rng = np.random.default_rng(1)
    return [rng.standard_normal(SIZE, np.float32) for _ in range(4)]


def checked(loss, dw, db):
    """The loss, and one element of each gradient, so that the comparison of rows sees them."""
    return float(loss) + float(dw[7]) + float(db[7])


def plain():
    x, y, w, b = data()

    def step(_):
        u = x * w + b
        r = np.maximum(u, 0)
        d = r * x - y
        loss = (d * d).mean()
        db = d * np.float32(2 / SIZE) * x * (u > 0)
        dw = db * x
        return checked(loss, dw, db)

    return step


def by_hand():
    """Each result in a buffer made beforehand."""
    x, y, w, b = data()
    r, d, db, dw, zeros = np.zeros((5, SIZE), np.float32)
    active, share = np.empty(SIZE, bool), np.array(2 / SIZE, np.float32)

    def step(_):
        differentiate(x, y, w, b, r, d, db, dw, zeros, active, share)
        return checked(np.dot(d, d) / SIZE, dw, db)

    return step


def in_blocks():
    """The same for a part at a time, which stays in the cache."""
    x, y, w, b = data()
    db, dw = np.empty((2, SIZE), np.float32)
    r, d, zeros = np.zeros((3, BLOCK), np.float32)
    active, share = np.empty(BLOCK, bool), np.array(2 / SIZE, np.float32)
    parts = []
    for i in range(0, SIZE, BLOCK):
        n = min(BLOCK, SIZE - i)
        large = [array[i : i + n] for array in (x, y, w, b, db, dw)]
        parts.append((*large[:4], r[:n], d[:n], *large[4:], zeros[:n], active[:n], share))

    def step(_):
        squares = 0.0
        for part in parts:
            differentiate(*part)
            squares += float(np.dot(part[5], part[5]))
        return checked(squares / SIZE, dw, db)

    return step


def differentiate(x, y, w, b, r, d, db, dw, zeros, active, share):
    """Into `d` the differences, into `db` and `dw` the gradients."""
    multiply(x, w, r)
    add(r, b, r)
    greater(r, zeros, active)
    maximum(r, zeros, out=r)
    multiply(r, x, d)
    subtract(d, y, d)
    multiply(d, share, db)
    multiply(db, x, db)
    multiply(db, active, db)
    multiply(db, x, dw)


def in_minigrad():
    from minigrad import Tensor
    from minigrad.backend import Autodiff, NdArray

    device = Autodiff(NdArray(seed=0))
    x, y, w, b = (Tensor.from_data(array, device) for array in data())
    w, b = w.require_grad(), b.require_grad()

    def step(_):
        d = (x * w + b).relu() * x - y
        loss = (d * d).mean()
        grads = loss.backward()
        return checked(loss, w.grad(grads), b.grad(grads))

    return step


def in_torch(compiled=False):
    import torch

    torch.set_num_threads(workload.threads())
    x, y, w, b = map(torch.from_numpy, data())
    w.requires_grad_(), b.requires_grad_()

    def loss_of(x, y, w, b):
        d = torch.relu(x * w + b) * x - y
        return (d * d).mean()

    loss_of = torch.compile(loss_of) if compiled else loss_of

    def step(_):
        loss = loss_of(x, y, w, b)
        dw, db = torch.autograd.grad(loss, (w, b))
        return checked(loss.detach(), dw, db)

    return step


if __name__ == "__main__":
    workload.main({"plain": plain, "blocks": in_blocks, **workload.rows(by_hand, in_minigrad, in_torch)}, steps=150)
