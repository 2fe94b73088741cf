"""A loss that is NaN or infinite: seen before it reaches the model, and traced to where it was born."""

from __future__ import annotations

import logging
from math import isfinite
from typing import Any

from ..errors import NonFiniteError
from .logger.application import warn
from .metric.format import shortest
from .metric.loss import loss_value

__all__ = ["has_finite_loss", "tell_not_finite"]

LOG = logging.getLogger(__name__)


def has_finite_loss(item: Any) -> bool:
    """Whether the loss of an item is a number; an item without one is no worse."""
    return getattr(item, "loss", None) is None or isfinite(loss_value(item))


def tell_not_finite(item: Any, model: Any, what: str, where: str, stop: bool) -> None:
    """Raises `NonFiniteError` for the loss of `item`, or warns of it."""
    from ..debug import where_nan

    born = where_nan(item.loss, model) if getattr(item.loss, "birth", 0) else None
    message = f"the {what} loss is {shortest(loss_value(item))}{where}"
    message += "\n  born in " + born.replace("\n", "\n  ") if born else ""
    if stop:
        raise NonFiniteError(
            f"{message}\n  a smaller learning rate or grad_clipping may help; allow_non_finite() lets the run go on"
        )
    warn(LOG, message)
