"""The table in a notebook: with a stand-in for IPython's display, and with IPython itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

import minigrad
from minigrad.errors import MinigradWarning, MissingExtraError
from minigrad.train.metric import LossMetric, MetricEntry, Split
from minigrad.train.renderer import NotebookRenderer, PlainRenderer, default_renderer
from minigrad.train.renderer.notebook import page

HERE = Path(__file__).parent


def words(html: str) -> str:
    return " ".join("".join(ElementTree.fromstring(html).itertext()).split())


def rows(html: str) -> list[list[str]]:
    return [[cell.text or "" for cell in row] for row in ElementTree.fromstring(html).iter("tr")]


class ZMQInteractiveShell:
    """What Jupyter's is called."""


class ColabShell(ZMQInteractiveShell):
    pass


class Shell:
    """What the one in a terminal is called, in short."""


class Notebook:
    """Stands for IPython: an output that is made once, and what it shows."""

    def __init__(self, shell: Any) -> None:
        self.outputs = 0
        self.shown: list[str] = []
        self.shell = shell

    def HTML(self, text: str) -> str:
        return text

    def display(self, html: str, display_id: bool) -> Any:
        assert display_id
        self.outputs += 1
        self.shown.append(html)
        return SimpleNamespace(update=self.shown.append)


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Any:
    def make(shell: Any) -> Notebook:
        made = Notebook(shell)
        ipython: Any = ModuleType("IPython")
        ipython.__spec__ = SimpleNamespace(name="IPython")
        ipython.get_ipython = lambda: made.shell
        display: Any = ModuleType("IPython.display")
        display.HTML, display.display = made.HTML, made.display
        monkeypatch.setitem(sys.modules, "IPython", ipython)
        monkeypatch.setitem(sys.modules, "IPython.display", display)
        return made

    return make


def test_it_is_chosen_in_a_notebook_and_only_there(notebook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for shell, kind in (
        (ZMQInteractiveShell(), NotebookRenderer),
        (ColabShell(), NotebookRenderer),
        (Shell(), PlainRenderer),
        (None, PlainRenderer),
    ):
        notebook(shell)
        assert type(default_renderer()) is kind
    monkeypatch.setitem(sys.modules, "IPython", None)  # as if it were not installed
    assert type(default_renderer()) is PlainRenderer


def test_it_needs_ipython(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "IPython", None)
    with pytest.raises(MissingExtraError) as error:
        NotebookRenderer()
    assert str(error.value) == "NotebookRenderer shows HTML with the IPython library: pip install ipython"


def test_elsewhere_it_is_switched_off(job: ModuleType, tmp_path: Path, notebook: Any) -> None:
    made = notebook(None)
    with pytest.warns(MinigradWarning) as warned:
        job.learner(job.builder(tmp_path, 1).renderer(NotebookRenderer()), job.model()).fit(*job.loaders())
    assert [str(w.message) for w in warned] == [
        "the renderer was switched off: LearnerError: NotebookRenderer: there is no notebook here\n"
        "  without .renderer(...) a run shows itself as suits the place"
    ]
    assert made.shown == []


def test_one_output_is_updated_and_stays(job: ModuleType, tmp_path: Path, notebook: Any) -> None:
    made = notebook(ZMQInteractiveShell())
    renderer = NotebookRenderer()
    for name in "ab":
        job.learner(job.builder(tmp_path / name, 3).renderer(renderer), job.model()).fit(*job.loaders())
    assert made.outputs == 2  # one a run
    assert "waiting for the first batch" in words(made.shown[0])
    final = made.shown[-1]
    assert words(final).startswith("Epoch 3/3 valid 9/9 items iteration 2")
    values = [float(line.split(",")[0]) for line in (tmp_path / "b/valid/epoch-3/Loss.log").read_text().splitlines()]
    table = rows(final)
    assert table[0] == ["Metric", "", "Batch", "Running", "Last", "Best", "Epoch"]
    assert [row[:2] for row in table[1:]] == [["Loss", "train"], ["Loss", "valid"], ["Binary Accuracy", "train"]]
    assert table[2][3] == f"{(5 * values[0] + 4 * values[1]) / 9:.3f}"
    assert "100%" in words(final)


def test_an_error_leaves_the_last_state(job: ModuleType, tmp_path: Path, notebook: Any) -> None:
    class Failing(job.Model):  # type: ignore[name-defined, misc]
        def valid_step(self, batch: Any) -> Any:
            raise ZeroDivisionError

    made = notebook(ZMQInteractiveShell())
    builder = job.builder(tmp_path).renderer(NotebookRenderer())
    with pytest.raises(ZeroDivisionError):
        job.learner(builder, job.model(kind=Failing)).fit(*job.loaders())
    assert "stopped" in words(made.shown[-1])


class Nasty(LossMetric):
    def name(self) -> str:
        return '<script>alert("1")</script> & "more"'


def test_names_are_escaped(run: Any) -> None:
    r = run()
    r.metrics[Split.Train] = [Nasty()]
    r.texts = [MetricEntry("<b>", "</table><i>", "1")]
    html = page(r.begin(Split.Train).batch(1.0).batch(0.5).view)
    assert "<script" not in html
    assert "<i>" not in html
    assert rows(html)[1][0] == Nasty().name()
    assert rows(html)[2][:3] == ["<b>", "train", "</table><i>"]
    assert Nasty().name() in words(html)


def curves(html: str) -> list[Any]:
    return list(ElementTree.fromstring(html).iter("svg"))


def numbers(curve: Any) -> list[list[tuple[int, int]]]:
    """The corners of each series' path but the axes', without the jumps between its pieces."""
    paths = [path.get("d") for path in curve.iter("path")][1:]
    return [[(int(x), int(y)) for x, y in re.findall(r"[ML](\d+) (\d+)", path)] for path in paths]


def test_curves(run: Any) -> None:
    r = run()
    for train, valid in [(3.0, 2.0), (2.0, 3.0), (1.0, 1.0)]:
        r.whole_epoch(train, valid)
    (curve,) = curves(page(r.view))
    assert numbers(curve) == [[(0, 0), (150, 60), (300, 120)], [(0, 60), (150, 0), (300, 120)]]
    assert [text for text in curve.itertext() if text.strip()] == [
        "Loss ",
        "train",
        "valid",
        "3.000",
        "1.000",
        "1",
        "epoch",
        "3",
    ]


def test_a_gap_is_a_gap(run: Any) -> None:
    r = run()
    for value in 1.0, float("nan"), 1.0, 2.0:
        r.whole_epoch(value, value)
    path = [path.get("d") for path in curves(page(r.view))[0].iter("path")][1]
    assert path == "M0 120h1M200 120h1L300 0"


def test_nothing_to_draw_is_not_drawn(run: Any) -> None:
    r = run().begin(Split.Train).batch(float("nan"))
    assert curves(page(r.view)) == []
    assert curves(page(run().view)) == []


@pytest.mark.parametrize("finished", [True, False])
def test_the_bar(run: Any, finished: bool) -> None:
    r = run(epochs=4).whole_epoch(1.0, 1.0).end(finished)
    html = page(r.view)
    assert "width:25.0%" in html
    assert ("stopped" in words(html)) is not finished


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
import job
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
class ZMQInteractiveShell(InteractiveShell):
    pass
shell = ZMQInteractiveShell.instance()
shell.history_manager.enabled = False
from minigrad.train.renderer import default_renderer
with capture_output() as captured:
    renderer = default_renderer()
    job.learner(job.builder(sys.argv[2], 2).renderer(renderer), job.model()).fit(*job.loaders())
outputs = captured.outputs
print(type(renderer).__name__, len({o.transient["display_id"] for o in outputs}), [o.update for o in outputs])
print(outputs[-1].data["text/html"])
"""


def test_with_ipython_itself(tmp_path: Path) -> None:
    pytest.importorskip("IPython")
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(minigrad.__file__).parents[1]),
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }
    command = [sys.executable, "-c", PROGRAM, str(HERE.parent), str(tmp_path / "run")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    first, html = done.stdout.splitlines()
    assert first.startswith("NotebookRenderer 1 [False, True")
    assert words(html).startswith("Epoch 2/2")
