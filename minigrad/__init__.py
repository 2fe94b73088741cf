"""minigrad: Burn's architecture in NumPy."""

from .config import Config
from .distribution import Distribution
from .lifting import lift
from .module import Module
from .param import Param
from .rules import rule
from .tensor import Tensor, where
from .transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

__version__ = "0.1.0"

__all__ = [
    "Config", "Distribution", "Module", "Param", "Tensor", "grad", "hessian", "hvp", "jacobian", "jvp", "lift", "rule",
    "value_and_grad", "vjp", "where",
]  # fmt: skip
