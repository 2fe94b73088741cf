"""The command `minigrad`, also as `python -m minigrad`: what a folder of artifacts has to tell."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from . import __version__
from .errors import MinigradError

__all__ = ["command", "main", "run"]

DESCRIPTION = "What a training run has left in its folder: the one that LearnerBuilder was given, or one of Burn's."
SUMMARY = "print each metric's least and largest epoch"
PLOT = "draw the curves of all metrics as a picture"


def main() -> NoReturn:
    """The command as a program."""
    run(command)


def command(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status: 2, after a line on standard error, for what it cannot read."""
    options = _parser().parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name that the terminal cannot show is no reason to fail
    try:
        options.act(options)
    except MinigradError as error:
        print(f"minigrad {options.command}: {'; '.join(map(str.strip, str(error).splitlines()))}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("minigrad", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"minigrad {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    summary = commands.add_parser("summary", help=SUMMARY, description=f"{SUMMARY.capitalize()}.")
    plot = commands.add_parser(
        "plot",
        help=PLOT,
        description=f"{PLOT.capitalize()}: a panel for each, a line for training and one for validation, and the epoch "
        "with the least loss. Of a run of one epoch it shows the batches.",
    )
    for each, act in (summary, _summary), (plot, _plot):
        each.add_argument("artifacts", metavar="ARTIFACTS", help="the folder of the run, such as artifacts/circle")
        each.add_argument(
            "--metric", action="append", metavar="NAME", help="only this metric, such as Loss; may be given again"
        )
        each.set_defaults(act=act)
    plot.add_argument(
        "-o", "--out", metavar="FILE", help="a .png, .svg or .pdf file, instead of curves.png in the folder"
    )
    return parser


def _summary(options: argparse.Namespace) -> None:
    from .train.run_log import read_run
    from .train.summary import LearnerSummary

    run = read_run(options.artifacts, options.metric)
    print(LearnerSummary.of_run(run.history, run.names, run.epochs, run.model))
    if run.words and options.metric is None:
        print(f"Left out, because they are words: {', '.join(run.words)}")


def _plot(options: argparse.Namespace) -> None:
    from .train.plot import plot_curves

    print(plot_curves(options.artifacts, options.out, options.metric))


def run(main: Callable[[], int | None]) -> NoReturn:
    """Exits with what `main` returns; with 130 on Ctrl-C and 141 on a closed pipe, as a shell reports them.

    An error of minigrad or of the system becomes its message and the status 1, without a traceback.
    """
    status: int | str | None = 0
    try:
        try:
            status = main() or 0
        except SystemExit as end:  # argparse has printed its help or its complaint
            status = end.code
        print(end="", flush=True)  # unlike sys.stdout.flush(), fine where there is no output at all
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one would interrupt the way out
        status = 130
    except BrokenPipeError:
        status = 141
    except (MinigradError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        status = 1
    try:
        print(end="", flush=True)
    except OSError:  # what it still holds has to go somewhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)
