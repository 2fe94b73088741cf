"""What all tests share: one BLAS thread, Hypothesis profiles, and a way to run code in a fresh interpreter."""

from __future__ import annotations

import os

# Before NumPy is imported: the number of BLAS threads decides the last bits of a sum.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

import minigrad

# HYPOTHESIS_PROFILE chooses. dev and ci draw the same examples each time: what passes once passes again; deep searches.
settings.register_profile("dev", max_examples=20, deadline=None, database=None, derandomize=True)
settings.register_profile("ci", max_examples=100, deadline=None, database=None, derandomize=True)
settings.register_profile("deep", max_examples=2_000, deadline=None, database=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

PACKAGE = Path(minigrad.__file__).parent


def pytest_report_header() -> str:
    return f"minigrad {minigrad.__version__} from {PACKAGE}, numpy {np.__version__}"


@pytest.fixture
def run_python(tmp_path: Path) -> Callable[..., str]:
    """`run_python(code, *arguments)`: standard output of a fresh interpreter that imports the minigrad under test."""

    def run(code: str, *arguments: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
        command = [sys.executable, "-W", "error", "-c", code, *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
