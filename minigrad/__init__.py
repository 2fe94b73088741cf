"""minigrad: Burn's architecture in NumPy."""

from typing import TYPE_CHECKING

from .config import Config
from .distribution import Distribution
from .later import later as _later
from .lifting import lift
from .module import Module
from .param import Param
from .rules import rule
from .tensor import Tensor, where
from .transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

if TYPE_CHECKING:
    from . import activation, debug, functional, linalg
    from .activation import logsumexp
    from .ops.einsum import einsum

__version__ = "0.1.0"

__all__ = [
    "Config", "Distribution", "Module", "Param", "Tensor", "activation", "debug", "einsum", "functional", "grad",
    "hessian", "hvp", "jacobian", "jvp", "lift", "linalg", "logsumexp", "rule", "value_and_grad", "vjp", "where",
]  # fmt: skip

# Imported when they are asked for: 4 ms that not every program should pay at its start.
__getattr__ = _later(
    __name__, {"activation": "logsumexp", "debug": "", "functional": "", "linalg": "", "ops.einsum": "einsum"}
)
