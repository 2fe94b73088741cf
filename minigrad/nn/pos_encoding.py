"""PositionalEncoding: sines and cosines that tell positions apart."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..backend import Device
from ..blame import module_path
from ..config import Config
from ..errors import ConfigError, DtypeError, ShapeError
from ..module import Module
from ..tensor import Tensor
from .checks import integer

__all__ = ["PositionalEncoding", "PositionalEncodingConfig", "generate_sinusoids"]


class PositionalEncodingConfig(Config):
    """For texts of up to `max_sequence_size` positions of `d_model` features, an even number.

    >>> PositionalEncodingConfig(4).init()
    PositionalEncoding {d_model: 4, max_sequence_size: 5000, max_timescale: 10000}
    """

    d_model: int
    max_sequence_size: int = 5_000
    max_timescale: int = 10_000

    def init(self, device: Device | None = None) -> PositionalEncoding:
        """The layer. Raises `ConfigError`."""
        name = "PositionalEncodingConfig"
        length, timescale = (integer(name, n, getattr(self, n)) for n in ("max_sequence_size", "max_timescale"))
        d_model = integer(name, "d_model", self.d_model)
        if d_model % 2:
            raise ConfigError(f"{name}: d_model is {d_model}, and must be an even number: a sine and a cosine in turn")
        if timescale < length:
            raise ConfigError(f"{name}: max_timescale {timescale} is less than max_sequence_size {length}")
        sinusoids = generate_sinusoids(length, d_model, timescale, device).expand_dims(0)
        return PositionalEncoding(sinusoids, length, timescale)


class PositionalEncoding(Module):
    """x + sin and cos of position / max_timescale^(k / d_model), in turn (Vaswani and others, 2017)."""

    sinusoids: Tensor
    max_sequence_size: int
    max_timescale: int

    def forward(self, input: Tensor) -> Tensor:
        """[batch, length, d_model] to the same. Raises `ShapeError` for one that is too long."""
        if not isinstance(input, Tensor):
            raise DtypeError(f"PositionalEncoding of a {type(input).__name__}: it wants a tensor; Tensor(data, device)")
        _, longest, d_model = self.sinusoids.shape
        if input.ndim != 3 or input.shape[2] != d_model:
            raise ShapeError(
                f"PositionalEncoding of an input of shape {input.shape}: it wants [batch, length, {d_model}]"
                f"{module_path()}"
            )
        if input.shape[1] > longest:
            raise ShapeError(
                f"PositionalEncoding of a text of {input.shape[1]} positions: there are {longest}{module_path()}\n"
                f"  PositionalEncodingConfig({d_model}, max_sequence_size={input.shape[1]}) has as many"
            )
        return input + self.sinusoids[:, : input.shape[1]]

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {
            "d_model": self.sinusoids.shape[2], "max_sequence_size": self.max_sequence_size,
            "max_timescale": self.max_timescale,
        }  # fmt: skip


def generate_sinusoids(length: int, d_model: int, max_timescale: int, device: Device | None = None) -> Tensor:
    """[length, d_model]: sin and cos of position / max_timescale^(k / d_model) for k = 0, 2, ..., in turn.

    >>> generate_sinusoids(2, 2, 10)
    Tensor([[0.        , 1.        ],
            [0.84147096, 0.5403023 ]], dtype=float32)
    """
    steps = np.exp(np.arange(0, d_model, 2) * (-math.log(max_timescale) / d_model))
    angles = np.arange(length)[:, None] * steps
    return Tensor(np.stack([np.sin(angles), np.cos(angles)], -1).reshape(length, -1), device)
