"""Burn's display tree of a module."""

from __future__ import annotations

from typing import Any

from . import tree
from .tensor import Tensor

__all__ = ["display"]


def display(value: Any, indent: int = 0) -> str:
    """The text that Burn prints: a field a line, layers on one line, the number of parameters last."""
    if tree.is_module(value):
        return _module(value, indent)
    if isinstance(value, Tensor):
        return _tensor(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return _float(value)
    if _holds_modules(value):
        header = f"Vec<0..{len(value)}>" if isinstance(value, tuple) else f"Map<{len(value)}>"
        return _block(header, tree.children(value) or {}, indent)
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(display(v) for v in value)}]"
    if isinstance(value, (set, frozenset)):  # in the same order in every process: a checkpoint notes this text
        return f"{{{', '.join(sorted(map(display, value)))}}}"
    return str(value)


def _holds_modules(value: Any) -> bool:
    """Whether a tuple or dictionary has a module or a tensor in it, at any depth."""
    if not isinstance(value, (tuple, dict)):
        return False
    parts = value.values() if isinstance(value, dict) else value
    return any(tree.is_module(part) or isinstance(part, Tensor) or _holds_modules(part) for part in parts)


def _module(module: Any, indent: int) -> str:
    name, count = type(module).__name__, module.num_params()
    attributes = module.attributes()
    if attributes is not None:
        attributes = attributes | ({"params": count} if count else {})
        inside = ", ".join(f"{key}: {display(v)}" for key, v in attributes.items())
        return f"{name} {{{inside}}}" if inside else name
    parts = tree.children(module) or {}
    if not parts:
        return name
    return _block(name, parts | ({"params": count} if count and "params" not in parts else {}), indent)


def _block(header: str, parts: dict[Any, Any], indent: int) -> str:
    pad = " " * (indent + 2)
    lines = "".join(f"{pad}{key}: {display(part, indent + 2)}\n" for key, part in parts.items())
    return f"{header} {{\n{lines}{' ' * indent}}}"


def _tensor(value: Tensor) -> str:
    shape = f"[{', '.join(map(str, value.shape))}]"
    kind = {"f": "float", "b": "bool"}.get(value.dtype.kind, "int")
    if hasattr(value, "id"):
        return f"ParamTensor {{rank: {value.ndim}, shape: {shape}, kind: {kind}}}"
    return f"Tensor {{rank: {value.ndim}, shape: {shape}}}"


def _float(value: float) -> str:
    text = (
        f"{value:.20f}".rstrip("0").rstrip(".") if value and abs(value) < 1e16 and "e" in repr(value) else repr(value)
    )
    return text.removesuffix(".0")
