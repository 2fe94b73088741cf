"""Unreadable: a value that is not what its field declares."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from .....errors import DatasetError

__all__ = ["Unreadable", "kind_name", "meant", "none_of", "refused", "shown"]

SHOWN = 40  # characters of a value in a message


class Unreadable(ValueError):
    """Raised by readers, which do not know the file; whoever does turns it into a `DatasetError` by `at`.

    >>> str(refused("abc", float).within("[1]").within(".size").at("a.json, line 3"))
    "a.json, line 3, size[1]: 'abc' is no float\\n  correct it, or declare the field as what it holds"
    """

    def __init__(self, problem: str, help: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.help = help
        self.path = ""

    def within(self, step: str) -> Unreadable:
        """The same, one step further out: `[1]` of a list, `.x` of an object."""
        self.path = step + self.path
        return self

    def at(self, place: str) -> DatasetError:
        path = self.path.removeprefix(".")
        return DatasetError(f"{place}{', ' if path else ''}{path}: {self.problem}\n  {self.help}")


def refused(found: Any, kind: Any) -> Unreadable:
    """`found` is no `kind`."""
    name = kind if isinstance(kind, str) else kind_name(kind)
    if found is None or found == "":
        return Unreadable(f"{name} is declared, and nothing is there", f"fill it in, or declare {name} | None")
    return Unreadable(f"{shown(found)} is no {name}", "correct it, or declare the field as what it holds")


def none_of(found: Any, choices: Iterable[str], kind: Any) -> Unreadable:
    """`found` is no choice of a Literal or an Enum."""
    error = refused(found, kind)
    if found not in (None, ""):
        error.problem = f"{shown(found)} is none of {', '.join(choices)}"
    return error


def kind_name(kind: Any) -> str:
    """The annotation as one writes it."""
    if isinstance(kind, type) and not hasattr(kind, "__args__"):
        return kind.__name__
    return str(kind).replace("typing.", "")


def shown(found: Any) -> str:
    """The value, without the end of one that is too long to read."""
    text = repr(found)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def meant(name: str, names: Iterable[str], who: str) -> str:
    """What there is instead of `name`, the near match first."""
    listed = list(names)
    near = get_close_matches(name, listed, n=1)
    has = ", ".join(listed[:20]) + (f" and {len(listed) - 20} more" if len(listed) > 20 else "")
    return (f"did you mean {near[0]!r}? " if near else "") + f"{who} {has or 'nothing'}"
