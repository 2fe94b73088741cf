"""minigrad: Burn's architecture in NumPy."""
