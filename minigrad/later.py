"""Packages whose parts are imported when they are asked for, for programs that need few of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

__all__ = ["later"]


def later(package: str, parts: dict[str, str]) -> Callable[[str], Any]:
    """`__getattr__` of a package: `parts` says which names, in one string, each of its modules has.

    No name may be that of a module: importing the module would put it in the name's place.

    >>> later("collections", {"abc": "Sized Hashable"})("Sized")
    <class 'collections.abc.Sized'>
    """
    places = {name: part for part, names in parts.items() for name in names.split()}

    def __getattr__(name: str) -> Any:
        if name in parts:
            return import_module(f"{package}.{name}")  # the module itself
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{places[name]}"), name)
        setattr(sys.modules[package], name, value)  # found at once the next time
        return value

    return __getattr__
