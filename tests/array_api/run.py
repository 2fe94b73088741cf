"""Run the public array API test suite on minigrad: `python tests/array_api/run.py PATH/TO/array-api-tests [pytest's]`.

The suite is a checkout of github.com/data-apis/array-api-tests with its submodule; `make array-api` installs what it
needs. `skips.txt` beside this file says which of its tests are left out, and why; the special cases of complex numbers
are left out here, as their names are sentences of the standard.
"""

from __future__ import annotations

import builtins
import importlib.util
import os
import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent


def without_complex_numbers() -> None:
    """Import the suite's table of dtypes, which asks for the widest complex one where there is none: a Float does."""
    spec = importlib.util.find_spec("array_api_tests.dtype_helpers")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    vars(module)["max"] = lambda xs, **options: builtins.max(xs, **options) if xs else (np.dtype(float), 0)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)


class RealOnly:
    """A plugin of pytest which skips the special cases of complex numbers."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            if "real(x_i)" in item.nodeid:
                item.add_marker(pytest.mark.skip(reason="a tensor is Float, Int or Bool"))


def main(suite: str, *arguments: str) -> int:
    """The exit code of pytest."""
    os.environ |= {
        "ARRAY_API_TESTS_MODULE": "minigrad.array_api",
        "ARRAY_API_TESTS_VERSION": "2024.12",
        "ARRAY_API_TESTS_SKIP_DTYPES": "complex64,complex128",
    }
    os.chdir(suite)
    sys.path.insert(0, suite)
    without_complex_numbers()
    options = ["-q", "--max-examples=20", "--disable-deadline", f"--skips-file={HERE / 'skips.txt'}"]
    which = [] if any(each.startswith("array_api_tests") for each in arguments) else ["array_api_tests"]
    return pytest.main([*options, *arguments, *which], plugins=[RealOnly()])


if __name__ == "__main__":
    sys.exit(main(str(Path(sys.argv[1]).resolve()), *sys.argv[2:]))
