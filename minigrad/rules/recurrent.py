"""Recurrent layers, all steps of a text at once: one rule each, as a step of its own would be a score of operations.

What comes from the input is computed before, for all steps by one product; here is what must go step by step.
"""

from __future__ import annotations

from typing import Any

from .rule import rule


@rule()
def lstm(K, x, u, hidden, cell):
    """Hidden states beside cells, [n, steps, 2 d], of x [n, steps, 4 d], what the input gives to the gates.

    The gates are input, forget, output, candidate; u [d, 4 d] is what the last hidden state gives to them.
    """
    steps = []
    h, c = hidden, cell
    for t in range(x.shape[1]):
        steps.append(step := lstm_step(K, x[:, t] + K.dot(h, u), h, c))
        h, c = step[:2]

    def backward(g):
        dx, dh, dc = lstm_back(K, g, u, steps)
        return stacked(K, dx), dot_steps(K, [hidden, *(step[0] for step in steps[:-1])], dx), dh, dc

    return stacked(K, [K.concat(step[:2], 1) for step in steps]), backward


def lstm_step(K, z, h, c):
    """The next hidden state and cell, and what its slope needs."""
    d = h.shape[1]
    gates, candidate = K.sigmoid(z[:, : 3 * d]), K.tanh(z[:, 3 * d :])
    i, f, o = gates[:, :d], gates[:, d : 2 * d], gates[:, 2 * d :]
    after = f * c + i * candidate
    bend = K.tanh(after)
    return o * bend, after, (i, f, o, candidate, bend, c)


def lstm_back(K, g, u, steps):
    """The gradients of what goes into the gates, step by step, and of the first hidden state and cell."""
    d = u.shape[0]
    dx: list[Any] = []
    dh, dc = 0, 0
    for t, (_, _, (i, f, o, candidate, bend, before)) in reversed(list(enumerate(steps))):
        dh = g[:, t, :d] + dh
        dc = g[:, t, d:] + dc + dh * o * (1 - bend * bend)
        parts = (
            dc * candidate * i * (1 - i), dc * before * f * (1 - f), dh * bend * o * (1 - o),
            dc * i * (1 - candidate * candidate),
        )  # fmt: skip
        dx.insert(0, K.concat(parts, 1))
        dh, dc = K.dot(dx[0], u.T), dc * f
    return dx, dh, dc


@rule()
def gru(K, x, u, bias, hidden, *, after):
    """Hidden states [n, steps, d] of x [n, steps, 3 d], what the input gives to the gates: update, reset, new.

    u [d, 3 d] is what the last hidden state gives to them; `after`: the reset gate falls on that part of the new gate,
    with its bias, which broadcasts, else on the hidden state.
    """
    steps, h = [], hidden
    for t in range(x.shape[1]):
        steps.append(step := gru_step(K, x[:, t], u, bias, h, after))
        h = step[0]

    def backward(g):
        dx, du, db, dh = gru_back(K, g, u, bias, steps, after)
        return stacked(K, dx), du, db, dh

    return stacked(K, [step[0] for step in steps]), backward


def gru_step(K, x, u, bias, h, after):
    """The next hidden state, and what its slope needs."""
    d = h.shape[1]
    gates = K.sigmoid(x[:, : 2 * d] + K.dot(h, u[:, : 2 * d]))
    z, r = gates[:, :d], gates[:, d:]
    kept = h if after else r * h
    given = K.dot(kept, u[:, 2 * d :]) + bias
    new = K.tanh(x[:, 2 * d :] + (r * given if after else given))
    return new + z * (h - new), (h, z, r, kept, given, new)


def gru_back(K, g, u, bias, steps, after):
    """The gradients of what goes into the gates, step by step, of u, of the bias and of the first hidden state."""
    d = u.shape[0]
    gates_u, new_u = u[:, : 2 * d], u[:, 2 * d :]
    dx: list[Any] = []
    dgiven: list[Any] = []
    dh = 0
    for t, (_, (h, z, r, _, given, new)) in reversed(list(enumerate(steps))):
        dh = g[:, t] + dh
        dnew = dh * (1 - z) * (1 - new * new)
        dgiven.insert(0, dnew * r if after else dnew)
        back = K.dot(dgiven[0], new_u.T)
        dr = dnew * given if after else back * h
        gates = K.concat((dh * (h - new) * z * (1 - z), dr * r * (1 - r)), 1)
        dx.insert(0, K.concat((gates, dnew), 1))
        dh = dh * z + K.dot(gates, gates_u.T) + (back if after else back * r)
    du = K.concat(
        (
            dot_steps(K, [step[1][0] for step in steps], [each[:, : 2 * d] for each in dx]),
            dot_steps(K, [step[1][3] for step in steps], dgiven),
        ),
        1,
    )
    return dx, du, K.sum_to(sum(dgiven[1:], dgiven[0]), bias.shape), dh


def stacked(K, steps):
    """[n, steps, d] of tensors [n, d]."""
    return K.concat(tuple(step.reshape((step.shape[0], 1, step.shape[1])) for step in steps), 1)


def dot_steps(K, left, right):
    """The sum over steps of left.T @ right, as one product."""
    return K.dot(K.concat(tuple(left), 0).T, K.concat(tuple(right), 0))
