"""The circle job in NumPy as fast as it goes without giving up its shape: what the rows are measured against.

Every result is written into a buffer made beforehand, the weights are views of one flat vector so that Adam is ten
calls whatever their number, and each call has its cheapest spelling: `ones.dot(g)` for `g.sum(0)`, the maximum against
an array of zeros, constants as 0-d arrays, `take` with mode="clip". A step is 34 NumPy calls, and two gather its batch.
"""

from __future__ import annotations

import numpy as np
from numpy import absolute, add, exp, log1p, maximum, multiply, negative, subtract

import circle
from circle import LR
from numpy_adam import make_adam


def constant(value):
    return np.array(value, np.float32)


def views(flat):
    """The flat vector cut into weight and bias of the first layer, weight and bias of the second."""
    cut, start = [], 0
    for w in circle.start_weights():
        cut.append(flat[start : start + w.size].reshape(w.shape))
        start += w.size
    return cut


def make_step(n, weights, grads):
    """For `n` rows: `evaluate(x, t)`, the loss, and `differentiate(x, t)`, which also fills the gradients."""
    (w1, b1, w2, b2), (dw1, db1, dw2, db2) = views(weights), views(grads)
    w2_t = w2.T
    hidden, dhidden = np.empty((2, n, circle.HIDDEN), np.float32)
    hidden_t = hidden.T
    z_column, dz_column = np.empty((2, n, 1), np.float32)
    z, dz = z_column[:, 0], dz_column[:, 0]
    soft, work = np.empty((2, n), np.float32)
    ones, zeros, share = np.ones(n, np.float32), np.zeros(n, np.float32), constant(1 / n)

    def evaluate(x, t):
        x.dot(w1, hidden)
        add(hidden, b1, hidden)
        hidden.dot(w2, z_column)
        add(z_column, b2, z_column)
        absolute(z, work)  # soft = softplus(z) = max(z, 0) + log1p(exp(-|z|)); the loss is soft - z t
        negative(work, work)
        exp(work, work)
        log1p(work, work)
        maximum(z, zeros, out=soft)
        add(soft, work, soft)
        multiply(z, t, work)
        subtract(soft, work, work)
        return float(ones.dot(work) * share)

    def differentiate(x, t):
        loss = evaluate(x, t)
        subtract(z, soft, dz)  # sigmoid(z) = exp(z - softplus(z))
        exp(dz, dz)
        subtract(dz, t, dz)
        multiply(dz, share, dz)
        hidden_t.dot(dz_column, dw2)
        ones.dot(dz_column, db2)
        dz_column.dot(w2_t, dhidden)
        x.T.dot(dhidden, dw1)
        ones.dot(dhidden, db1)
        return loss

    return evaluate, differentiate


def job(epochs, shuffled):
    x, t = circle.train_points()
    x_valid, t_valid = circle.valid_points()
    weights = np.concatenate([w.ravel() for w in circle.start_weights()])
    grads = np.empty_like(weights)
    adam = make_adam(weights, grads, LR)
    lengths = {n for _, n in circle.starts(len(x)) + circle.starts(len(x_valid))}
    steps = {n: make_step(n, weights, grads) for n in lengths}
    batches = {n: (np.empty((n, 2), np.float32), np.empty(n, np.float32)) for n in lengths}
    train = [(i, i + n, n, *batches[n], steps[n][1]) for i, n in circle.starts(len(x))]
    valid = [(x_valid[i : i + n], t_valid[i : i + n], n, steps[n][0]) for i, n in circle.starts(len(x_valid))]
    history = []
    for order in circle.orders(epochs, shuffled):
        train_loss = valid_loss = 0.0
        for start, stop, n, x_batch, t_batch, differentiate in train:
            rows = order[start:stop]
            x.take(rows, 0, x_batch, mode="clip")
            t.take(rows, 0, t_batch, mode="clip")
            train_loss += differentiate(x_batch, t_batch) * n
            adam()
        for x_batch, t_batch, n, evaluate in valid:
            valid_loss += evaluate(x_batch, t_batch) * n
        history.append((train_loss / len(x), valid_loss / len(x_valid)))
    return history


if __name__ == "__main__":
    circle.main({"fused": job})
