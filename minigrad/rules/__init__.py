"""The rules: pure NumPy, no Tensor, no graph. `RULES` lists them; `rule.py` says what a rule is."""

from . import (
    activation,
    attention,
    decompose,
    elementwise,
    fused,
    index,
    inverse,
    linalg,
    norm,
    pool,
    recurrent,
    reduce,
    resample,
    rows,
    scan,
    selection,
    shape,
    softmax,
    special,
    statistics,
    vector,
    window,
)
from .rule import RULES, Away, Reals, Traits, rule, traits

__all__ = [
    "RULES", "Away", "Reals", "Traits", "activation", "attention", "decompose", "elementwise", "fused", "index",
    "inverse", "linalg", "norm", "pool", "recurrent", "reduce", "resample", "rows", "rule", "scan", "selection",
    "shape", "softmax", "special", "statistics", "traits", "vector", "window",
]  # fmt: skip
