"""How a value or a gradient came to be not finite, in words and numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..autodiff import Node, variable
from ..rules import kernels
from .graph import Names
from .places import line_of
from .steps import Step
from .text import brief, count, describe, escape, positions

__all__ = ["born", "made"]

Place = tuple[int, ...]


def born(node: Node, bad: Callable[[Any], Any], names: Names) -> str:
    """Of a node that is `bad` somewhere, while nothing tracked is that it was made of."""
    name = names.known(node)
    if node.record is None or node.record[0] is variable:
        kind = "parameter" if hasattr(node, "id") else "leaf" if node.birth else "tensor without a record"
        kind = kind if node.record is None else "argument of grad"
        what = f"the {kind} {name}" if name else f"a{'n' * (kind[0] == 'a')} {kind}"
        help = "" if node.birth else "\n  track what it comes from: require_grad(), parameters on Autodiff(NdArray())"
        return f"{what} of shape {node.data.shape}: {count(node.data)}{_places(node.data)}{help}"
    for i, x in enumerate(map(_data, node.record[1])):
        if bad(x).any():
            where = f"{_argument(node, i)} of {_rule(node)}, of shape {x.shape}"
            return f"the data: {count(x)} in {where}{_line(node)}{_places(x)}"

    def row(place: Place) -> str:
        value = node.data[place]
        call = _alone(node, place, lambda outputs: _same(outputs[0], value))
        return call and f"{call} = {value!s}"

    return f"{_rule(node)}: {count(node.data)}{_line(node)}{_rows(node.data, row, _arguments(node))}"


def made(step: Step, names: Names) -> str:
    """Of what the walk did: the vjp, the sum to the argument's shape, or the addition to what had arrived."""
    node, i = step.node, step.i
    argument = f"{_argument(node, i)} of {_rule(node)}"
    if np.isfinite(step.fitted).all():
        what = f"the gradients of {names.known(step.argument) or argument} added up to {count(step.total)}"
        rows = _rows(step.total, lambda p: f"{step.before[p]!s} + {step.fitted[p]!s} = {step.total[p]!s}", [])
    elif np.isfinite(step.part).all():
        what = f"the gradient of {argument}, summed to shape {step.fitted.shape}, made {count(step.fitted)}"
        rows = _rows(step.fitted, lambda _: "", [f"summed = {describe(step.part)}"])
    else:
        what = f"the vjp of {_rule(node)} for {_argument(node, i)} made {count(step.part)}"
        values = [f"gradient = {describe(step.gradient)}", *_arguments(node), f"value = {describe(node.data)}"]
        rows = _rows(step.part, lambda place: _vjp_row(step, place), values)
    return f"{what}{_line(node)}{rows}"


def _vjp_row(step: Step, place: Place) -> str:
    node, part = step.node, step.part
    if part.shape != step.gradient.shape:
        return ""
    g = step.gradient[place]

    def same(outputs: Any) -> bool:
        joint = len(outputs) <= len(node.record[1])
        return _same(outputs[1](g)[step.i] if joint else outputs[step.i + 1](g), part[place])

    call = _alone(node, place, same)
    return call and f"{call} = {node.data[place]!s}, and the gradient {g!s} became {part[place]!s}"


def _alone(node: Node, place: Place, same: Callable[[Any], bool]) -> str:
    """`log(0.0)`, of the elements at one place, if the rule does the same with these alone; else ''."""
    rule, inputs, static, _ = node.record
    try:
        xs = [np.broadcast_to(x.data, node.data.shape)[place] if isinstance(x, Node) else x for x in inputs]
        if not same(rule(kernels, *xs, **static)):
            return ""
    except Exception:  # of a rule that wants axes, and says so in whatever way
        return ""
    return f"{_rule(node)}({', '.join([*map(brief, xs), *(f'{name}={brief(v)}' for name, v in static.items())])})"


def _same(x: Any, y: Any) -> bool:
    return np.shape(x) == () and bool(np.array_equal(x, y, equal_nan=True))


def _rows(x: Any, row: Callable[[Place], str], otherwise: list[str]) -> str:
    """A line for each of the first places where `x` is not finite; if one has none, the places and what else to say."""
    found = [(place, row(place)) for place in positions(x)]
    if all(text for _, text in found):
        return "".join(f"\n  {f'{list(place)}: ' if place else ''}{text}" for place, text in found)
    return _places(x) + "".join(f"\n  {text}" for text in otherwise)


def _places(x: Any) -> str:
    found = [str(list(place)) for place in positions(x) if place]
    more = ", ..." if found and np.sum(~np.isfinite(x)) > len(found) else ""
    return f"\n  elements {', '.join(found)}{more}" if found else ""


def _line(node: Node) -> str:
    line = line_of(node)
    return f"\n  at {line}" if line else ""


def _arguments(node: Node) -> list[str]:
    return [f"{_argument(node, i)} = {describe(_data(x))}" for i, x in enumerate(node.record[1])]


def _argument(node: Node, i: int) -> str:
    """What the rule calls it."""
    code = node.record[0].__code__
    names = code.co_varnames[1 : code.co_argcount]
    return escape(names[i]) if i < len(names) else f"argument {i}"


def _rule(node: Node) -> str:
    return escape(node.record[0].__name__)


def _data(x: Any) -> Any:
    return np.asarray(x.data if isinstance(x, Node) else x)
