"""What a record tells about a result: where its first NaN was born."""

from __future__ import annotations

from typing import Any

import numpy as np

from .autodiff import Node
from .tensor import Tensor

__all__ = ["where_nan"]


def where_nan(loss: Tensor) -> str | None:
    """The operation in which the first value that is not finite was born, and its arguments there, as text.

    Goes through all that `loss` was computed from, oldest first. None if all of it is finite.

    >>> x = Tensor([4.0, 0.0, -0.5]).require_grad()
    >>> with np.errstate(all="ignore"):
    ...     loss = (x.log() * 2).mean()
    >>> print(where_nan(loss))
    log: 2 of 3 values are not finite (1 NaN)
      there argument 0 of shape (3,) is from -0.5 to 0
    >>> where_nan((x + 1).mean()) is None
    True
    """
    for node in _oldest_first(loss):
        bad = _not_finite(node.data)
        if not np.any(bad):
            continue
        if node.record is None:
            return f"{'a leaf' if node.birth else 'a tensor'} of shape {node.data.shape}: {_count(node.data)}"
        rule, inputs, _, _ = node.record
        arguments = [x.data if isinstance(x, Node) else np.float64(x) for x in inputs]
        for i, x in enumerate(arguments):
            if np.any(_not_finite(x)):  # tracked ones came before, so this one depends on nothing tracked
                return f"the data: {_count(x)}\n  in argument {i} of {rule.__name__}, of shape {x.shape}"
        lines = [f"\n  {_there(x, bad, i)}" for i, x in enumerate(arguments)]
        return f"{rule.__name__}: {_count(node.data)}" + "".join(lines)
    return None


def _oldest_first(root: Node) -> list[Node]:
    """Every node that `root` was computed from and that is tracked, and itself."""
    found = {root.birth: root}
    stack = [root]
    while stack:
        record = stack.pop().record
        for x in record[1] if record else ():
            if isinstance(x, Node) and x.birth and x.birth not in found:
                found[x.birth] = x
                stack.append(x)
    return [found[birth] for birth in sorted(found)]


def _not_finite(x: Any) -> Any:
    return ~np.isfinite(x)


def _count(x: Any) -> str:
    bad, nans = int(np.sum(_not_finite(x))), int(np.sum(np.isnan(x)))
    return f"{bad} of {x.size} values are not finite ({f'{nans} NaN' if nans else 'all infinite'})"


def _there(x: Any, bad: Any, i: int) -> str:
    """The range of argument `i` where the result is `bad`, or in all if it is not spread over the result."""
    try:
        values, where = np.broadcast_to(x, bad.shape)[bad], "there "
    except ValueError:
        values, where = np.ravel(x), ""
    if not values.size:
        return f"argument {i} of shape {x.shape} is empty"
    return f"{where}argument {i} of shape {x.shape} is from {values.min():.6g} to {values.max():.6g}"
