"""A loss that is NaN or infinite: seen before it reaches the model, and traced to where it was born.

A finite loss may have a gradient of NaN: that of the square root at zero. The next loss tells of it; after the last
one of an epoch the parameters do, before a checkpoint is made of them.
"""

from __future__ import annotations

import logging
from math import isfinite
from typing import Any

import numpy as np

from ..errors import MetricError, NonFiniteError
from ..module import Module
from ..param import Param
from .logger.application import warn
from .metric.format import shortest
from .metric.loss import loss_value

__all__ = ["has_finite_loss", "needs_numbers", "tell_not_finite"]

LOG = logging.getLogger(__name__)


def has_finite_loss(item: Any) -> bool:
    """Whether the loss of an item is a number; an item without one is no worse."""
    try:
        return isfinite(loss_value(item))
    except MetricError:
        if getattr(item, "loss", None) is None:
            return True
        raise


def tell_not_finite(item: Any, model: Any, what: str, where: str, stop: bool) -> None:
    """Raises `NonFiniteError` for the loss of `item`, or warns of it."""
    from ..debug import where_nan

    born = where_nan(item.loss, model) if getattr(item.loss, "birth", 0) else None
    message = f"the {what} loss is {shortest(loss_value(item))}{where}"
    message += "\n  born in " + born.replace("\n", "\n  ") if born else ""
    if stop:
        help = "a smaller learning rate or grad_clipping may help"
        if born is not None and born.startswith("the data"):  # which no learning rate mends
            help = "fill it in the dataset, or leave the item out"
        raise NonFiniteError(f"{message}\n  {help}; allow_non_finite() lets the run go on")
    warn(LOG, message)


def needs_numbers(model: Module, epoch: int) -> None:
    """Raises `NonFiniteError` for a trained parameter that holds a NaN."""
    if any(_nans(param) for param in model.params()):
        found: list[str] = []

        def look(path: str, param: Param) -> None:
            if count := _nans(param):
                values = f"{param.size} value{'s' * (param.size > 1)}"
                found.append(f"{path} of shape {param.shape}: {count} NaN of {values}")

        model.visit(look)
        raise NonFiniteError(
            f"epoch {epoch} left NaN in the parameter {found[0]}\n"
            "  the losses were finite, and the gradient of the last was not, as that of a square root at zero\n"
            "  allow_non_finite() lets the run go on"
        )


def _nans(param: Param) -> int:
    return int(np.isnan(param.data).sum()) if param.birth else 0
