"""Numbers as Burn prints them, so that logs and tables read the same."""

from __future__ import annotations

import math

__all__ = ["format_float", "shortest"]


def shortest(value: float) -> str:
    """The fewest digits that give the same float64 back, with no exponent and no `.0`; `NaN`, `inf`, `-inf`.

    >>> shortest(0.6931471824645996), shortest(50.0), shortest(1.5e-7), shortest(float("nan"))
    ('0.6931471824645996', '50', '0.00000015', 'NaN')
    """
    text = repr(float(value))
    if "e" not in text and text[-1] != "n":  # the usual case first: logs are full of them
        return text if text[-2:] != ".0" else text[:-2]
    if text == "nan":
        return "NaN"
    from decimal import Decimal

    return format(Decimal(text), "f")


def format_float(value: float, precision: int) -> str:
    """Fixed to `precision` decimals, or scientific when less than one of them would be left.

    That means every value up to `10 ** (1 - precision)`, and so everything negative, as in Burn.

    >>> format_float(0.6469, 3), format_float(0.0012, 3), format_float(-3.0, 2), format_float(float("nan"), 2)
    ('0.647', '1.200e-3', '-3.00e0', 'NaN')
    """
    if not math.isfinite(value):
        return shortest(value)
    if value > 0.1 ** (precision - 1):
        return f"{value:.{precision}f}"
    mantissa, exponent = f"{value:.{precision}e}".split("e")
    return f"{mantissa}e{int(exponent)}"
