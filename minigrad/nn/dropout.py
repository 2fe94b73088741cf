"""Dropout: some of the input at random, in training."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..backend import DEFAULT, Autodiff, Device
from ..config import Config
from ..errors import ConfigError, DtypeError
from ..lifting import make
from ..module import Module
from ..tensor import Tensor

__all__ = ["Dropout", "DropoutConfig"]


class DropoutConfig(Config):
    """Each element becomes 0 with probability `prob`.

    >>> DropoutConfig(0.5).init()
    Dropout {prob: 0.5}
    """

    prob: float

    def init(self) -> Dropout:
        """The layer. Raises `ConfigError` for a probability outside [0, 1]."""
        if isinstance(self.prob, bool) or not 0 <= self.prob <= 1:
            raise ConfigError(f"DropoutConfig: prob is {self.prob!r}, and must be a probability between 0 and 1")
        return Dropout(float(self.prob))


class Dropout(Module):
    """0 with probability `prob`, the rest times 1 / (1 - prob): the next draw of the input's device.

    Only in training: where the input is on an Autodiff device, and the model is too, as `model.valid()` is not.

    >>> from minigrad.backend import NdArray
    >>> x = Tensor([1.0, 2.0], Autodiff(NdArray(seed=1)))
    >>> Dropout(1.0)(x), Dropout(1.0).valid()(x), Dropout(1.0)(x.inner())
    (Tensor([0., 0.], dtype=float32), Tensor([1., 2.], dtype=float32), Tensor([1., 2.], dtype=float32))
    """

    prob: float
    home: Device = Autodiff(DEFAULT)  # `valid` and `to_device` move it as they do parameters

    def forward(self, input: Tensor) -> Tensor:
        """The same shape. Raises `DtypeError` for Ints in training."""
        if not isinstance(input, Tensor):
            raise DtypeError(f"Dropout of a {type(input).__name__}: it wants a tensor; Tensor(data, device)")
        if not input.device.tracks or not self.home.tracks or self.prob == 0:
            return input
        if input.data.dtype.kind != "f":
            raise DtypeError(f"Dropout of {input.dtype}: it scales what it keeps, so it wants Float: use float()")
        if self.prob == 1:
            return input * 0.0
        return input * make(self._kept(input), input.device)

    __call__ = forward

    def _kept(self, input: Tensor) -> Any:
        """0, or 1 / (1 - prob). Of 32 bits each: 0.6 ms for half a million, random Floats take 1.0."""
        raw = input.device.rng().bit_generator.random_raw((input.size + 1) // 2)
        bits = np.asarray(raw, np.uint64).view(np.uint32)[: input.size]
        kept = bits >= np.uint32(min(round(self.prob * 2**32), 2**32 - 1))
        scale = input.data.dtype.type(1 / (1 - self.prob))
        return np.multiply(kept, scale, dtype=input.data.dtype).reshape(input.shape)

    def attributes(self) -> dict[str, Any]:
        return {"prob": self.prob}
