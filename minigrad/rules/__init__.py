"""The rules: pure NumPy, no Tensor, no graph. `RULES` lists them; `rule.py` says what a rule is."""

from . import (
    decompose, elementwise, fused, index, inverse, linalg, pool, reduce, resample, scan, selection, shape, special,
    statistics, window,
)  # fmt: skip
from .rule import RULES, Away, Reals, Traits, rule, traits

__all__ = [
    "RULES", "Away", "Reals", "Traits", "decompose", "elementwise", "fused", "index", "inverse", "linalg", "pool",
    "reduce", "resample", "rule", "scan", "selection", "shape", "special", "statistics", "traits", "window",
]  # fmt: skip
