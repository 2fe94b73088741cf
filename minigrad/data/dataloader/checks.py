"""What loaders and their builders are given, checked before anything is made of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...backend import Device
from ...errors import DeviceError, LoaderError

__all__ = ["check_device", "check_instance", "flag", "whole"]


def check_device(device: Device, call: str) -> None:
    """Raises `DeviceError` for what is no device."""
    if not isinstance(device, Device):
        raise DeviceError(f"{call}({device!r}): give a device, such as {call}(NdArray())")


def check_instance(value: object, kind: type, call: str, methods: str) -> None:
    """Raises `LoaderError` for what is no instance of `kind`, above all its class."""
    if isinstance(value, type):
        raise LoaderError(f"{call}({value.__name__}) got the class\n  write {call}({value.__name__}())")
    if not isinstance(value, kind):
        name = kind.__name__
        raise LoaderError(f"{call}({value!r}) got no {name}\n  make it a subclass of {name} with {methods}")


def whole(value: Any, least: int, given: str, hint: str) -> int:
    """The value as an int. Raises `LoaderError` where it is none, or less than `least`; `given` is how it was said."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise LoaderError(f"{given}: give an integer >= {least}, {hint}")
    return int(value)


def flag(value: Any, call: str) -> bool:
    """The value as a bool. Raises `LoaderError` for anything else: "no" would count as true, and 4 workers as well."""
    if not isinstance(value, (bool, np.bool_)):
        raise LoaderError(f"{call}({value!r}): give True or False")
    return bool(value)
