"""What the Learner costs: the circle job through it, against the same steps in a loop by hand.

    python benchmarks/learner.py [--rounds N]

Both run the model's `train_step` and `valid_step` and keep a LossMetric of each pass. The Learner also asks for
learning rates, looks whether losses are finite and whether it is to stop, logs every batch to disk, keeps a history and
prints a line an epoch (to nowhere). One row keeps the logs in memory: what is left is what files cost, four new names
an epoch, which depends on the file system (TMPDIR names another one).
"""

from __future__ import annotations

import argparse
import platform
import sys

from harness import Row, Target, measure, number, table, target_table, use

STEPS, LEARNER, IN_MEMORY = (
    Row(name, "minigrad_jobs.py", (name,)) for name in ("steps", "learner", "learner_in_memory")
)
TARGETS = [
    Target("learner over steps, us a step", ("learner", "steps"), lambda s: s("learner") - s("steps"), 8),
]


def check(rows: list[Row]) -> None:
    """The same batches, the same steps: the losses of three epochs agree to the order of a sum."""
    expected = STEPS.run("--epochs", "3")["history"]
    for row in rows:
        history = row.run("--epochs", "3")["history"]
        pairs = (pair for got, want in zip(history, expected, strict=True) for pair in zip(got, want, strict=True))
        if max(abs(a - b) for a, b in pairs) > 1e-12:
            sys.exit(f"{row.name} does not do the same: losses {history}, by hand {expected}")
    print("All rows reach the same losses, to 1e-12 over three epochs.\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="how often each row is run (9)")
    options = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, {use(1)}, {options.rounds} rounds\n")
    rows = [STEPS, LEARNER, IN_MEMORY]
    check(rows)
    measured = measure(rows, options.rounds)
    least, median = measured["steps"].least(), measured["steps"].median()
    lines = [
        [name, *(number(x) for x in (row.least(), row.median(), row.least() - least, row.median() - median))]
        for name, row in measured.items()
    ]
    print(table(["row", "us/step", "median", "over steps", "median"], lines) + "\n")
    print(target_table(TARGETS, measured))


if __name__ == "__main__":
    main()
