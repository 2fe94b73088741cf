"""Hypothesis strategies, for property tests of rules and of one's own functions. It is imported when one is made."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import CheckError, MissingExtraError
from ..rules import Reals, traits
from .draw import lay, points
from .programs import Program, Step, possible
from .trial import Call, Rule

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["arrays", "broadcastable", "broadcastable_arrays", "calls", "for_all", "programs", "shapes"]

Shape = tuple[int, ...]
ANY = Reals(-3, 3)

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


def arrays(
    shape: Any = None, interval: Reals = ANY, dtype: Any = np.float64, distinct: bool = False
) -> SearchStrategy[Any]:
    """Float arrays of `shape`, a tuple or a strategy of tuples, in `interval`, away from its kinks.

    A fifth of the elements are round numbers; with `distinct`, no two are near each other. They lie in memory in
    several ways; without axes there is a scalar.

    >>> from hypothesis import given
    >>> @given(arrays(interval=Reals(-2, 2, kinks=(0.0,))))
    ... def the_sign_is_steady(x):
    ...     assert np.all(np.sign(x) == np.sign(x + np.copysign(1e-3, -x)))
    >>> the_sign_is_steady()
    """
    st = hypothesis("hypothesis.strategies")
    every = shapes() if shape is None else st.just(shape) if isinstance(shape, tuple) else shape
    made: SearchStrategy[Any] = st.tuples(every, st.integers(0, 2**32 - 1)).map(
        lambda drawn: _array(drawn[0], drawn[1], interval, dtype, distinct)
    )
    return made


def broadcastable_arrays(count: int, interval: Reals = ANY, dtype: Any = np.float64) -> SearchStrategy[tuple[Any, ...]]:
    """`count` arrays as of `arrays` whose shapes broadcast with each other."""
    st = hypothesis("hypothesis.strategies")
    made: SearchStrategy[tuple[Any, ...]] = broadcastable(count).flatmap(
        lambda shapes: st.tuples(*[arrays(shape, interval, dtype) for shape in shapes])
    )
    return made


def _array(shape: Shape, seed: int, interval: Reals, dtype: Any, distinct: bool) -> Any:
    rng = np.random.default_rng(seed)
    return lay(rng, points(rng, math.prod(shape), interval, distinct), shape, dtype)


def programs(steps: int = 8, arguments: int = 2, smooth: bool = True) -> SearchStrategy[Program]:
    """Programs of up to `steps` operations on up to `arguments` arrays; with `smooth=False`, some of them have kinks.

    Values are used again and again, broadcast, reduced, reshaped, sliced, joined and multiplied as matrices. Examples
    shrink towards few steps.

    >>> from hypothesis import given
    >>> from minigrad.testing import check_gradients
    >>> @given(programs(steps=3))
    ... def derivatives_are_right(program):
    ...     check_gradients(program, *program.arguments, order=1, samples=5)
    >>> derivatives_are_right()
    """
    st = hypothesis("hypothesis.strategies")
    some = st.lists(shapes(min_side=1), min_size=1, max_size=arguments)

    def program(draw: Any) -> Program:
        given = [draw(arrays(shape, Reals(-2, 2), distinct=True)) for shape in draw(some)]
        values, chosen = list(given), list[Step]()
        for _ in range(draw(st.integers(1, steps))):
            kinds = possible(draw, st, values, smooth)
            chosen.append(draw(st.sampled_from(draw(st.sampled_from(kinds)))))
            values.append(chosen[-1].function(*[values[i] for i in chosen[-1].operands]))
        return Program(tuple(chosen), tuple(given))

    made: SearchStrategy[Program] = st.composite(program)()
    return made


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
