"""Every example in a docstring runs and prints what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import minigrad
from minigrad.errors import MissingExtraError

MODULES = ["minigrad", *(found.name for found in pkgutil.walk_packages(minigrad.__path__, "minigrad."))]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    report: list[str] = []
    for test in doctest.DocTestFinder(exclude_empty=True).find(module):
        runner.run(test, out=report.append)
    if runner.failures and any(MissingExtraError.__name__ in text for text in report):
        pytest.skip("an example needs an optional library")
    assert runner.failures == 0, "".join(report)
