"""New tensors: of a shape, of numbers, or shaped like another one; on a device, untracked.

`device` is `NdArray()` if left out. Floats are made in its float type and ints in int64, unless `dtype` says otherwise.
A shape that cannot be raises `ShapeError`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike

from ..arrays import brief, flag, normal_axis, number, one_of, plain_dtype, positions, shape_of, whole
from ..backend import DEFAULT, Device
from ..distribution import Distribution
from ..errors import ConfigError, DeviceError, DtypeError, ShapeError
from ..lifting import as_tensor, make

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = [
    "arange", "cartesian_grid", "diag_mask", "eye", "full", "full_like", "linspace", "meshgrid", "one_hot",
    "one_hot_fill", "ones", "ones_like", "random", "random_like", "tri", "tril_mask", "triu_mask", "zeros",
    "zeros_like",
]  # fmt: skip


def _shape(shape: int | Sequence[int]) -> tuple[int, ...]:
    return shape_of(shape, "no tensor of shape {}", "a shape is one tuple, such as (2, 3)")


def _made(function: Callable[..., Any], *args: Any) -> Any:
    """The array of a NumPy function, or its complaint beside the user's numbers."""
    try:
        return function(*args)
    except (ValueError, TypeError, ArithmeticError) as error:
        raise ShapeError(f"{function.__name__}({', '.join(map(brief, args))}): {error}") from None


# --- of a shape -------------------------------------------------------------------------------------------------------


def full(shape: int | Sequence[int], fill_value: float, device: Any = None, dtype: DTypeLike | None = None) -> Tensor:
    """`fill_value` everywhere: Float for a float, Int for an int."""
    if isinstance(device, int):
        name = {0.0: "zeros", 1.0: "ones"}.get(fill_value, "full") if isinstance(fill_value, float) else "full"
        sizes = ", ".join(brief(n) for n in (shape, device, dtype) if n is not None)
        raise ShapeError(f"{name}({sizes}): the shape is one tuple: Tensor.{name}(({sizes}))")
    return as_tensor(_made(np.full, _shape(shape), fill_value), device, dtype)


def zeros(shape: int | Sequence[int], device: Device | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """0.0 everywhere; also what `empty` gives, so that nothing depends on what was in memory."""
    return full(shape, 0.0, device, dtype)


def ones(shape: int | Sequence[int], device: Device | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """1.0 everywhere."""
    return full(shape, 1.0, device, dtype)


def random(
    shape: int | Sequence[int], distribution: Distribution = Distribution.Default, device: Device | None = None
) -> Tensor:
    """The device's next draw from `distribution`, in its float type."""
    device = DEFAULT if device is None else device
    given: Any = distribution
    if not isinstance(given, Distribution):
        kinds = "Distribution.Default, .Uniform(low, high), .Normal(mean, std) or .Bernoulli(p)"
        raise ConfigError(f"random(distribution={brief(distribution)}): it is {kinds}")
    if not isinstance(device, Device):
        raise DeviceError(f"random(device={brief(device)}): a device is NdArray() or Autodiff(NdArray())")
    return as_tensor(np.asarray(distribution.draw(device.rng(), _shape(shape)), device.dtype), device)


# --- like another one: its shape, dtype and device --------------------------------------------------------------------


def full_like(x: Tensor, fill_value: Any, dtype: DTypeLike | None = None, *, device: Device | None = None) -> Tensor:
    """`fill_value` everywhere. Raises `DtypeError` for one that the dtype cannot hold, such as 0.5 for Int.

    >>> from minigrad import Tensor
    >>> Tensor([[1, 2, 3]]).full_like(7)
    Tensor([[7, 7, 7]])
    """
    wanted = x.dtype if dtype is None else plain_dtype(dtype)
    try:
        value = None if isinstance(fill_value, str) else wanted.type(fill_value)
    except (TypeError, ValueError, OverflowError):
        value = None
    if value is None or value.shape or (wanted.kind != "f" and value != fill_value):
        raise DtypeError(f"full_like(fill_value={brief(fill_value)}): {wanted} cannot hold it; dtype= chooses another")
    filled = np.full(x.shape, value) if x.shape else value
    return make(filled, x.device) if device is None else as_tensor(filled, device, wanted)


def zeros_like(x: Tensor, dtype: DTypeLike | None = None, *, device: Device | None = None) -> Tensor:
    """Zeros (False) of the shape, dtype and device of `x`."""
    return full_like(x, 0, dtype, device=device)


def ones_like(x: Tensor, dtype: DTypeLike | None = None, *, device: Device | None = None) -> Tensor:
    """Ones (True) of the shape, dtype and device of `x`."""
    return full_like(x, 1, dtype, device=device)


def random_like(x: Tensor, distribution: Distribution = Distribution.Default) -> Tensor:
    """The next draw of the device of `x`, in its shape and dtype. Raises `DtypeError` for Int and Bool."""
    if x.dtype.kind != "f":
        raise DtypeError(f"random_like of a tensor of {x.dtype}: draws are Float; use float() first")
    return random(x.shape, distribution, x.device).astype(x.dtype)


# --- of numbers -------------------------------------------------------------------------------------------------------


def arange(*bounds: float, device: Device | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """`arange(stop)`, `arange(start, stop)`, `arange(start, stop, step)` as NumPy. `ShapeError` for a step of 0."""
    return as_tensor(_made(np.arange, *bounds), device, dtype)


def linspace(
    start: float, stop: float, num: int = 50, endpoint: bool = True,
    device: Device | None = None, dtype: DTypeLike | None = None,
) -> Tensor:  # fmt: skip
    """`num` Floats at even distances, the last of which is `stop` unless `endpoint` is False.

    >>> from minigrad import Tensor
    >>> Tensor.linspace(0, 1, 5)
    Tensor([0.  , 0.25, 0.5 , 0.75, 1.  ], dtype=float32)
    """
    start, stop = number(start, "linspace(start"), number(stop, "linspace(stop")
    num, endpoint = whole(num, "linspace(num", 0), flag(endpoint, "linspace(endpoint")
    return as_tensor(_made(np.linspace, start, stop, num, endpoint), device, dtype)


def eye(
    n: int, m: int | None = None, k: int = 0, device: Device | None = None, dtype: DTypeLike | None = None
) -> Tensor:
    """Ones on the k-th diagonal, [n, m]; `m` is `n` if left out."""
    rows, columns = _shape((n, n if m is None else m))
    return as_tensor(np.eye(rows, columns, min(max(whole(k, "eye(k"), -rows), columns)), device, dtype)


def tri(
    n: int, m: int | None = None, k: int = 0, device: Device | None = None, dtype: DTypeLike | None = None
) -> Tensor:
    """Ones on and below the k-th diagonal, [n, m]; `m` is `n` if left out."""
    rows, columns = _shape((n, n if m is None else m))
    return as_tensor(np.tri(rows, columns, min(max(whole(k, "tri(k"), -rows), columns)), device, dtype)


def meshgrid(*axes: Tensor, indexing: str = "xy") -> tuple[Tensor, ...]:
    """The coordinates of a grid of vectors, a tensor for each; "ij" keeps the order of axes, "xy" swaps the first two.

    >>> from minigrad import Tensor
    >>> x, y = Tensor.meshgrid(Tensor([1, 2]), Tensor([7, 8, 9]), indexing="ij")
    >>> y
    Tensor([[7, 8, 9],
            [7, 8, 9]])
    """
    vectors = [v if v.ndim else v.reshape(1) for v in map(as_tensor, axes)]
    one_of(indexing, ("xy", "ij"), "meshgrid(indexing")
    if any(v.ndim != 1 for v in vectors):
        raise ShapeError(f"meshgrid of shapes {', '.join(str(v.shape) for v in vectors)}: they are vectors of one axis")
    order = list(range(len(vectors)))
    if indexing == "xy":
        order[:2] = order[:2][::-1]
    shape = tuple(vectors[i].size for i in order)
    return tuple(
        v.reshape(tuple(v.size if k == i else 1 for k in order)).broadcast_to(shape) for i, v in enumerate(vectors)
    )


def cartesian_grid(shape: Sequence[int], device: Device | None = None) -> Tensor:
    """The Int position of each element of a tensor of `shape`: [*shape, len(shape)].

    >>> from minigrad import Tensor
    >>> Tensor.cartesian_grid((2, 2))
    Tensor([[[0, 0],
             [0, 1]],
    <BLANKLINE>
            [[1, 0],
             [1, 1]]])
    """
    return as_tensor(np.moveaxis(np.indices(_shape(shape)), 0, -1), device)


# --- masks, of what has to be filled to leave the part that they are named for ----------------------------------------


def triu_mask(shape: Sequence[int], offset: int = 0, device: Device | None = None) -> Tensor:
    """Burn's: False on and above the diagonal `offset` of the last two axes, True below, where `triu` has zeros.

    >>> from minigrad import Tensor
    >>> Tensor.ones((3, 3)).mask_fill(Tensor.triu_mask((3, 3)), 0.0)
    Tensor([[1., 1., 1.],
            [0., 1., 1.],
            [0., 0., 1.]], dtype=float32)
    """
    return _mask("triu_mask", np.less, shape, offset, device)


def tril_mask(shape: Sequence[int], offset: int = 0, device: Device | None = None) -> Tensor:
    """Burn's: False on and below the diagonal `offset` of the last two axes, True above: attention's causal mask."""
    return _mask("tril_mask", np.greater, shape, offset, device)


def diag_mask(shape: Sequence[int], offset: int = 0, device: Device | None = None) -> Tensor:
    """Burn's: False on the diagonal `offset` of the last two axes, True elsewhere."""
    return _mask("diag_mask", np.not_equal, shape, offset, device)


def _mask(name: str, holds: np.ufunc, shape: Sequence[int], offset: int, device: Device | None) -> Tensor:
    sizes = _shape(shape)
    if len(sizes) < 2:
        raise ShapeError(f"{name}({shape!r}): a matrix has at least two axes, such as (3, 3)")
    matrix = holds(np.arange(sizes[-1]) - np.arange(sizes[-2])[:, None], whole(offset, f"{name}(offset"))
    return as_tensor(np.broadcast_to(matrix, sizes), device)


# --- classes ----------------------------------------------------------------------------------------------------------


def one_hot(x: Tensor, n: int) -> Tensor:
    """For Int classes from 0 to n - 1: int64 rows of `n` with a 1 at the class, on a new last axis.

    Raises `PositionError` for a class outside of them.

    >>> from minigrad import Tensor
    >>> Tensor([2, 0]).one_hot(3)
    Tensor([[0, 0, 1],
            [1, 0, 0]])
    """
    return one_hot_fill(x, n)


def one_hot_fill(x: Tensor, n: int, on_value: float = 1, off_value: float = 0, axis: int = -1) -> Tensor:
    """As `one_hot`, with other values, and the new axis at `axis`: Float for floats, Int for ints."""
    n = whole(n, "one_hot(n", 1)
    on_value, off_value = number(on_value, "one_hot_fill(on_value"), number(off_value, "one_hot_fill(off_value")
    _shape((*x.shape, n))
    axis = normal_axis(axis, x.ndim + 1, "one_hot_fill")
    classes = np.expand_dims(positions(x, n, "one_hot"), axis)
    hot = classes == np.arange(n).reshape(-1, *(1,) * (x.ndim - axis))
    return as_tensor(np.where(hot, on_value, off_value), x.device)
