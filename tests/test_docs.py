"""README and docs/*.md: their Python runs, their links lead somewhere.

The blocks of a page run in order, in one namespace and an empty folder; `pycon` blocks are doctests. A block after the
comment `<!-- not run: why -->` is shown only.
"""

from __future__ import annotations

import doctest
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from minigrad.errors import MissingExtraError

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
BLOCK = re.compile(r"(?P<skip><!-- not run: .+? -->\s*)?^```(?P<kind>python|pycon)\n(?P<code>.*?)^```$", re.M | re.S)
BESIDE = {"einops"}  # libraries that a page imports itself
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)(?:\s+\"[^\"]*\")?\)")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S))


def anchors(page: Path) -> set[str]:
    headings = re.findall(
        r"^#+\s+(.+?)\s*$", re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.M | re.S), re.M
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_code_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = page.read_text("utf-8")
    namespace: dict[str, object] = {"__name__": "__page__"}
    for block in BLOCK.finditer(text):
        if block["skip"]:
            continue
        line = text.count("\n", 0, block.start("code"))
        try:
            if block["kind"] == "pycon":
                test = doctest.DocTestParser().get_doctest(block["code"], namespace, name_of(page), str(page), line)
                report: list[str] = []
                doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=report.append, clear_globs=False)
                assert report == [], "".join(report)
                namespace.update(test.globs)
            else:
                exec(compile("\n" * line + block["code"], str(page), "exec", dont_inherit=True), namespace)
        except ImportError as error:
            if not isinstance(error, MissingExtraError) and error.name not in BESIDE:
                raise
            pytest.skip(f"{name_of(page)}:{line}: {error}")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.finditer(without_code(page.read_text("utf-8"))):
        target, _, anchor = link["target"].partition("#")
        if re.match(r"[a-z]+:", target):
            continue  # another site
        file = page.parent / target if target else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            broken.append(link["target"])
    assert broken == []


def test_the_table_of_metrics_is_whole_and_right() -> None:
    from minigrad.train import metric

    page = (ROOT / "docs/training.md").read_text("utf-8").partition("## The metrics")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `.*$", page, re.M)
    told = {
        call: name
        for row in rows
        for call, name in zip(*(re.findall(r"`([^`]+)`", cell) for cell in row.split("|")[1:3]), strict=True)
    }
    made = {call: eval(call, vars(metric)) for call in told if not call.startswith("Cpu") or find_spec("psutil")}
    assert {call: each.name() for call, each in made.items()} == {call: told[call] for call in made}
    public = (getattr(metric, name) for name in metric.__all__)
    kinds = {each.__name__ for each in public if isinstance(each, type) and issubclass(each, metric.Metric)}
    assert {call.partition("(")[0].partition(".")[0] for call in told} == kinds - {"Metric", "NumericMetric"}
