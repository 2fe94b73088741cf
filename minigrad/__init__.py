"""minigrad: Burn's architecture in NumPy."""

__version__ = "0.1.0"
