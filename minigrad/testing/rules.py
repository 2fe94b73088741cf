"""`check_rule`: the laws, tried on a rule of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from typing import Any

import numpy as np

from ..errors import CheckError
from . import strategies
from .gradients import Report
from .laws import LAWS
from .trial import Call, Rule, Trial

__all__ = ["check_law", "check_rule"]


def check_rule(
    rule: Rule, calls: Any = None, *, reference: Callable[..., Any] | None = None, settings: Any = None
) -> dict[str, Report]:
    """Try all laws on a rule of one's own; what was compared, by law. Raises `CheckError` naming the law.

    `calls` is a list of `Call` or a Hypothesis strategy of them; without it, shapes are drawn for a rule that acts
    element by element. `reference` is the same function in plain NumPy, `settings` are Hypothesis' own.

    >>> from minigrad.rules import Reals, rule
    >>> @rule(domain=Reals(-2, 2))
    ... def cube(K, x):
    ...     return x * x * x, lambda g: g * 3 * x * x
    >>> check_rule(cube, [Call(((2, 2),))], reference=lambda x: x**3)["vjp"]
    Report(checked=40, skipped=0)
    """
    return {law: check_law(rule, law, calls, reference=reference, settings=settings) for law in LAWS}


def check_law(
    rule: Rule,
    law: str,
    calls: Any = None,
    *,
    reference: Callable[..., Any] | None = None,
    settings: Any = None,
    seed: int | None = None,
) -> Report:
    """Try one law, named as in `LAWS`; the other arguments are those of `check_rule`. Raises `CheckError`.

    Of all points compared with finite differences at most a tenth may be passed over as kinks: the domain that the rule
    declares is to keep away from them.
    """
    total = Report()

    def broken(text: str) -> CheckError:
        error = CheckError(f"rule {rule.__name__} breaks the law {law!r}: {text}")
        error.law = law
        return error

    def check(call: Call, number: int) -> None:
        nonlocal total
        try:
            with np.errstate(all="ignore"):  # what is infinite must fail as a number, by the law
                total = total.plus(LAWS[law](Trial(rule, call, number, reference)))
        except CheckError as error:
            raise broken(f"{error}\n  in {call}, seed {number}") from None

    if isinstance(calls, Iterable):
        for call, number in product(calls, range(10)):
            check(call, number)
    else:
        strategies.for_all(check, strategies.calls(rule) if calls is None else calls, settings, seed)
    if total.skipped > (total.checked + total.skipped) / 10:
        raise broken(
            f"{total.skipped} of {sum(total)} points were passed over as kinks: name them in the rule's domain"
        )
    return total
