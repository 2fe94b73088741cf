"""The record tree: what a record is made of, and how a place in it is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MAX_DEPTH", "ParamRecord", "Path", "Record", "describe", "dotted", "leaves"]

MAX_DEPTH = 100  # deeper than any model, and far from Python's limit: a file of a million `[` is refused, not recursed


@dataclass(frozen=True, eq=False)
class ParamRecord:
    """A parameter in a record: its id, which optimizer state follows, and its values.

    >>> ParamRecord(3, np.ones(2, np.float32))
    ParamRecord(id=3, value=array([1., 1.], dtype=float32))
    """

    id: int
    value: NDArray[Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", np.asarray(self.value))  # a tensor of shape [] keeps a NumPy scalar inside


# An array stands for a tensor that is no parameter (an optimizer's moments), None for a constant such as a Relu.
Record: TypeAlias = (
    Mapping[str, "Record"] | Sequence["Record"] | ParamRecord | np.ndarray[Any, Any] | int | float | str | bool | None
)
Path: TypeAlias = tuple[str, ...]


def dotted(path: Path) -> str:
    """The name of a place in a record, as in every message.

    >>> dotted(("layers", "0", "weight"))
    'layers.0.weight'
    """
    return ".".join(path) or "the record"


def leaves(node: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value in a record tree that is more than a constant, with its path.

    >>> [dotted(path) for path, _ in leaves({"linear": {"weight": ParamRecord(1, np.ones(2)), "bias": None}})]
    ['linear.weight']
    """
    if isinstance(node, (dict, list, tuple)):
        for name, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from leaves(child, (*path, str(name)))
    elif node is not None:
        yield path, node


def describe(node: Record) -> str:
    """What a node is, in a few words for a message.

    >>> describe(ParamRecord(1, np.ones((2, 16), np.float32))), describe([1, 2]), describe(0.5)
    ('a parameter [2, 16]', 'a list of 2', 'the number 0.5')
    """
    if isinstance(node, ParamRecord):
        return f"a parameter {list(node.value.shape)}"
    if isinstance(node, np.ndarray):
        return f"a tensor {list(node.shape)} without an id"
    if isinstance(node, dict):
        return f"a group of {', '.join(map(str, node))}" if node else "an empty group"
    if isinstance(node, (list, tuple)):
        return f"a list of {len(node)}"
    if isinstance(node, (int, float)) and not isinstance(node, bool):
        return f"the number {node!r}"
    return repr(node)
