"""Numbers read as Burn prints them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.train.metric import format_float
from minigrad.train.metric.format import shortest

BURN = Path(__file__).parents[2] / "fixtures" / "learner" / "circle"


def test_floats_of_burns_logs_come_back() -> None:
    """What Burn wrote of float32 losses, read and written again."""
    for file in BURN.glob("*/epoch-*/Loss.log"):
        for line in file.read_text().splitlines():
            text = line.split(",")[0]
            assert shortest(float(np.float32(text))) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (50.0, "50"),
        (-0.5, "-0.5"),
        (0.0, "0"),
        (-0.0, "-0"),
        (1e22, "10000000000000000000000"),
        (1.5e-7, "0.00000015"),
        (math.nan, "NaN"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
    ],
)
def test_shortest_is_rusts_display(value: float, text: str) -> None:
    assert shortest(value) == text


@given(st.floats())
def test_shortest_keeps_every_bit_without_an_exponent(value: float) -> None:
    text = shortest(value)
    assert "e" not in text
    assert not text.endswith(".0")
    assert np.float64(text).tobytes() == np.float64(value).tobytes() or math.isnan(value)


@pytest.mark.parametrize(
    ("value", "precision", "text"),
    [
        (0.647, 3, "0.647"),
        (1234.5678, 2, "1234.57"),
        (0.05, 2, "5.00e-2"),  # less than one decimal would be left
        (0.1, 2, "1.00e-1"),
        (0.11, 2, "0.11"),
        (0.0, 2, "0.00e0"),
        (-3.0, 2, "-3.00e0"),
        (0.0012, 3, "1.200e-3"),
        (1e-12, 3, "1.000e-12"),
        (math.nan, 3, "NaN"),
        (math.inf, 3, "inf"),
    ],
)
def test_format_float(value: float, precision: int, text: str) -> None:
    assert format_float(value, precision) == text
