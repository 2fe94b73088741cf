"""Keys of a pseudo-terminal, and the settings that it had."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Any

import pytest

from minigrad.train.renderer.keys import Keys

pty = pytest.importorskip("pty")
termios = pytest.importorskip("termios")


@pytest.fixture
def ends() -> Iterator[tuple[int, Any]]:
    """Where one types, and the stream that it comes out of."""
    here, there = pty.openpty()
    with os.fdopen(there) as stream:
        yield here, stream
    os.close(here)


def test_keys_come_one_by_one_and_by_name(ends: tuple[int, Any]) -> None:
    here, stream = ends
    keys = Keys(stream)
    assert keys.are_there
    assert keys.read() == []
    for typed, names in [
        (b"q", ["q"]),
        (b"\x1b[C\x1b[D", ["right", "left"]),
        (b"\x1bOC\x1bOD", ["right", "left"]),
        (b"\tx\x1b[Z", ["right", "x", "left"]),
        (b"\x1b[A", ["\x1b[A"]),
        ("é".encode(), ["\ufffd", "\ufffd"]),
        (b"", []),
    ]:
        os.write(here, typed)
        assert keys.read() == names
    keys.rest()


def test_it_leaves_the_terminal_as_it_was(ends: tuple[int, Any]) -> None:
    _, stream = ends
    before = termios.tcgetattr(stream)
    keys = Keys(stream)
    for _ in range(2):
        keys.read()
        flags = termios.tcgetattr(stream)[3]
        assert not flags & (termios.ECHO | termios.ICANON)
        assert flags & termios.ISIG  # Ctrl-C
        keys.rest()
        assert termios.tcgetattr(stream) == before
        keys.rest()
        assert termios.tcgetattr(stream) == before


def test_settings_of_another_are_left_alone(ends: tuple[int, Any]) -> None:
    """A password prompt turns the echo off, and on again when it is done."""
    here, stream = ends
    before = termios.tcgetattr(stream)
    keys = Keys(stream)
    keys.read()
    password = [*before]
    password[3] &= ~termios.ECHO
    termios.tcsetattr(stream, termios.TCSANOW, password)
    password = termios.tcgetattr(stream)
    os.write(here, b"secret\n")
    assert keys.read() == []
    keys.rest()
    assert termios.tcgetattr(stream) == password
    assert stream.readline() == "secret\n"


def test_in_the_background_it_reads_nothing(ends: tuple[int, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    here, stream = ends
    before = termios.tcgetattr(stream)
    monkeypatch.setattr(os, "tcgetpgrp", lambda file: -1)
    keys = Keys(stream)
    os.write(here, b"q")
    assert keys.read() == []
    assert termios.tcgetattr(stream) == before
    monkeypatch.undo()
    assert keys.read() == ["q"]  # it was brought to the front
    keys.rest()


def test_what_is_no_terminal_has_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    closed = open(os.devnull)  # noqa: SIM115
    closed.close()
    with os.fdopen(reading) as pipe, os.fdopen(writing, "w") as other:
        other.write("q")
        other.flush()
        for stream in pipe, io.StringIO("q"), closed:
            keys = Keys(stream)
            assert not keys.are_there
            assert keys.read() == []
            keys.rest()
    monkeypatch.setattr("sys.stdin", None)
    assert not Keys().are_there
