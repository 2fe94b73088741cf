"""Changes one thing at a time in the rules and the engine, and looks whether the tests notice.

    python tests/mutate.py [FILE ...] [--share I/N] [--every K]

The changes are those of the library Cosmic Ray (`pip install cosmic-ray`): a sign, an operator, a number, a truth, a
comparison. Each is tried in a process of its own, forked where NumPy, pytest and Hypothesis are loaded already: first
the laws of the rules in the file, those of the changed function first; what survives meets the file's unit tests. Left
out is what cannot matter: numbers of declared domains, sizes of caches, types. Prints each survivor as a diff, then one
line with the share that was noticed. `--share I/N` takes every N-th change from the I-th on, `--every K` a sample.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import importlib
import importlib.abc
import importlib.util
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import hypothesis
import numpy as np  # loaded once, before any process is forked
import pytest

try:
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names
except ImportError:
    sys.exit("the changes come from Cosmic Ray: pip install cosmic-ray")

ROOT = Path(__file__).resolve().parents[1]

OPERATORS = {
    *(f"ReplaceBinaryOperator_{pair}" for pair in (
        "Add_Sub", "Sub_Add", "Mul_Div", "Mul_Add", "Div_Mul", "Pow_Mul", "FloorDiv_Div", "Mod_Mul", "BitAnd_BitOr",
        "BitOr_BitAnd", "LShift_RShift", "RShift_LShift")),
    *(f"ReplaceComparisonOperator_{pair}" for pair in (
        "Eq_NotEq", "NotEq_Eq", "Lt_LtE", "Lt_Gt", "LtE_Lt", "Gt_GtE", "Gt_Lt", "GtE_Gt", "Is_IsNot", "IsNot_Is")),
    "ReplaceUnaryOperator_Delete_USub", "ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_Delete_Invert",
    "AddNot", "NumberReplacer", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ZeroIterationForLoop",
}  # fmt: skip

# Unit tests of what the laws do not see: the engine, fast forms, errors.
UNIT_TESTS = {
    "autodiff": [
        "tests/test_transforms.py",
        "tests/test_programs.py",
        "tests/ops/test_beside_others.py",
        "tests/test_autodiff.py",
    ],
    "rule": ["tests/test_testing.py", "tests/test_canaries.py"],
    "scatter": ["tests/rules/test_kernels.py", "tests/ops/test_indexing.py", "tests/test_autodiff.py"],
    "selection": ["tests/ops/test_indexing.py"],
    "erf": ["tests/rules/test_erf.py"],
    "special": ["tests/ops/test_elementwise.py"],
    "statistics": ["tests/ops/test_reduction.py"],
    "scan": ["tests/ops/test_scan.py"],
    "decompose": ["tests/test_linalg.py", "tests/test_messages_linalg.py"],
    "inverse": ["tests/test_linalg.py", "tests/test_messages_linalg.py"],
    "lapack": ["tests/test_linalg.py", "tests/test_messages_linalg.py"],
    "linalg": ["tests/test_linalg.py", "tests/test_einsum.py"],
    "window": ["tests/rules/test_window.py", "tests/functional"],
    "pool": ["tests/functional"],
    "resample": ["tests/functional"],
    "fused": ["tests/nn/test_loss.py", "tests/nn/test_layers.py", "tests/optim"],
    "softmax": [
        "tests/rules/test_rows.py",
        "tests/functional/test_classes.py",
        "tests/functional/test_attention.py",
        "tests/test_activation.py",
    ],
    "attention": ["tests/rules/test_rows.py", "tests/functional/test_attention.py"],
    "norm": ["tests/rules/test_rows.py", "tests/functional/test_norm.py"],
    "rows": ["tests/rules/test_rows.py", "tests/functional/test_norm.py"],
    "activation": ["tests/rules/test_rows.py", "tests/test_activation.py"],
    "recurrent": ["tests/rules/test_rows.py", "tests/nn/test_rnn.py"],
    "kernels": ["tests/rules/test_kernels.py", "tests/test_tensor.py", "tests/test_transforms.py"],
}
ANY = ["tests/test_tensor.py", "tests/test_transforms.py"]
PROMISES = "tests/rules/test_singular_points.py"


class Change(NamedTuple):
    """One change of a file: the operator, its occurrence, the function it is in, and the new source."""

    path: Path
    operator: str
    occurrence: int
    function: str
    source: str


def changes(path: Path) -> Iterator[Change]:
    """All changes of a file that could matter."""
    source = path.read_text("utf-8")
    tree, marks = ast.parse(source), get_ast(source)
    idle = {line for node in ast.walk(tree) for line in _idle_lines(node)}
    for name in operator_names():
        if name.removeprefix("core/") not in OPERATORS:
            continue
        operator = get_operator(name)()
        places = [place for node in ast_nodes(marks) for place in operator.mutation_positions(node)]
        for occurrence, (start, _) in enumerate(places):
            if start[0] in idle and "True" not in name and "False" not in name:
                continue
            changed = mutate_code(source, operator, occurrence)
            try:
                different = changed is not None and ast.dump(ast.parse(changed)) != ast.dump(tree)
            except SyntaxError:  # {**a} read as a power
                continue
            if different:
                yield Change(path, name.removeprefix("core/"), occurrence, _function_at(tree, start[0]), changed)


def _idle_lines(node: ast.AST) -> Iterator[int]:
    """Lines whose numbers are no part of what is computed."""
    if isinstance(node, ast.FunctionDef):
        for decorator in node.decorator_list:
            yield from range(decorator.lineno, (decorator.end_lineno or decorator.lineno) + 1)
        yield from range(node.lineno, node.body[0].lineno if node.body[0].lineno > node.lineno else node.lineno)
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        yield node.lineno
    if isinstance(node, (ast.Assign, ast.AnnAssign)) and "Reals(" in ast.unparse(node):
        yield from range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _function_at(tree: ast.Module, line: int) -> str:
    inside = [n for n in tree.body if isinstance(n, ast.FunctionDef) and _first(n) <= line <= (n.end_lineno or 0)]
    return inside[0].name if inside else ""


def _first(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(d.lineno for d in node.decorator_list)])


class Instead(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Imports one module from changed source."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self.name = ".".join(change.path.relative_to(ROOT).with_suffix("").parts)

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        at = self.change.path
        return importlib.util.spec_from_file_location(name, at, loader=self) if name == self.name else None

    def get_data(self, path: str) -> bytes:
        return self.change.source.encode()

    def get_filename(self, name: str) -> str:
        return str(self.change.path)


def by_laws(change: Change) -> None:
    """Raises if a law of a rule in the changed file notices."""
    sys.path.insert(0, str(ROOT))
    hypothesis.settings.register_profile("mutation", max_examples=25, deadline=None, database=None, derandomize=True)
    hypothesis.settings.load_profile("mutation")
    rules: Any = importlib.import_module("minigrad.rules")
    testing: Any = importlib.import_module("minigrad.testing")
    tables: Any = importlib.import_module("tests.strategies")
    module = change.path.stem
    names = [n for n, r in rules.RULES.items() if r.__module__.rpartition(".")[2] == module]
    for name in sorted(names, key=lambda name: name != change.function):
        for law in testing.LAWS:
            calls, reference = tables.calls_of(rules.RULES[name], law), tables.REFERENCE[name]
            with np.errstate(all="ignore"):
                testing.check_law(rules.RULES[name], law, calls, reference=reference)


def by_tests(change: Change) -> None:
    """Raises if a unit test notices."""
    os.environ["HYPOTHESIS_PROFILE"] = "dev"
    os.chdir(ROOT)
    chosen = [PROMISES, *UNIT_TESTS.get(change.path.stem, ANY)]
    loaded = "ignore::pytest.PytestAssertRewriteWarning"  # Hypothesis was, before it was a plugin
    if pytest.main(["-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", "-W", loaded, *chosen]):
        raise AssertionError


def noticed(change: Change, how: Callable[[Change], None], seconds: float) -> bool:
    """Whether a process with the changed module fails, or computes longer than that."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, 1)
            os.dup2(null, 2)
            # of the processor: other work on the machine is no sign
            resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
            signal.alarm(10 * int(seconds))
            sys.meta_path.insert(0, Instead(change))
            how(change)
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1] != 0


def seconds_for(how: Callable[[Change], None], path: Path, known: dict[Any, float]) -> float:
    """Ample seconds for a file as it is, or 0 if it does not pass; measured once for the same tests."""
    key = how, path if how is by_laws else tuple(UNIT_TESTS.get(path.stem, ANY))
    if key not in known:
        start = time.monotonic()
        fails = noticed(Change(path, "", 0, "", path.read_text("utf-8")), how, 600)
        known[key] = 0 if fails else 10 + 4 * (time.monotonic() - start)
        if fails:
            print(f"{path.relative_to(ROOT)} as it is does not pass {how.__name__}, which is left out", flush=True)
    return known[key]


def shown(change: Change) -> str:
    before, after = change.path.read_text("utf-8").splitlines(), change.source.splitlines()
    lines = [line for line in difflib.unified_diff(before, after, lineterm="", n=0) if line[:3] not in ("---", "+++")]
    return f"{change.path.relative_to(ROOT)} in {change.function or 'the module'}: {change.operator}\n" + "\n".join(
        f"    {line}" for line in lines
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--share", default="0/1")
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    first, step = map(int, options.share.split("/"))
    package = ROOT / "minigrad"
    files = options.files or [*sorted((package / "rules").glob("*.py")), package / "autodiff.py"]
    assert not any(name.split(".")[0] == "minigrad" for name in sys.modules), "to be imported changed"
    every = [change for file in files for change in changes(file.resolve())]
    tried = every[first :: step * options.every]
    survivors, start = [], time.monotonic()
    known: dict[Any, float] = {}
    for number, change in enumerate(tried, 1):
        ways = [(how, seconds_for(how, change.path, known)) for how in (by_laws, by_tests)]
        if not any(noticed(change, how, seconds) for how, seconds in ways if seconds):
            survivors.append(change)
            print(shown(change), flush=True)
        if number % 25 == 0:
            print(f"{number} of {len(tried)}, {len(survivors)} survive, {time.monotonic() - start:.0f} s", flush=True)
    share = 1 - len(survivors) / max(len(tried), 1)
    print(f"{len(tried)} of {len(every)} changes tried, {len(survivors)} survive: {share:.1%} were noticed")


if __name__ == "__main__":
    main()
