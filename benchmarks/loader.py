"""Loaders beside slices of arrays and beside PyTorch's DataLoader, and workers beside threads that only sleep.

    python benchmarks/loader.py [--rounds N] [--torch-python PATH] [--rows NAME ...]

A pass is 10,000 items of two fields, shuffled, in batches of 150. `sliced`: arrays permuted and sliced by hand.
`columns`: a dataset that hands out columns. `items`: one with `get` alone. `torch`: PyTorch's DataLoader on the same
items. `sleeping`: 8 workers on 400 items of 5 ms; `ideal`: 8 threads that sleep as long.
"""

from __future__ import annotations

import argparse
import platform
import sys

from harness import Measured, Row, Target, measure, number, table, target_table, torch_python, use

OURS = ("sliced", "columns", "items", "sleeping", "ideal")
TARGETS = [
    Target("columns, x sliced", ("columns", "sliced"), lambda s: s("columns") / s("sliced"), 1.5),
    Target("torch, x items", ("torch", "items"), lambda s: s("torch") / s("items"), 1.5, True),
    Target("sleeping, x ideal", ("sleeping", "ideal"), lambda s: s("sleeping") / s("ideal"), 1.1),
]


def check(measured: dict[str, Measured]) -> None:
    """The rows of one dataset handed out the same numbers."""
    for names in ("sliced", "columns", "items", "torch"), ("sleeping", "ideal"):
        totals = {name: measured[name].reports[0]["total"] for name in names if name in measured}
        if len(set(totals.values())) > 1:
            sys.exit(f"not the same items: their sums are {totals}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="how often each row is run (9)")
    parser.add_argument("--torch-python", metavar="PATH", help="an interpreter that has PyTorch and NumPy")
    parser.add_argument("--rows", nargs="+", metavar="NAME", help="only these rows")
    options = parser.parse_args()
    torch = torch_python(options.torch_python)
    rows = [Row(name, "loader_jobs.py", (name,)) for name in OURS]
    rows += [Row("torch", "loader_jobs.py", ("torch",), torch)] if torch else []
    if options.rows:
        rows = [row for row in rows if row.name in options.rows]
    print(f"{platform.machine()}, Python {platform.python_version()}, {use(1)}, {options.rounds} rounds\n")
    measured = measure(rows, options.rounds)
    check(measured)
    lines = [[name, number(row.least()), number(row.median())] for name, row in measured.items()]
    print(table(["ms a pass", "least", "median"], lines) + "\n")
    print(target_table(TARGETS, measured))


if __name__ == "__main__":
    main()
