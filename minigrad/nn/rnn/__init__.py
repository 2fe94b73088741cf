"""Recurrent layers."""

from .gate_controller import GateController
from .gru import Gru, GruConfig
from .lstm import BiLstm, BiLstmConfig, Lstm, LstmConfig, LstmState

__all__ = [
    "BiLstm", "BiLstmConfig", "GateController", "Gru", "GruConfig", "Lstm", "LstmConfig", "LstmState",
]  # fmt: skip
