"""BatchNorm: over the batch, and by what it remembers of batches in inference."""

from __future__ import annotations

from typing import Any

from ...backend import Device
from ...config import Config
from ...errors import ConfigError
from ...functional import batch_norm
from ...module import Module
from ...param import Param, RunningState
from ...tensor import Tensor
from ..checks import integer
from .params import gamma_and_beta, positive

__all__ = ["BatchNorm", "BatchNormConfig"]


class BatchNormConfig(Config):
    """Of `num_features` channels; `momentum` is the share of a new batch in the running statistics.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> BatchNormConfig(3).init(Autodiff(NdArray(seed=42)))
    BatchNorm {num_features: 3, momentum: 0.1, epsilon: 0.00001, params: 12}
    """

    num_features: int
    epsilon: float = 1e-5
    momentum: float = 0.1

    def init(self, device: Device) -> BatchNorm:
        """gamma of ones, beta of zeros; a running mean of zeros and variance of ones. Raises `ConfigError`."""
        n, epsilon = integer("BatchNormConfig", "num_features", self.num_features), self.epsilon
        if isinstance(self.momentum, bool) or not 0 <= self.momentum <= 1:
            raise ConfigError(f"BatchNormConfig: momentum is {self.momentum!r}, and must be a share between 0 and 1")
        gamma, beta = gamma_and_beta(n, device)
        mean, var = (RunningState(Tensor.full((n,), value, device), device) for value in (0.0, 1.0))
        return BatchNorm(gamma, beta, mean, var, float(self.momentum), positive("BatchNormConfig", epsilon))


class BatchNorm(Module):
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta for each channel of [batch, channels, ...].

    In training, where the input and the layer are on an Autodiff device, mean and variance are the batch's, and
    running = running * (1 - momentum) + batch's * momentum (of the biased variance, as Burn; PyTorch's is unbiased).
    In inference they are the running ones.
    """

    gamma: Param
    beta: Param
    running_mean: RunningState
    running_var: RunningState
    momentum: float
    epsilon: float

    def forward(self, input: Tensor) -> Tensor:
        """[batch, channels, ...] to the same. Raises `ShapeError`."""
        if not (isinstance(input, Tensor) and input.device.tracks and self.gamma.device.tracks):
            mean, var = self.running_mean.value(), self.running_var.value()
            return batch_norm(input, self.gamma, self.beta, mean, var, self.epsilon)
        output = batch_norm(input, self.gamma, self.beta, epsilon=self.epsilon)
        batch = input.detach()
        axis = (0, *range(2, batch.ndim))
        for running, of_batch in (
            (self.running_mean, batch.mean(axis)),
            (self.running_var, batch.var(axis, correction=0)),
        ):
            running.update(running.value() * (1 - self.momentum) + of_batch * self.momentum)
        return output

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {"num_features": self.beta.shape[0], "momentum": self.momentum, "epsilon": self.epsilon}

    def signature(self) -> str:
        return f"BatchNorm({self.beta.shape[0]})"
