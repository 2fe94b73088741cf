"""RotaryEncoding: pairs of features turned by an angle that grows with the position."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..backend import Device
from ..blame import module_path
from ..config import Config
from ..errors import ConfigError, DtypeError, ShapeError
from ..module import Module
from ..tensor import Tensor
from .checks import integer

__all__ = ["RotaryEncoding", "RotaryEncodingConfig"]


class RotaryEncodingConfig(Config):
    """For texts of up to `max_sequence_length` positions of `d_model` features, an even number.

    >>> RotaryEncodingConfig(10, 4).init()
    RotaryEncoding {d_model: 4, max_sequence_length: 10, theta: 10000}
    """

    max_sequence_length: int
    d_model: int
    theta: float = 10_000.0

    def init(self, device: Device | None = None) -> RotaryEncoding:
        """The layer. Raises `ConfigError`."""
        return self.init_with_frequency_scaling(lambda frequencies: frequencies, device)

    def init_with_frequency_scaling(
        self, scaling: Callable[[Tensor], Tensor], device: Device | None = None
    ) -> RotaryEncoding:
        """With `scaling` of the frequencies [d_model / 2], as long contexts need."""
        name = "RotaryEncodingConfig"
        length, d_model = (integer(name, n, getattr(self, n)) for n in ("max_sequence_length", "d_model"))
        if d_model % 2:
            raise ConfigError(f"{name}: d_model is {d_model}, and must be an even number: features turn in pairs")
        if not self.theta > 0:
            raise ConfigError(f"{name}: theta is {self.theta!r}, and must be a number > 0")
        frequencies = np.exp(np.arange(0, d_model, 2) / d_model * -math.log(self.theta))
        angles = np.arange(length)[:, None] * np.asarray(scaling(Tensor(frequencies, device)).numpy(), np.float64)
        turns = np.repeat(np.stack([np.cos(angles), np.sin(angles)], -1), 2, axis=1)
        return RotaryEncoding(Tensor(turns, device), length, float(self.theta))


class RotaryEncoding(Module):
    """(a, b) to (a cos - b sin, a sin + b cos) for each pair of features (Su and others, RoFormer, 2021)."""

    freq_complex: Tensor  # [max_sequence_length, d_model, 2]: cosines and sines, twice for each pair
    max_sequence_length: int
    theta: float

    def forward(self, x: Tensor) -> Tensor:
        """[..., length, d_model] to the same, from position 0. Raises `ShapeError` for one that is too long."""
        return self.apply(x, 0)

    __call__ = forward

    def apply(self, x: Tensor, start: int) -> Tensor:
        """The same from position `start`."""
        if not isinstance(x, Tensor):
            raise DtypeError(f"RotaryEncoding of a {type(x).__name__}: it wants a tensor; Tensor(data, device)")
        longest, d_model, _ = self.freq_complex.shape
        if x.ndim < 2 or x.shape[-1] != d_model:
            raise ShapeError(
                f"RotaryEncoding of an input of shape {x.shape}: it wants [..., length, {d_model}]{module_path()}"
            )
        length = x.shape[-2]
        if not 0 <= start <= longest - length:
            raise ShapeError(
                f"RotaryEncoding of positions {start} to {start + length - 1}: there are {longest}{module_path()}\n"
                f"  RotaryEncodingConfig({start + length}, {d_model}) has as many"
            )
        turns = self.freq_complex[start : start + length]
        pairs = x.reshape((*x.shape[:-1], d_model // 2, 2))
        turned = Tensor.stack([-pairs[..., 1], pairs[..., 0]], -1).reshape(x.shape)  # by a right angle
        return x * turns[..., 0] + turned * turns[..., 1]

    def attributes(self) -> dict[str, Any]:
        return {
            "d_model": self.freq_complex.shape[1], "max_sequence_length": self.max_sequence_length, "theta": self.theta,
        }  # fmt: skip
