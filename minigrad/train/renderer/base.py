"""What draws a run: anything that takes events, switched off when it raises."""

from __future__ import annotations

import logging
import os
import sys
from importlib.util import find_spec
from typing import Protocol, TextIO, get_args

from ..event import BatchDone, Event, Events
from ..logger.application import warn

__all__ = ["Renderer", "default_renderer", "subscribe"]

LOG = logging.getLogger(__name__)


class Renderer(Protocol):
    """Called with every event. With a class attribute `batches = False` it hears of epochs only.

    `BatchDone` comes from the training loop: keep what it says, and draw on a clock, as `LiveRenderer` does.
    """

    def __call__(self, event: Event, /) -> object: ...


def default_renderer() -> Renderer:
    """A live table in a notebook, a live display in a terminal when rich is there to draw it; else a line an epoch."""
    from .keys import in_foreground
    from .notebook import NotebookRenderer, in_notebook

    if in_notebook():
        return NotebookRenderer()
    out: TextIO | None = sys.stdout  # None in a process without a console
    if out is not None and out.isatty() and os.environ.get("TERM") != "dumb" and find_spec("rich"):
        from .screen import Above
        from .terminal import TerminalRenderer

        if in_foreground(out) and not isinstance(out, Above):  # not two in one terminal
            return TerminalRenderer()
    from .plain import PlainRenderer

    return PlainRenderer()


def subscribe(renderer: Renderer, events: Events) -> None:
    """From now on `renderer` hears the events, until it raises: then it is switched off, and the run goes on."""
    working = True

    def guarded(event: Event) -> None:
        nonlocal working
        if working:
            try:
                renderer(event)
            except Exception as error:
                working = False
                warn(LOG, f"the renderer was switched off: {type(error).__name__}: {error}")

    for kind in get_args(Event):
        if kind is not BatchDone or getattr(renderer, "batches", True):
            events.subscribe(kind, guarded)
