"""Where in the user's program an error happened, read from the frames when it is worded: a step pays nothing for it."""

from __future__ import annotations

import os
import sys
from types import FrameType
from typing import Any

__all__ = ["module_path", "user_line", "user_place", "whereabouts"]

_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def _frames() -> list[FrameType]:
    frame: FrameType | None = sys._getframe(2)
    frames = []
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    return frames


def whereabouts() -> str:
    """Where an error happened, as a line of its own: the modules that are being called, or else the line."""
    return module_path() or f"\n  at {user_line()}"


def module_path() -> str:
    """`  in linear1: Linear(3 -> 16), in Model.forward`: the modules that are being called, inmost first; or ''."""
    parts: list[str] = []
    inner: Any = None
    for frame in _frames():
        if "self" not in frame.f_code.co_varnames:
            continue  # f_locals would keep what an except clause has caught, and that its frame: a cycle
        module = frame.f_locals.get("self")
        if module is None or module is inner or not hasattr(type(module), "module_fields"):
            continue
        if inner is not None:
            parts[-1] = f"{_field(module, inner)}{parts[-1]}"
        parts.append(str(module.signature()))
        inner, method = module, frame.f_code.co_name
    if not parts:
        return ""
    if len(parts) > 1:
        parts[-1] = f"{type(inner).__name__}.{method}"
    return "\n  in " + ", in ".join(parts)


def _field(parent: Any, child: Any) -> str:
    for name, value in vars(parent).items():
        if value is child:
            return f"{name}: "
        if isinstance(value, (tuple, dict)):
            for key, each in value.items() if isinstance(value, dict) else enumerate(value):
                if each is child:
                    return f"{name}.{key}: "
    return ""


def user_line() -> str:
    """`file.py:41` of the innermost frame that is not minigrad's own; or ''."""
    place = user_place()
    return f"{os.path.basename(place[0])}:{place[1]}" if place else ""


def user_place() -> tuple[str, int] | None:
    """File and line of the innermost frame that is not minigrad's own; None if all are."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
    return frame and (frame.f_code.co_filename, frame.f_lineno)
