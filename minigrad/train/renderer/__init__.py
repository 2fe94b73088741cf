"""Renderers: they listen to a run and show it."""

from .base import Renderer, default_renderer
from .plain import PlainRenderer, SilentRenderer
from .terminal import TerminalRenderer

__all__ = ["PlainRenderer", "Renderer", "SilentRenderer", "TerminalRenderer", "default_renderer"]
