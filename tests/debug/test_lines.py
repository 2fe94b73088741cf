"""lines: the line of the program of each operation, noted on request."""

from __future__ import annotations

import inspect
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor, autodiff, debug, lifting, where
from minigrad.debug import places
from minigrad.debug.places import line_of, lines
from minigrad.nn import LinearConfig


def leaf(values: object) -> Tensor:
    return Tensor(values).require_grad()


def here() -> int:
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def restored() -> bool:
    return vars(lifting)["next_birth"] is autodiff.next_birth


X = leaf([[1.0, 2.0]])

FORMS: dict[str, Callable[[], Tensor]] = {
    "unary": lambda: X.exp(),
    "structural": lambda: X.sum(axis=0),
    "binary": lambda: X + 1,
    "reflected": lambda: 1 - X,
    "ternary": lambda: LinearConfig(2, 3).init(X.device)(X),
    "general": lambda: Tensor.cat([X, X]),
    "NumPy's": lambda: np.sum(X),
    "where": lambda: where(np.array([True, False]), X, 0.0),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_operation(form: str) -> None:
    with lines():
        y = FORMS[form]()
    assert line_of(y).startswith(f"test_lines.py:{FORMS[form].__code__.co_firstlineno}: ")
    assert form in line_of(y)


def test_the_line_and_its_source() -> None:
    with lines():
        y, line = X.exp(), here()
        z = y.tanh()
    assert line_of(y) == f"test_lines.py:{line}: y, line = X.exp(), here()"
    assert line_of(z) == f"test_lines.py:{line + 1}: z = y.tanh()"


def test_not_noted() -> None:
    before = X.exp()
    with lines():
        pass
    assert line_of(before) == line_of(X.exp()) == line_of(Tensor(1.0)) == ""


def test_restored_also_after_an_exception() -> None:
    def fails() -> None:
        with lines():
            assert not restored()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert restored()


def test_nested() -> None:
    with lines():
        with lines():
            inner = X.exp()
        after = X.exp()
    assert line_of(inner)
    assert line_of(after)
    assert restored()


def test_blocks_of_threads_that_overlap() -> None:
    entered, leave, births = threading.Event(), threading.Event(), []

    def other() -> None:
        with lines():
            entered.set()
            leave.wait(10)
            births.append(X.exp())

    thread = threading.Thread(target=other)
    with lines():
        thread.start()
        entered.wait(10)
    assert not restored()  # the other block is still open
    leave.set()
    thread.join()
    assert restored()
    assert "births.append" in line_of(births[0])


def test_births_are_unique_while_threads_enter_and_leave() -> None:
    births: list[int] = []

    def work() -> None:
        for _ in range(200):
            with lines():
                births.append(X.exp().birth)
            births.append(X.exp().birth)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(births) == len(set(births)) == 1600
    assert restored()


def test_no_tensor_is_kept_alive() -> None:
    with lines():
        y = X.exp()
        watched = weakref.ref(y)
        del y
        assert watched() is None


def test_only_the_newest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "KEPT", 8)
    monkeypatch.setattr(places, "_places", {})
    with lines():
        made: list[Any] = [X.exp() for _ in range(20)]
    assert [bool(line_of(y)) for y in made] == [False] * 12 + [True] * 8
    assert len(places._places) == 8


def test_code_without_a_file() -> None:
    namespace: dict[str, Any] = {"X": X}
    with lines():
        exec(compile("y = X.exp()", "<string\n>", "exec"), namespace)
    assert line_of(namespace["y"]) == r"<string\n>:1"


def test_the_same_values_and_gradients() -> None:
    def run() -> Any:
        x = leaf([1.0, 2.0])
        return (x.exp() * x).sum().backward().get(x)

    plain = run()
    with lines():
        np.testing.assert_array_equal(run(), plain)
    assert debug.lines is lines
