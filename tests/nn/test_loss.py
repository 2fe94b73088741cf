"""Losses: Burn's own numbers, and what bad input is answered with."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minigrad import Tensor, grad
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import ConfigError, DtypeError, LossInputError, ShapeError
from minigrad.nn.loss import BinaryCrossEntropyLossConfig, MseLoss, Reduction

LOGITS = [0.8271, 0.9626, 0.3796, 0.2355]
TARGETS = [0, 1, 0, 1]
MANY_LOGITS = [[0.5150, 0.3097, 0.7556], [0.4974, 0.9879, 0.1564]]
MANY_TARGETS = [[1, 0, 1], [1, 0, 0]]


@pytest.mark.parametrize("logits", [True, False])
@pytest.mark.parametrize(
    ("weights", "smoothing", "expected"), [(None, None, 0.7491), ([3.0, 7.0], None, 3.1531), (None, 0.1, 0.7490)]
)
def test_burns_numbers_of_two_classes(
    logits: bool, weights: list[float] | None, smoothing: float | None, expected: float
) -> None:
    loss = BinaryCrossEntropyLossConfig(weights=weights, smoothing=smoothing, logits=logits).init()
    x = Tensor(LOGITS) if logits else Tensor(LOGITS).sigmoid()
    assert loss(x, Tensor(TARGETS)).item() == pytest.approx(expected, abs=6e-5)


@pytest.mark.parametrize(
    ("weights", "smoothing", "expected"), [(None, None, 0.7112), ([3.0, 7.0, 0.9], None, 3.1708), (None, 0.1, 0.7228)]
)
def test_burns_numbers_of_several_labels(weights: list[float] | None, smoothing: float | None, expected: float) -> None:
    loss = BinaryCrossEntropyLossConfig(weights=weights, smoothing=smoothing, logits=True).init()
    assert loss(Tensor(MANY_LOGITS), Tensor(MANY_TARGETS)).item() == pytest.approx(expected, abs=6e-5)


def test_all_wrong_hard_predictions_cost_100() -> None:
    loss = BinaryCrossEntropyLossConfig().init()
    p = Tensor([1.0, 0.0, 1.0, 0.0]).require_grad()
    value = loss(p, Tensor(TARGETS))
    assert value.item() == 100.0
    g = p.grad(value.backward())
    assert g is not None and np.isfinite(g.numpy()).all()


def test_the_result_is_one_number_without_axes() -> None:
    assert BinaryCrossEntropyLossConfig(logits=True).init()(Tensor(LOGITS), Tensor(TARGETS)).shape == ()


def test_extreme_logits_are_exact() -> None:
    loss = BinaryCrossEntropyLossConfig(logits=True).init()
    assert loss(Tensor([1e4, -1e4]), Tensor([1, 0])).item() == 0.0
    assert loss(Tensor([1e4, -1e4]), Tensor([0, 1])).item() == 1e4
    assert loss(Tensor([-20.0]), Tensor([0])).item() == pytest.approx(math.exp(-20), rel=1e-5)


def test_logits_and_probabilities_have_the_same_gradient() -> None:
    device = Autodiff(NdArray(dtype=np.float64))
    x, t = Tensor(LOGITS, device), Tensor(TARGETS, device)
    of_logits = BinaryCrossEntropyLossConfig(logits=True).init()
    of_probabilities = BinaryCrossEntropyLossConfig().init()
    first = grad(lambda x: of_logits(x, t))(x)
    second = grad(lambda x: of_probabilities(x.sigmoid(), t))(x)
    np.testing.assert_allclose(first.numpy(), second.numpy(), rtol=1e-12)


@pytest.mark.parametrize("values", [[-0.31, 0.07], [0.5, 1.5], [0.5, math.nan]])
def test_outputs_that_are_no_probabilities(values: list[float]) -> None:
    with pytest.raises(LossInputError, match=r"outside \[0, 1\].*(?s:.*)logits=True") as caught:
        BinaryCrossEntropyLossConfig().init()(Tensor(values), Tensor([0, 1]))
    assert f"{min(values):.4g}"[:4] in str(caught.value) or math.isnan(values[1])


def test_targets_that_are_no_probabilities() -> None:
    with pytest.raises(LossInputError, match="targets go from 0 to 255"):
        BinaryCrossEntropyLossConfig(logits=True).init()(Tensor([-9.0, 2.0, 3.0]), Tensor([255, 0, 1]))


def test_shapes_that_differ_name_the_squeeze() -> None:
    with pytest.raises(ShapeError, match=r"logits \(4, 1\), targets \(4,\)(?s:.*)squeeze\(1\)"):
        BinaryCrossEntropyLossConfig(logits=True).init()(Tensor(LOGITS).expand_dims(1), Tensor(TARGETS))
    with pytest.raises(ShapeError, match=r"outputs \(4, 1\), targets \(4,\)"):
        MseLoss()(Tensor(LOGITS).expand_dims(1), Tensor(TARGETS))


def test_weights_that_do_not_fit() -> None:
    loss = BinaryCrossEntropyLossConfig(weights=[1.0, 2.0, 3.0], logits=True).init()
    with pytest.raises(ShapeError, match="3 weights for targets"):
        loss(Tensor(LOGITS), Tensor(TARGETS))
    with pytest.raises(ShapeError, match="3 weights for 2 classes"):
        loss(Tensor([[1.0, 2.0]]), Tensor([[1, 0]]))


@pytest.mark.parametrize("config", [{"smoothing": 1.5}, {"smoothing": -0.1}, {"weights": [1.0, 0.0]}, {"weights": []}])
def test_configs_that_cannot_be(config: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="BinaryCrossEntropyLossConfig"):
        BinaryCrossEntropyLossConfig(**config).init()  # type: ignore[arg-type]


def test_it_prints_as_burn_prints_it() -> None:
    loss = BinaryCrossEntropyLossConfig(weights=[3.0, 7.0, 0.9]).init()
    assert str(loss) == "BinaryCrossEntropyLoss {weights: Tensor {rank: 1, shape: [3]}, smoothing: None, logits: false}"


def test_mse() -> None:
    x, t = Tensor([1.0, 2.0, 4.0]), Tensor([1.0, 1.0, 1.0])
    assert MseLoss()(x, t).item() == pytest.approx(10 / 3)
    assert MseLoss()(x, t, Reduction.Sum).item() == 10
    assert MseLoss().forward_no_reduction(x, t).numpy().tolist() == [0, 1, 9]
    assert str(MseLoss()) == "MseLoss"


def test_one_label_out_of_range_among_many_is_found_at_once() -> None:
    targets = np.zeros(64, np.int64)
    targets[7] = 2
    with pytest.raises(LossInputError, match="targets go from 0 to 2"):
        BinaryCrossEntropyLossConfig(logits=True).init()(Tensor(np.zeros(64)), Tensor(targets))


def test_soft_targets_are_welcome() -> None:
    loss = BinaryCrossEntropyLossConfig(logits=True).init()
    assert loss(Tensor(np.zeros((3, 2))), Tensor(np.full((3, 2), 0.3))).item() == pytest.approx(math.log(2))
    assert loss(Tensor(np.zeros(1000)), Tensor(np.ones(1000))).item() == pytest.approx(math.log(2))


def test_arrays_in_place_of_tensors() -> None:
    with pytest.raises(DtypeError, match="of Tensor and ndarray"):
        BinaryCrossEntropyLossConfig(logits=True).init()(Tensor([1.0, 2.0]), np.array([0, 1]))  # type: ignore[arg-type]
