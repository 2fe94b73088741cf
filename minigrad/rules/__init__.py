"""The rules: pure NumPy, no Tensor, no graph. `RULES` lists them; `rule.py` says what a rule is."""

from . import elementwise, fused, index, linalg, reduce, shape
from .rule import RULES, Away, Reals, Traits, rule, traits

__all__ = [
    "RULES", "Away", "Reals", "Traits", "elementwise", "fused", "index", "linalg", "reduce", "rule", "shape", "traits",
]  # fmt: skip
