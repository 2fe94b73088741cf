"""The rules: pure NumPy, no Tensor, no graph. `RULES` lists them; `rule.py` says what a rule is."""

from . import decompose, elementwise, fused, index, inverse, linalg, reduce, scan, selection, shape, special, statistics
from .rule import RULES, Away, Reals, Traits, rule, traits

__all__ = [
    "RULES", "Away", "Reals", "Traits", "decompose", "elementwise", "fused", "index", "inverse", "linalg", "reduce",
    "rule", "scan", "selection", "shape", "special", "statistics", "traits",
]  # fmt: skip
