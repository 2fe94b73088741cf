"""784-512-512-10 with ReLU, cross-entropy and Adam, in batches of 128: 669,706 parameters.

The images are noise around a faint picture of their class, so that there is something to learn.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy import add, maximum, multiply

import workload
from numpy_adam import make_adam
from workload import BATCHES, LR

BATCH, SIZES = 128, (784, 512, 512, 10)
SHAPES = {
    name: shape
    for i, (a, b) in enumerate(pairwise(SIZES), 1)
    for name, shape in ((f"w{i}", ((a, b), a)), (f"b{i}", ((b,), 0)))
}


def batches():
    """[(images [batch, 784] float32, labels [batch] int64)]"""
    rng = np.random.default_rng(1)
    pictures = rng.standard_normal((10, 784), np.float32)
    labels = rng.integers(0, 10, (BATCHES, BATCH))
    return [(pictures[t] / 10 + rng.standard_normal((BATCH, 784), np.float32), t) for t in labels]


def by_hand():
    data = batches()
    flat, w = workload.flat_views(workload.start_weights(SHAPES))
    flat_grads, d = workload.flat_views(workload.start_weights(SHAPES))
    adam, differentiate = make_adam(flat, flat_grads, LR), workload.make_cross_entropy(BATCH, SIZES[-1])
    h1, h2, dh1, dh2, zeros = np.zeros((5, BATCH, 512), np.float32)
    z, ones = np.empty((BATCH, 10), np.float32), np.ones(BATCH, np.float32)
    active = np.empty((BATCH, 512), bool)

    def layer(x, i, out):
        x.dot(w[f"w{i}"], out)
        add(out, w[f"b{i}"], out)

    def back(x, i, dout, dx):
        x.T.dot(dout, d[f"w{i}"])
        ones.dot(dout, d[f"b{i}"])
        if dx is not None:
            dout.dot(w[f"w{i}"].T, dx)
            multiply(dx, np.greater(x, 0, active), dx)  # x is what a ReLU gave

    def step(i):
        x, labels = data[i]
        layer(x, 1, h1)
        maximum(h1, zeros, out=h1)
        layer(h1, 2, h2)
        maximum(h2, zeros, out=h2)
        layer(h2, 3, z)
        loss = differentiate(z, labels)
        back(h2, 3, z, dh2)
        back(h1, 2, dh2, dh1)
        back(x, 1, dh1, None)
        adam()
        return loss

    return step


def in_minigrad():
    from minigrad import Module, Param, Tensor
    from minigrad.backend import Autodiff, NdArray
    from minigrad.nn import Linear

    class Mlp(Module):
        layers: list[Linear]

        def forward(self, x):
            for layer in self.layers[:-1]:
                x = layer(x).relu()
            return self.layers[-1](x)

    device = Autodiff(NdArray(seed=0))
    data = [(Tensor.from_data(x, device), Tensor.from_data(t, device)) for x, t in batches()]
    w = {name: Param(value, device) for name, value in workload.start_weights(SHAPES).items()}
    model = Mlp([Linear(w[f"w{i}"], w[f"b{i}"]) for i in (1, 2, 3)])
    return workload.minigrad_step(model, data)


def in_torch(compiled=False):
    import torch
    from torch.nn.functional import cross_entropy, linear, relu

    data = [tuple(map(torch.from_numpy, batch)) for batch in batches()]
    start = workload.start_weights(SHAPES).values()
    weights = [torch.tensor(w.T.copy()).requires_grad_() for w in start]  # PyTorch keeps them as [out, in]

    def loss_of(x, labels):
        w1, b1, w2, b2, w3, b3 = weights
        return cross_entropy(linear(relu(linear(relu(linear(x, w1, b1)), w2, b2)), w3, b3), labels)

    return workload.torch_step(weights, data, loss_of, compiled)


if __name__ == "__main__":
    workload.main(workload.rows(by_hand, in_minigrad, in_torch), steps=100)
