"""Where the first value that is not finite was born, in the result or in its gradients."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import tree
from ..autodiff import Node
from ..tensor import Tensor
from .births import born, made
from .graph import Names, expect_tensor, inputs_of, oldest_first
from .places import line_of, lines
from .steps import Step, watch
from .text import Text

__all__ = ["where_nan"]


def where_nan(loss: Tensor | Callable[..., Tensor], *args: Any) -> Text | None:
    """The operation in which the first NaN or infinity of `loss` was born, and its arguments there; None without one.

    If `loss` is finite, its gradients are tried, those of its sum if it has several elements: the first of their vjps
    that makes what is not finite from what is. `where_nan(loss, model)` names the model's parameters.

    A function is called with `args`, inside of `debug.lines()`, so that the line is told too; tensors among the
    arguments are tracked. Raises `DtypeError` if it does not return a tensor.

    >>> x = Tensor([4.0, 0.0, -0.5])
    >>> where_nan(lambda x: (x.log() * 2).mean(), x)
    log: 1 NaN and 1 infinite of 3 values
      at <doctest minigrad.debug.nan.where_nan[1]>:1: where_nan(lambda x: (x.log() * 2).mean(), x)
      [1]: log(0.0) = -inf
      [2]: log(-0.5) = nan
    >>> x = Tensor([4.0, 0.0]).require_grad()
    >>> where_nan(x.sqrt().sum(), {"x": x})
    the loss is finite, a gradient is not: the vjp of sqrt for x made 1 infinite of 2 values
      [1]: sqrt(0.0) = 0.0, and the gradient 1.0 became inf
      it reaches the gradient of x
      for the line: debug.where_nan(f, *args), or `with debug.lines():` around the program
    >>> where_nan((x + 1).mean()) is None
    True
    """
    if callable(loss):
        value, model = _run(loss, args)
    else:
        value, model = loss, args[0] if len(args) == 1 else args
    root = expect_tensor(value, "where_nan")
    names = Names(oldest_first(root), model)
    with np.errstate(all="ignore"):
        text = _in_values(root, names) or _in_gradients(root, names)
    if not text:
        return None
    if root.record is not None and not line_of(root):
        text += "\n  for the line: debug.where_nan(f, *args), or `with debug.lines():` around the program"
    return Text(text)


def _run(f: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, Any]:
    """The value of `f(*args)` with tracked arguments and noted lines, and the names that `f` has for them."""

    def track(x: Any) -> Any:
        untracked = isinstance(x, Tensor) and not x.birth and x.dtype.kind == "f"
        return x.require_grad() if untracked else x

    given = [arg if tree.is_module(arg) else tree.map_leaves(track, arg) for arg in args]
    try:
        names = dict(inspect.signature(f).bind(*given).arguments)
    except (TypeError, ValueError):  # no Python function, or not its arguments, which the call will say
        names = {}
    with lines(), np.errstate(all="ignore"):
        return f(*given), (tree.children(f) or {} if tree.is_module(f) else {}) | names


def _in_values(loss: Node, names: Names) -> str:
    if np.isfinite(loss.data).all():
        return ""
    # Not simply the oldest value that is not finite, which may have been meant and gone since: a mask of -inf.
    bad = np.isnan if np.isnan(loss.data).any() else np.isinf
    node = _oldest([loss], bad)
    text = born(node, bad, names)
    infinite = [x for x in inputs_of(node) if x.birth and not np.isfinite(x.data).all()]
    if bad is np.isnan and infinite:
        origin = born(_oldest(infinite, np.isinf), np.isinf, names)
        text += "\n  the infinity was born in " + origin.replace("\n", "\n  ")
    return text


def _oldest(nodes: list[Node], bad: Callable[[Any], Any]) -> Node:
    """The oldest node that is reached from `nodes` by way of values all of which are `bad` somewhere."""
    found = {node.birth: node for node in nodes}
    stack = list(nodes)
    while stack:
        for x in inputs_of(stack.pop()):
            if x.birth and x.birth not in found and bad(x.data).any():
                found[x.birth] = x
                stack.append(x)
    return found[min(found)]


def _in_gradients(loss: Tensor, names: Names) -> str:
    if not loss.birth:
        return ""
    origins: dict[int, Step] = {}  # of what is not finite in the gradient of a node, by its birth

    def tell(step: Step) -> None:
        if not np.isfinite(step.total).all():
            began = np.isfinite(step.part).all() or step.node.birth not in origins
            origins.setdefault(step.argument.birth, step if began else origins[step.node.birth])

    found = watch(loss, np.ones(loss.shape), tell)
    spoilt = [leaf for leaf, g in found if not np.isfinite(g).all()]
    if not spoilt:
        return ""
    reached = {id(origins[leaf.birth]) for leaf in spoilt}
    first = next(step for step in origins.values() if id(step) in reached)
    known = [name for name in map(names.known, spoilt) if name]
    told = ", ".join(known[:3]) + f" and {len(known) - 3} more" * (len(known) > 3)
    told = told or f"{len(spoilt)} of {len(found)} leaves"
    return f"the loss is finite, a gradient is not: {made(first, names)}\n  it reaches the gradient of {told}"
