"""The tiny run of job.py, which is a script as well and so no test module."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def job() -> ModuleType:
    spec = importlib.util.spec_from_file_location("job", Path(__file__).with_name("job.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["job"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
