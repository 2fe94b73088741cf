"""The engine: what a tensor records, the walk backwards, and the gradients it returns. It knows no formula.

Order. Every tracked node has a birth number and is born after its inputs, so *newest first* is a valid order; no
topological sort, no recursion, no marks on nodes. Why an order is needed at all:

    a = 1;  b = a + a;  c = b + b        # dc/da = 4

A walk that follows each edge as it meets it passes b's gradient on to a after the first `+ b` already (2), and again
after the second (2 + 4 = 6). Taking the newest node that is waiting, b is handed on once, when all of its gradient
has arrived.

Nothing is stored on nodes but what they were made of, so several threads may walk graphs that share leaves; and a
record points at inputs only, so that a graph is freed by reference counts as soon as its result goes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from .errors import GradientError
from .rules import kernels, traits

if TYPE_CHECKING:
    from .backend import Device

__all__ = ["Gradients", "Node", "depends_on_outside", "fit", "next_birth", "variable", "walk"]

next_birth: Callable[[], int] = itertools.count(1).__next__  # atomic: a birth number is never given twice


class Node:
    """What the engine sees of a tensor.

    `data`: an array, or a NumPy scalar where there are no axes (81 ns an operation against 764).
    `birth`: 0 for what is not tracked. `record`: None on a leaf; else (rule, inputs, static, outputs): `rule(K,
    *inputs, **static)` returned `outputs`, the value and then the vjps. Inputs are nodes and plain numbers. A plain
    tuple: naming its places would cost 250 ns an operation.
    """

    __slots__ = ("__weakref__", "birth", "data", "device", "record")

    data: Any
    device: Device
    birth: int
    record: Any


class Gradients:
    """What `backward()` returns: the gradients of the leaves, as arrays by birth number. `x.grad(grads)` reads one."""

    __slots__ = ("_by_birth",)

    def __init__(self, by_birth: dict[int, Any]) -> None:
        self._by_birth = by_birth

    def of(self, leaf: Node) -> Any:
        """The array of the gradient of `leaf`, or None if it had no part in the result. Nobody may write to it."""
        return self._by_birth.get(leaf.birth)

    def get(self, leaf: Node) -> Any:
        """`of`, read-only: `add` gives both of its inputs one array."""
        g = self.of(leaf)
        if g is not None and g.shape:
            g = g.view()
            g.flags.writeable = False
        return g

    def replace(self, leaf: Node, gradient: Any) -> Gradients:
        """The same gradients, but with this array as that of `leaf`; None leaves it out."""
        rest = {birth: g for birth, g in self._by_birth.items() if birth != leaf.birth}
        return Gradients(rest if gradient is None else {**rest, leaf.birth: gradient})

    def __len__(self) -> int:
        return len(self._by_birth)

    def __repr__(self) -> str:
        return f"Gradients(of {len(self)} leaves)"


def variable(K: Any, x: Any, *, active: list[bool]) -> Any:
    """The identity that `grad` puts before its variables; `active` is empty when its function has returned."""
    return x, lambda g: g


_NOBODY: frozenset[int] = frozenset()


def walk(
    root: Node,
    cotangent: Any,
    targets: Sequence[Node] = (),
    again: Callable[[Node], tuple[Any, ...]] | None = None,
    K: Any = kernels,
) -> dict[int, Any]:
    """The gradients of `root` by birth number: of all leaves, or of `targets`, and nothing before them is visited.

    For values the recorded vjps run on arrays. For derivatives that are themselves to be differentiated, `again(node)`
    runs the node's rule once more, on tensors, and `K` computes on tensors. Raises `GradientError`.
    """
    if root.record is None:
        return {root.birth: cotangent}
    wanted = {node.birth for node in targets} if targets else _NOBODY
    oldest = min(wanted) if wanted else 1
    waiting = {root.birth: cotangent}  # gradients that have arrived, by birth
    own: set[int] = set()  # those of them in a buffer that this walk made, which nobody else can see
    found: dict[int, Any] = {}
    heap = [(-root.birth, root)]
    while heap:
        node = heappop(heap)[1]
        birth = node.birth
        g = waiting.pop(birth)
        if birth in wanted:
            found[birth] = g
            continue
        rule, inputs, static, outputs = node.record
        if rule is variable and static["active"]:
            raise GradientError(
                "backward() reached a variable of the grad() around it, whose gradient it cannot track\n"
                "  inside of grad, use grad again: from minigrad import grad; grad(grad(f))(x)"
            )
        if again is not None:
            outputs = again(node)
        joint = outputs[1](g) if len(outputs) <= len(inputs) else None
        i = 0
        for x in inputs:
            i += 1
            if not isinstance(x, Node) or x.birth < oldest:
                continue
            gx = outputs[i](g) if joint is None else joint[i - 1]
            birth = x.birth
            arrived = found if x.record is None else waiting  # a leaf needs no turn
            if gx.shape != x.data.shape:
                if gx.shape is None and birth in own:
                    gx.add_to(arrived[birth])
                    continue
                gx = fit(rule, i - 1, gx, x.data.shape, K)
                if again is None and gx.shape and birth not in arrived:
                    own.add(birth)
            if birth not in arrived:
                arrived[birth] = gx  # by reference: add hands the same array to both of its arguments
                if arrived is waiting:
                    heappush(heap, (-birth, x))
            elif birth in own:
                K.add(arrived[birth], gx, arrived[birth])
            else:
                arrived[birth] = K.add(arrived[birth], gx)
                if again is None and gx.shape:
                    own.add(birth)
    return found


def fit(rule: Callable[..., Any], i: int, g: Any, shape: tuple[int, ...], K: Any = kernels) -> Any:
    """Un-broadcast: sum the gradient `g` of argument `i` to the argument's shape. Of a part make the whole.

    Strict, as a wrong rule must not pass: it may only sum, and only for rules that are declared to broadcast.
    """
    if g.shape is None:
        return g.whole()
    added = len(g.shape) - len(shape)
    if (
        not traits(rule).broadcasts
        or added < 0
        or any(n not in (1, m) for n, m in zip(shape, g.shape[added:], strict=True))
    ):
        raise GradientError(
            f"rule {rule.__name__}: the gradient of argument {i} has shape {g.shape}, the argument {shape}\n"
            f"  the vjp must return {shape}" + ("" if traits(rule).broadcasts else ", or the rule say broadcasts=True")
        )
    return K.sum_to(g, shape)


def depends_on_outside(root: Node, targets: Iterable[Node]) -> bool:
    """Whether a leaf, or a variable of an enclosing `grad`, had a part in `root` other than by way of `targets`.

    Its gradients must be tracked as well then. A variable of a `grad` that is finished is only passed through.
    """
    wanted = {node.birth for node in targets}
    stack, seen = [root], {root.birth}
    while stack:
        node = stack.pop()
        if node.birth in wanted:
            if node.record[1][0].birth:  # it stands for a tracked argument
                return True
            continue
        if node.record is None or (node.record[0] is variable and node.record[2]["active"]):
            return True
        for x in node.record[1]:
            if isinstance(x, Node) and x.birth and x.birth not in seen:
                seen.add(x.birth)
                stack.append(x)
    return False
