"""The workloads of benchmarks/ do in minigrad what is written by hand in NumPy: 20 training steps, to four digits.

A model, a loss and an optimizer at once, against formulas that share no line with ours.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import minigrad

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def run(script: str, *arguments: str) -> dict[str, float]:
    """What a row reports, in a fresh interpreter that imports the minigrad under test."""
    environment = {**os.environ, "PYTHONPATH": str(Path(minigrad.__file__).parents[1])}
    command = [sys.executable, "-W", "error", str(BENCHMARKS / script), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("workload", ["chain", "mlp", "cnn", "lm"])
def test_a_workload_ends_where_it_does_by_hand(workload: str) -> None:
    ours, by_hand = (run(f"{workload}.py", row, "--steps", "1")["loss"] for row in ("minigrad", "numpy"))
    assert ours == pytest.approx(by_hand, rel=1e-4)


def test_a_thousand_operations_on_numbers_give_the_slope() -> None:
    run("scalar.py", "minigrad")  # which asserts it


def test_loaders_hand_out_what_slices_do() -> None:
    rows = {row: run("loader_jobs.py", row, "--passes", "1")["total"] for row in ("sliced", "columns", "items")}
    assert set(rows.values()) == {rows["sliced"]}
    assert rows["sliced"] != 0
