"""The tiny run of job.py, which is a script as well and so no test module."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
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


class Powerless:
    """Runs something as a user who may not do everything: `powerless(call)` gives what it raised, or ''.

    What it works on must lie in `folder`, which everybody may enter and write to.
    """

    NOBODY = 65534

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, call: Callable[[], object], as_nobody: bool = True) -> str:
        reading, writing = os.pipe()
        child = os.fork()
        if child:
            os.close(writing)
            with open(reading, encoding="utf-8") as pipe:
                said = pipe.read()
            status = os.waitpid(child, 0)[1]
            if status == 77 << 8:
                pytest.skip("root cannot become another user here")
            assert status == 0
            return said
        status = 1
        try:
            if as_nobody and os.getuid() == 0:
                status = 77
                os.setgroups([])
                os.setgid(self.NOBODY)
                os.setuid(self.NOBODY)
                status = 1
            try:
                call()
            except Exception as error:
                os.write(writing, f"{type(error).__name__}: {error}".encode())
            status = 0
        finally:
            os._exit(status)


@pytest.fixture
def powerless() -> Iterator[Powerless]:
    if not hasattr(os, "fork"):
        pytest.skip("needs os.fork")
    folder = Path(tempfile.mkdtemp())  # not tmp_path: what is above it is closed to others
    folder.chmod(0o777)
    yield Powerless(folder)
    shutil.rmtree(folder)
