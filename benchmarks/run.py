"""The circle job against hand-written NumPy and PyTorch, and the cost of one operation, of import, of memory.

    python benchmarks/run.py [--rounds N] [--torch-python PATH] [--rows NAME ...]

First every row trains three epochs in the same order and must reach the same losses; then they are timed.
"""

from __future__ import annotations

import argparse
import platform
import sys

from harness import Measured, Row, Target, measure, number, table, target_table, torch_python, use

FUSED, PLAIN = Row("fused", "numpy_fused.py", ("fused",)), Row("plain", "numpy_plain.py", ("plain",))
JOBS = [
    FUSED,
    PLAIN,
    Row("loop", "minigrad_jobs.py", ("loop",)),
    Row("learner", "minigrad_jobs.py", ("learner",)),
    Row("learner_get", "minigrad_jobs.py", ("learner_get",)),
]
SMALL = [
    Row("scalar", "scalar.py", ("minigrad",)),
    Row("import numpy", "importing.py", ("numpy",)),
    Row("import minigrad", "importing.py", ("minigrad",)),
]

TARGETS = [
    Target("loop, x fused", ("loop", "fused"), lambda s: s("loop") / s("fused"), 2.5),
    Target("learner, x fused", ("learner", "fused"), lambda s: s("learner") / s("fused"), 3.0),
    Target("learner_get, x fused", ("learner_get", "fused"), lambda s: s("learner_get") / s("fused"), 6.0),
    Target("torch best, x loop", ("torch best", "loop"), lambda s: s("torch best") / s("loop"), 5.0, True),
    Target(
        "torch idiomatic, x loop", ("torch idiomatic", "loop"), lambda s: s("torch idiomatic") / s("loop"), 15.0, True
    ),
    Target("scalar, us an operation", ("scalar",), lambda s: s("scalar"), 4.0),
    Target(
        "import, ms over numpy",
        ("import minigrad", "import numpy"),
        lambda s: s("import minigrad") - s("import numpy"),
        20,
    ),
    Target("loop, peak MB over fused", ("loop", "fused"), lambda s: s("loop", "peak_mb") - s("fused", "peak_mb"), 20),
    Target(
        "learner, peak MB over fused",
        ("learner", "fused"),
        lambda s: s("learner", "peak_mb") - s("fused", "peak_mb"),
        20,
    ),
]


def torch_rows(python: str | None) -> list[Row]:
    """The rows of PyTorch, where it is installed: here, or in the interpreter `python`."""
    found = torch_python(python)
    return [Row(f"torch {job}", "torch_peer.py", (job,), found) for job in ("best", "idiomatic")] if found else []


def check(rows: list[Row]) -> None:
    """Every row does the same arithmetic: in the same order the losses of three epochs agree to 2e-5."""
    expected = PLAIN.run("--epochs", "3", "--in-order")["history"]
    for row in rows:
        history = row.run("--epochs", "3", "--in-order")["history"]
        worst = max(
            abs(a - b) for got, want in zip(history, expected, strict=True) for a, b in zip(got, want, strict=True)
        )
        if worst > 2e-5:
            sys.exit(f"{row.name} does not do the same: losses {history}, plain NumPy {expected}")
    print("In the same order all rows reach the same losses, to 2e-5 over three epochs.\n")


def job_table(measured: dict[str, Measured]) -> str:
    """Microseconds a step of each row, and their ratios to the fused loop."""
    base = measured.get("fused")
    lines = []
    for name, row in measured.items():
        ratios = [number(row.least() / base.least()), number(row.median() / base.median())] if base else ["", ""]
        *_, (_, valid_loss) = row.reports[0]["history"]
        seconds = number(row.least() * 6_700 / 1e6)
        figures = [number(row.least()), number(row.median()), *ratios, seconds]
        lines.append([name, *figures, f"{valid_loss:.4f}", number(row.least("peak_mb"))])
    return table(["row", "us/step", "median", "x fused", "median", "job s", "valid loss", "peak MB"], lines)


def small_table(measured: dict[str, Measured]) -> str:
    units = {"scalar": "us an operation"}
    lines = [[name, units.get(name, "ms"), number(row.least()), number(row.median())] for name, row in measured.items()]
    return table(["row", "unit", "least", "median"], lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="how often each row is run (9)")
    parser.add_argument("--torch-python", metavar="PATH", help="an interpreter that has PyTorch and NumPy")
    parser.add_argument("--rows", nargs="+", metavar="NAME", help="only these rows")
    options = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, {use(1)}, {options.rounds} rounds\n")
    jobs, small = JOBS + torch_rows(options.torch_python), SMALL
    if options.rows:
        jobs, small = ([row for row in rows if row.name in options.rows] for rows in (jobs, small))
    measured = {}
    if jobs:
        check(jobs)
        measured |= (timed := measure(jobs, options.rounds))
        print(job_table(timed) + "\n")
    if small:
        measured |= (timed := measure(small, 3 * options.rounds))
        print(small_table(timed) + "\n")
    print(target_table(TARGETS, measured))


if __name__ == "__main__":
    main()
