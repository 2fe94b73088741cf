"""How functions on tensors refuse what does not fit them."""

from __future__ import annotations

from typing import Any, NoReturn

from ..blame import whereabouts
from ..errors import DtypeError, ShapeError
from ..tensor import Tensor

__all__ = ["check_tensor", "refuse"]


def refuse(message: str, *more: str) -> NoReturn:
    """Raise `ShapeError`: what is wrong, where, and then `more`."""
    raise ShapeError("\n  ".join([message + whereabouts(), *more]))


def check_tensor(name: str, x: Any) -> None:
    """Raise `DtypeError` for anything but a tensor."""
    if not isinstance(x, Tensor):
        raise DtypeError(f"{name} of a {type(x).__name__}: it wants a tensor; wrap the data: Tensor(data, device)")
