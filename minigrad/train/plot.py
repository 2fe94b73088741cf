"""The curves of a run as a picture, drawn by matplotlib."""

from __future__ import annotations

import io
import math
import os
import warnings
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..atomic import atomic_write
from ..errors import LearnerError, MetricError, MissingExtraError
from .fault import shortened
from .metric.format import format_float
from .metric.history import Split
from .run_log import RunLog, read_run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_curves"]

FORMATS = (".png", ".svg", ".pdf")
COLOURS = {Split.Train: "#0072B2", Split.Valid: "#D55E00"}  # told apart by colour-blind readers too
DECADES = 2  # from which a panel is logarithmic
FEW = 40  # points that are drawn as points


def plot_curves(
    directory: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    metrics: Iterable[str] | None = None,
) -> Path:
    """Draws what a run has logged, a panel for each of `metrics` (all of them unless told), and returns the picture.

    That is `curves.png` in the folder unless `out` names another `.png`, `.svg` or `.pdf`; it is written whole or not
    at all. Epochs without a number are gaps. A metric that spans decades gets a logarithmic axis. The epoch of the
    least validation loss (or training loss) is marked; it is the one that `learner.best()` loads by default. Raises
    `LearnerError` for a folder without metric logs and a file that cannot be written, `MetricError` for a metric that
    is not in it, `MissingExtraError` without matplotlib.
    """
    path = Path(directory, "curves.png") if out is None else Path(out)
    if path.suffix.lower() not in FORMATS:
        raise LearnerError(
            f"{shortened(path)} is no name of a picture\n  it ends with {', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
        )
    run = read_run(directory, metrics)
    if not run.names:
        raise LearnerError(f"artifact folder {shortened(directory)} has no metric with numbers, and nothing to draw")
    if find_spec("matplotlib") is None:
        raise MissingExtraError("the curves are drawn with the matplotlib library: pip install matplotlib")
    picture = _draw(run, _least_loss(directory), path.suffix[1:].lower())
    try:
        atomic_write(path, picture)
    except OSError as error:
        raise LearnerError(
            f"{shortened(path)} cannot be written: {error.strerror}\n"
            f"  put the picture elsewhere: minigrad plot {shortened(directory)} -o FILE.png"
        ) from error
    return path


class Best(NamedTuple):
    """The epoch of the least loss."""

    epoch: int
    split: Split
    loss: float


def _least_loss(directory: str | os.PathLike[str]) -> Best | None:
    with suppress(MetricError):  # a run without a loss, or with a damaged log of it
        history = read_run(directory, ["Loss"]).history
        for split in reversed(Split):  # validation, if there is one
            epoch = history.best("Loss", split)
            if epoch is not None:
                return Best(epoch, split, history.values[split]["Loss"][epoch])
    return None


def _draw(run: RunLog, best: Best | None, format: str) -> bytes:
    from matplotlib.figure import Figure

    columns = math.ceil(math.sqrt(len(run.names)))
    rows = math.ceil(len(run.names) / columns)
    figure = Figure(figsize=(max(4.6 * columns, 6.4), 3.2 * rows + 0.8), layout="constrained")
    for place, name in enumerate(run.names, 1):
        _panel(figure.add_subplot(rows, columns, place), run, name, best)
    title = f"{run.root.resolve().name}: {run.epochs} epoch{'s' * (run.epochs > 1)}"
    if best is not None and run.epochs > 1:
        title += f", the least {best.split.value} Loss is {format_float(best.loss, 3)} in epoch {best.epoch} (dotted)"
    figure.suptitle(title, fontsize="medium", parse_math=False)
    picture = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a sign that the font lacks is an empty box, which says enough
        figure.savefig(picture, format=format, dpi=120)
    return picture.getvalue()


def _panel(axes: Axes, run: RunLog, name: str, best: Best | None) -> None:
    """A metric's epochs, or the batches of its only one."""
    epochs = {split: run.history.values[split].get(name, {}) for split in Split}
    batches = {split: dict(enumerate(run.batches(split, name), 1)) for split in Split if len(epochs[split]) == 1}
    by_batch = max(map(len, epochs.values())) == 1 and any(batches.values())
    lines = {split: values for split, values in (batches if by_batch else epochs).items() if values}
    for split, values in lines.items():
        _line(axes, split, values)
    if best is not None and not by_batch:
        axes.axvline(best.epoch, color="grey", linestyle=":", linewidth=1, zorder=1)
        if name == "Loss":
            axes.plot(best.epoch, best.loss, "o", color=COLOURS[best.split], fillstyle="none", markersize=9)
    axes.set_title(name, fontsize="medium", parse_math=False)
    axes.set_xlabel("batch of the only epoch" if by_batch else "epoch")
    axes.legend(frameon=False, fontsize="small")
    _scale(axes, lines)


def _scale(axes: Axes, lines: dict[Split, dict[int, float]]) -> None:
    from matplotlib.ticker import MaxNLocator

    values = [value for line in lines.values() for value in line.values()]
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        axes.set(yticks=[], xlim=(0.5, 0.5 + max(number for line in lines.values() for number in line)))
    elif min(finite) > 0 and max(finite) >= 10**DECADES * min(finite):
        axes.set_yscale("log")
    if len(finite) < len(values):
        lost = f"not finite: {len(values) - len(finite)} of {len(values)} values"
        axes.text(0.02, 0.02, lost, transform=axes.transAxes, fontsize="small", color="dimgrey")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.margins(x=0.03)
    axes.grid(color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def _line(axes: Axes, split: Split, values: dict[int, float]) -> None:
    """A line with gaps; points where there are few, or where one stands between two gaps and would not be seen."""
    x: list[int] = []
    y: list[float] = []
    for number, value in values.items():
        if x and number > x[-1] + 1:
            x.append(x[-1] + 1)
            y.append(math.nan)
        x.append(number)
        y.append(value if math.isfinite(value) else math.nan)
    around = [math.nan, *y, math.nan]
    alone = [i for i in range(len(y)) if math.isnan(around[i]) and math.isnan(around[i + 2])]
    marked = list(range(len(y))) if len(y) <= FEW else alone
    axes.plot(
        x, y, color=COLOURS[split], label=split.value, linewidth=1.5, marker="." if marked else "", markevery=marked
    )
