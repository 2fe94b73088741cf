"""The picture of the curves: what is on it, and where it goes."""

from __future__ import annotations

import errno
import math
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from minigrad.cli import command
from minigrad.errors import LearnerError, MissingExtraError
from minigrad.train.plot import plot_curves

pytest.importorskip("matplotlib")
from matplotlib.axes import Axes
from matplotlib.figure import Figure

BURN = Path(__file__).parents[1] / "fixtures" / "learner" / "circle"
PNG = b"\x89PNG\r\n"


def log(root: Path, split: str, epoch: int, *values: float, name: str = "Loss") -> None:
    folder = root / split / f"epoch-{epoch}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.log").write_text("".join(f"{value},10\n" for value in values))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Axes]]:
    """`drawn(folder)`: the panels of the picture."""
    figures: list[Figure] = []
    save = Figure.savefig

    def saved(figure: Figure, *arguments: Any, **options: Any) -> None:
        figures.append(figure)
        save(figure, *arguments, **options)

    monkeypatch.setattr(Figure, "savefig", saved)

    def draw(folder: Path, metrics: list[str] | None = None) -> list[Axes]:
        assert plot_curves(folder, metrics=metrics).read_bytes().startswith(PNG)
        return figures[-1].axes

    return draw


def curves(axes: Axes) -> dict[str, list[tuple[float, float]]]:
    """The points of each line of the legend."""
    return {
        str(line.get_label()): [(float(x), float(y)) for x, y in np.asarray(line.get_xydata())]
        for line in axes.get_lines()
        if not str(line.get_label()).startswith("_")
    }


def test_burns_folder(tmp_path: Path, drawn: Any) -> None:
    shutil.copytree(BURN, tmp_path / "circle")
    (panel,) = drawn(tmp_path / "circle")
    means = {
        split: [
            (epoch, np.loadtxt(BURN / split / f"epoch-{epoch}/Loss.log", delimiter=",")[:, 0].mean())
            for epoch in (1, 2, 3)
        ]
        for split in ("train", "valid")
    }
    found = curves(panel)
    assert list(found) == ["train", "valid"]
    for split in found:
        assert np.allclose(found[split], means[split], rtol=1e-12)
    assert panel.get_title() == "Loss"
    assert panel.get_xlabel() == "epoch"
    assert panel.get_yscale() == "linear"
    title = panel.figure._suptitle.get_text()
    assert title == "circle: 3 epochs, the least valid Loss is 0.634 in epoch 3 (dotted)"


def test_a_panel_for_each_metric(job: ModuleType, tmp_path: Path, drawn: Any) -> None:
    job.learner(job.builder(tmp_path, 4), job.model()).fit(*job.loaders())
    first, second = drawn(tmp_path)
    assert [first.get_title(), second.get_title()] == ["Loss", "Binary Accuracy"]
    assert list(curves(second)) == ["train"]
    (only,) = drawn(tmp_path, ["Binary Accuracy"])
    assert only.get_title() == "Binary Accuracy"
    assert any(line.get_linestyle() == ":" for line in only.get_lines())  # the epoch of the least loss


def test_the_batches_of_a_single_epoch(tmp_path: Path, drawn: Any) -> None:
    log(tmp_path, "train", 1, 3.0, 2.0, 1.0)
    log(tmp_path, "valid", 1, 2.5, 1.5)
    (panel,) = drawn(tmp_path)
    assert curves(panel) == {"train": [(1, 3.0), (2, 2.0), (3, 1.0)], "valid": [(1, 2.5), (2, 1.5)]}
    assert panel.get_xlabel() == "batch of the only epoch"
    assert panel.figure._suptitle.get_text() == f"{tmp_path.name}: 1 epoch"


def test_what_has_no_number_is_a_gap(tmp_path: Path, drawn: Any) -> None:
    for epoch, value in {1: 1.0, 2: 0.5, 3: math.nan, 4: 0.4, 5: math.inf, 9: 0.3}.items():
        log(tmp_path, "train", epoch, value)
    (panel,) = drawn(tmp_path)
    (line,) = curves(panel).values()
    nan = math.nan
    expected = [(1, 1.0), (2, 0.5), (3, nan), (4, 0.4), (5, nan), (6, nan), (9, 0.3)]
    assert np.array_equal(line, expected, equal_nan=True)
    assert [text.get_text() for text in panel.texts] == ["not finite: 2 of 6 values"]


def test_a_point_between_gaps_is_seen_among_many(tmp_path: Path, drawn: Any) -> None:
    for epoch in [*range(1, 100), 150, *range(200, 300)]:
        log(tmp_path, "train", epoch, 1.0)
    (panel,) = drawn(tmp_path)
    line = panel.get_lines()[0]
    x = np.asarray(line.get_xdata())
    assert line.get_marker() == "."
    assert x[line.get_markevery()].tolist() == [150]
    for epoch in range(100, 200):
        log(tmp_path, "train", epoch, 1.0)
    (panel,) = drawn(tmp_path)
    assert panel.get_lines()[0].get_marker() == ""


@pytest.mark.parametrize(
    ("values", "scale"),
    [([1.0, 0.5, 0.02], "linear"), ([1.0, 0.5, 0.01], "log"), ([1.0, 0.0], "linear"), ([-1.0, 1e6], "linear")],
)
def test_decades_are_logarithmic(tmp_path: Path, drawn: Any, values: list[float], scale: str) -> None:
    for epoch, value in enumerate(values, 1):
        log(tmp_path, "train", epoch, value)
    (panel,) = drawn(tmp_path)
    assert panel.get_yscale() == scale


def test_the_least_loss_is_marked(tmp_path: Path, drawn: Any) -> None:
    for epoch, value in enumerate([0.5, 0.2, 0.3, 0.2], 1):
        log(tmp_path, "train", epoch, value / 2)
        log(tmp_path, "valid", epoch, value)
    (panel,) = drawn(tmp_path)
    dotted, ring = [line for line in panel.get_lines() if line.get_label().startswith("_")]
    assert dotted.get_xdata() == [2, 2]
    assert (list(ring.get_xdata()), list(ring.get_ydata())) == ([2], [0.2])
    shutil.rmtree(tmp_path / "valid")
    (panel,) = drawn(tmp_path)
    assert "the least train Loss is 0.100 in epoch 2" in panel.figure._suptitle.get_text()


def test_a_run_without_a_number_or_a_loss(tmp_path: Path, drawn: Any) -> None:
    for epoch in 1, 2, 3:
        log(tmp_path, "train", epoch, math.nan)
        log(tmp_path, "valid", epoch, epoch, name="$x_1$_and_<b>")
    loss, other = drawn(tmp_path)
    assert [text.get_text() for text in loss.texts] == ["not finite: 3 of 3 values"]
    assert other.get_title() == "$x 1$ and <b>"
    assert panel_lines(loss) == 1
    assert panel_lines(other) == 1


def panel_lines(axes: Axes) -> int:
    return len(axes.get_lines())


@pytest.mark.parametrize(("suffix", "start"), [(".png", PNG), (".PNG", PNG), (".svg", b"<?xml"), (".pdf", b"%PDF")])
def test_where_it_goes(tmp_path: Path, suffix: str, start: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / f"a{suffix}"
    assert command(["plot", str(BURN), "-o", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert out.read_bytes().startswith(start)
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_a_picture_that_cannot_be(tmp_path: Path) -> None:
    for name in "a.jpg", "a", "a.png.txt":
        with pytest.raises(LearnerError) as error:
            plot_curves(BURN, tmp_path / name)
        assert str(error.value) == f"{tmp_path}/{name} is no name of a picture\n  it ends with .png, .svg or .pdf"
    (tmp_path / "a.png").mkdir()
    for path, reason in (
        (tmp_path / "a.png", "Is a directory"),
        (tmp_path / "nowhere" / "a.png", "No such file or directory"),
    ):
        with pytest.raises(LearnerError) as error:
            plot_curves(BURN, path)
        assert str(error.value) == (
            f"{path} cannot be written: {reason}\n  put the picture elsewhere: minigrad plot {BURN} -o FILE.png"
        )
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_a_read_only_folder(powerless: Any) -> None:
    folder = shutil.copytree(BURN, powerless.folder / "circle")
    folder.chmod(0o555)
    plot_curves(BURN, powerless.folder / "warm.png")  # a user who may do nothing imports nothing either
    try:
        said = powerless(lambda: plot_curves(folder))
    finally:
        folder.chmod(0o755)
    assert said == (
        f"LearnerError: {folder}/curves.png cannot be written: Permission denied\n"
        f"  put the picture elsewhere: minigrad plot {folder} -o FILE.png"
    )


def test_a_full_disk_leaves_the_old_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(b"old")

    def full(file: int, data: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(LearnerError, match="No space left on device"):
        plot_curves(BURN, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_without_matplotlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError) as error:
        plot_curves(BURN, tmp_path / "a.png")
    assert str(error.value) == "the curves are drawn with the matplotlib library: pip install matplotlib"
    assert list(tmp_path.iterdir()) == []
