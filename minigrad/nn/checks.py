"""What the configs of layers ask of their numbers."""

from __future__ import annotations

import operator
from typing import Any

from ..errors import ConfigError

__all__ = ["integer", "integers"]


def integer(config: str, name: str, value: Any, least: int = 1) -> int:
    """`value` as an integer of at least `least`. Raises `ConfigError`."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or operator.index(value) < least:
        raise ConfigError(f"{config}: {name} is {value!r}, and must be an integer of at least {least}")
    return operator.index(value)


def integers(config: str, name: str, value: Any, count: int, least: int = 1) -> tuple[int, ...]:
    """`value` as a tuple of `count` integers of at least `least`. Raises `ConfigError`."""
    if not isinstance(value, (tuple, list)) or len(value) != count:
        example = (value if hasattr(value, "__index__") and not isinstance(value, bool) else max(least, 1),) * count
        raise ConfigError(f"{config}: {name} is {value!r}, and must be {count} integers, such as {example}")
    return tuple(integer(config, name, n, least) for n in value)
