"""Hypothesis strategies, for property tests of rules and of one's own functions. It is imported when one is made."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

from ..errors import CheckError, MissingExtraError
from ..rules import traits
from .trial import Call, Rule

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["broadcastable", "calls", "for_all", "shapes"]

Shape = tuple[int, ...]

# Every shape of up to three axes of up to three elements, and a few empty ones: an example in ten.
FULL = tuple(shape for dims in (1, 2, 0, 3) for shape in product((2, 1, 3), repeat=dims))
EMPTY: tuple[Shape, ...] = ((0,), (2, 0), (0, 3), (1, 0, 2))


def hypothesis(name: str = "hypothesis") -> Any:
    """The library, or a part of it. Raises `MissingExtraError` without it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise MissingExtraError(
            "drawing examples needs Hypothesis: pip install hypothesis\n"
            "  without it, say which calls to try: check_rule(rule, calls=[Call(((2, 3), (3,)))])"
        ) from None


def shapes(min_dims: int = 0, max_dims: int = 3, min_side: int = 0) -> SearchStrategy[Shape]:
    """Small shapes, 0-d, empty and square ones among them; examples shrink towards (2,)."""
    st = hypothesis("hypothesis.strategies")
    every = FULL if min_side else FULL + EMPTY
    fitting: SearchStrategy[Shape] = st.sampled_from([each for each in every if min_dims <= len(each) <= max_dims])
    return fitting


def broadcastable(count: int, max_dims: int = 3) -> SearchStrategy[tuple[Shape, ...]]:
    """`count` shapes that broadcast with each other: axes left out on the left, and sizes of 1."""
    st = hypothesis("hypothesis.strategies")
    return shapes(0, max_dims).flatmap(lambda full: st.tuples(*[st.sampled_from(_narrowed(full))] * count))


@lru_cache
def _narrowed(full: Shape) -> list[Shape]:
    """What broadcasts to `full`; itself once for each of the others, so that equal shapes are drawn as well."""
    ways = {tuple(ns)[start:] for ns in product(*((n, 1) for n in full)) for start in range(len(full) + 1)} - {full}
    return sorted(ways, key=lambda shape: (-len(shape), shape)) + [full] * max(len(ways), 1)


def calls(rule: Rule) -> SearchStrategy[Call]:
    """Calls of a rule that acts element by element: broadcasting shapes where it declares so, else equal ones."""
    code = rule.__code__
    static = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    if static or code.co_flags & 4:  # 4: has *args
        raise CheckError(
            f"check_rule: rule {rule.__name__} has {', '.join(static) or 'any number of arguments'}\n"
            "  say which calls to try, as a list or a strategy: check_rule(rule, calls=[Call(((2, 3),), {'axis': 1})])"
        )
    count = code.co_argcount - 1
    if traits(rule).broadcasts:
        return broadcastable(count).map(Call)
    return shapes().map(lambda shape: Call((shape,) * count))


def for_all(check: Callable[[Any, int], None], calls: Any, settings: Any = None, seed: int | None = None) -> None:
    """Run `check(call, number)` on drawn calls and numbers to seed generators with."""
    library, st = hypothesis(), hypothesis("hypothesis.strategies")

    def each(call: Any, number: int) -> None:
        check(call, number)

    run = library.given(calls, st.integers(0, 2**32 - 1))(each)
    run = (settings or library.settings(report_multiple_bugs=False))(run)
    run = run if seed is None else library.seed(seed)(run)
    run()
