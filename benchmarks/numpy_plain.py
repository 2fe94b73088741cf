"""The circle job in NumPy as one would write it down: readable expressions, Adam one parameter at a time."""

from __future__ import annotations

import numpy as np

import circle
from circle import BATCH, LR
from numpy_adam import BETA_1, BETA_2, EPSILON


def forward(weights, x):
    w1, b1, w2, b2 = weights
    hidden = x @ w1 + b1
    return hidden, (hidden @ w2 + b2)[:, 0]


def loss_of(z, t):
    return np.mean(np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z))))


def gradients(weights, x, t):
    """The loss, and its gradient by each of the weights."""
    w2 = weights[2]
    hidden, z = forward(weights, x)
    dz = ((1 / (1 + np.exp(-z)) - t) / len(t))[:, None]
    dhidden = dz @ w2.T
    return loss_of(z, t), [x.T @ dhidden, dhidden.sum(0), hidden.T @ dz, dz.sum(0)]


def adam(weights, grads, m, v, time):
    for i, g in enumerate(grads):
        m[i] = BETA_1 * m[i] + (1 - BETA_1) * g
        v[i] = BETA_2 * v[i] + (1 - BETA_2) * g * g
        m_hat = m[i] / (1 - BETA_1**time)
        v_hat = v[i] / (1 - BETA_2**time)
        weights[i] = weights[i] - LR * m_hat / (np.sqrt(v_hat) + EPSILON)


def job(epochs, shuffled):
    x, t = circle.train_points()
    x_valid, t_valid = circle.valid_points()
    weights = circle.start_weights()
    m, v = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    history, time = [], 0
    for order in circle.orders(epochs, shuffled):
        train = valid = 0.0
        for i in range(0, len(x), BATCH):
            batch = order[i : i + BATCH]
            loss, grads = gradients(weights, x[batch], t[batch])
            time += 1
            adam(weights, grads, m, v, time)
            train += float(loss) * len(batch)
        for i in range(0, len(x_valid), BATCH):
            t_batch = t_valid[i : i + BATCH]
            _, z = forward(weights, x_valid[i : i + BATCH])
            valid += float(loss_of(z, t_batch)) * len(t_batch)
        history.append((train / len(x), valid / len(x_valid)))
    return history


if __name__ == "__main__":
    circle.main({"plain": job})
