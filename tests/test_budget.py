"""The core stays small enough for one sitting. Docstrings, comments and blank lines are free."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import pytest

import minigrad

PACKAGE = Path(minigrad.__file__).parent
RULES = ("kernels", "elementwise", "reduce", "shape", "index", "linalg")
CORE = [*(f"rules/{name}.py" for name in RULES), "autodiff.py", "lifting.py", "tensor.py", "kernels.py",
        "transforms.py"]  # fmt: skip
LIMIT, AUTODIFF_LIMIT, RULE_LIMIT, FILE_LIMIT = 1_200, 250, 15, 250

# Files of more than 250 lines in all, each with the reason why it is one idea.
LONG = {
    "array_api.py": "the standard's names, one a line, so that each is found where it is looked for",
    "activation.py": "a short function for each name, so that there is one place to look",
    "lifting.py": "five forms of one wrapper, which stand beside each other to be compared",
    "module.py": "all that a model can do is one class",
    "tensor.py": "every operation is one line here, so that there is one place to look",
}

LAYOUT = {
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENCODING, tokenize.ENDMARKER,
}  # fmt: skip


def code_lines(source: str) -> set[int]:
    """The numbers of the lines that hold code.

    >>> sorted(code_lines('"a docstring"\\n\\n# a comment\\nx = (1 +  # one\\n     2)\\n'))
    [4, 5]
    """
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in LAYOUT:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            docstring = node.body[0]
            lines -= set(range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1))
    return lines


def count(path: str) -> int:
    return len(code_lines((PACKAGE / path).read_text("utf-8")))


def test_a_known_source_counts_as_by_hand() -> None:
    source = '''"""Module."""
# comment
import os


class A:
    """Class.

    More.
    """

    text = """two
    lines"""

    def f(self):
        """Function."""
        return (  # why
            1
        )
'''
    assert sorted(code_lines(source)) == [3, 6, 12, 13, 15, 17, 18, 19]


def test_the_core_keeps_to_its_budget() -> None:
    if not (PACKAGE / "tensor.py").exists():
        pytest.skip("there is no tensor yet")
    lines = {path: count(path) for path in CORE}
    assert sum(lines.values()) <= LIMIT, lines


def test_the_engine_keeps_to_its_budget() -> None:
    assert count("autodiff.py") <= AUTODIFF_LIMIT


@pytest.mark.parametrize("file", sorted((PACKAGE / "rules").glob("*.py")), ids=lambda file: file.stem)
def test_no_rule_is_long(file: Path) -> None:
    source = file.read_text("utf-8")
    lines = code_lines(source)
    long = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and "rule" in {ast.unparse(d).split("(")[0] for d in node.decorator_list}:
            size = len(lines & set(range(node.lineno, (node.end_lineno or node.lineno) + 1)))
            if size > RULE_LIMIT:
                long[node.name] = size
    assert long == {}


def test_files_are_short_or_say_why() -> None:
    sizes = {
        str(file.relative_to(PACKAGE).as_posix()): len(file.read_text("utf-8").splitlines())
        for file in PACKAGE.rglob("*.py")
    }
    assert {path: size for path, size in sizes.items() if size > FILE_LIMIT and path not in LONG} == {}
    assert [path for path in LONG if path in sizes and sizes[path] <= FILE_LIMIT] == [], "no longer long"
