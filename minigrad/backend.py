"""Devices: where tensors live, their float type, whether parameters track gradients, and what seeds their draws."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import DeviceError, DtypeError

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

__all__ = ["DEFAULT", "Autodiff", "Device", "NdArray"]


class Device:
    """What `NdArray` and `Autodiff` share; a device is a value apart from the counter of its draws."""

    dtype: np.dtype[Any]
    seed: Any  # an int
    draws: Any  # an int: how many draws were made

    @property
    def inner(self) -> Device:
        """The device without gradients: `NdArray` gives itself."""
        return self

    @property
    def tracks(self) -> bool:
        """Whether parameters made here require a gradient."""
        return False

    def rng(self) -> np.random.Generator:
        """A fresh generator for the next draw, keyed by (seed, draw): there is no other random state.

        >>> a, b = NdArray(seed=1), NdArray(seed=1)
        >>> a.rng().integers(100) == b.rng().integers(100)
        np.True_
        """
        raise DeviceError(f"{type(self).__name__} draws no random numbers; use NdArray() or Autodiff(NdArray())")


class NdArray(Device):
    """Plain NumPy on the CPU, Burn's `NdArray<E>`: models initialised here infer.

    `dtype` is the float type of everything made here (float32 unless asked otherwise). Without a `seed` the system's
    entropy gives one, kept in `.seed`. Raises `DtypeError` for a dtype that is no float, `DeviceError` for a bad seed.

    >>> NdArray(seed=42)
    NdArray(seed=42)
    >>> NdArray(seed=42, dtype=np.float64).dtype
    dtype('float64')
    """

    __slots__ = ("_lock", "draws", "dtype", "seed")

    def __init__(self, seed: int | None = None, dtype: DTypeLike = np.float32) -> None:
        try:
            self.dtype = np.dtype(np.dtype(dtype).type)  # of this machine's byte order
        except (TypeError, ValueError, DeprecationWarning):
            raise DtypeError(f"NdArray(dtype={dtype!r}): NumPy knows no such dtype; use np.float32") from None
        if self.dtype.kind != "f":
            raise DtypeError(
                f"NdArray(dtype={self.dtype}): a device computes in a float type; use np.float32 or np.float64"
            )
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0):
            raise DeviceError(f"NdArray(seed={seed!r}): a seed is an integer >= 0, such as NdArray(seed=42)")
        self.seed = int.from_bytes(os.urandom(8)) >> 1 if seed is None else int(seed)
        self.draws = 0  # set it to go on where another run stopped
        self._lock = threading.Lock()  # two threads never share a draw

    def rng(self) -> np.random.Generator:
        with self._lock:
            draw, self.draws = self.draws, self.draws + 1
        return np.random.default_rng((self.seed, draw))

    def __reduce__(self) -> Any:
        return _restore, (self.seed, self.dtype.type, self.draws)

    def __repr__(self) -> str:
        return f"NdArray(seed={self.seed}" + ("" if self.dtype == np.float32 else f", dtype=np.{self.dtype}") + ")"


def _restore(seed: int, dtype: Any, draws: int) -> NdArray:
    device = NdArray(seed, dtype)
    device.draws = draws
    return device


class Autodiff(Device):
    """Decorates a device with gradients, Burn's `Autodiff<B>`: parameters made here track, models train.

    Seed, draws and float type are the inner device's. Raises `DeviceError` when the inner device is an `Autodiff`.

    >>> device = Autodiff(NdArray(seed=42))
    >>> device, device.inner, device.tracks
    (Autodiff(NdArray(seed=42)), NdArray(seed=42), True)
    """

    __slots__ = ("_inner", "dtype")

    def __init__(self, inner: Device | None = None) -> None:
        inner = NdArray() if inner is None else inner
        if isinstance(inner, Autodiff):
            raise DeviceError(
                "Autodiff(Autodiff(...)): one is enough, for derivatives of any order\n"
                "  a second derivative is grad(grad(f)): from minigrad import grad"
            )
        if not isinstance(inner, Device):
            raise DeviceError(f"Autodiff({inner!r}): it decorates a device, such as Autodiff(NdArray(seed=42))")
        self._inner = inner
        self.dtype = inner.dtype

    @property
    def inner(self) -> Device:
        return self._inner

    @property
    def tracks(self) -> bool:
        return True

    @property
    def seed(self) -> Any:
        return self._inner.seed

    @property
    def draws(self) -> Any:
        return self._inner.draws

    @draws.setter
    def draws(self, count: int) -> None:
        self._inner.draws = count

    def rng(self) -> np.random.Generator:
        return self._inner.rng()

    def __reduce__(self) -> Any:
        return Autodiff, (self._inner,)

    def __repr__(self) -> str:
        return f"Autodiff({self._inner!r})"


DEFAULT = NdArray()  # where a tensor lives that was made without a device
