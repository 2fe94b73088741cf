"""What a model must offer to be trained, and what its steps return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from ..autodiff import Gradients
from ..errors import LearnerError
from ..optim import GradientsParams

if TYPE_CHECKING:
    from ..module import Module
    from ..tensor import Tensor

__all__ = [
    "ClassificationOutput",
    "MultiLabelClassificationOutput",
    "RegressionOutput",
    "TrainOutput",
    "TrainStep",
    "ValidStep",
    "named",
    "needs_method",
]

B_contra = TypeVar("B_contra", contravariant=True)
O = TypeVar("O")  # noqa: E741
O_co = TypeVar("O_co", covariant=True)


class TrainOutput(Generic[O]):
    """What a training step returns: the model that ran it, the gradients of its loss, and the item that metrics read.

    `gradients` are what was given; an optimizer takes either kind, and finding them by parameter id costs more than a
    small model's step. Raises `LearnerError` for anything else in their place, such as a loss without `.backward()`.
    """

    __slots__ = ("gradients", "item", "model")

    def __init__(self, model: Module, grads: GradientsParams | Gradients, item: O) -> None:
        if not isinstance(grads, (Gradients, GradientsParams)):
            raise LearnerError(
                f"TrainOutput: {type(grads).__name__} in place of gradients\n"
                "  TrainOutput(self, item.loss.backward(), item)"
            )
        self.model = model
        self.gradients = grads
        self.item = item

    @property
    def grads(self) -> GradientsParams:
        """The gradients by parameter id."""
        given = self.gradients
        return given if isinstance(given, GradientsParams) else GradientsParams.from_grads(given, self.model)


class TrainStep(Protocol[B_contra, O]):
    """A model that trains: `forward`, the loss and its `backward()` on one batch.

    It may also say how a step is made, and clip its weights, say, or leave gradients out. Without this the Learner does
    what stands here:

        def optimize(self, optim: Optimizer, lr: float, grads: GradientsParams) -> Self:
            return optim.step(lr, self, grads)
    """

    def train_step(self, batch: B_contra, /) -> TrainOutput[O]: ...


class ValidStep(Protocol[B_contra, O_co]):
    """A model that is validated: `forward` and the loss on one batch, run on its `valid()` twin."""

    def valid_step(self, batch: B_contra, /) -> O_co: ...


@dataclass(frozen=True, eq=False)
class ClassificationOutput:
    """Loss, output `[batch, classes]` (or one logit an item), targets `[batch]` Int."""

    loss: Tensor
    output: Tensor
    targets: Tensor


@dataclass(frozen=True, eq=False)
class MultiLabelClassificationOutput:
    """Loss, output `[batch, classes]`, targets `[batch, classes]` Int of zeros and ones."""

    loss: Tensor
    output: Tensor
    targets: Tensor


@dataclass(frozen=True, eq=False)
class RegressionOutput:
    """Loss, output `[batch, values]`, targets `[batch, values]`."""

    loss: Tensor
    output: Tensor
    targets: Tensor


def named(value: object) -> str:
    """What something is, for messages: `a float`, `an int`, `None`."""
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def needs_method(call: str, given: object, method: str, example: str, kind: str = "a strategy") -> None:
    """Raises `LearnerError` unless what was given has this method."""
    if isinstance(given, type) or not callable(getattr(given, method, None)):
        shown = f"{given.__name__}, a class" if isinstance(given, type) else named(given)
        raise LearnerError(f"{call}({shown}): it takes {kind}, with a method {method}\n  {call}({example})")
