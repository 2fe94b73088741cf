"""Whole runs of real Burn 0.17, from its start weights: every loss, the first gradients, the last weights."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad import Module, Param, Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.nn import Linear, Relu, Tanh
from minigrad.nn.loss import BinaryCrossEntropyLossConfig, MseLoss
from minigrad.optim import AdamConfig, GradientClippingConfig, MomentumConfig, SgdConfig, WeightDecayConfig
from minigrad.optim.lr_scheduler import ConstantLr, CosineAnnealingLrSchedulerConfig

FOLDER = Path(__file__).parent.parent / "fixtures" / "trajectories"
RUNS = ["circle-affine", "circle-relu", "bce-probs", "bce-smooth", "bce-weights", "mse-tanh", "adam-decay",
        "adam-clipnorm", "adam-clipvalue", "sgd-momentum", "cosine", "records"]  # fmt: skip


class Net(Module):
    layers: list[Linear]
    activation: Module | None
    loss: Module

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers[:-1]:
            x = layer(x)
            x = x if self.activation is None else self.activation(x)
        return self.layers[-1](x).squeeze(1)


def order(epoch: int, n: int) -> np.ndarray[Any, Any]:
    p = 7 + 2 * epoch
    while math.gcd(p, n) != 1:
        p += 2
    return (np.arange(n) * p + 31 * epoch) % n


def read(name: str) -> tuple[dict[str, Any], Any]:
    run = np.load(FOLDER / f"{name}.npz")
    return json.loads(run["meta"].tobytes()), run


def net(meta: dict[str, Any], run: Any) -> Net:
    device = Autodiff(NdArray(seed=1))
    params = [Param(run[f"param_{i}"], device) for i in range(2 * len(meta["sizes"]) - 2)]
    loss = {
        "bce_logits": BinaryCrossEntropyLossConfig(logits=True),
        "bce_probs": BinaryCrossEntropyLossConfig(),
        "bce_smooth": BinaryCrossEntropyLossConfig(logits=True, smoothing=0.1),
        "bce_weights": BinaryCrossEntropyLossConfig(logits=True, weights=[1.0, 3.0]),
    }
    return Net(
        [Linear(w, b) for w, b in zip(params[::2], params[1::2], strict=True)],
        {"none": None, "relu": Relu(), "tanh": Tanh()}[meta["activation"]],
        MseLoss() if meta["loss"] == "mse" else loss[meta["loss"]].init(device),
    )


@pytest.mark.parametrize("name", RUNS)
def test_a_run_of_burn(name: str) -> None:
    meta, run = read(name)
    model = net(meta, run)
    optim = {
        "adam": AdamConfig(),
        "adam_wd": AdamConfig(weight_decay=WeightDecayConfig(0.01)),
        "adam_clipnorm": AdamConfig(grad_clipping=GradientClippingConfig.Norm(0.05)),
        "adam_clipvalue": AdamConfig(grad_clipping=GradientClippingConfig.Value(0.01)),
        "sgd_momentum": SgdConfig(momentum=MomentumConfig()),
    }[meta["optimizer"]].init()
    scheduler = {
        "constant": ConstantLr(meta["lr"]),
        "cosine": CosineAnnealingLrSchedulerConfig(meta["lr"], meta["steps"], min_lr=meta["lr"] / 100).init(),
    }[meta["schedule"]]
    x, t = run["x"], run["t"] if meta["loss"] == "mse" else run["t"].astype(np.int64)
    losses: list[float] = []
    for epoch in range(meta["epochs"]):
        items = order(epoch, meta["n"])
        for start in range(0, meta["n"], meta["batch"]):
            batch = items[start : start + meta["batch"]]
            output = model(Tensor(x[batch]))
            output = output.sigmoid() if meta["loss"] == "bce_probs" else output
            loss = model.loss(output, Tensor(t[batch]))
            grads = loss.backward()
            if not losses:
                for i, p in enumerate(model.params()):
                    g = p.grad(grads)
                    assert g is not None
                    np.testing.assert_allclose(g.numpy(), run[f"grad_{i}"], rtol=0, atol=3e-7)
            losses.append(loss.item())
            lr = scheduler.step()
            assert math.isclose(lr, run["lrs"][len(losses) - 1], rel_tol=1e-15)
            model = optim.step(lr, model, grads)
            if f"after_{len(losses)}_0" in run:
                for i, p in enumerate(model.params()):
                    np.testing.assert_allclose(p.numpy(), run[f"after_{len(losses)}_{i}"], rtol=0, atol=6e-5)
    np.testing.assert_allclose(losses, run["losses"], rtol=0, atol=3e-6)
    for i, p in enumerate(model.params()):
        np.testing.assert_allclose(p.numpy(), run[f"final_{i}"], rtol=0, atol=6e-5)
    first = order(0, meta["n"])[: meta["batch"]]
    np.testing.assert_allclose(
        model.valid()(Tensor(x[first])).numpy(), run["valid_output"].reshape(-1), rtol=0, atol=1e-4
    )
