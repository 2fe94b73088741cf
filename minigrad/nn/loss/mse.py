"""The squared error."""

from __future__ import annotations

from ...blame import module_path
from ...errors import ShapeError
from ...module import Module
from ...tensor import Tensor
from .reduction import Reduction

__all__ = ["MseLoss"]


class MseLoss(Module):
    """(x - t)^2, averaged or summed.

    >>> MseLoss()(Tensor([1.0, 2.0]), Tensor([1.0, 4.0]))
    Tensor(2., dtype=float32)
    """

    def forward(self, logits: Tensor, targets: Tensor, reduction: Reduction = Reduction.Auto) -> Tensor:
        """One number. Raises `ShapeError` unless the shapes are equal."""
        return reduction(self.forward_no_reduction(logits, targets))

    __call__ = forward

    def forward_no_reduction(self, logits: Tensor, targets: Tensor) -> Tensor:
        """The squared error of each element."""
        if logits.shape != targets.shape:  # broadcasting [n, 1] with [n] would compare all pairs in silence
            raise ShapeError(
                f"MseLoss: outputs {logits.shape}, targets {targets.shape}: shapes must be equal{module_path()}\n"
                "  an output [n, 1] beside targets [n]: output.squeeze(1)"
            )
        error = logits - targets
        return error * error
