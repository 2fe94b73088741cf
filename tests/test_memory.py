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


def test_a_refused_block_size_is_asked_for_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    """An older glibc takes no more than 32 MB."""
    asked = []

    def mallopt(parameter: int, value: int) -> int:
        asked.append((parameter, value >> 20))
        return int(parameter == -1 or value <= 32 << 20)

    monkeypatch.setattr(ctypes, "CDLL", lambda name: SimpleNamespace(mallopt=mallopt, malloc_trim=lambda pad: 1))
    assert keep_memory()
    assert asked == [(-1, 1024), (-3, 1024), (-3, 32)]
