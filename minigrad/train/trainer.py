"""One iteration of training: `Learner.fit` repeats it over a loader, `Learner.step` makes it by hand."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..autodiff import Gradients
from ..errors import LearnerError
from ..module import Module
from ..optim import GradientsAccumulator, GradientsParams
from .finite import has_finite_loss
from .step import TrainOutput, named

if TYPE_CHECKING:
    from ..optim import Optimizer
    from ..optim.lr_scheduler import LrScheduler
    from .settings import Settings

__all__ = ["Trainer", "needs_optimize"]

M = TypeVar("M", bound=Module)
Update = Callable[[float, Any, Any], Any]  # (learning rate, model, gradients) -> the new model


class Trainer(Generic[M]):
    """Takes `model` from batch to batch. Every iteration takes a learning rate, also one that only gathers gradients.

    `not_finite(item, model, stop)` hears of a loss that is NaN or infinite, and raises if it is to `stop`.
    """

    def __init__(
        self,
        model: M,
        optim: Optimizer,
        scheduler: LrScheduler,
        settings: Settings,
        not_finite: Callable[[Any, Any, bool], None],
    ) -> None:
        self.model = model
        self._next_lr = scheduler.step
        self._not_finite = not_finite
        self._stop = not settings.non_finite_allowed
        self._optimize: Update = _with_hook(optim) if callable(getattr(model, "optimize", None)) else optim.step
        self._update = self._optimize if settings.accumulation == 1 else self._gather
        self._window = settings.accumulation
        self._gathered = 0  # batches of the window at hand, and their gradients
        self._sum = GradientsAccumulator()
        self._lr = 0.0

    def step(self, batch: Any) -> tuple[Any, float]:
        """Trains on a batch; what the model's step gave for the metrics, and the learning rate."""
        lr = self._next_lr()
        model: Any = self.model
        output = model.train_step(batch)
        if not isinstance(output, TrainOutput):
            raise LearnerError(
                f"{type(model).__name__}.train_step returned {named(output)}, not a TrainOutput\n"
                "  return TrainOutput(self, loss.backward(), item)"
            )
        if not has_finite_loss(output.item):  # before the optimizer: a NaN must not reach the model
            self._not_finite(output.item, model, self._stop)
        self.model = self._update(lr, model, output.gradients)
        return output.item, lr

    def _gather(self, lr: float, model: M, grads: GradientsParams | Gradients) -> M:
        self._sum.accumulate(model, grads)
        self._gathered += 1
        self._lr = lr
        return self.finish() if self._gathered == self._window else model

    def finish(self) -> M:
        """The model, with what a window has gathered that was not full."""
        if self._gathered:
            self._gathered = 0
            self.model = self._optimize(self._lr, self.model, self._sum.grads())
        return self.model


def _with_hook(optim: Optimizer) -> Update:
    """The model's own `optimize` in place of the optimizer's step."""

    def update(lr: float, model: Any, grads: GradientsParams | Gradients) -> Any:
        by_id = grads if isinstance(grads, GradientsParams) else GradientsParams.from_grads(grads, model)
        changed = model.optimize(optim, lr, by_id)
        if not isinstance(changed, type(model)):
            raise LearnerError(
                f"{type(model).__name__}.optimize returned {named(changed)}, not the new model\n"
                "  return optim.step(lr, self, grads)"
            )
        return changed

    return update


def needs_optimize(model: Module) -> None:
    """Raises `LearnerError` for an `optimize` that cannot be called as the Learner does."""
    hook = getattr(model, "optimize", None)
    if callable(hook):
        try:
            inspect.signature(hook).bind(None, 0.1, None)
        except TypeError as error:
            raise LearnerError(
                f"build: {type(model).__name__}.optimize cannot be called with (optim, lr, grads): {error}\n"
                "  def optimize(self, optim, lr, grads): return optim.step(lr, self, grads)"
            ) from None
