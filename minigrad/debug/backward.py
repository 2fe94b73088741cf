"""The backward pass in words and numbers."""

from __future__ import annotations

from collections import deque
from typing import Any

from ..errors import GradientError
from ..tensor import Tensor
from .graph import Names, expect_tensor, oldest_first
from .steps import Step, watch
from .text import Text, checked, describe, ends

__all__ = ["explain"]


def explain(loss: Tensor, model: Any = None, cotangent: Any = None, limit: int = 40) -> Text:
    """What `loss.backward(cotangent)` does, step by step with its numbers, newest node first.

    `model`, a module or a dictionary, lends the names of its tensors; others are called as in `show`. Of more than
    `limit` nodes the first and the last turns are shown. Raises `GradientError`, as `backward()` does.

    Why b waits until all of its gradient has arrived before it hands it on:

    >>> a = Tensor(1.0).require_grad()
    >>> b = a + a
    >>> c = b + b
    >>> explain(c, {"a": a, "b": b, "c": c})
    c = add(b, b)
      value 4.0, gradient 1.0
      b gets 1.0, the first to arrive
      b gets 1.0, added to 1.0: 2.0
    b = add(a, a)
      value 2.0, gradient 2.0
      a gets 2.0, the first to arrive
      a gets 2.0, added to 2.0: 4.0
    the gradients of the leaves
      a: 4.0
    """
    if not expect_tensor(loss, "explain").birth:
        raise GradientError(
            "debug.explain of a tensor that depends on nothing tracked\n"
            "  parameters made on Autodiff(NdArray()) are tracked, and so is x.require_grad()"
        )
    names = Names(oldest_first(loss), model)
    first: list[list[Step]] = []
    last: deque[list[Step]] = deque(maxlen=checked(limit) - limit // 2)
    turns = 0
    turn: list[Step] = []

    def tell(step: Step) -> None:
        nonlocal turns, turn
        if not turn or turn[0].node is not step.node:
            turns, turn = turns + 1, []
            (first if turns <= limit // 2 else last).append(turn)
        turn.append(step)

    found = watch(loss, cotangent, tell)
    hidden = turns - len(first) - len(last)
    text = [_turn(steps, names) for steps in first]
    text += [f"... {hidden:,} more ..."] * (hidden > 0) + [_turn(steps, names) for steps in last]
    some, others, rest = ends(found, limit)
    text += ["the gradients of the leaves", *(f"  {names.of(leaf)}: {describe(g)}" for leaf, g in some)]
    text += [f"  ... {others:,} more ..."] * (others > 0) + [f"  {names.of(leaf)}: {describe(g)}" for leaf, g in rest]
    return Text("\n".join(text))


def _turn(steps: list[Step], names: Names) -> str:
    node = steps[0].node
    head = f"{names.of(node)} = {names.call(node)}\n  value {describe(node.data)}, gradient "
    return head + describe(steps[0].gradient) + "".join(f"\n  {_step(step, names)}" for step in steps)


def _step(step: Step, names: Names) -> str:
    text = f"{names.of(step.argument)} gets {describe(step.part)}"
    if step.fitted is not step.part:
        text += f", summed to shape {step.fitted.shape}: {describe(step.fitted)}"
    if step.before is None:
        return f"{text}, the first to arrive"
    return f"{text}, added to {describe(step.before)}: {describe(step.total)}"
