"""PaddingConfig1d, 2d, 3d: how much a layer pads its input, the same on both sides of an axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from ..config import Variant
from ..errors import ConfigError

__all__ = ["PaddingConfig1d", "PaddingConfig2d", "PaddingConfig3d", "check_padding"]


class _Padding:
    bare = True  # {"Explicit": [1, 1]} in JSON

    def amounts(
        self, input: Any, kernel_size: Sequence[int], stride: Sequence[int], dilation: Sequence[int] | None = None
    ) -> tuple[int, ...]:
        """How much to add on each side of the axes of `input` after its first two."""
        explicit = tuple(vars(self).values())
        if explicit or type(self).__name__ == "Valid":
            return explicit or (0,) * len(kernel_size)
        sizes = getattr(input, "shape", ())[2:]
        axes = zip(sizes, kernel_size, stride, dilation or (1,) * len(kernel_size), strict=False)
        # so that (size + 2 * padding - extent) // stride + 1 is size again
        return tuple(-((size - d * (k - 1) - 1 - s * (size - 1)) // 2) for size, k, s, d in axes)

    def __str__(self) -> str:
        explicit = ", ".join(map(str, vars(self).values()))
        return f"{type(self).__name__}({explicit})" if explicit else type(self).__name__

    def __reduce__(self) -> Any:
        return type(self).__bases__[0].from_json, (self.to_json(), "pickle")  # type: ignore[attr-defined]


class PaddingConfig1d(_Padding, Variant):
    """`PaddingConfig1d.Valid`: none. `.Same`: as much as gives the output the input's size. `.Explicit(1)`.

    >>> print(PaddingConfig1d.Explicit(1))
    Explicit(1)
    """

    Same: ClassVar[PaddingConfig1d]
    Valid: ClassVar[PaddingConfig1d]
    Explicit: ClassVar[Callable[[int], PaddingConfig1d]]


class PaddingConfig2d(_Padding, Variant):
    """`PaddingConfig2d.Valid`: none. `.Same`: as much as gives the output the input's size. `.Explicit(height, width)`.

    >>> PaddingConfig2d.Explicit(1, 2).to_json()
    {'Explicit': [1, 2]}
    """

    Same: ClassVar[PaddingConfig2d]
    Valid: ClassVar[PaddingConfig2d]
    Explicit: ClassVar[Callable[[int, int], PaddingConfig2d]]


class PaddingConfig3d(_Padding, Variant):
    """`PaddingConfig3d.Valid`, `.Same`, `.Explicit(depth, height, width)`.

    >>> PaddingConfig3d.from_json({"Explicit": [0, 1, 1]}, "a file") == PaddingConfig3d.Explicit(0, 1, 1)
    True
    """

    Same: ClassVar[PaddingConfig3d]
    Valid: ClassVar[PaddingConfig3d]
    Explicit: ClassVar[Callable[[int, int, int], PaddingConfig3d]]


# The variants of the three have the same names, so that no class statements can make them.
for _config, _axes in (
    (PaddingConfig1d, ["length"]),
    (PaddingConfig2d, ["height", "width"]),
    (PaddingConfig3d, ["depth", "height", "width"]),
):
    for _name, _fields in (("Same", []), ("Valid", []), ("Explicit", _axes)):
        _where = {"__module__": __name__, "__qualname__": f"{_config.__name__}.{_name}"}
        type(_name, (_config,), {**_where, "__annotations__": dict.fromkeys(_fields, int)})


def check_padding(config: str, padding: Any, kind: type[Variant], kernel_size: Sequence[int]) -> None:
    """Raise `ConfigError` for what is no padding of this kind, and where `Same` cannot be the same on both sides."""
    name, explicit = kind.__name__, tuple(vars(padding).values()) if isinstance(padding, kind) else (-1,)
    if any(isinstance(n, bool) or not hasattr(n, "__index__") or n < 0 for n in explicit):
        ones = ", ".join("1" * len(kernel_size))
        raise ConfigError(
            f"{config}: padding is {padding!s}, and must be {name}.Valid, {name}.Same or {name}.Explicit({ones}), "
            "of integers of at least 0"
        )
    if type(padding).__name__ == "Same" and any(k % 2 == 0 for k in kernel_size):
        raise ConfigError(
            f"{config}: Same padding with an even kernel size is not supported: kernel_size is {tuple(kernel_size)}\n"
            f"  take an odd size, or {name}.Explicit, which makes the output one more or one less than the input"
        )
