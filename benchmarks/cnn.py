"""Two 3x3 convolutions, 1-8-16 channels, each with 2x2 max pooling and ReLU, a linear layer to 10 classes,

cross-entropy and Adam, on batches of 64 images of 28x28: 9,098 parameters. The images are noise around a faint picture
of their class.
"""

from __future__ import annotations

import numpy as np
from numpy import add, copyto, matmul, maximum, multiply, subtract

import workload
from numpy_adam import make_adam
from workload import BATCHES, LR

BATCH = 64
SHAPES = {  # and inputs of one output
    "w1": ((8, 1, 3, 3), 9),
    "b1": ((8,), 0),
    "w2": ((16, 8, 3, 3), 72),
    "b2": ((16,), 0),
    "w3": ((784, 10), 784),
    "b3": ((10,), 0),
}


def batches():
    """[(images [batch, 1, 28, 28] float32, labels [batch] int64)]"""
    rng = np.random.default_rng(1)
    pictures = rng.standard_normal((10, 1, 28, 28), np.float32)
    labels = rng.integers(0, 10, (BATCHES, BATCH))
    return [(pictures[t] / 10 + rng.standard_normal((BATCH, 1, 28, 28), np.float32), t) for t in labels]


class Convolution:
    """3x3 with a border of zeros, then 2x2 max pooling and ReLU.

    Nine shifted copies of the image make a matrix for BLAS, whose last row of ones takes the bias. Only the pooled
    quarter sees the ReLU.
    """

    def __init__(self, channels, outputs, size, weight, bias, dweight, dbias):
        n, half = BATCH, size // 2
        self.weight, self.bias, self.dweight, self.dbias = weight, bias, dweight, dbias
        self.padded = np.zeros((n, channels, size + 2, size + 2), np.float32)
        self.columns = np.ones((n, 9 * channels + 1, size * size), np.float32)
        self.shifted = self.columns[:, :-1].reshape(n, 9, channels, size, size)
        self.matrix = np.empty((outputs, 9 * channels + 1), np.float32)
        self.out, self.dout = np.empty((2, n, outputs, size * size), np.float32)
        self.dmatrices = np.empty((n, outputs, 9 * channels + 1), np.float32)
        self.dcolumns = np.empty((n, 9 * channels, size * size), np.float32)
        self.dshifted = self.dcolumns.reshape(self.shifted.shape)
        self.dpadded = np.empty_like(self.padded)
        rows = self.out.reshape(n, outputs, half, 2, size)
        self.upper, self.lower = rows[:, :, :, 0], rows[:, :, :, 1]
        drows = self.dout.reshape(n, outputs, half, 2, size)
        self.dupper, self.dlower = drows[:, :, :, 0], drows[:, :, :, 1]
        self.tall, self.dtall = np.empty((2, n, outputs, half, size), np.float32)
        self.left, self.right = self.tall[..., ::2], self.tall[..., 1::2]
        self.dleft, self.dright = self.dtall[..., ::2], self.dtall[..., 1::2]
        self.pooled = np.empty((n, outputs, half, half), np.float32)
        self.zeros, self.active = np.zeros_like(self.pooled), np.empty(self.pooled.shape, bool)
        self.chosen = np.empty(self.tall.shape, bool)
        self.views = [(slice(i, i + size), slice(j, j + size)) for i in range(3) for j in range(3)]

    def forward(self, x):
        outputs = len(self.bias)
        copyto(self.padded[:, :, 1:-1, 1:-1], x)
        for k, (rows, columns) in enumerate(self.views):
            copyto(self.shifted[:, k], self.padded[:, :, rows, columns])
        self.matrix[:, :-1].reshape(outputs, 9, -1)[...] = self.weight.reshape(outputs, -1, 9).transpose(0, 2, 1)
        self.matrix[:, -1] = self.bias
        matmul(self.matrix, self.columns, self.out)
        maximum(self.upper, self.lower, out=self.tall)
        maximum(self.left, self.right, out=self.pooled)
        maximum(self.pooled, self.zeros, out=self.pooled)
        return self.pooled

    def backward(self, g, first=False):
        outputs = len(self.bias)
        multiply(g, np.greater(self.pooled, 0, self.active), g)
        multiply(g, np.greater_equal(self.left, self.right, self.active), self.dleft)
        subtract(g, self.dleft, self.dright)
        multiply(self.dtall, np.greater_equal(self.upper, self.lower, self.chosen), self.dupper)
        subtract(self.dtall, self.dupper, self.dlower)
        matmul(self.dout, self.columns.transpose(0, 2, 1), self.dmatrices)
        total = self.dmatrices.sum(0)
        self.dweight.reshape(outputs, -1, 9)[...] = total[:, :-1].reshape(outputs, 9, -1).transpose(0, 2, 1)
        self.dbias[...] = total[:, -1]
        if first:
            return None
        matmul(self.matrix[:, :-1].T, self.dout, self.dcolumns)
        self.dpadded.fill(0)
        for k, (rows, columns) in enumerate(self.views):
            view = self.dpadded[:, :, rows, columns]
            add(view, self.dshifted[:, k], view)
        return self.dpadded[:, :, 1:-1, 1:-1]


def by_hand():
    data = batches()
    flat, w = workload.flat_views(workload.start_weights(SHAPES))
    flat_grads, d = workload.flat_views(workload.start_weights(SHAPES))
    adam, differentiate = make_adam(flat, flat_grads, LR), workload.make_cross_entropy(BATCH, 10)
    first = Convolution(1, 8, 28, w["w1"], w["b1"], d["w1"], d["b1"])
    second = Convolution(8, 16, 14, w["w2"], w["b2"], d["w2"], d["b2"])
    z, ones = np.empty((BATCH, 10), np.float32), np.ones(BATCH, np.float32)
    dflat = np.empty((BATCH, 784), np.float32)

    def step(i):
        x, labels = data[i]
        features = second.forward(first.forward(x)).reshape(BATCH, 784)
        features.dot(w["w3"], z)
        add(z, w["b3"], z)
        loss = differentiate(z, labels)
        features.T.dot(z, d["w3"])
        ones.dot(z, d["b3"])
        z.dot(w["w3"].T, dflat)
        first.backward(second.backward(dflat.reshape(BATCH, 16, 7, 7)), first=True)
        adam()
        return loss

    return step


def in_minigrad():
    from minigrad import Module, Param, Tensor
    from minigrad.backend import Autodiff, NdArray
    from minigrad.functional import conv2d, max_pool2d
    from minigrad.nn import Linear

    class Cnn(Module):
        w1: Param
        b1: Param
        w2: Param
        b2: Param
        linear: Linear

        def forward(self, x):
            x = max_pool2d(conv2d(x, self.w1, self.b1, padding=1), 2, stride=2).relu()
            x = max_pool2d(conv2d(x, self.w2, self.b2, padding=1), 2, stride=2).relu()
            return self.linear(x.reshape(len(x), -1))

    device = Autodiff(NdArray(seed=0))
    data = [(Tensor.from_data(x, device), Tensor.from_data(t, device)) for x, t in batches()]
    *weights, w3, b3 = (Param(value, device) for value in workload.start_weights(SHAPES).values())
    model = Cnn(*weights, Linear(w3, b3))
    return workload.minigrad_step(model, data)


def in_torch(compiled=False):
    import torch
    from torch.nn.functional import conv2d, cross_entropy, max_pool2d, relu

    data = [tuple(map(torch.from_numpy, batch)) for batch in batches()]
    weights = [torch.from_numpy(w).requires_grad_() for w in workload.start_weights(SHAPES).values()]

    def loss_of(x, labels):
        w1, b1, w2, b2, w3, b3 = weights
        x = relu(max_pool2d(conv2d(x, w1, b1, padding=1), 2))
        x = relu(max_pool2d(conv2d(x, w2, b2, padding=1), 2))
        return cross_entropy(torch.addmm(b3, x.reshape(BATCH, 784), w3), labels)

    return workload.torch_step(weights, data, loss_of, compiled)


if __name__ == "__main__":
    workload.main(workload.rows(by_hand, in_minigrad, in_torch), steps=100)
