"""How a demo reads a number and how it ends: no traceback for what is nobody's mistake."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

from minigrad.errors import MinigradError


def positive(text: str) -> int:
    """A whole number of at least 1, for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number


def run(main: Callable[[], int | None]) -> NoReturn:
    """Exits with what `main` returns; with 130 on Ctrl-C and 141 on a closed pipe, as a shell reports them."""
    try:
        status = main() or 0
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
