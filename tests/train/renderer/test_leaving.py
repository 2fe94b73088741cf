"""Signals that end or stop a program, and what it undoes before."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from minigrad.train.renderer.leaving import Leaving

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP])
def test_it_leaves_and_lets_the_signal_do_what_it_does(number: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    leaving = Leaving(lambda: told.append("leave"), lambda: told.append("enter"))
    leaving.open()
    raised = signal.raise_signal
    monkeypatch.setattr(os, "kill", lambda process, number: told.append((process, number, signal.getsignal(number))))
    try:
        raised(number)
        raised(number)  # a process that was stopped goes on, and is stopped once more
    finally:
        leaving.close()
    once = ["leave", (os.getpid(), number, signal.SIG_DFL), "enter"]
    assert told == once * 2
    assert signal.getsignal(number) is signal.SIG_DFL


def test_handlers_of_others_stay() -> None:
    mine = lambda number, frame: None  # noqa: E731
    before = signal.signal(signal.SIGTERM, mine)
    try:
        leaving = Leaving(lambda: None, lambda: None)
        leaving.open()
        assert signal.getsignal(signal.SIGTERM) is mine
        leaving.close()
        assert signal.getsignal(signal.SIGTERM) is mine
    finally:
        signal.signal(signal.SIGTERM, before)


def test_one_that_came_later_stays() -> None:
    mine = lambda number, frame: None  # noqa: E731
    leaving = Leaving(lambda: None, lambda: None)
    leaving.open()
    before = signal.signal(signal.SIGTERM, mine)
    try:
        leaving.close()
        assert signal.getsignal(signal.SIGTERM) is mine
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    assert before is not mine


def test_other_threads_leave_signals_alone() -> None:
    leaving = Leaving(lambda: None, lambda: None)
    handlers: list[object] = []

    def open_and_close() -> None:
        leaving.open()
        handlers.append(signal.getsignal(signal.SIGTERM))
        leaving.close()

    thread = threading.Thread(target=open_and_close)
    thread.start()
    thread.join()
    assert handlers == [signal.SIG_DFL]
