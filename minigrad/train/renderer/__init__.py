"""Renderers: they listen to a run and show it."""

from .base import Renderer, default_renderer
from .live import LiveRenderer
from .notebook import NotebookRenderer
from .plain import PlainRenderer, SilentRenderer
from .terminal import TerminalRenderer

__all__ = [
    "LiveRenderer",
    "NotebookRenderer",
    "PlainRenderer",
    "Renderer",
    "SilentRenderer",
    "TerminalRenderer",
    "default_renderer",
]
