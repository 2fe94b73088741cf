"""Layers, each with its Config, and losses (`minigrad.nn.loss`)."""

from .activation import Relu, Sigmoid, Tanh
from .init import Initializer
from .linear import Linear, LinearConfig

__all__ = ["Initializer", "Linear", "LinearConfig", "Relu", "Sigmoid", "Tanh"]
