"""Dependencies point one way, and `import minigrad` brings NumPy alone."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import minigrad

PACKAGE = Path(minigrad.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
ROOT = PACKAGE / "__init__.py"  # the public names of all

# Who stands on whom. A package may import what its arrows reach, at any distance, and nothing else of ours.
ARROWS = {
    "__main__": {"cli"},
    "cli": {"train"},
    "train": {"data", "debug", "optim"},
    "optim": {"nn"},
    "nn": {"activation", "functional", "later", "module"},
    "module": {"display", "param", "record"},
    "display": {"tensor"},
    "param": {"tensor"},
    "record": {"tensor"},
    "data": {"record", "tensor"},
    "testing": {"train", "transforms"},  # checks of datasets and metrics
    "debug": {"transforms"},
    "transforms": {"kernels"},
    "kernels": {"tensor"},
    "functional": {"tensor"},
    "activation": {"tensor"},
    "array_api": {"linalg"},
    "linalg": {"tensor"},
    "tensor": {"dispatch", "protocol"},
    "dispatch": {"ops"},
    "protocol": {"lifting"},
    "ops": {"distribution", "lifting"},
    "lifting": {"arrays", "misfit"},
    "misfit": {"autodiff"},
    "arrays": {"autodiff"},
    "distribution": {"config"},
    "autodiff": {"backend", "rules"},
    "backend": {"config"},
    "rules": {"config"},
    # for all, standing on nothing but each other
    "config": {"atomic", "blame", "errors", "tree"},
    "tree": {"blame", "errors"},
    "atomic": {"errors"},
    "blame": set(),
    "errors": set(),
    "later": set(),
    "memory": set(),
}

# What costs milliseconds and no user of tensors has need of; today's NumPy imports numpy.random on first use only.
HEAVY = {
    "asyncio", "csv", "email", "http", "multiprocessing", "sqlite3", "ssl", "unittest", "urllib.request", "xml",
    "numpy.ma", "numpy.random", "numpy.testing",
}  # fmt: skip


def below(part: str) -> set[str]:
    reached, waiting = set(), {part}
    while waiting:
        arrows = ARROWS[waiting.pop()] - reached
        reached |= arrows
        waiting |= arrows
    return reached


def part_of(module: str) -> str:
    """minigrad.nn.loss.bce -> nn; minigrad itself -> minigrad."""
    return module.split(".")[1] if "." in module else module


def module_name(file: Path) -> str:
    parts = ("minigrad", *file.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def running(node: ast.AST) -> Iterator[ast.AST]:
    """Every node but those that only a type checker reads."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from running(child)


def imported(file: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of each import in `file`, those inside functions too."""
    package = module_name(file) if file.name == "__init__.py" else module_name(file).rpartition(".")[0]
    for node in running(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            # `from . import tree` names modules, `from .tree import walk` names what is in one
            names_modules = source == "minigrad"
            yield from ((node.lineno, f"{source}.{alias.name}" if names_modules else source) for alias in node.names)


def test_arrows_make_no_circle() -> None:
    assert [part for part in ARROWS if part in below(part)] == []


@pytest.mark.parametrize("file", [file for file in FILES if file != ROOT], ids=module_name)
def test_imports_point_down(file: Path) -> None:
    part = part_of(module_name(file))
    assert part in ARROWS, f"{part} has no place in the house: give it its arrows"
    allowed = {part} | below(part)
    wrong = [
        f"{file.name}:{line} {name}"
        for line, name in imported(file)
        if name.split(".")[0] == "minigrad" and part_of(name) not in allowed and name != "minigrad.__version__"
    ]
    assert wrong == []


@pytest.mark.parametrize("file", sorted((PACKAGE / "rules").rglob("*.py")), ids=module_name)
def test_rules_are_pure_numpy(file: Path) -> None:
    third_party = {name.split(".")[0] for _, name in imported(file)} - sys.stdlib_module_names
    assert third_party <= {"numpy", "minigrad"}


def test_import_minigrad_imports_numpy_alone(run_python: Callable[..., str]) -> None:
    code = """
import sys, json
import numpy
before = set(sys.modules)
import minigrad
print(json.dumps(sorted(set(sys.modules) - before)))
"""
    new = set(json.loads(run_python(code)))
    assert "minigrad" in new
    assert {name.split(".")[0] for name in new} - sys.stdlib_module_names == {"minigrad", "numpy"}
    assert new & HEAVY == set()


def test_every_module_imports_without_extras(run_python: Callable[..., str]) -> None:
    """The optional libraries are imported where they are used, inside functions."""
    names = [module_name(file) for file in FILES]
    code = """
import sys, importlib
for name in ("msgpack", "rich", "IPython", "matplotlib", "hypothesis", "PIL"):
    sys.modules[name] = None  # as if it were not installed
for name in sys.argv[1:]:
    importlib.import_module(name)
print("all")
"""
    assert run_python(code, *names) == "all\n"
