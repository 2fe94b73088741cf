"""Does a record fit? Names, shapes and kinds compared with a record of the same model, before anything is loaded."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import RecordError
from .precision import cast
from .tree import ParamRecord, Path, Record, describe, dotted, leaves

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["check"]

SHOWN = 8  # of a hundred wrong names, eight say it


def check(record: Record, expected: Record, source: str = "", owner: str = "the model") -> Record:
    """`record` in the form of `expected`: its names in their order, its dtypes, with the ids and values of `record`.

    Names, shapes and kinds (float, integer, bool) must agree; widths need not. As in Burn, constants may have come
    or gone: where `expected` has no value the record's is dropped, and a name too many is one only if it holds a
    tensor. A parameter that `expected` has under two names has one id in `record` too. Raises one `RecordError` that
    names every place that does not fit, for `source` (a file) and `owner`.

    >>> file = {"linear": {"weight": ParamRecord(7, np.zeros((2, 16), np.float16))}}
    >>> model = {"linear": {"weight": ParamRecord(1, np.zeros((2, 16), np.float32))}, "activation": None}
    >>> fits = check(file, model)
    >>> fits["linear"]["weight"].id, fits["linear"]["weight"].value.dtype, fits["activation"]
    (7, dtype('float32'), None)
    >>> check(file, {"linear": {"weight": ParamRecord(1, np.zeros((2, 8), np.float32))}})
    Traceback (most recent call last):
    ...
    minigrad.errors.RecordError: linear.weight: the file has [2, 16], the model wants [2, 8]
      help: build the model with the config that it was saved with
    """
    comparison = _Comparison(owner)
    fitting: Record = comparison.walk(record, expected, ())
    problems = comparison.problems()
    if not problems:
        return fitting
    lines = [f"{source}: {problems[0]}" if source else problems[0], *(f"  {text}" for text in problems[1:SHOWN])]
    if len(problems) > SHOWN:
        lines.append(f"  ... and {len(problems) - SHOWN} more")
    raise RecordError("\n".join([*lines, f"  help: build {owner} with the config that it was saved with"]))


class _Comparison:
    """One walk over both trees, and what it found."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.different: list[str] = []
        self.missing: list[str] = []
        self.unexpected: list[str] = []
        self.ids: dict[int, tuple[int, Path]] = {}  # ours -> the file's, and where it was first

    def problems(self) -> list[str]:
        # Likenesses are dear, so only names that will be shown get one.
        likes = [get_close_matches(name, self.unexpected, 1) for name in self.missing[:SHOWN]]
        instead = [f", which has {near[0]} instead" if near else "" for near in likes]
        return [
            *self.different,
            *(f"{name}: missing in the file{like}" for name, like in zip_longest(self.missing, instead, fillvalue="")),
            *(f"{name}: in the file, but not in {self.owner}" for name in self.unexpected),
        ]

    def walk(self, got: Any, want: Any, path: Path) -> Any:
        if next(leaves(want), None) is None:  # constants: what the file says of them does not count
            self.unexpected += [
                dotted(name) for name, leaf in leaves(got, path) if isinstance(leaf, (ParamRecord, np.ndarray))
            ]
            return want
        if got is None:
            self.missing += [dotted(name) for name, _ in leaves(want, path)]
            return None
        if isinstance(want, dict) and isinstance(got, dict):
            for name, child in got.items():
                if name not in want:
                    self.walk(child, None, (*path, name))
            return {name: self.walk(got.get(name), child, (*path, name)) for name, child in want.items()}
        if isinstance(want, (list, tuple)) and isinstance(got, (list, tuple)) and len(got) == len(want):
            return [self.walk(*pair, (*path, str(index))) for index, pair in enumerate(zip(got, want, strict=True))]
        if isinstance(want, ParamRecord) and isinstance(got, ParamRecord):
            known, first = self.ids.setdefault(want.id, (got.id, path))
            if known != got.id:
                shared = f"one parameter with {dotted(first)} in {self.owner}, another one in the file"
                self.different.append(f"{dotted(path)}: {shared}")
            return ParamRecord(got.id, self.tensor(got.value, want.value, path))
        if isinstance(want, np.ndarray) and isinstance(got, np.ndarray):
            return self.tensor(got, want, path)
        got, want = (node.item() if isinstance(node, np.generic) else node for node in (got, want))
        if type(got) is type(want) and isinstance(got, (bool, int, float, str)):
            return got
        self.differ(path, describe(got), describe(want))
        return got

    def tensor(self, got: NDArray[Any], want: NDArray[Any], path: Path) -> NDArray[Any]:
        if got.shape != want.shape:
            self.differ(path, list(got.shape), list(want.shape))
        elif got.dtype.kind.replace("u", "i") != want.dtype.kind.replace("u", "i"):
            self.differ(path, got.dtype, want.dtype)
        else:
            return cast(got, want.dtype, want.dtype, dotted(path))
        return got

    def differ(self, path: Path, got: object, want: object) -> None:
        self.different.append(f"{dotted(path)}: the file has {got}, {self.owner} wants {want}")
