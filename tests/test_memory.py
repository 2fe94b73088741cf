"""keep_memory: page faults are counted, as times would depend on the machine."""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from minigrad.memory import keep_memory

glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="there is another C library here")

COUNT = """
import resource
import sys
from pathlib import Path
import numpy as np
from minigrad.memory import keep_memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() >> 20

x = np.ones(1_000_000, np.float32)

def work():
    results = [x + i for i in range(10)]
    del results[:]

if sys.argv[1] == "keep":
    keep_memory()
work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    work()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
kept = resident()
keep_memory(False)
print(kept - resident())
"""


@glibc
def test_kept_memory_is_not_asked_for_again_and_can_be_given_back(run_python: Callable[..., str]) -> None:
    faults, returned = map(int, run_python(COUNT, "keep").split())
    assert faults < 100
    assert returned > 30  # of the 40 MB that ten results took


@glibc
def test_without_it_every_large_result_is_fresh_memory(run_python: Callable[..., str]) -> None:
    """Else there would be nothing to gain, and the test above would show nothing."""
    faults, _ = map(int, run_python(COUNT, "leave").split())
    assert faults > 10_000  # 50 results of 977 pages each


def test_it_says_when_it_can_do_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace())
    assert not keep_memory()


def fake_libc(monkeypatch: pytest.MonkeyPatch, most: int, block: int) -> list[tuple[str | int, ...]]:
    """A C library that takes block sizes up to `most` and allocates at `block`; the calls that it gets."""
    calls: list[tuple[str | int, ...]] = []

    def note(name: str, result: Callable[..., int]) -> Callable[..., int]:
        def call(*arguments: int) -> int:
            calls.append((name, *arguments))
            return result(*arguments)

        return call

    libc = SimpleNamespace(
        mallopt=note("mallopt", lambda parameter, value: int(parameter == -1 or value <= most)),
        malloc_trim=note("malloc_trim", lambda pad: 1),
        malloc=note("malloc", lambda size: block),
        madvise=note("madvise", lambda start, length, advice: 0),
        free=note("free", lambda address: 0),
    )
    monkeypatch.setattr(ctypes, "CDLL", lambda name: libc)
    return calls


MB = 1 << 20


def test_what_it_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Huge pages begin and end at multiples of their size, inside of the block that was freed."""
    calls = fake_libc(monkeypatch, most=1024 * MB, block=5 * MB + 16)
    assert keep_memory()
    assert calls == [
        ("mallopt", -3, 1024 * MB),
        ("mallopt", -1, 1024 * MB),
        ("malloc", 256 * MB),
        ("madvise", 6 * MB, 254 * MB, 14),
        ("free", 5 * MB + 16),
    ]


def test_a_refused_block_size_is_asked_for_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = fake_libc(monkeypatch, most=32 * MB, block=0)
    assert keep_memory()
    assert calls == [
        ("mallopt", -3, 1024 * MB),
        ("mallopt", -3, 32 * MB),
        ("mallopt", -1, 1024 * MB),
        ("malloc", 256 * MB),
    ]


def test_giving_back_leaves_the_limits_of_the_adaptation(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = fake_libc(monkeypatch, most=1024 * MB, block=0)
    assert keep_memory(False)
    assert calls == [("mallopt", -3, 32 * MB), ("mallopt", -1, 64 * MB), ("malloc_trim", 0)]
