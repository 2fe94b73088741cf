"""Interpolation over one and two axes."""

from ...functional import InterpolateMode
from .interpolate1d import Interpolate1d, Interpolate1dConfig
from .interpolate2d import Interpolate2d, Interpolate2dConfig

__all__ = ["Interpolate1d", "Interpolate1dConfig", "Interpolate2d", "Interpolate2dConfig", "InterpolateMode"]
