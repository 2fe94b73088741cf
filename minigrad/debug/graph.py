"""The graph that a result was computed from: its nodes in order, what they are called, and how it looks."""

from __future__ import annotations

import re
from typing import Any

from .. import tree
from ..autodiff import Node, variable
from ..errors import DtypeError
from ..tensor import Tensor
from .places import line_of
from .text import Diagram, Text, brief, checked, ends, escape

__all__ = ["Names", "expect_tensor", "inputs_of", "is_leaf", "mermaid", "oldest_first", "show"]


def show(loss: Tensor, model: Any = None, limit: int = 60) -> Text:
    """What `loss` was computed from, a line for each operation and each tracked leaf, oldest first.

    `model`, a module or a dictionary, lends the names of its tensors; others are called %1, %2, ... by age, and what is
    not tracked is told by its dtype and shape. Of more than `limit` nodes the first and the last ones are shown. Inside
    of `debug.lines()` each operation has its line of the program.

    >>> from minigrad.nn import LinearConfig
    >>> from minigrad.backend import Autodiff, NdArray
    >>> model = LinearConfig(2, 3).init(Autodiff(NdArray(seed=1)))
    >>> y = model(Tensor([[1.0, 2.0]])).relu()
    >>> show((y * y).sum(), model)
    weight                                    float32 (2, 3)  parameter
    bias                                      float32 (3,)    parameter
    %1 = linear(float32(1, 2), weight, bias)  float32 (1, 3)
    %2 = relu(%1)                             float32 (1, 3)
    %3 = mul(%2, %2)                          float32 (1, 3)
    %4 = sum(%3, axis=None, keepdims=False)   float32 ()
    """
    nodes = oldest_first(expect_tensor(loss, "show"))
    names = Names(nodes, model)
    first, hidden, last = ends(nodes, checked(limit))
    rows = [_row(node, names) for node in (*first, *last)]
    widths = [max(len(row[i]) for row in rows) for i in range(2)]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(row, (*widths, 0))).rstrip() for row in rows]
    if hidden:
        text.insert(len(first), f"... {hidden:,} more ...")
    return Text("\n".join(text))


def mermaid(loss: Tensor, model: Any = None, limit: int = 60) -> Diagram:
    """The same graph as a flowchart in Mermaid's language, which notebooks, GitHub and mermaid.live draw.

    >>> a = Tensor(1.0).require_grad()
    >>> b = a + a
    >>> mermaid(b + b, {"a": a, "b": b})
    flowchart TD
        n0(["a<br/>float32 ()"])
        n1["b = add(a, a)<br/>float32 ()"]
        n2["%1 = add(b, b)<br/>float32 ()"]
        n0 --> n1
        n0 --> n1
        n1 --> n2
        n1 --> n2
    """
    nodes = oldest_first(expect_tensor(loss, "mermaid"))
    names = Names(nodes, model)
    first, hidden, last = ends(nodes, checked(limit))
    boxes = {node.birth: f"n{i}" for i, node in enumerate(nodes)}
    boxes |= {node.birth: "more" for node in nodes[len(first) : len(first) + hidden]}
    text, edges = ["flowchart TD"], []
    for node in (*first, *last):
        left, right, _ = _row(node, names)
        opening, closing = ("([", "])") if is_leaf(node) else ("[", "]")
        text.append(f'    {boxes[node.birth]}{opening}"{_entities(left)}<br/>{_entities(right)}"{closing}')
    if hidden:
        text.append(f'    more["... {hidden:,} more ..."]')
    for node in nodes:
        edges += [(boxes[x.birth], boxes[node.birth]) for x in inputs_of(node) if x.birth]
    drawn = [edge for edge in edges if "more" not in edge]
    drawn += dict.fromkeys((a, b) for a, b in edges if "more" in (a, b) and a != b)
    return Diagram("\n".join([*text, *(f"    {a} --> {b}" for a, b in drawn)]))


def _entities(text: str) -> str:
    """Mermaid has a meaning of its own for quotes, #, <, ;, %% and others; in its spelling #34; is a quote."""
    return re.sub(r"%(?!\d)|[^\w .,:=()\[\]%-]", lambda found: f"#{ord(found[0])};", text)


def _row(node: Node, names: Names) -> tuple[str, str, str]:
    kind = f"{node.data.dtype} {node.data.shape}"
    if node.record is not None:
        return f"{names.of(node)} = {names.call(node)}", kind, line_of(node)
    return names.of(node), kind, "parameter" if hasattr(node, "id") else "leaf" if node.birth else "not tracked"


class Names:
    """What the nodes of a graph are called in text."""

    def __init__(self, nodes: list[Node], model: Any = None) -> None:
        named = [(leaf, escape(path)) for path, leaf in tree.leaves(model) if isinstance(leaf, Node) and path]
        self._known = {id(node): name for node, name in reversed(named)}
        self._numbers: dict[int, str] = {}
        for node in nodes:
            if id(node) not in self._known:
                self._numbers[id(node)] = f"%{len(self._numbers) + 1}"
        self._alive = named, nodes  # or another one could get an id

    def known(self, node: Node) -> str:
        """The name that the model gives it, or ''."""
        return self._known.get(id(node), "")

    def of(self, x: Any) -> str:
        """The name of a node; what a constant is; a number itself."""
        if not isinstance(x, Node):
            return brief(x)
        name = self.known(x) or self._numbers.get(id(x))
        return name or (f"{x.data.dtype}{x.data.shape}" if x.data.shape else str(x.data))

    def call(self, node: Node) -> str:
        """`sum(%1, axis=(0,), keepdims=False)`: how a result was made."""
        rule, inputs, static, _ = node.record
        shown = {} if rule is variable else static
        arguments = [*map(self.of, inputs), *(f"{name}={brief(value)}" for name, value in shown.items())]
        return f"{escape(rule.__name__)}({', '.join(arguments)})"


def oldest_first(root: Node) -> list[Node]:
    """Every node that `root` was computed from and that is tracked, and itself."""
    found = {root.birth: root}
    stack = [root]
    while stack:
        for x in inputs_of(stack.pop()):
            if x.birth and x.birth not in found:
                found[x.birth] = x
                stack.append(x)
    return [found[birth] for birth in sorted(found)]


def inputs_of(node: Node) -> list[Node]:
    """The tensors that it was made of, tracked or not."""
    return [x for x in node.record[1] if isinstance(x, Node)] if node.record else []


def is_leaf(node: Node) -> bool:
    """Whether gradients end here: a leaf, or a variable of a `grad` that is running."""
    return node.record is None or (node.record[0] is variable and bool(node.record[2]["active"]))


def expect_tensor(x: Any, name: str) -> Tensor:
    """`x`, or `DtypeError` for what has no record."""
    if isinstance(x, Tensor):
        return x
    raise DtypeError(f"debug.{name} of a {type(x).__name__}: give the tensor that the loss is")
