"""Rows that are run in turn, each in a fresh process, and what came out as a table.

A machine's speed moves while one measures. So the rows alternate, each round runs every row once, the least value of a
row counts (nothing makes a program faster than it is) and the median stands beside it. On one thread all run on one
core. This module imports no NumPy: on Linux a child's peak memory begins at its parent's.
"""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
# Compiled modules are kept, as for every user, or the import of a module would be its compilation.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
CORES = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


class Row(NamedTuple):
    """One line of the table: a script of this folder with its arguments, and the interpreter that runs it."""

    name: str
    script: str
    arguments: tuple[str, ...] = ()
    python: str = sys.executable

    def run(self, *more: str) -> dict[str, Any]:
        """What one fresh process reports: `value`, and what else it measured."""
        command = [self.python, str(HERE / self.script), *self.arguments, *more]
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{self.name} failed:\n{done.stderr}")
        return json.loads(done.stdout)


class Measured(NamedTuple):
    """The reports of a row, one for each round."""

    reports: list[dict[str, Any]]

    def least(self, key: str = "value") -> float:
        return min(report[key] for report in self.reports)

    def median(self, key: str = "value") -> float:
        return statistics.median(report[key] for report in self.reports)


Statistic = Callable[..., float]  # of a row's name and, if not its time, what else it reports: least or median


class Target(NamedTuple):
    """What is to be reached: a value made of rows, and its bound."""

    what: str
    rows: tuple[str, ...]
    value: Callable[[Statistic], float]
    bound: float
    at_least: bool = False

    def met(self, value: float) -> bool:
        return value >= self.bound if self.at_least else value <= self.bound


def torch_python(python: str | None) -> str | None:
    """The interpreter that runs the rows of PyTorch: `python` if it is given, this one if it can, or none."""
    if python is None and importlib.util.find_spec("torch") is None:
        print(
            "PyTorch is not installed here: its rows are left out; --torch-python PATH names an interpreter that has it"
        )
        return None
    return python or sys.executable


def use(threads: int) -> str:
    """Give the rows so many BLAS threads, and keep them on as many cores, where the system can; says what was done."""
    ENVIRONMENT.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads)))
    what = "one thread" if threads == 1 else f"{threads} threads"
    if not CORES:
        return f"{what}, not pinned"
    cores = sorted(CORES)[-threads:]
    os.sched_setaffinity(0, cores)
    return f"{what}, pinned to core{'s' * (len(cores) > 1)} {' and '.join(map(str, cores))}"


def show(progress: str) -> None:
    """Overwrite the line that says how far it is, where somebody watches."""
    if sys.stderr.isatty():
        print(f"\r{progress:<50}\r", end="", file=sys.stderr, flush=True)


def measure(rows: Iterable[Row], rounds: int) -> dict[str, Measured]:
    """Run all rows once a round."""
    measured = {row: Measured([]) for row in rows}
    # One folder for all temporary files until the end: after many deletions a file system is slow to create files.
    with tempfile.TemporaryDirectory() as ENVIRONMENT["TMPDIR"]:
        for number in range(1, rounds + 1):
            for row, into in measured.items():
                show(f"round {number} of {rounds}: {row.name}")
                into.reports.append(row.run())
    del ENVIRONMENT["TMPDIR"]
    show("")
    return {row.name: reports for row, reports in measured.items()}


def table(head: list[str], lines: list[list[str]]) -> str:
    """A Markdown table, aligned: first column to the left, the others to the right.

    >>> print(table(["row", "us"], [["a", "1.5"], ["long name", "12"]]))
    | row       |  us |
    | :-------- | --: |
    | a         | 1.5 |
    | long name |  12 |
    """
    widths = [max(len(line[i]) for line in [head, *lines]) for i in range(len(head))]
    rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]

    def cells(line: list[str]) -> str:
        first, *rest = (cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths)))
        return "| " + " | ".join([first, *rest]) + " |"

    return "\n".join(map(cells, [head, rule, *lines]))


def target_table(targets: Iterable[Target], measured: dict[str, Measured]) -> str:
    """The targets whose rows were measured; the ratio of the least values decides."""
    lines = []
    for target in targets:
        if all(name in measured for name in target.rows):
            least = target.value(lambda name, key="value": measured[name].least(key))
            median = target.value(lambda name, key="value": measured[name].median(key))
            wanted = f"{'>=' if target.at_least else '<='} {target.bound:g}"
            lines.append([target.what, number(least), number(median), wanted, "PASS" if target.met(least) else "miss"])
    return table(["target", "of the least", "of the medians", "wanted", ""], lines)


def number(value: float) -> str:
    """Three digits that matter: 0.123, 4.56, 78.9, 123, 4,567."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value < 1 else f"{value:.{2 if value < 10 else 1}f}"
