"""Every rule keeps every law. A new rule is tested as soon as it is filed."""

from __future__ import annotations

import pytest

from minigrad.rules import RULES, traits
from minigrad.testing import LAWS, check_law

from .strategies import CALLS, CALLS_OF_LAW, REFERENCE, calls_of


def applies(law: str, name: str) -> bool:
    """Whether a law has something to say about a rule."""
    code = RULES[name].__code__
    return {
        # the arguments of a recurrence never have one shape
        "same": (code.co_argcount > 2 or bool(code.co_flags & 4)) and name != "recurrence",
        "finite": traits(RULES[name]).wide != (),
    }.get(law, True)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("name", RULES)
def test_law(name: str, law: str) -> None:
    report = check_law(RULES[name], law, calls_of(RULES[name], law), reference=REFERENCE[name])
    assert (report.checked > 0) == applies(law, name)


def test_no_rule_is_left_out_and_no_table_has_a_rule_too_many() -> None:
    assert set(REFERENCE) == set(RULES)
    assert set(CALLS) <= set(RULES)
    assert {name for name, _ in CALLS_OF_LAW} <= set(RULES)
    assert {law for _, law in CALLS_OF_LAW} <= set(LAWS)
