"""Larger work beside hand-written NumPy and PyTorch, at one thread and more.

    python benchmarks/workloads.py [--threads 1 2] [--rounds N] [--rows NAME ...] [--torch-python PATH] [--compiled]

`scalar`: 1,000 operations on numbers. `chain`: elementwise operations on 1,000,000 floats. `mlp`, `cnn`, `lm`: training
steps of a multilayer perceptron, a convolutional network and a character model. A name of `--rows` is a workload, or
one row of it such as "mlp torch". The rows of a workload must reach the same loss.
"""

from __future__ import annotations

import argparse
import platform
import sys

from harness import Measured, Row, Target, measure, number, table, target_table, torch_python, use

OURS = {
    "scalar": ("numpy", "minigrad"),
    "chain": ("plain", "numpy", "blocks", "minigrad", "minigrad_kept"),
    "mlp": ("numpy", "minigrad", "minigrad_kept"),
    "cnn": ("numpy", "minigrad", "minigrad_kept"),
    "lm": ("numpy", "minigrad", "minigrad_kept"),
}
UNITS = {"scalar": "us an operation"}


def rows_of(workload: str, torch: str | None, compiled: bool) -> list[Row]:
    script = f"{workload}.py"
    rows = [Row(f"{workload} {name}", script, (name,)) for name in OURS[workload]]
    if torch:
        rows.append(Row(f"{workload} torch", script, ("torch",), torch))
        if compiled and workload != "scalar":
            rows.append(Row(f"{workload} torch_compile", script, ("torch_compile",), torch))
    return rows


def best(measured: dict[str, Measured], prefix: str) -> str | None:
    """The row with the least time among those whose name begins so."""
    names = [name for name in measured if name.startswith(prefix)]
    return min(names, key=lambda name: measured[name].least(), default=None)


def targets(measured: dict[str, Measured], threads: int) -> list[Target]:
    found = [Target("scalar minigrad, us an operation", ("scalar minigrad",), lambda s: s("scalar minigrad"), 4.0)]
    for workload in ("mlp", "cnn", "lm") if threads == 1 else ("mlp", "lm"):
        ours, torch = f"{workload} minigrad", best(measured, f"{workload} torch")
        if torch:
            what = f"{workload} minigrad, x PyTorch's best"
            found.append(Target(what, (ours, torch), lambda s, a=ours, b=torch: s(a) / s(b), 1.0))
    return found


def check(measured: dict[str, Measured]) -> None:
    """All rows did the same: their losses agree to four digits."""
    losses = {name: row.reports[0]["loss"] for name, row in measured.items() if "loss" in row.reports[0]}
    if losses and max(losses.values()) - min(losses.values()) > 1e-4 * abs(min(losses.values())):
        sys.exit(f"not the same work: the losses are {losses}")


def workload_table(workload: str, measured: dict[str, Measured]) -> str:
    """Times, and the ratios of the least ones to NumPy by hand and to PyTorch's best."""
    bases = [measured.get(name or "") for name in (f"{workload} numpy", best(measured, f"{workload} torch"))]
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
        print(target_table(targets(measured, threads), measured) + "\n")


if __name__ == "__main__":
    main()
