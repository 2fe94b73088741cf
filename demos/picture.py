"""A decision boundary on [-1.5, 1.5]^2, as text and as a PNG."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Points = np.ndarray[Any, Any]


def grid(columns: int, rows: int) -> Points:
    """The middles of `rows` x `columns` cells, from the top left, as [rows * columns, 2]."""
    x = (np.arange(columns) + 0.5) / columns * 3 - 1.5
    y = 1.5 - (np.arange(rows) + 0.5) / rows * 3
    return np.stack([np.tile(x, rows), np.repeat(y, columns)], axis=1).astype(np.float32)


def text_picture(probability: Callable[[Points], Points], columns: int = 56, rows: int = 26) -> str:
    """`#` where the model says inside, `o` on the true circle, `.` elsewhere."""
    points = grid(columns, rows)
    inside = probability(points) > 0.5
    on_circle = abs(np.hypot(points[:, 0], points[:, 1]) - 1) < 0.045
    signs = np.where(on_circle, "o", np.where(inside, "#", "."))
    return "\n".join("".join(row) for row in signs.reshape(rows, columns)) + "\n"


def save_png(probability: Callable[[Points], Points], path: Path, title: str) -> str:
    """Where the picture is, or what to install to get one."""
    try:
        import matplotlib
    except ImportError:
        return "none: pip install matplotlib"
    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.patches import Circle

    size = 200
    values = probability(grid(size, size)).reshape(size, size)
    figure, axes = pyplot.subplots(figsize=(5.6, 4.8), layout="constrained")
    image = axes.imshow(values, extent=(-1.5, 1.5, -1.5, 1.5), cmap="RdBu_r", vmin=0, vmax=1)
    crosses = values.min() < 0.5 < values.max()
    if crosses:
        axes.contour(values[::-1], levels=[0.5], extent=(-1.5, 1.5, -1.5, 1.5), colors="black", linewidths=1.5)
    axes.add_patch(Circle((0, 0), 1, fill=False, linestyle="--", color="black"))
    axes.set_title(f"{title}: probability of inside\n({'solid: 0.5, ' if crosses else ''}dashed: the circle)")
    figure.colorbar(image)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
    return str(path)
