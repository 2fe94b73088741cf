"""The engine's own walk, watched: nothing here knows how gradients are added up, it only looks on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

from ..autodiff import Node, walk
from ..rules import kernels
from ..tensor import Tensor, cotangent_of
from .graph import is_leaf, oldest_first

__all__ = ["Step", "watch"]


class Step(NamedTuple):
    """What one argument of one node was given."""

    node: Node  # whose turn it was
    i: int  # which argument
    gradient: Any  # of the node, complete
    part: Any  # what the vjp made of it
    fitted: Any  # that, summed to the argument's shape
    before: Any  # what had arrived at the argument already; None: nothing
    total: Any  # what has arrived now

    @property
    def argument(self) -> Node:
        return self.node.record[1][self.i]  # type: ignore[no-any-return]


def watch(loss: Tensor, cotangent: Any, tell: Callable[[Step], None]) -> list[tuple[Node, Any]]:
    """The gradients of the leaves, oldest first, after `tell(step)` for each step of the walk.

    The vjps are handed to `walk` in place of what a second run of each rule would give, and in its `K` stand the two
    functions that it adds with.
    """
    now: list[Step] = []  # the step under way: a sum and an addition may follow the vjp

    def told() -> None:
        if now:
            tell(now.pop())

    def again(node: Node) -> tuple[Any, ...]:
        _, inputs, _, outputs = node.record
        joint: list[Any] = []

        def vjp(i: int, g: Any) -> Any:
            told()
            if len(outputs) > len(inputs):
                part = outputs[i + 1](g)
            else:
                if not joint:
                    joint.extend(outputs[1](g))
                part = joint[i]
            part = part.whole() if part.shape is None else part
            now.append(Step(node, i, g, part, part, None, part))
            return part

        return outputs[0], *(partial(vjp, i) for i in range(len(inputs)))

    def sum_to(part: Any, shape: tuple[int, ...]) -> Any:
        fitted = kernels.sum_to(part, shape)
        now[0] = now[0]._replace(fitted=fitted, total=fitted)
        return fitted

    def add(before: Any, fitted: Any) -> Any:
        total = kernels.add(before, fitted)
        now[0] = now[0]._replace(before=before, total=total)
        return total

    leaves = [node for node in oldest_first(loss) if is_leaf(node)]
    found = walk(loss, cotangent_of(loss, cotangent), leaves, again, SimpleNamespace(add=add, sum_to=sum_to))
    told()
    return [(leaf, found[leaf.birth]) for leaf in leaves if leaf.birth in found]
