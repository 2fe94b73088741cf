"""Pools, interpolation and unfolding as layers: display, JSON, sizes, and that each is its function."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.functional import (
    InterpolateMode,
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    avg_pool1d,
    avg_pool2d,
    interpolate,
    max_pool1d,
    max_pool2d,
    unfold4d,
)
from minigrad.nn import (
    AdaptiveAvgPool1dConfig,
    AdaptiveAvgPool2dConfig,
    AvgPool1dConfig,
    AvgPool2dConfig,
    Interpolate1dConfig,
    Interpolate2dConfig,
    MaxPool1dConfig,
    MaxPool2dConfig,
    PaddingConfig1d,
    PaddingConfig2d,
    Unfold4dConfig,
)

SEQUENCE = Tensor(np.random.default_rng(0).standard_normal((2, 3, 9)))
IMAGE = Tensor(np.random.default_rng(1).standard_normal((2, 3, 8, 9)))
Linear, Cubic = InterpolateMode.Linear, InterpolateMode.Cubic

# Each config, what Burn 0.17 prints for its layer, and the same by its function.
LAYERS: list[tuple[Any, str, Any]] = [
    (MaxPool1dConfig(3), "MaxPool1d {kernel_size: 3, stride: 1, padding: Valid, dilation: 1}",
     lambda: max_pool1d(SEQUENCE, 3)),
    (MaxPool1dConfig(3, 2, PaddingConfig1d.Explicit(1), 2),
     "MaxPool1d {kernel_size: 3, stride: 2, padding: Explicit(1), dilation: 2}",
     lambda: max_pool1d(SEQUENCE, 3, 2, 1, 2)),
    (MaxPool2dConfig((3, 3)), "MaxPool2d {kernel_size: [3, 3], stride: [1, 1], padding: Valid, dilation: [1, 1]}",
     lambda: max_pool2d(IMAGE, 3)),
    (MaxPool2dConfig((3, 5), padding=PaddingConfig2d.Same),
     "MaxPool2d {kernel_size: [3, 5], stride: [1, 1], padding: Same, dilation: [1, 1]}",
     lambda: max_pool2d(IMAGE, (3, 5), 1, (1, 2))),
    (AvgPool1dConfig(3), "AvgPool1d {kernel_size: 3, stride: 1, padding: Valid, count_include_pad: true}",
     lambda: avg_pool1d(SEQUENCE, 3)),
    (AvgPool1dConfig(3, 2, PaddingConfig1d.Explicit(1), False),
     "AvgPool1d {kernel_size: 3, stride: 2, padding: Explicit(1), count_include_pad: false}",
     lambda: avg_pool1d(SEQUENCE, 3, 2, 1, False)),
    (AvgPool2dConfig((3, 3)),
     "AvgPool2d {kernel_size: [3, 3], stride: [1, 1], padding: Valid, count_include_pad: true}",
     lambda: avg_pool2d(IMAGE, 3)),
    (AvgPool2dConfig((3, 5), (1, 2), PaddingConfig2d.Same),
     "AvgPool2d {kernel_size: [3, 5], stride: [1, 2], padding: Same, count_include_pad: true}",
     lambda: avg_pool2d(IMAGE, (3, 5), (1, 2), (1, 6))),
    (AvgPool2dConfig((2, 3), (2, 1), PaddingConfig2d.Explicit(1, 0), False),
     "AvgPool2d {kernel_size: [2, 3], stride: [2, 1], padding: Explicit(1, 0), count_include_pad: false}",
     lambda: avg_pool2d(IMAGE, (2, 3), (2, 1), (1, 0), False)),
    (AdaptiveAvgPool1dConfig(3), "AdaptiveAvgPool1d {output_size: 3}", lambda: adaptive_avg_pool1d(SEQUENCE, 3)),
    (AdaptiveAvgPool2dConfig((8, 4)), "AdaptiveAvgPool2d {output_size: [8, 4]}",
     lambda: adaptive_avg_pool2d(IMAGE, (8, 4))),
    (Interpolate1dConfig(20), "Interpolate1d {mode: Nearest, output_size: Some(20), scale_factor: None}",
     lambda: interpolate(SEQUENCE, 20)),
    (Interpolate1dConfig(scale_factor=1.5, mode=Linear),
     "Interpolate1d {mode: Linear, output_size: None, scale_factor: Some(1.5)}",
     lambda: interpolate(SEQUENCE, 13, Linear)),
    (Interpolate2dConfig((20, 20)), "Interpolate2d {mode: Nearest, output_size: Some([20, 20]), scale_factor: None}",
     lambda: interpolate(IMAGE, (20, 20))),
    (Interpolate2dConfig(scale_factor=(0.5, 2.0), mode=Cubic),
     "Interpolate2d {mode: Cubic, output_size: None, scale_factor: Some([0.5, 2])}",
     lambda: interpolate(IMAGE, (4, 18), Cubic)),
    (Unfold4dConfig((3, 3)), "Unfold4d {kernel_size: [3, 3], stride: [1, 1], dilation: [1, 1], padding: [0, 0]}",
     lambda: unfold4d(IMAGE, 3)),
    (Unfold4dConfig((2, 3), (1, 2), (2, 1), (0, 1)),
     "Unfold4d {kernel_size: [2, 3], stride: [1, 2], dilation: [2, 1], padding: [0, 1]}",
     lambda: unfold4d(IMAGE, (2, 3), (1, 2), (0, 1), (2, 1))),
]  # fmt: skip


@pytest.mark.parametrize(("config", "text", "expected"), LAYERS, ids=lambda case: case if isinstance(case, str) else "")
def test_a_layer_prints_as_burns_and_is_its_function(config: Any, text: str, expected: Any) -> None:
    layer = config.init()
    assert str(layer) == text
    x = SEQUENCE if "1d" in type(layer).__name__ else IMAGE
    np.testing.assert_array_equal(layer(x).numpy(), expected().numpy())
    assert layer.num_params() == 0 and layer.into_record() is None


@pytest.mark.parametrize(("config", "text", "expected"), LAYERS, ids=lambda case: case if isinstance(case, str) else "")
def test_configs_as_json(config: Any, text: str, expected: Any) -> None:
    assert type(config).from_json(config.to_json()) == config


def test_json_as_burn_writes_it() -> None:
    assert Interpolate2dConfig(scale_factor=(0.5, 2.0), mode=Cubic).to_json() == {
        "output_size": None, "scale_factor": [0.5, 2.0], "mode": "Cubic",
    }  # fmt: skip
    assert MaxPool2dConfig((2, 2), (2, 2)).to_json() == {
        "kernel_size": [2, 2], "strides": [2, 2], "padding": "Valid", "dilation": [1, 1],
    }  # fmt: skip


def test_lists_are_as_good_as_tuples() -> None:
    layer = MaxPool2dConfig([2, 2], [2, 2]).init()  # type: ignore[arg-type]
    assert layer.kernel_size == (2, 2)
    assert str(Interpolate2dConfig([4, 4]).init()) == str(Interpolate2dConfig((4, 4)).init())  # type: ignore[arg-type]
