"""Larger work beside hand-written NumPy and PyTorch, at one thread and more.

    python benchmarks/workloads.py [--threads 1 2] [--rounds N] [--rows NAME ...] [--torch-python PATH] [--compiled]

`scalar`: 1,000 operations on numbers. `chain`: elementwise operations on 1,000,000 floats. `mlp`, `cnn`, `lm`: training
steps of a multilayer perceptron, a convolutional network and a character model. A name of `--rows` is a workload, or
one row of it such as "mlp torch". `_kept` are rows in a process that keeps its memory (minigrad.memory). The rows of a
workload must reach the same loss.
"""

from __future__ import annotations

import argparse
import platform
import sys

from harness import Measured, Row, Target, measure, number, table, target_table, torch_python, use

OURS = {
    "scalar": ("numpy", "minigrad"),
    "chain": ("plain", "blocks", "numpy", "minigrad", "minigrad_kept"),
    "mlp": ("numpy", "minigrad", "minigrad_kept"),
    "cnn": ("numpy", "minigrad", "minigrad_kept"),
    "lm": ("numpy", "minigrad", "minigrad_kept"),
}
UNITS = {"scalar": "us an operation"}


def rows_of(workload: str, torch: str | None, compiled: bool) -> list[Row]:
    script = f"{workload}.py"
    rows = [Row(f"{workload} {name}", script, (name,)) for name in OURS[workload]]
    if torch:
        names = ["torch"] if workload == "scalar" else ["torch", "torch_kept"] + ["torch_compile"] * compiled
        rows += [Row(f"{workload} {name}", script, (name,), torch) for name in names]
    return rows


def ratio(workload: str, kept: str) -> Target:
    """Time over PyTorch's, both as they come or both with their memory kept."""
    ours, theirs = f"{workload} minigrad{kept}", f"{workload} torch{kept}"
    return Target(f"{workload}{kept}, x PyTorch", (ours, theirs), lambda s: s(ours) / s(theirs), 1.0)


SCALAR = Target("scalar, us an operation", ("scalar minigrad",), lambda s: s("scalar minigrad"), 4.0)
TARGETS = [SCALAR, *(ratio(workload, kept) for workload in ("mlp", "cnn", "lm") for kept in ("", "_kept"))]


def check(measured: dict[str, Measured]) -> None:
    """All rows did the same: their losses agree to four digits."""
    losses = {name: row.reports[0]["loss"] for name, row in measured.items() if "loss" in row.reports[0]}
    if losses and max(losses.values()) - min(losses.values()) > 1e-4 * abs(min(losses.values())):
        sys.exit(f"not the same work: the losses are {losses}")


def workload_table(workload: str, measured: dict[str, Measured]) -> str:
    """Times, and the ratios of the least ones to NumPy by hand and to PyTorch."""
    bases = [measured.get(f"{workload} {name}") for name in ("numpy", "torch")]
    lines = []
    for name, row in measured.items():
        ratios = [number(row.least() / base.least()) if base else "" for base in bases]
        report = row.reports[0]
        loss = f"{report['loss']:.5f}" if "loss" in report else ""
        peak = number(row.least("peak_mb")) if "peak_mb" in report else ""
        lines.append([name, number(row.least()), number(row.median()), *ratios, loss, peak])
    return table([UNITS.get(workload, "us a step"), "least", "median", "x numpy", "x torch", "loss", "peak MB"], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1], help="how many, one table each (1)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each row is run (5)")
    parser.add_argument("--rows", nargs="+", metavar="NAME", default=list(OURS), help="only these")
    parser.add_argument("--torch-python", metavar="PATH", help="an interpreter that has PyTorch and NumPy")
    parser.add_argument("--compiled", action="store_true", help="torch.compile as well, which wants a C++ compiler")
    options = parser.parse_args()
    torch = torch_python(options.torch_python)
    for threads in options.threads:
        print(f"{platform.machine()}, Python {platform.python_version()}, {use(threads)}, {options.rounds} rounds\n")
        measured = {}
        for workload in OURS:
            rows = rows_of(workload, torch, options.compiled)
            rows = [row for row in rows if workload in options.rows or row.name in options.rows]
            if rows:
                timed = measure(rows, options.rounds)
                check(timed)
                measured |= timed
                print(workload_table(workload, timed) + "\n")
        wanted = [target for target in TARGETS if threads == 1 or not target.what.startswith("cnn")]
        print(target_table(wanted, measured) + "\n")


if __name__ == "__main__":
    main()
