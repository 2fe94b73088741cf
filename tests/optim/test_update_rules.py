"""What each optimizer computes: against its formula parameter by parameter, Burn's own numbers, and PyTorch's."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad import Param, Tensor
from minigrad.nn import Linear
from minigrad.optim import (
    AdaGradConfig,
    AdamConfig,
    AdamWConfig,
    GradientsParams,
    MomentumConfig,
    RmsPropConfig,
    SgdConfig,
    WeightDecayConfig,
)

from .models import Pair, device, pair

Array = np.ndarray[Any, Any]
Rule = Callable[[Array, Array], Array]  # (p, g) -> p, and remembers what it must
LR = 0.05


# The published formulas, for one parameter.


def sgd(momentum: float = 0.0, dampening: float = 0.0, nesterov: bool = False, decay: float = 0.0) -> Rule:
    velocity = None

    def step(p: Array, g: Array) -> Array:
        nonlocal velocity
        g = g + decay * p
        if momentum:
            velocity = g if velocity is None else momentum * velocity + (1 - dampening) * g
            g = g + momentum * velocity if nesterov else velocity
        return p - LR * g

    return step


def adam(beta_1: float = 0.9, beta_2: float = 0.999, decay: float = 0.0, decoupled: float = 0.0) -> Rule:
    m = v = t = 0.0

    def step(p: Array, g: Array) -> Array:
        nonlocal m, v, t
        g = g + decay * p
        t += 1
        m = beta_1 * m + (1 - beta_1) * g  # type: ignore[assignment]
        v = beta_2 * v + (1 - beta_2) * g**2  # type: ignore[assignment]
        unbiased_m, unbiased_v = m / (1 - beta_1**t), v / (1 - beta_2**t)
        return p - LR * (unbiased_m / (np.sqrt(unbiased_v) + 1e-5) + decoupled * p)

    return step


def adagrad(lr_decay: float, decay: float = 0.0) -> Rule:
    gradients: list[Array] = []

    def step(p: Array, g: Array) -> Array:
        gradients.append(g + decay * p)
        squares = sum(each**2 for each in gradients)
        return p - LR / (1 + (len(gradients) - 1) * lr_decay) * gradients[-1] / (np.sqrt(squares) + 1e-5)

    return step


def rmsprop(momentum: float = 0.9, centered: bool = False, decay: float = 0.0, alpha: float = 0.99) -> Rule:
    gradients: list[Array] = []
    moves: list[Array] = []

    def step(p: Array, g: Array) -> Array:
        gradients.append(g + decay * p)
        shares = [(1 - alpha) * alpha**age for age in range(len(gradients))]
        average = sum(share * each for share, each in zip(shares, reversed(gradients), strict=True))
        squares = sum(share * each**2 for share, each in zip(shares, reversed(gradients), strict=True))
        spread = squares - average**2 if centered else squares
        moves.append(gradients[-1] / (np.sqrt(spread) + 1e-5))
        return p - LR * sum(momentum**age * move for age, move in enumerate(reversed(moves)))

    return step


CASES: dict[str, tuple[Any, Callable[[], Rule]]] = {
    "sgd": (SgdConfig(), sgd),
    "sgd, decay": (SgdConfig(weight_decay=0.1), lambda: sgd(decay=0.1)),
    "momentum": (SgdConfig(momentum=MomentumConfig()), lambda: sgd(0.9, 0.1)),
    "momentum, decay": (SgdConfig(momentum=MomentumConfig(0.5), weight_decay=0.2), lambda: sgd(0.5, 0.1, decay=0.2)),
    "nesterov": (SgdConfig(momentum=MomentumConfig(0.8, 0.3, True)), lambda: sgd(0.8, 0.3, True)),
    "adam": (AdamConfig(), adam),
    "adam, decay": (AdamConfig(beta_1=0.5, weight_decay=0.1), lambda: adam(0.5, decay=0.1)),
    "adamw": (AdamWConfig(), lambda: adam(decoupled=1e-4)),
    "adamw, decay": (AdamWConfig(beta_2=0.9, weight_decay=0.3), lambda: adam(beta_2=0.9, decoupled=0.3)),
    "adagrad": (AdaGradConfig(), lambda: adagrad(0.0)),
    "adagrad, decay": (AdaGradConfig(lr_decay=0.5, weight_decay=0.1), lambda: adagrad(0.5, 0.1)),
    "rmsprop": (RmsPropConfig(), rmsprop),
    "rmsprop, decay": (RmsPropConfig(momentum=0.0, weight_decay=0.1), lambda: rmsprop(0.0, decay=0.1)),
    "rmsprop, centered": (RmsPropConfig(centered=True), lambda: rmsprop(centered=True)),
    "centered, plain": (RmsPropConfig(alpha=0.9, momentum=0.0, centered=True), lambda: rmsprop(0.0, True, 0, 0.9)),
}  # fmt: skip


@pytest.mark.parametrize(("config", "formula"), CASES.values(), ids=CASES)
@given(here=st.lists(st.tuples(*[st.booleans()] * 3).filter(any), min_size=1, max_size=9), seed=st.integers(0, 99))
def test_the_formula(config: Any, formula: Callable[[], Rule], here: list[tuple[bool, ...]], seed: int) -> None:
    """Several steps in float64, in each of which gradients of some parameters are missing."""
    rng = np.random.default_rng(seed)
    model, optim = pair(dtype=np.float64), config.init()
    expected, rules = [p.numpy() for p in model.params()], [formula() for _ in range(3)]
    for present in here:
        grads = GradientsParams()
        for i, p in enumerate(model.params()):
            if present[i]:
                g = rng.normal(size=p.shape)
                grads.register(p, Tensor(g, dtype=np.float64))
                expected[i] = rules[i](expected[i], g)
        model = optim.step(LR, model, grads)
    for p, numbers in zip(model.params(), expected, strict=True):
        np.testing.assert_allclose(p.numpy(), numbers, rtol=1e-11, atol=1e-11)


# PyTorch 2 in float64: p = [0.5, -1.25, 2], six steps of the gradients sin(3 t + i) 10^(i - 1), lr 0.05, eps 1e-5.
TORCH: list[tuple[Any, list[float]]] = [
    (AdaGradConfig(lr_decay=0.1), [0.4649288838438757, -1.279537184446033, 1.9751365829532528]),
    (AdamConfig(weight_decay=0.1), [0.2409976236376894, -1.2825108871230058, 1.928506202703991]),
    (AdamWConfig(weight_decay=0.1), [0.4490147933074471, -1.2892808686785098, 1.8756180174705064]),
    (
        SgdConfig(momentum=MomentumConfig(0.9, 0.1), weight_decay=0.1),
        [0.45772178198070607, -1.2607130459078124, 0.7854951715958771],
    ),
    (
        SgdConfig(momentum=MomentumConfig(0.8, 0.0, nesterov=True)),
        [0.49670398977307495, -1.3321254882775735, 1.4421492089541077],
    ),
    (RmsPropConfig(weight_decay=0.1), [0.013973662737928924, -1.9059666526981633, 0.5379586736790194]),
    (RmsPropConfig(centered=True), [-0.7356128402576078, -2.7525574745665895, 0.5714222825423938]),
    (RmsPropConfig(momentum=0.0), [0.08130848361142384, -1.520177508406361, 1.7980616073175197]),
    (SgdConfig(weight_decay=0.1), [0.48324886013530854, -1.228846302552987, 1.9628772653627131]),
]


@pytest.mark.parametrize(("config", "expected"), TORCH, ids=lambda each: type(each).__name__)
def test_the_numbers_of_pytorch(config: Any, expected: list[float]) -> None:
    model, optim = Pair(Param([0.5, -1.25, 2.0], device(dtype=np.float64)), None), config.init()
    for t in range(6):
        grads = GradientsParams()
        grads.register(model.a, Tensor([math.sin(3 * t + i) * 10.0 ** (i - 1) for i in range(3)], dtype=np.float64))
        model = optim.step(0.05, model, grads)
    np.testing.assert_allclose(model.a.numpy(), expected, rtol=1e-12)


# Burn's own tests: two steps of a layer of six, of which its weights' first and last row and its bias are given.
WEIGHT = [
    [-0.3206, 0.1374, 0.4043, 0.3200, 0.0859, 0.0671],
    [0.0777, -0.0185, -0.3667, 0.2550, 0.1955, -0.2922],
    [-0.0190, 0.0346, -0.2962, 0.2484, -0.2780, 0.3130],
    [-0.2980, -0.2214, -0.3715, -0.2981, -0.0761, 0.1626],
    [0.3300, -0.2182, 0.3717, -0.1729, 0.3796, -0.0304],
    [-0.0159, -0.0120, 0.1258, 0.1921, 0.0293, 0.3833],
]
BIAS = [-0.3905, 0.0884, -0.0970, 0.1176, 0.1366, 0.0130]
INPUTS = [
    [[0.6294, 0.0940, 0.8176, 0.8824, 0.5228, 0.4310], [0.7152, 0.9559, 0.7893, 0.5684, 0.5939, 0.8883]],
    [[0.8491, 0.2108, 0.8939, 0.4433, 0.5527, 0.2528], [0.3270, 0.0412, 0.5538, 0.9605, 0.3195, 0.9085]],
]
BURN: dict[str, tuple[Any, bool, list[list[float]], list[float]]] = {
    "adam": (
        AdamConfig(epsilon=1e-8, weight_decay=WeightDecayConfig(0.5)),
        True,
        [[-0.340528, 0.118929, 0.384336, 0.300010, 0.066034, 0.047154],
         [-0.035840, -0.030203, 0.105840, 0.172110, 0.009440, 0.363346]],
        [-0.410499, 0.068401, -0.116999, 0.097601, 0.116601, -0.006999],
    ),
    "adamw": (
        AdamWConfig(epsilon=1e-8, weight_decay=0.5),
        True,
        [[-0.337295, 0.117827, 0.380358, 0.296868, 0.065232, 0.046534],
         [-0.035634, -0.030083, 0.104636, 0.170244, 0.009196, 0.359580]],
        [-0.406555, 0.067568, -0.115982, 0.096477, 0.115287, -0.007080],
    ),
    "adagrad": (
        AdaGradConfig(epsilon=1e-8, lr_decay=0.5),
        False,
        [[-0.334989, 0.123011, 0.389911, 0.305611, 0.071511, 0.052711],
         [-0.030305, -0.026405, 0.111395, 0.177695, 0.014895, 0.368895]],
        [-0.405214, 0.073686, -0.111714, 0.102886, 0.121886, -0.001714],
    ),
    "rmsprop": (
        RmsPropConfig(epsilon=1e-8, weight_decay=WeightDecayConfig(0.05)),
        False,
        [[-0.576399, -0.118494, 0.148353, 0.064070, -0.169983, -0.188779],
         [-0.271996, -0.268097, -0.130324, -0.064037, -0.226805, 0.127126]],
        [-0.651299, -0.172400, -0.357800, -0.143200, -0.124200, -0.247800],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("config", "transposed", "rows", "bias"), BURN.values(), ids=BURN)
def test_the_numbers_of_burn(config: Any, transposed: bool, rows: list[list[float]], bias: list[float]) -> None:
    d = device()
    model, optim = Linear(Param(WEIGHT, d), Param(BIAS, d)), config.init()
    for x in INPUTS:
        # some of Burn's expected numbers are of a layer that multiplies with the transposed weight
        weight = model.weight.mT if transposed else model.weight
        model = optim.step(0.01, model, (Tensor(x) @ weight + model.bias).sum().backward())
    assert model.bias is not None
    np.testing.assert_allclose(model.weight.numpy()[[0, 5]], rows, rtol=0, atol=1.5e-6)
    np.testing.assert_allclose(model.bias.numpy(), bias, rtol=0, atol=1.5e-6)


def test_burns_rmsprop_of_equal_weights() -> None:
    d, config = device(), RmsPropConfig(epsilon=1e-8, weight_decay=0.05)
    model, optim = Linear(Param(np.ones((6, 6)), d), Param(np.full(6, 0.5), d)), config.init()
    for x in INPUTS:
        model = optim.step(0.01, model, model(Tensor(x)).sum().backward())
    expected = np.array([0.743937, 0.783809, 0.742881, 0.740366, 0.748005, 0.743710])
    np.testing.assert_allclose(model.weight.numpy(), np.tile(expected[:, None], 6), rtol=0, atol=1.5e-6)
    np.testing.assert_allclose(model.bias.numpy(), np.full(6, 0.239199), rtol=0, atol=1.5e-6)  # type: ignore[union-attr]


def test_a_gradient_that_stays_the_same_is_no_nan_when_centered() -> None:
    """Its variance goes to zero, and in float32 below."""
    model, optim = pair(), RmsPropConfig(alpha=0.5, momentum=0.0, centered=True).init()
    for _ in range(60):
        grads = GradientsParams()
        for p, g in zip(model.params(), (0.1, 0.3, 0.7), strict=True):
            grads.register(p, Tensor(np.full(p.shape, g)))
        model = optim.step(0.0, model, grads)
    model = optim.step(1.0, model, grads)
    assert all(np.isfinite(p.numpy()).all() for p in model.params())
    spreads = [next(iter(item["V1"].values()))["centered"]["avg"] for item in optim.to_record().values()]
    assert all((each >= 0).all() for each in spreads)


def test_records_of_each_optimizer_are_burns() -> None:
    def item(config: Any) -> Any:
        model, optim = Pair(Param([[1.0, 2.0]], device()), None), config.init()
        grads = GradientsParams()
        grads.register(model.a, Tensor([[1.0, -2.0]]))
        for _ in range(2):
            model = optim.step(0.1, model, grads)
        [record] = optim.to_record().values()
        assert list(record) == ["V1"] and list(record["V1"]) == ["Rank2"]
        return _lists(record["V1"]["Rank2"])

    half = {"alpha": 0.5, "epsilon": 1.0}
    assert item(SgdConfig()) == {"momentum": None}
    assert item(SgdConfig(momentum=MomentumConfig(0.5, 0.5))) == {"momentum": {"velocity": [[1.0, -2.0]]}}
    assert item(AdamWConfig(beta_1=0.5, beta_2=0.5)) == {
        "momentum": {"time": 2, "moment_1": [[0.75, -1.5]], "moment_2": [[0.75, 3.0]]}
    }
    assert item(AdaGradConfig()) == {"lr_decay": {"time": 2, "sum": [[2.0, 8.0]]}}
    assert item(RmsPropConfig(momentum=0.0, **half)) == {  # type: ignore[arg-type]
        "square_avg": {"square_avg": [[0.75, 3.0]]},
        "centered": {"grad_avg": None, "avg": [[0.75, 3.0]]},
        "momentum": None,
    }
    centered = item(RmsPropConfig(momentum=0.5, centered=True, **half))  # type: ignore[arg-type]
    assert centered["centered"] == {"grad_avg": [[0.75, -1.5]], "avg": [[0.1875, 0.75]]}
    assert list(centered) == ["square_avg", "centered", "momentum"] and list(centered["momentum"]) == ["buf"]


def _lists(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _lists(each) for key, each in node.items()}
    return node.tolist() if isinstance(node, np.ndarray) else node
