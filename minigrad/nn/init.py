"""Initializer: how a parameter's first values are drawn, Burn's formulas."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from ..backend import Device
from ..config import Variant
from ..errors import ConfigError, DeviceError
from ..param import Param

__all__ = ["Initializer"]


class Initializer(Variant):
    """One of its variants: `Initializer.KaimingUniform(gain=...)`, `.Constant(0.5)`, `.Zeros`, ...

    `init(shape, device)` and `init_with(shape, fan_in, fan_out, device)` give a `Param`; Kaiming and Xavier need the
    fans, the numbers of inputs and outputs of one unit. The draw is the device's next one.

    >>> from minigrad.backend import NdArray
    >>> Initializer.Constant(0.5).init([2], NdArray(seed=1))
    Tensor([0.5, 0.5], dtype=float32)
    """

    Constant: ClassVar[type[Constant]]
    Ones: ClassVar[Ones]
    Zeros: ClassVar[Zeros]
    Uniform: ClassVar[type[Uniform]]
    Normal: ClassVar[type[Normal]]
    KaimingUniform: ClassVar[type[KaimingUniform]]
    KaimingNormal: ClassVar[type[KaimingNormal]]
    XavierUniform: ClassVar[type[XavierUniform]]
    XavierNormal: ClassVar[type[XavierNormal]]

    def init(self, shape: Sequence[int], device: Device) -> Param:
        """A parameter of `shape`. Raises `ConfigError` where the fans are needed."""
        return self.init_with(shape, None, None, device)

    def init_with(self, shape: Sequence[int], fan_in: int | None, fan_out: int | None, device: Device) -> Param:
        """A parameter of `shape` for a layer of these fans."""
        if not isinstance(device, Device):
            raise DeviceError(f"init on {device!r}: a device is an object, NdArray() or Autodiff(NdArray())")
        values = self.draw(device.rng, tuple(shape), fan_in, fan_out)
        return Param(np.asarray(values, device.dtype), device)

    def draw(
        self, rng: Callable[[], np.random.Generator], shape: tuple[int, ...], fan_in: int | None, fan_out: int | None
    ) -> Any:
        """The values as an array."""
        raise ConfigError("Initializer has no values of its own: use a variant, such as Initializer.Zeros")

    def _fan(self, fan: int | None) -> int:
        if not fan:
            raise ConfigError(
                f"{self} needs the fans of the layer, and got {fan}: use init_with(shape, fan_in, fan_out, device)"
            )
        return fan


class Constant(Initializer):
    value: float

    def draw(self, rng: Any, shape: tuple[int, ...], fan_in: int | None, fan_out: int | None) -> Any:
        return np.full(shape, self.value)


class Ones(Initializer):
    def draw(self, rng: Any, shape: tuple[int, ...], fan_in: int | None, fan_out: int | None) -> Any:
        return np.ones(shape)


class Zeros(Initializer):
    def draw(self, rng: Any, shape: tuple[int, ...], fan_in: int | None, fan_out: int | None) -> Any:
        return np.zeros(shape)


class Uniform(Initializer):
    """Between `min` and `max`."""

    min: float
    max: float

    def draw(self, rng: Any, shape: tuple[int, ...], fan_in: int | None, fan_out: int | None) -> Any:
        return rng().uniform(self.min, self.max, shape)


class Normal(Initializer):
    mean: float
    std: float

    def draw(self, rng: Any, shape: tuple[int, ...], fan_in: int | None, fan_out: int | None) -> Any:
        return rng().normal(self.mean, self.std, shape)


class KaimingUniform(Initializer):
    """U(-a, a) with a = sqrt(3) * gain / sqrt(fan), of the inputs or of the outputs."""

    gain: float = 1 / math.sqrt(3)
    fan_out_only: bool = False

    def draw(self, rng: Any, shape: tuple[int, ...], fan_in: int | None, fan_out: int | None) -> Any:
        a = math.sqrt(3) * self.gain / math.sqrt(self._fan(fan_out if self.fan_out_only else fan_in))
        return rng().uniform(-a, a, shape)


class KaimingNormal(Initializer):
    """N(0, gain / sqrt(fan)), of the inputs or of the outputs."""

    gain: float = 1 / math.sqrt(3)
    fan_out_only: bool = False

    def draw(self, rng: Any, shape: tuple[int, ...], fan_in: int | None, fan_out: int | None) -> Any:
        return rng().normal(0, self.gain / math.sqrt(self._fan(fan_out if self.fan_out_only else fan_in)), shape)


class XavierUniform(Initializer):
    """U(-a, a) with a = sqrt(3) * gain * sqrt(2 / (fan_in + fan_out))."""

    gain: float = 1.0

    def draw(self, rng: Any, shape: tuple[int, ...], fan_in: int | None, fan_out: int | None) -> Any:
        a = math.sqrt(3) * self.gain * math.sqrt(2 / (self._fan(fan_in) + self._fan(fan_out)))
        return rng().uniform(-a, a, shape)


class XavierNormal(Initializer):
    """N(0, gain * sqrt(2 / (fan_in + fan_out)))."""

    gain: float = 1.0

    def draw(self, rng: Any, shape: tuple[int, ...], fan_in: int | None, fan_out: int | None) -> Any:
        return rng().normal(0, self.gain * math.sqrt(2 / (self._fan(fan_in) + self._fan(fan_out))), shape)
