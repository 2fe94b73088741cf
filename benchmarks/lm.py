"""A character model of two transformer blocks: 65 characters, context 64, width 128, 4 heads, inner width 512,

normalisation before attention and before the inner layers, GELU by tanh; cross-entropy and Adam on batches of 8 texts,
512 characters: 421,953 parameters. The text is drawn from a table of which character follows which.
"""

from __future__ import annotations

import numpy as np
from numpy import add, copyto, divide, exp, matmul, multiply, subtract, tanh

import workload
from numpy_adam import make_adam
from workload import BATCHES, LR

BATCH, CONTEXT, CHARACTERS, WIDTH, HEADS, INNER, BLOCKS = 8, 64, 65, 128, 4, 512, 2
N, SLICE, SMALL = BATCH * CONTEXT, 64, 1e-5
BEND, CUBE = (2 / np.pi) ** 0.5, 0.044715  # GELU is about x / 2 * (1 + tanh(BEND * (x + CUBE * x^3)))


def shapes():
    """Name: shape and what a weight's start is divided by the root of; 0 stands for zeros, -1 for ones."""
    all = {"characters": ((CHARACTERS, WIDTH), WIDTH), "places": ((CONTEXT, WIDTH), WIDTH)}

    def norm(name):
        all.update({f"{name}.gamma": ((WIDTH,), -1), f"{name}.beta": ((WIDTH,), 0)})

    def linear(name, inputs, outputs):
        all.update({f"{name}.weight": ((inputs, outputs), inputs), f"{name}.bias": ((outputs,), 0)})

    for i in range(BLOCKS):
        norm(f"{i}.norm1")
        linear(f"{i}.qkv", WIDTH, 3 * WIDTH)
        linear(f"{i}.out", WIDTH, WIDTH)
        norm(f"{i}.norm2")
        linear(f"{i}.up", WIDTH, INNER)
        linear(f"{i}.down", INNER, WIDTH)
    norm("norm")
    linear("head", WIDTH, CHARACTERS)
    return all


def start_weights():
    return workload.start_weights(shapes())


def batches():
    """[(characters [batch, context], the next ones [batch, context])], int64"""
    rng = np.random.default_rng(1)
    likely = rng.integers(0, CHARACTERS, (CHARACTERS, 4))
    text = np.empty((BATCHES, BATCH, CONTEXT + 1), np.int64)
    text[..., 0] = rng.integers(0, CHARACTERS, (BATCHES, BATCH))
    for i in range(CONTEXT):
        text[..., i + 1] = likely[text[..., i], rng.integers(0, 4, (BATCHES, BATCH))]
    return [(np.ascontiguousarray(t[:, :-1]), np.ascontiguousarray(t[:, 1:])) for t in text]


class Linear:
    def __init__(self, name, w, d):
        self.weight, self.bias = w[name + ".weight"], w[name + ".bias"]
        self.dweight, self.dbias = d[name + ".weight"], d[name + ".bias"]
        inputs, outputs = self.weight.shape
        self.out, self.dx = np.empty((N, outputs), np.float32), np.empty((N, inputs), np.float32)
        self.ones = np.ones(N, np.float32)

    def forward(self, x):
        self.x = x
        x.dot(self.weight, self.out)
        return add(self.out, self.bias, self.out)

    def backward(self, g):
        self.x.T.dot(g, self.dweight)
        self.ones.dot(g, self.dbias)
        return g.dot(self.weight.T, self.dx)


class LayerNorm:
    def __init__(self, name, w, d):
        self.gamma, self.beta, self.dgamma, self.dbeta = (x[name + k] for x in (w, d) for k in (".gamma", ".beta"))
        self.normal, self.out, self.dx, self.work = np.empty((4, N, WIDTH), np.float32)
        self.column, self.inverse = np.empty((2, N, 1), np.float32)
        self.share, self.ones = np.full(WIDTH, 1 / WIDTH, np.float32), np.ones(N, np.float32)

    def means(self, x):
        x.dot(self.share, self.column[:, 0])
        return self.column

    def forward(self, x):
        subtract(x, self.means(x), self.normal)
        variance = self.means(multiply(self.normal, self.normal, self.work))
        np.sqrt(add(variance, np.float32(SMALL), self.inverse), self.inverse)
        np.reciprocal(self.inverse, self.inverse)
        multiply(self.normal, self.inverse, self.normal)
        return add(multiply(self.normal, self.gamma, self.out), self.beta, self.out)

    def backward(self, g):
        self.ones.dot(multiply(g, self.normal, self.work), self.dgamma)
        self.ones.dot(g, self.dbeta)
        multiply(g, self.gamma, self.dx)
        multiply(self.normal, self.means(multiply(self.dx, self.normal, self.work)), self.work)
        subtract(self.dx, self.means(self.dx), self.dx)
        subtract(self.dx, self.work, self.dx)
        return multiply(self.dx, self.inverse, self.dx)


def by_head(x):
    """[n, heads * size] to [batch, heads, context, size], as a view."""
    return x.reshape(BATCH, CONTEXT, HEADS, -1).transpose(0, 2, 1, 3)


class Attention:
    """Causal, from queries, keys and values side by side."""

    def __init__(self):
        self.out, self.dqkv = np.empty((N, WIDTH), np.float32), np.empty((N, 3 * WIDTH), np.float32)
        self.weights, self.dweights, self.work = np.empty((3, BATCH, HEADS, CONTEXT, CONTEXT), np.float32)
        self.column, self.ones = np.empty((*self.weights.shape[:-1], 1), np.float32), np.ones(CONTEXT, np.float32)
        self.mask = np.triu(np.full((CONTEXT, CONTEXT), -np.inf, np.float32), 1)
        self.scale = np.array((WIDTH // HEADS) ** -0.5, np.float32)

    def sums(self, x):
        x.reshape(-1, CONTEXT).dot(self.ones, self.column.reshape(-1))
        return self.column

    def forward(self, qkv):
        q, k, v = self.q, self.k, self.v = [by_head(part) for part in np.split(qkv, 3, 1)]
        p = matmul(q, k.mT, self.weights)
        add(multiply(p, self.scale, p), self.mask, p)
        np.maximum.reduce(p, -1, None, self.column, True)
        exp(subtract(p, self.column, p), p)
        divide(p, self.sums(p), p)
        matmul(p, v, by_head(self.out))
        return self.out

    def backward(self, g):
        g, p, ds = by_head(g), self.weights, self.dweights
        dq, dk, dv = map(by_head, np.split(self.dqkv, 3, 1))
        matmul(p.mT, g, dv)
        matmul(g, self.v.mT, ds)
        subtract(ds, self.sums(multiply(ds, p, self.work)), ds)
        multiply(ds, multiply(p, self.scale, self.work), ds)
        matmul(ds, self.k, dq)
        matmul(ds.mT, self.q, dk)
        return self.dqkv


class Gelu:
    """A few rows at a time, so that what is written is still in the cache when it is read."""

    def __init__(self):
        self.out, self.tanh = np.empty((2, N, INNER), np.float32)
        self.work = np.empty((SLICE, INNER), np.float32)
        self.bend, self.cube, self.one, self.half = (np.array(x, np.float32) for x in (BEND, BEND * CUBE, 1, 0.5))
        self.three = np.array(3 * BEND * CUBE, np.float32)

    def forward(self, x):
        self.x = x
        for i in range(0, N, SLICE):
            x, t, out = (array[i : i + SLICE] for array in (self.x, self.tanh, self.out))
            multiply(x, x, t)
            multiply(t, self.cube, t)
            add(t, self.bend, t)
            multiply(t, x, t)
            tanh(t, t)
            multiply(x, self.half, out)
            multiply(out, add(t, self.one, self.work), out)
        return self.out

    def backward(self, g):
        """In the memory of `g`: (1 + t) / 2 + x (1 - t^2) / 2 * (bend + 3 bend cube x^2)."""
        for i in range(0, N, SLICE):
            x, t, out, g_part = (array[i : i + SLICE] for array in (self.x, self.tanh, self.out, g))
            multiply(x, x, out)
            multiply(out, self.three, out)
            add(out, self.bend, out)
            multiply(out, x, out)
            multiply(out, subtract(self.one, t, self.work), out)
            add(out, self.one, out)
            add(t, self.one, self.work)
            multiply(out, self.work, out)
            multiply(out, self.half, out)
            multiply(g_part, out, g_part)
        return g


class Block:
    def __init__(self, i, w, d):
        self.norm1, self.norm2 = (LayerNorm(f"{i}.{name}", w, d) for name in ("norm1", "norm2"))
        self.qkv, self.proj, self.up, self.down = (Linear(f"{i}.{n}", w, d) for n in ("qkv", "out", "up", "down"))
        self.attention, self.gelu = Attention(), Gelu()
        self.back = (self.down, self.gelu, self.up, self.norm2), (self.proj, self.attention, self.qkv, self.norm1)

    def forward(self, x):
        add(x, self.proj.forward(self.attention.forward(self.qkv.forward(self.norm1.forward(x)))), x)
        add(x, self.down.forward(self.gelu.forward(self.up.forward(self.norm2.forward(x)))), x)

    def backward(self, g):
        for branch in self.back:
            dx = g
            for part in branch:
                dx = part.backward(dx)
            add(g, dx, g)


def by_hand():
    data = batches()
    flat, w = workload.flat_views(start_weights())
    flat_grads, d = workload.flat_views(start_weights())
    adam, differentiate = make_adam(flat, flat_grads, LR), workload.make_cross_entropy(N, CHARACTERS)
    blocks = [Block(i, w, d) for i in range(BLOCKS)]
    norm, head = LayerNorm("norm", w, d), Linear("head", w, d)
    x, g = np.empty((2, N, WIDTH), np.float32)
    one_hot, rows = np.empty((N, CHARACTERS), np.float32), np.arange(N)

    def step(i):
        characters, following = data[i]
        w["characters"].take(characters.reshape(N), 0, x, "clip")
        placed = x.reshape(BATCH, CONTEXT, WIDTH)
        add(placed, w["places"], placed)
        for block in blocks:
            block.forward(x)
        logits = head.forward(norm.forward(x))
        loss = differentiate(logits, following.reshape(N))
        copyto(g, norm.backward(head.backward(logits)))
        for block in reversed(blocks):
            block.backward(g)
        add.reduce(g.reshape(BATCH, CONTEXT, WIDTH), 0, None, d["places"])
        one_hot.fill(0)
        one_hot[rows, characters.reshape(N)] = 1
        one_hot.T.dot(g, d["characters"])
        adam()
        return loss

    return step


def in_minigrad():
    from minigrad import Module, Param, Tensor
    from minigrad.activation import gelu
    from minigrad.backend import Autodiff, NdArray
    from minigrad.functional import embedding, layer_norm, scaled_dot_product_attention
    from minigrad.nn import Linear

    class Norm(Module):
        gamma: Param
        beta: Param

        def forward(self, x):
            return layer_norm(x, self.gamma, self.beta, epsilon=SMALL)

    class Layers(Module):
        norm1: Norm
        query: Linear
        key: Linear
        value: Linear
        out: Linear
        norm2: Norm
        up: Linear
        down: Linear

        def forward(self, x):
            y = self.norm1(x)
            heads = [
                layer(y).reshape(BATCH, CONTEXT, HEADS, -1).permute_dims((0, 2, 1, 3))
                for layer in (self.query, self.key, self.value)
            ]
            y = scaled_dot_product_attention(*heads, later)
            x = x + self.out(y.permute_dims((0, 2, 1, 3)).reshape(BATCH, CONTEXT, WIDTH))
            return x + self.down(gelu(self.up(self.norm2(x)), approximate="tanh"))

    class Model(Module):
        characters: Param
        places: Param
        blocks: list[Layers]
        norm: Norm
        head: Linear

        def forward(self, characters):
            x = embedding(self.characters, characters) + self.places
            for block in self.blocks:
                x = block(x)
            return self.head(self.norm(x)).reshape(N, CHARACTERS)

    device = Autodiff(NdArray(seed=0))
    later = Tensor(np.triu(np.ones((CONTEXT, CONTEXT), bool), 1), device)
    data = [(Tensor.from_data(x, device), Tensor.from_data(t.reshape(N), device)) for x, t in batches()]
    start = start_weights()

    def norm(name):
        return Norm(*(Param(start[f"{name}.{part}"], device) for part in ("gamma", "beta")))

    def linear(name, part=0, parts=1):
        """A layer, or the part of its outputs that another one has here."""
        both = (np.split(start[f"{name}.{kind}"], parts, -1)[part] for kind in ("weight", "bias"))
        return Linear(*(Param(value, device) for value in both))

    def block(i):
        qkv = [linear(f"{i}.qkv", part, 3) for part in range(3)]
        return Layers(
            norm(f"{i}.norm1"), *qkv, linear(f"{i}.out"), norm(f"{i}.norm2"), linear(f"{i}.up"), linear(f"{i}.down")
        )

    places = [Param(start[name], device) for name in ("characters", "places")]
    model = Model(*places, [block(i) for i in range(BLOCKS)], norm("norm"), linear("head"))
    return workload.minigrad_step(model, data)


def in_torch(compiled=False):
    import torch
    from torch.nn.functional import cross_entropy, embedding, gelu, layer_norm, linear, scaled_dot_product_attention

    data = [tuple(map(torch.from_numpy, batch)) for batch in batches()]
    w = {
        name: torch.tensor(value.T.copy() if name.endswith(".weight") else value).requires_grad_()
        for name, value in start_weights().items()
    }

    def apply(name, x):
        return linear(x, w[name + ".weight"], w[name + ".bias"])

    def norm(name, x):
        return layer_norm(x, (WIDTH,), w[name + ".gamma"], w[name + ".beta"], SMALL)

    def loss_of(characters, following):
        x = embedding(characters, w["characters"]) + w["places"]
        for i in range(BLOCKS):
            qkv = apply(f"{i}.qkv", norm(f"{i}.norm1", x)).split(WIDTH, 2)
            q, k, v = (part.view(BATCH, CONTEXT, HEADS, -1).transpose(1, 2) for part in qkv)
            heads = scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + apply(f"{i}.out", heads.transpose(1, 2).reshape(BATCH, CONTEXT, WIDTH))
            x = x + apply(f"{i}.down", gelu(apply(f"{i}.up", norm(f"{i}.norm2", x)), approximate="tanh"))
        return cross_entropy(apply("head", norm("norm", x)).view(N, CHARACTERS), following.view(N))

    return workload.torch_step(w.values(), data, loss_of, compiled)


if __name__ == "__main__":
    workload.main(workload.rows(by_hand, in_minigrad, in_torch), steps=60)
