"""Tensor: an immutable array that may carry a record of how it was made.

Each operation is one line here: a lifted rule, a short method where arguments are normalised before, or a function of
`ops/` where there is more to say about them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from . import dispatch, lifting, protocol, rules
from .arrays import BOOL, HALF, INT, Axis, brief, flag, normal_axes, plain_dtype, to_array
from .autodiff import Gradients, Node, next_birth, walk
from .backend import DEFAULT, Device
from .errors import DeviceError, DtypeError, GradientError, ShapeError
from .lifting import compare, explain, lift, make
from .ops import creation, diagonals, elementwise, gradients, indexing, joining, layout

# isort: split
from .ops import logic, reduction, scan, sorting, windows
from .ops.indexing import where

__all__ = ["Tensor", "bce_with_logits", "linear", "where"]

Operand: TypeAlias = "Tensor | float | np.generic | NDArray[Any]"
Unary: TypeAlias = Callable[["Tensor"], "Tensor"]
Binary: TypeAlias = Callable[["Tensor", Operand], "Tensor"]
bool_: TypeAlias = bool  # the class has methods of these names
int_: TypeAlias = int
float_: TypeAlias = float


class Tensor(Node):
    """An immutable array on a device, which may know how it was made.

    `data` is copied: numbers, nested sequences, arrays. Floats become the device's float type (float32 by default)
    and ints int64, unless `dtype` says otherwise. Without a device: `NdArray()`. Raises `ShapeError` for ragged data,
    `DtypeError` for what is not Float, Int or Bool.

    Nobody can write to it, so it need never be copied: a slice may share its memory, `copy()` is the tensor itself,
    and what changes elements (`slice_assign`, `index_add`, `mask_fill`) returns a new one. `numpy()` shares memory too,
    read-only; `from_dlpack` of other libraries gets a copy.

    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]]).require_grad()
    >>> loss = (x * x).sum()
    >>> x.grad(loss.backward())
    Tensor([[2., 4.],
            [6., 8.]], dtype=float32)
    """

    __slots__ = ()
    __hash__ = object.__hash__

    def __init__(self, data: Any, device: Device | None = None, dtype: DTypeLike | None = None) -> None:
        device = DEFAULT if device is None else device
        if not isinstance(device, Device):
            raise DeviceError(f"a device is NdArray() or Autodiff(NdArray()), not {brief(device)}")
        self.data = to_array(data, device, dtype)
        self.device = device
        self.birth = 0
        self.record = None

    # -- construction --

    @classmethod
    def from_data(cls, data: Any, device: Device | None = None, dtype: DTypeLike | None = None) -> Tensor:
        """A tensor of a copy of `data`, which later writes do not reach."""
        if type(data) is np.ndarray and dtype is None and device is not None:
            # the columns of a loader, in every step: 0.4 us against 1.1
            owner = data.base
            if (
                type(owner) is np.ndarray
                and (data.dtype is device.dtype or data.dtype is INT)
                and owner.base is None
                and not owner.flags.writeable
                and not data.flags.writeable  # as a view from before the owner was frozen is
                and data.ndim
            ):
                return make(data, device)
        return Tensor(data, device, dtype)

    arange = staticmethod(creation.arange)
    cartesian_grid = staticmethod(creation.cartesian_grid)
    diag_mask = staticmethod(creation.diag_mask)
    empty = zeros = staticmethod(creation.zeros)
    eye = staticmethod(creation.eye)
    full = staticmethod(creation.full)
    full_like = creation.full_like
    linspace = staticmethod(creation.linspace)
    meshgrid = staticmethod(creation.meshgrid)
    one_hot = creation.one_hot
    one_hot_fill = creation.one_hot_fill
    ones = staticmethod(creation.ones)
    ones_like = creation.ones_like
    random = staticmethod(creation.random)
    random_like = creation.random_like
    tri = staticmethod(creation.tri)
    tril_mask = staticmethod(creation.tril_mask)
    triu_mask = staticmethod(creation.triu_mask)
    zeros_like = creation.zeros_like

    # -- what it is --

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.data.dtype  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        return len(self.data.shape)

    @property
    def size(self) -> int:
        return int(self.data.size)

    def numpy(self) -> NDArray[Any]:
        """A read-only array of the values, without the record. It shares memory, frozen at its owner from now on."""
        view = np.asarray(self.data)
        owner: NDArray[Any] = view
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        owner.flags.writeable = False  # else a user could make the view writeable again
        view = view.view()
        view.flags.writeable = False
        return view

    def item(self) -> Any:
        """The Python number of a tensor of one element; `ShapeError` for any other."""
        if self.data.size != 1:
            raise ShapeError(f"item() wants one element, the tensor has shape {self.shape}: index or reduce it first")
        return self.data.item()

    to_data = numpy
    tolist = protocol.tolist
    copy = protocol.same

    def astype(self, dtype: DTypeLike) -> Tensor:
        """Another dtype; gradients come back in the old one. Float to Int or Bool leaves the graph."""
        wanted = plain_dtype(dtype)
        if wanted is self.data.dtype:
            return self
        return _cast(self, dtype=wanted) if wanted.kind == "f" else make(self.data.astype(wanted), self.device)

    cast = astype

    def float(self) -> Tensor:
        """In the device's float type."""
        return self.astype(self.device.dtype)

    def int(self) -> Tensor:
        return self.astype(np.int64)

    def bool(self) -> Tensor:
        return self.astype(np.bool_)

    # -- gradients --

    def require_grad(self) -> Tensor:
        """A tracked leaf of the same values. Raises `GradientError` on a result of operations, `DtypeError` on Int."""
        if self.record is not None:
            raise GradientError(
                "require_grad() on a result of operations, which is tracked already\n  detach() it first"
            )
        if self.data.dtype.kind != "f":
            raise DtypeError(f"require_grad() of {self.dtype}: only Float has a gradient; use float() first")
        leaf = make(self.data, self.device)
        leaf.birth = next_birth()
        return leaf

    @property
    def is_require_grad(self) -> bool_:
        """Whether a gradient will reach it."""
        return self.birth != 0

    def detach(self) -> Tensor:
        """The same values without a record: an untracked leaf on the same device."""
        return make(self.data, self.device)

    def inner(self) -> Tensor:
        """The same values on the device without gradients."""
        return make(self.data, self.device.inner)

    set_require_grad = gradients.set_require_grad
    from_inner = staticmethod(gradients.from_inner)
    grad_remove = gradients.grad_remove
    grad_replace = gradients.grad_replace

    def to_device(self, device: Device, *, stream: None = None) -> Tensor:
        """The same values as a leaf on `device`, in its float type. `stream` is for hardware that has some."""
        return Tensor(self.data, device)

    def backward(self, cotangent: Any = None) -> Gradients:
        """The gradients of all leaves; of a tensor of more than one element, weighted by `cotangent` of its shape.

        They are not tracked: for derivatives of derivatives use `grad(grad(f))`. Raises `GradientError`.
        """
        if not self.birth:
            raise GradientError(
                "backward() of a tensor that depends on nothing tracked\n"
                "  parameters made on Autodiff(NdArray()) are tracked, and so is x.require_grad()"
            )
        number = cotangent is None and not self.data.shape
        return Gradients(walk(self, self.data.dtype.type(1) if number else cotangent_of(self, cotangent)))

    def grad(self, grads: Gradients) -> Tensor | None:
        """This leaf's part of `grads`, on the inner device; None if it had none. `GradientError` if no tracked leaf."""
        if self.record is not None or not self.birth:
            what = "a result of operations" if self.birth else "an untracked tensor"
            raise GradientError(
                f"grad() of {what}: gradients are kept for tracked leaves only\n"
                "  make it one with require_grad() before it is used, or use minigrad.grad"
            )
        if not isinstance(grads, Gradients):
            raise GradientError(f"grad({brief(grads)}): it takes what backward() returned")
        g = grads.of(self)
        return None if g is None else make(g if self.data.shape else g[()], self.device.inner)

    # -- arithmetic: NumPy's operators, NumPy's broadcasting --

    __add__: ClassVar[Binary] = lift(rules.elementwise.add)
    __sub__: ClassVar[Binary] = lift(rules.elementwise.sub)
    __mul__: ClassVar[Binary] = lift(rules.elementwise.mul)
    __truediv__: ClassVar[Binary] = lift(rules.elementwise.div)
    __neg__: ClassVar[Unary] = lift(rules.elementwise.neg)
    abs: ClassVar[Unary] = lift(rules.elementwise.abs)
    __abs__: ClassVar[Unary] = abs

    def __radd__(self, other: Operand) -> Tensor:
        return Tensor.__add__(other, self)  # type: ignore[arg-type]

    def __rsub__(self, other: Operand) -> Tensor:
        return Tensor.__sub__(other, self)  # type: ignore[arg-type]

    def __rmul__(self, other: Operand) -> Tensor:
        return Tensor.__mul__(other, self)  # type: ignore[arg-type]

    def __rtruediv__(self, other: Operand) -> Tensor:
        return Tensor.__truediv__(other, self)  # type: ignore[arg-type]

    def __pow__(self, exponent: Operand) -> Tensor:
        if isinstance(exponent, (bool_, np.bool_)) or not isinstance(exponent, (int_, float_, np.generic)):
            return elementwise.power(self, exponent)
        exponent = exponent.item() if isinstance(exponent, np.generic) else exponent
        whole = isinstance(exponent, int_) and exponent >= 0
        x = self.int() if self.data.dtype is BOOL else self
        return _power_scalar(x if whole or x.data.dtype.kind == "f" else x.float(), exponent=exponent)

    def __rpow__(self, base: Operand) -> Tensor:
        return elementwise.power(base, self)

    def __matmul__(self, other: Operand) -> Tensor:
        """Of matrices in the last two axes; a vector is a row on the left, a column on the right, as in NumPy."""
        y = other if isinstance(other, Tensor) else Tensor(other, self.device.inner)
        if not self.ndim or not y.ndim:
            raise ShapeError(f"matmul of shapes {self.shape} and {y.shape}: it wants at least one axis each; use *")
        left, right = self.ndim == 1, y.ndim == 1
        if (left or right) and self.shape[-1] != y.shape[-2:][0]:
            raise explain(rules.linalg.matmul, (self, y), ValueError())
        z = _matmul(self.expand_dims(0) if left else self, y.expand_dims(1) if right else y)
        return z.squeeze(tuple(axis for axis, added in ((-2, left), (-1, right)) if added)) if left or right else z

    def __rmatmul__(self, other: Operand) -> Tensor:
        return Tensor(other, self.device.inner) @ self

    matmul = __matmul__

    def dot(self, other: Tensor) -> Tensor:
        """`self @ other`, as NumPy spells it for vectors and matrices."""
        return self @ other

    exp: ClassVar[Unary] = lift(rules.elementwise.exp)
    log: ClassVar[Unary] = lift(rules.elementwise.log)
    log1p: ClassVar[Unary] = lift(rules.elementwise.log1p)
    sqrt: ClassVar[Unary] = lift(rules.elementwise.sqrt)
    sin: ClassVar[Unary] = lift(rules.elementwise.sin)
    cos: ClassVar[Unary] = lift(rules.elementwise.cos)
    tanh: ClassVar[Unary] = lift(rules.elementwise.tanh)
    sigmoid: ClassVar[Unary] = lift(rules.elementwise.sigmoid)
    relu: ClassVar[Unary] = lift(rules.elementwise.relu)
    maximum: ClassVar[Binary] = lift(rules.elementwise.maximum)
    minimum: ClassVar[Binary] = lift(rules.elementwise.minimum)
    square: ClassVar[Unary] = elementwise.square
    reciprocal: ClassVar[Unary] = lift(rules.special.reciprocal)
    expm1: ClassVar[Unary] = lift(rules.special.expm1)
    log2: ClassVar[Unary] = lift(rules.special.log2)
    log10: ClassVar[Unary] = lift(rules.special.log10)
    logaddexp: ClassVar[Binary] = lift(rules.special.logaddexp)
    tan: ClassVar[Unary] = lift(rules.special.tan)
    asin: ClassVar[Unary] = lift(rules.special.asin)
    acos: ClassVar[Unary] = lift(rules.special.acos)
    atan: ClassVar[Unary] = lift(rules.special.atan)
    atan2: ClassVar[Binary] = lift(rules.special.atan2)
    hypot: ClassVar[Binary] = lift(rules.special.hypot)
    sinh: ClassVar[Unary] = lift(rules.special.sinh)
    cosh: ClassVar[Unary] = lift(rules.special.cosh)
    asinh: ClassVar[Unary] = lift(rules.special.asinh)
    acosh: ClassVar[Unary] = lift(rules.special.acosh)
    atanh: ClassVar[Unary] = lift(rules.special.atanh)
    arcsin, arccos, arctan, arctan2 = asin, acos, atan, atan2
    arcsinh, arccosh, arctanh = asinh, acosh, atanh
    erf: ClassVar[Unary] = lift(rules.special.erf)
    __mod__: ClassVar[Binary] = lift(rules.special.remainder)
    __rmod__: ClassVar[Binary] = logic.reflected(__mod__)
    remainder = __mod__
    fmod: ClassVar[Binary] = lift(rules.special.fmod)
    __floordiv__ = floor_divide = elementwise.floor_divide
    __rfloordiv__: ClassVar[Binary] = logic.reflected(elementwise.floor_divide)
    __pos__ = positive = elementwise.positive
    clip = clamp = elementwise.clip
    clamp_min: ClassVar[Binary] = elementwise.clamp_min
    clamp_max: ClassVar[Binary] = elementwise.clamp_max
    copysign = elementwise.copysign
    nextafter = elementwise.nextafter
    sign = elementwise.sign
    floor = elementwise.floor
    ceil = elementwise.ceil
    trunc = elementwise.trunc
    __round__ = round = elementwise.round
    __divmod__ = elementwise.divmod
    __rdivmod__ = elementwise.rdivmod

    # -- comparisons --

    __eq__: ClassVar[Binary] = compare(np.equal)  # type: ignore[assignment]
    __ne__: ClassVar[Binary] = compare(np.not_equal)  # type: ignore[assignment]
    __lt__: ClassVar[Binary] = compare(np.less)
    __le__: ClassVar[Binary] = compare(np.less_equal)
    __gt__: ClassVar[Binary] = compare(np.greater)
    __ge__: ClassVar[Binary] = compare(np.greater_equal)

    equal, not_equal, greater, greater_equal = logic.equal, logic.not_equal, logic.greater, logic.greater_equal
    less = lower = logic.less
    less_equal = lower_equal = logic.less_equal
    isclose = is_close = logic.isclose
    allclose = all_close = logic.allclose
    isnan = is_nan = elementwise.isnan
    isinf = is_inf = elementwise.isinf
    isfinite = is_finite = elementwise.isfinite
    signbit = elementwise.signbit
    contains_nan = logic.contains_nan

    # -- truth and bits --

    logical_and, logical_or, logical_xor = logic.logical_and, logic.logical_or, logic.logical_xor
    logical_not = logic.logical_not
    __and__ = __rand__ = bitwise_and = logic.bitwise_and
    __or__ = __ror__ = bitwise_or = logic.bitwise_or
    __xor__ = __rxor__ = bitwise_xor = logic.bitwise_xor
    __lshift__ = bitwise_left_shift = logic.left_shift
    __rshift__ = bitwise_right_shift = logic.right_shift
    __rlshift__ = logic.reflected(logic.left_shift)
    __rrshift__ = logic.reflected(logic.right_shift)
    __invert__ = bitwise_invert = bitwise_not = logic.invert

    # -- reductions --

    def sum(self, axis: Axis = None, keepdims: bool_ = False) -> Tensor:
        """Over all axes, one, or several. Ints and Bools are counted in 64 bits."""
        x = self if self.data.dtype.kind == "f" else reduction.counted(self)
        keepdims = keepdims is not False and flag(keepdims, "sum(keepdims")
        return _sum(x, axis=normal_axes(axis, x.ndim, "sum"), keepdims=keepdims)

    def mean(self, axis: Axis = None, keepdims: bool_ = False) -> Tensor:
        """Over all axes, one, or several; of Int or Bool in the device's float type."""
        keepdims = keepdims is not False and flag(keepdims, "mean(keepdims")
        if self.data.dtype is HALF:  # as in NumPy: it counts to 65,504
            return self.astype(np.float32).mean(axis, keepdims).astype(HALF)
        return _mean(self, axis=normal_axes(axis, self.ndim, "mean"), keepdims=keepdims)

    max = reduction.max
    min = reduction.min
    max_abs = reduction.max_abs
    max_with_indices = reduction.max_with_indices
    min_with_indices = reduction.min_with_indices
    argmax = reduction.argmax
    argmin = reduction.argmin
    all = reduction.all
    any = reduction.any
    count_nonzero = reduction.count_nonzero
    prod = reduction.prod
    var = reduction.var
    std = reduction.std
    var_mean = reduction.var_mean
    median = reduction.median
    quantile = reduction.quantile
    cov = reduction.cov

    # -- along an axis: running results, order --

    cumsum = scan.cumsum
    cumprod = scan.cumprod
    cumulative_sum = scan.cumulative_sum
    cumulative_prod = scan.cumulative_prod
    cummax = scan.cummax
    cummin = scan.cummin
    diff = scan.diff
    sort = sorting.sort
    argsort = sorting.argsort
    sort_with_indices = sorting.sort_with_indices
    topk = sorting.topk
    searchsorted = sorting.searchsorted
    unique_values = sorting.unique_values
    unique_counts = sorting.unique_counts
    unique_inverse = sorting.unique_inverse
    unique_all = sorting.unique_all

    # -- shape --

    reshape: ClassVar[Callable[..., Tensor]] = layout.reshape
    permute_dims = layout.permute_dims
    permute = transpose = layout.transpose

    @property
    def T(self) -> Tensor:
        return self.transpose()

    @property
    def mT(self) -> Tensor:
        """The last two axes swapped, Burn's `transpose`."""
        if self.ndim < 2:
            raise ShapeError(f"mT of shape {self.shape}: a matrix has at least two axes")
        return self.permute_dims((*range(self.ndim - 2), self.ndim - 1, self.ndim - 2))

    broadcast_to = layout.broadcast_to
    diag = diagonals.diag
    diagonal = diagonals.diagonal
    expand = layout.expand
    expand_dims = unsqueeze_dim = unsqueeze_dims = layout.expand_dims
    flatten = layout.flatten
    flip = layout.flip
    moveaxis = movedim = layout.moveaxis
    ravel = layout.ravel
    roll = layout.roll
    squeeze = layout.squeeze
    squeeze_dims = layout.squeeze_dims
    swapaxes = swap_dims = layout.swapaxes
    tril = diagonals.tril
    triu = diagonals.triu
    unfold = windows.unfold
    unsqueeze = layout.unsqueeze

    # -- joined, taken apart, repeated --

    cat = staticmethod(joining.cat)
    stack = staticmethod(joining.stack)
    chunk = joining.chunk
    iter_dim = joining.iter_dim
    narrow = joining.narrow
    pad = joining.pad
    repeat = joining.repeat
    repeat_dim = joining.repeat_dim
    split = joining.split
    split_with_sizes = joining.split_with_sizes
    tile = joining.tile
    unstack = joining.unstack

    # -- choosing elements and putting them --

    __getitem__ = indexing.getitem
    __setitem__ = indexing.setitem
    argwhere = indexing.argwhere
    index_add = indexing.index_add
    mask_fill = indexing.mask_fill
    mask_where = indexing.mask_where
    nonzero = indexing.nonzero
    scatter_add = indexing.scatter_add
    slice_assign = indexing.slice_assign
    take = indexing.take
    take_along_axis = indexing.take_along_axis

    # -- as a Python object --

    def __len__(self) -> int_:
        if not self.data.shape:
            raise ShapeError("len() of a tensor without axes: it is one number; item() gives it")
        return self.data.shape[0]  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool_:
        if self.data.size != 1:
            raise ShapeError(f"the truth of a tensor of shape {self.shape}: use .any() or .all()")
        return bool_(self.data)

    def __format__(self, spec: str) -> str:
        """A format such as `.4f` is that of the number in a tensor of one element."""
        return format(self.item(), spec) if spec else str(self)

    def __float__(self) -> float_:
        return float_(self.item())

    def __int__(self) -> int_:
        return int_(self.item())

    __contains__ = protocol.contains
    __index__ = protocol.index

    # -- beside NumPy and other libraries --

    __array__ = protocol.array
    __array_ufunc__ = dispatch.array_ufunc
    __array_function__ = dispatch.array_function
    __array_namespace__ = protocol.array_namespace
    __reduce__ = protocol.reduce
    __deepcopy__ = protocol.deepcopy
    __dlpack__ = protocol.dlpack
    __dlpack_device__ = protocol.dlpack_device

    def __repr__(self) -> str:
        text = np.array2string(np.asarray(self.data), separator=", ", prefix="Tensor(", threshold=1000)
        dtype = "" if self.data.dtype.kind == "b" or self.data.dtype == np.int64 else f", dtype={self.dtype}"
        return f"Tensor({text}{dtype}{', tracked' if self.birth else ''})"


vars(lifting)["Tensor"] = Tensor  # what lifted operations make: a knot, as the class is made of them

_cast = lift(rules.elementwise.cast)
_power_scalar = lift(rules.elementwise.power_scalar)
_sum = lift(rules.reduce.sum)
_mean = lift(rules.reduce.mean)
_matmul = lift(rules.linalg.matmul)

# As functions: not every operation is a method.
softplus = lift(rules.elementwise.softplus)
linear = lift(rules.fused.linear)
bce_with_logits = lift(rules.fused.bce_with_logits)
put = lift(rules.index.put)
put_along_axis = lift(rules.index.put_along_axis)
sum_to = lift(rules.shape.sum_to)


def cotangent_of(root: Tensor, cotangent: Any) -> Any:
    """The gradient that a walk starts with: one, or what the caller weighs the elements of `root` with."""
    if cotangent is None:
        if root.data.size != 1:
            raise GradientError(
                f"backward() of a tensor of shape {root.shape}: it wants one number\n"
                "  loss.mean().backward(), or weigh the elements: backward(cotangent)"
            )
        return np.ones_like(root.data) if root.data.shape else root.data.dtype.type(1)
    array = to_array(cotangent, root.device, root.data.dtype)
    if array.shape != root.data.shape:
        raise GradientError(
            f"a cotangent of shape {array.shape} for a result of shape {root.shape}: they must be equal"
        )
    return array
