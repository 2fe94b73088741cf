"""Tensor: an immutable array that may carry a record of how it was made.

First the class, each operation one `lift(...)` line, with a short method where arguments are normalised before; then
`lift` itself, from a rule on arrays to an operation on tensors; then how operands are brought together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from . import rules
from .arrays import BOOL, INT, Axis, native, normal_axes, normal_axis, plain_dtype, plain_index, to_array
from .autodiff import Gradients, Node, next_birth, walk
from .backend import Device, NdArray
from .blame import module_path, user_line
from .distribution import Distribution
from .errors import DeviceError, DtypeError, GradientError, ShapeError
from .rules import kernels, traits

__all__ = ["Tensor", "bce_with_logits", "lift", "linear", "where"]

Operand: TypeAlias = "Tensor | float | np.generic | NDArray[Any]"
Unary: TypeAlias = Callable[["Tensor"], "Tensor"]
Binary: TypeAlias = Callable[["Tensor", Operand], "Tensor"]
bool_: TypeAlias = bool  # the class has methods of these names
int_: TypeAlias = int
float_: TypeAlias = float

DEFAULT = NdArray()
FLOAT = np.dtype(np.float32)
new = object.__new__


# --- from a rule to an operation ----------------------------------------------------------------------------


def lift(rule: Callable[..., Any]) -> Callable[..., Tensor]:
    """The operation on tensors that a rule on arrays defines.

    Five forms of one idea: at the size of small models what counts is what Python does between two NumPy calls, and
    a general wrapper costs 230 to 700 ns more than one that knows what it is called with.
    """
    code = rule.__code__
    arity = 0 if code.co_flags & 4 else code.co_argcount - 1  # 4: it has *args
    if arity == 1:
        operation = _structural(rule) if code.co_kwonlyargcount else _unary(rule)
    elif arity == 2 and not code.co_kwonlyargcount:
        operation = _binary(rule)
    elif arity == 3 and not code.co_kwonlyargcount:
        operation = _ternary(rule)
    else:
        operation = _general(rule)
    operation.__name__ = operation.__qualname__ = rule.__name__
    operation.__doc__ = rule.__doc__
    return operation


_NO_STATIC: dict[str, Any] = {}


def _unary(rule: Callable[..., Any]) -> Callable[..., Tensor]:
    integers = traits(rule).integers

    def operation(x: Tensor) -> Tensor:
        if not integers and x.data.dtype.kind != "f":
            x = x.float()
        try:
            outputs = rule(kernels, x.data)
        except (ValueError, TypeError) as error:
            raise explain(rule, (x,), error) from None
        y = new(Tensor)
        y.data = outputs[0]
        y.device = x.device
        if x.birth:
            y.birth = next_birth()
            y.record = (rule, (x,), _NO_STATIC, outputs)
        else:
            y.birth = 0
            y.record = None
        return y

    return operation


def _structural(rule: Callable[..., Any]) -> Callable[..., Tensor]:
    integers = traits(rule).integers

    def operation(x: Tensor, **static: Any) -> Tensor:
        if not integers and x.data.dtype.kind != "f":
            x = x.float()
        try:
            outputs = rule(kernels, x.data, **static)
        except (ValueError, TypeError) as error:
            raise explain(rule, (x,), error, static) from None
        y = new(Tensor)
        value = outputs[0]
        y.data = value if value.shape else value[()]  # an array without axes becomes the NumPy scalar
        y.device = x.device
        if x.birth:
            y.birth = next_birth()
            y.record = (rule, (x,), static, outputs)
        else:
            y.birth = 0
            y.record = None
        return y

    return operation


def _binary(rule: Callable[..., Any]) -> Callable[..., Tensor]:
    integers = traits(rule).integers

    def operation(x: Any, y: Any) -> Tensor:
        if isinstance(x, Tensor) and isinstance(y, Tensor):
            a, b = x.data, y.data
            dtype = a.dtype
            if dtype is not b.dtype or dtype is BOOL or not (integers or dtype.kind == "f"):
                x, y = align((x, y), integers)
                a, b = x.data, y.data
            device = x.device
            if device is not y.device:
                device = common_device(device, y.device)
            tracked = x.birth or y.birth
        # A plain number needs no tensor: NumPy keeps the array's dtype.
        elif type(y) in _PLAIN and isinstance(x, Tensor) and x.data.dtype.kind == "f":
            a, b, device, tracked = x.data, y, x.device, x.birth
        elif type(x) in _PLAIN and isinstance(y, Tensor) and y.data.dtype.kind == "f":
            a, b, device, tracked = x, y.data, y.device, y.birth
        else:
            return operation(*operands(rule, x, y))
        try:
            outputs = rule(kernels, a, b)
        except (ValueError, TypeError) as error:
            raise explain(rule, (x, y), error) from None
        z = new(Tensor)
        z.data = outputs[0]
        z.device = device
        if tracked:
            z.birth = next_birth()
            z.record = (rule, (x, y), _NO_STATIC, outputs)
        else:
            z.birth = 0
            z.record = None
        return z

    return operation


_PLAIN = frozenset((float, int))  # not bool, and not np.float64, a float that would widen


def _ternary(rule: Callable[..., Any]) -> Callable[..., Tensor]:
    integers = traits(rule).integers

    def operation(x: Tensor, y: Tensor, z: Tensor) -> Tensor:
        a, b, c = x.data, y.data, z.data
        dtype = a.dtype
        if dtype is not b.dtype or dtype is not c.dtype or not (integers or dtype.kind == "f"):
            return operation(*align((x, y, z), integers))
        device = x.device
        if device is not y.device or device is not z.device:
            device = common_device(device, common_device(y.device, z.device))
        try:
            outputs = rule(kernels, a, b, c)
        except (ValueError, TypeError) as error:
            raise explain(rule, (x, y, z), error) from None
        result = new(Tensor)
        result.data = outputs[0]
        result.device = device
        if x.birth or y.birth or z.birth:
            result.birth = next_birth()
            result.record = (rule, (x, y, z), _NO_STATIC, outputs)
        else:
            result.birth = 0
            result.record = None
        return result

    return operation


def _general(rule: Callable[..., Any]) -> Callable[..., Tensor]:
    integers = traits(rule).integers

    def operation(*xs: Tensor, **static: Any) -> Tensor:
        device, dtype, tracked = xs[0].device, xs[0].data.dtype, 0
        aligned = integers or dtype.kind == "f"
        for x in xs:
            if x.data.dtype is not dtype:
                aligned = False
            if x.device is not device:
                device = common_device(device, x.device)
            tracked = tracked or x.birth
        if not aligned:
            return operation(*align(xs, integers), **static)
        try:
            outputs = rule(kernels, *[x.data for x in xs], **static)
        except (ValueError, TypeError) as error:
            raise explain(rule, xs, error, static) from None
        y = new(Tensor)
        value = outputs[0]
        y.data = value if value.shape else value[()]
        y.device = device
        if tracked:
            y.birth = next_birth()
            y.record = (rule, xs, static, outputs)
        else:
            y.birth = 0
            y.record = None
        return y

    return operation


def make(data: Any, device: Device) -> Tensor:
    """An untracked tensor of data that nobody else will write to; no conversion, no copy."""
    x = new(Tensor)
    x.data = data
    x.device = device
    x.birth = 0
    x.record = None
    return x


def compare(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Tensor]:
    """A comparison of tensors or numbers, element by element: Bool, without a gradient."""

    def operation(x: Tensor, y: Any) -> Tensor:
        if isinstance(y, Tensor):
            y = y.data
        elif not isinstance(y, (int, float, np.generic, np.ndarray)):
            return NotImplemented  # type: ignore[no-any-return]
        try:
            return make(function(x.data, y), x.device)
        except ValueError as error:
            raise explain(function, (x, y), error) from None

    return operation


# --- bringing operands together -----------------------------------------------------------------------------


def common_device(a: Device, b: Device) -> Device:
    """An operation on tensors of both kinds lives on the Autodiff device."""
    return b if b.tracks and not a.tracks else a


def common_dtype(xs: Sequence[Tensor], integers: bool) -> np.dtype[Any]:
    """Float wins over Int over Bool, then the wider; Bool computes as Int, Int as Float if a rule has no Int form."""
    dtypes = {x.data.dtype for x in xs}
    floats = [d for d in dtypes if d.kind == "f"]
    if floats:
        return max(floats, key=lambda d: d.itemsize)
    if not integers:
        return xs[0].device.dtype
    return np.result_type(*(np.dtype(np.int64) if d == BOOL else d for d in dtypes))


def align(xs: Sequence[Tensor], integers: bool) -> tuple[Tensor, ...]:
    """The same tensors in one dtype; the cast is recorded, and its vjp gives each gradient its own dtype back."""
    dtype = common_dtype(xs, integers)
    return tuple(x if x.data.dtype is dtype else x.astype(dtype) for x in xs)


def operands(rule: Callable[..., Any], x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """Two tensors of what an operation was given. Scalars take the tensor's dtype, whatever width they have."""
    if not isinstance(x, Tensor):
        return _operand(rule, x, y), y
    return x, y if isinstance(y, Tensor) else _operand(rule, y, x)


def _operand(rule: Callable[..., Any], value: Any, like: Tensor) -> Tensor:
    if isinstance(value, (bool, int, float, np.generic)):
        wide = isinstance(value, (float, np.floating)) and like.data.dtype.kind != "f"
        dtype = like.device.dtype if wide else np.dtype(np.int64) if like.data.dtype is BOOL else like.data.dtype
        try:
            return make(dtype.type(value), like.device)
        except OverflowError:
            raise DtypeError(f"{rule.__name__}: {value} is out of the range of {dtype}, the tensor's dtype") from None
    if isinstance(value, (np.ndarray, list, tuple)):
        return Tensor(value, like.device.inner)
    raise DtypeError(
        f"{rule.__name__}: a {type(value).__name__} is no operand of a tensor of shape {like.shape}\n"
        "  operands are tensors, numbers and NumPy arrays"
    )


def explain(
    rule: Callable[..., Any], xs: Sequence[Any], error: Exception, static: dict[str, Any] = _NO_STATIC
) -> Exception:
    """The error of a rule, with the shapes that the user gave (those of masks and indices too) and where."""
    given = (*xs, *(v for v in static.values() if isinstance(v, np.ndarray)))
    shapes = [np.shape(x.data) if isinstance(x, Tensor) else np.shape(x) for x in given]
    where = module_path() or f"\n  at {user_line()}"
    name = rule.__name__
    if name == "matmul" and all(shapes):
        left, right = shapes[0], shapes[1]
        columns, rows = left[-1], right[-2:][0]
        if columns == rows:
            return ShapeError(f"matmul: {left} @ {right}: the axes before the last two do not broadcast{where}")
        return ShapeError(
            f"matmul: inner sizes differ: {left} @ {right}\n  left has {columns} columns, right has {rows} rows{where}"
        )
    if "broadcast" in str(error) and len(shapes) > 1:
        return ShapeError(
            f"{name}: shapes {' and '.join(map(str, shapes))} do not broadcast{where}\n"
            "  from the right, sizes must be equal or 1: reshape or expand_dims one of them"
        )
    kind = DtypeError if isinstance(error, TypeError) else ShapeError
    return kind(f"{name} of shape{'s' * (len(shapes) > 1)} {' and '.join(map(str, shapes))}: {error}{where}")


# --- the tensor ---------------------------------------------------------------------------------------------


class Tensor(Node):
    """An immutable array on a device, which may know how it was made.

    `data` is copied: numbers, nested sequences, arrays. Floats become the device's float type (float32 by default)
    and ints int64, unless `dtype` says otherwise. Without a device: `NdArray()`. Raises `ShapeError` for ragged data,
    `DtypeError` for what is not Float, Int or Bool.

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
            raise DeviceError(f"a device is NdArray() or Autodiff(NdArray()), not {device!r}")
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
                and data.ndim
            ):
                return make(data, device)
        return Tensor(data, device, dtype)

    @classmethod
    def zeros(cls, shape: int | Sequence[int], device: Device | None = None, dtype: DTypeLike | None = None) -> Tensor:
        return cls.full(shape, 0.0, device, dtype)

    @classmethod
    def ones(cls, shape: int | Sequence[int], device: Device | None = None, dtype: DTypeLike | None = None) -> Tensor:
        return cls.full(shape, 1.0, device, dtype)

    @classmethod
    def full(
        cls, shape: int | Sequence[int], value: float, device: Device | None = None, dtype: DTypeLike | None = None
    ) -> Tensor:
        """`value` everywhere: Float for a float, Int for an int."""
        try:
            filled = np.full(shape, value)
        except (TypeError, ValueError) as error:
            raise ShapeError(f"no tensor of shape {shape!r}: {error}") from None
        return Tensor(filled, device, dtype)

    @classmethod
    def arange(cls, *bounds: float, device: Device | None = None, dtype: DTypeLike | None = None) -> Tensor:
        """`arange(stop)`, `arange(start, stop)`, `arange(start, stop, step)` as NumPy. `ShapeError` for a step of 0."""
        try:
            return Tensor(np.arange(*bounds), device, dtype)
        except (ValueError, ZeroDivisionError, TypeError) as error:
            raise ShapeError(f"arange{bounds}: {error}") from None

    @classmethod
    def eye(
        cls, n: int, m: int | None = None, k: int = 0, device: Device | None = None, dtype: DTypeLike | None = None
    ) -> Tensor:
        return Tensor(np.eye(n, m, k), device, dtype)

    @classmethod
    def random(
        cls, shape: int | Sequence[int], distribution: Distribution = Distribution.Default, device: Device | None = None
    ) -> Tensor:
        """The device's next draw from `distribution`, in its float type."""
        device = DEFAULT if device is None else device
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        return Tensor(np.asarray(distribution.draw(device.rng(), shape), device.dtype), device)

    @staticmethod
    def cat(tensors: Sequence[Tensor], axis: int = 0) -> Tensor:
        """Joined along an axis that they have."""
        if not tensors:
            raise ShapeError("cat of no tensors: give a list of at least one")
        tensors = [t if isinstance(t, Tensor) else Tensor(t) for t in tensors]
        return _cat(*tensors, axis=normal_axis(axis, tensors[0].ndim, "cat"))

    @staticmethod
    def stack(tensors: Sequence[Tensor], axis: int = 0) -> Tensor:
        """Joined along a new axis."""
        if not tensors:
            raise ShapeError("stack of no tensors: give a list of at least one")
        tensors = [t if isinstance(t, Tensor) else Tensor(t) for t in tensors]
        if len({t.shape for t in tensors}) > 1:
            raise ShapeError(f"stack of shapes {', '.join(str(t.shape) for t in tensors[:8])}: they must be equal")
        return Tensor.cat([t.expand_dims(axis) for t in tensors], normal_axis(axis, tensors[0].ndim + 1, "stack"))

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

    def to_device(self, device: Device) -> Tensor:
        """The same values as a leaf on `device`, in its float type."""
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
        g = grads.get(self)
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
            return _power(self, exponent)
        exponent = exponent.item() if isinstance(exponent, np.generic) else exponent
        whole = isinstance(exponent, int_) and exponent >= 0
        x = self.int() if self.data.dtype is BOOL else self
        return _power_scalar(x if whole or x.data.dtype.kind == "f" else x.float(), exponent=exponent)

    def __rpow__(self, base: Operand) -> Tensor:
        return _power(base, self)

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

    def sign(self) -> Tensor:
        """-1, 0 or 1; no gradient."""
        return make(np.sign(self.data), self.device)

    # -- comparisons --

    __eq__: ClassVar[Binary] = compare(np.equal)  # type: ignore[assignment]
    __ne__: ClassVar[Binary] = compare(np.not_equal)  # type: ignore[assignment]
    __lt__: ClassVar[Binary] = compare(np.less)
    __le__: ClassVar[Binary] = compare(np.less_equal)
    __gt__: ClassVar[Binary] = compare(np.greater)
    __ge__: ClassVar[Binary] = compare(np.greater_equal)

    def __invert__(self) -> Tensor:
        if self.data.dtype.kind == "f":
            raise DtypeError(f"~ of a tensor of {self.dtype}: it is for Bool and Int; -x changes the sign")
        return make(~self.data, self.device)

    # -- reductions --

    def sum(self, axis: Axis = None, keepdims: bool_ = False) -> Tensor:
        """Over all axes, one, or several. Bools are counted."""
        x = self.int() if self.data.dtype is BOOL else self
        return _sum(x, axis=normal_axes(axis, x.ndim, "sum"), keepdims=keepdims)

    def mean(self, axis: Axis = None, keepdims: bool_ = False) -> Tensor:
        """Over all axes, one, or several; of Int or Bool in the device's float type."""
        return _mean(self, axis=normal_axes(axis, self.ndim, "mean"), keepdims=keepdims)

    def max(self, axis: Axis = None, keepdims: bool_ = False) -> Tensor:
        """Over all axes, one, or several; of equal elements the first gets the gradient. `ShapeError` if none is."""
        return self._extreme(_max, "max", axis, keepdims)

    def min(self, axis: Axis = None, keepdims: bool_ = False) -> Tensor:
        """Over all axes, one, or several; of equal elements the first gets the gradient. `ShapeError` if none is."""
        return self._extreme(_min, "min", axis, keepdims)

    def _extreme(self, operation: Callable[..., Tensor], name: str, axis: Axis, keepdims: bool_) -> Tensor:
        axes = normal_axes(axis, self.ndim, name)
        axes = tuple(range(self.ndim)) if axes is None else axes
        rest = tuple(i for i in range(self.ndim) if i not in axes)
        if any(self.shape[i] == 0 for i in axes):
            raise ShapeError(f"{name} over axis {axis} of shape {self.shape}: there is no element to choose")
        chosen_from = math.prod(self.shape[i] for i in axes)  # not -1, which an empty axis leaves open
        x = self.permute_dims(rest + axes).reshape((*(self.shape[i] for i in rest), chosen_from))
        y = operation(x, axis=len(rest))
        return y.reshape(tuple(1 if i in axes else n for i, n in enumerate(self.shape) if keepdims or i not in axes))

    def argmax(self, axis: int_ | None = None, keepdims: bool_ = False) -> Tensor:
        """Int positions of the first greatest elements; no gradient."""
        return self._position(np.argmax, "argmax", axis, keepdims)

    def argmin(self, axis: int_ | None = None, keepdims: bool_ = False) -> Tensor:
        """Int positions of the first least elements; no gradient."""
        return self._position(np.argmin, "argmin", axis, keepdims)

    def _position(self, function: Callable[..., Any], name: str, axis: int_ | None, keepdims: bool_) -> Tensor:
        axis = None if axis is None else normal_axis(axis, self.ndim, name)
        if not (self.size if axis is None else self.shape[axis]):
            raise ShapeError(f"{name} over axis {axis} of shape {self.shape}: there is no element to choose")
        return make(function(self.data, axis, keepdims=keepdims), self.device)

    def all(self, axis: Axis = None, keepdims: bool_ = False) -> Tensor:
        return make(np.all(self.data, normal_axes(axis, self.ndim, "all"), keepdims=keepdims), self.device)

    def any(self, axis: Axis = None, keepdims: bool_ = False) -> Tensor:
        return make(np.any(self.data, normal_axes(axis, self.ndim, "any"), keepdims=keepdims), self.device)

    # -- shape --

    def reshape(self, *shape: Any) -> Tensor:
        """The same elements in order; one size may be -1."""
        wanted = tuple(shape[0]) if len(shape) == 1 and not isinstance(shape[0], (int_, np.integer)) else shape
        return _reshape(self, shape=wanted)

    def permute_dims(self, axes: Sequence[int_]) -> Tensor:
        """Axis i of the result is axis `axes[i]` of this."""
        order = normal_axes(tuple(axes), self.ndim, "permute_dims") or ()
        if len(order) != self.ndim:
            raise ShapeError(
                f"permute_dims({tuple(axes)}) of shape {self.shape}: name each of the {self.ndim} axes once"
            )
        return _permute_dims(self, axes=order)

    def transpose(self, *axes: int_ | Sequence[int_]) -> Tensor:
        """NumPy's: all axes reversed, or in the order given, as numbers or one tuple."""
        order: Any = axes[0] if len(axes) == 1 and isinstance(axes[0], (tuple, list)) else axes
        return self.permute_dims(order or range(self.ndim)[::-1])

    @property
    def T(self) -> Tensor:
        return self.transpose()

    @property
    def mT(self) -> Tensor:
        """The last two axes swapped, Burn's `transpose`."""
        if self.ndim < 2:
            raise ShapeError(f"mT of shape {self.shape}: a matrix has at least two axes")
        return self.permute_dims((*range(self.ndim - 2), self.ndim - 1, self.ndim - 2))

    def squeeze(self, axis: Axis = None) -> Tensor:
        """Without the axes named, which must be 1 long, or without all that are."""
        shape = self.data.shape
        if axis == 1 and len(shape) == 2 and shape[1] == 1:  # the column of logits of every small model
            return _reshape(self, shape=shape[:1])
        axes = normal_axes(axis, self.ndim, "squeeze")
        axes = tuple(i for i, n in enumerate(self.shape) if n == 1) if axes is None else axes
        if any(self.shape[i] != 1 for i in axes):
            raise ShapeError(f"squeeze(axis={axis}) of shape {self.shape}: only an axis of length 1 can go")
        return _reshape(self, shape=tuple(n for i, n in enumerate(self.shape) if i not in axes))

    def expand_dims(self, axis: int_ = 0) -> Tensor:
        """With a new axis of length 1 at position `axis`."""
        i = normal_axis(axis, self.ndim + 1, "expand_dims")
        return _reshape(self, shape=(*self.shape[:i], 1, *self.shape[i:]))

    def broadcast_to(self, shape: Sequence[int_]) -> Tensor:
        return _broadcast_to(self, shape=tuple(shape))

    def __getitem__(self, index: Any) -> Tensor:
        """NumPy's indexing, by integers, slices, None, ..., and Int or Bool tensors, arrays and lists."""
        parts = tuple(map(plain_index, index)) if isinstance(index, tuple) else plain_index(index)
        return _getitem(self, index=parts)

    def take_along_axis(self, indices: Any, axis: int_) -> Tensor:
        """Burn's `gather`: the elements at Int `indices` along `axis`."""
        return _take_along_axis(
            self, indices=plain_index(indices), axis=normal_axis(axis, self.ndim, "take_along_axis")
        )

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

    def __array__(self, dtype: Any = None, copy: bool_ | None = None) -> NDArray[Any]:
        if self.birth:
            raise GradientError("np.asarray of a tracked tensor would drop its gradient: use x.detach() or x.numpy()")
        array = self.numpy()
        other = dtype is not None and np.dtype(dtype) != array.dtype
        return array.astype(dtype) if other or copy else array

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        operation = getattr(Tensor, _UFUNCS.get(ufunc.__name__, ""), None)
        if operation is None or method != "__call__" or options:
            raise DtypeError(
                f"np.{ufunc.__name__}{'' if method == '__call__' else '.' + method} of a Tensor is not lifted, "
                "or not with these options\n  use the tensor's own methods, or x.numpy()"
            )
        if not isinstance(inputs[0], Tensor):
            inputs = operands(ufunc, *inputs)
        return operation(*inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        operation = _FUNCTIONS.get(function.__name__)
        if operation is None:
            raise DtypeError(
                f"np.{function.__name__} of a Tensor is not lifted\n  use the tensor's own methods, or x.numpy()"
            )
        return operation(*args, **options)

    def __reduce__(self) -> Any:
        if self.record is not None:
            raise GradientError("a tensor with a graph cannot be pickled or copied deeply: detach() it first")
        return _restore, (type(self), self.data, self.device, bool_(self.birth))

    def __deepcopy__(self, memo: Any) -> Tensor:
        if self.record is not None:
            raise GradientError("a tensor with a graph cannot be pickled or copied deeply: detach() it first")
        return self

    def __repr__(self) -> str:
        text = np.array2string(np.asarray(self.data), separator=", ", prefix="Tensor(", threshold=1000)
        dtype = "" if self.data.dtype.kind == "b" or self.data.dtype == np.int64 else f", dtype={self.dtype}"
        return f"Tensor({text}{dtype}{', tracked' if self.birth else ''})"


_cast = lift(rules.elementwise.cast)
_power = lift(rules.elementwise.power)
_power_scalar = lift(rules.elementwise.power_scalar)
_sum = lift(rules.reduce.sum)
_mean = lift(rules.reduce.mean)
_max = lift(rules.reduce.max)
_min = lift(rules.reduce.min)
_reshape = lift(rules.shape.reshape)
_permute_dims = lift(rules.shape.permute_dims)
_broadcast_to = lift(rules.shape.broadcast_to)
_cat = lift(rules.shape.cat)
_getitem = lift(rules.index.getitem)
_take_along_axis = lift(rules.index.take_along_axis)
_matmul = lift(rules.linalg.matmul)
_where = lift(rules.elementwise.where)

# As functions: not every operation is a method.
softplus = lift(rules.elementwise.softplus)
linear = lift(rules.fused.linear)
bce_with_logits = lift(rules.fused.bce_with_logits)
put = lift(rules.index.put)
put_along_axis = lift(rules.index.put_along_axis)
sum_to = lift(rules.shape.sum_to)


def where(mask: Any, x: Operand, y: Operand) -> Tensor:
    """`x` where the Bool `mask` holds, `y` elsewhere; all three broadcast.

    >>> where(Tensor([True, False]), 1.0, Tensor([5.0, 6.0]))
    Tensor([1., 6.], dtype=float32)
    """
    if not isinstance(x, Tensor) and not isinstance(y, Tensor):
        x = Tensor(x)
    mask = np.asarray(plain_index(mask))
    if mask.dtype.kind != "b":
        raise DtypeError(f"where: a mask is Bool, not {mask.dtype}: a comparison such as x > 0, or x.bool()")
    return _where(*operands(where, x, y), mask=mask)


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


def _restore(kind: type[Tensor], data: Any, device: Device, tracked: bool_) -> Tensor:
    x = new(kind)
    x.data, x.device, x.birth, x.record = native(data), device, next_birth() if tracked else 0, None
    return x


_UFUNCS = {
    "add": "__add__", "subtract": "__sub__", "multiply": "__mul__", "divide": "__truediv__",
    "true_divide": "__truediv__", "negative": "__neg__", "absolute": "__abs__", "power": "__pow__",
    "matmul": "__matmul__", "equal": "__eq__",
    "not_equal": "__ne__", "less": "__lt__", "less_equal": "__le__", "greater": "__gt__", "greater_equal": "__ge__",
    "invert": "__invert__", "logical_not": "__invert__",
    **{name: name for name in ("exp", "log", "log1p", "sqrt", "sin", "cos", "tanh", "maximum", "minimum", "sign")},
}  # fmt: skip

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(Tensor, name) for name in (
        "sum", "mean", "max", "min", "argmax", "argmin", "all", "any", "reshape", "transpose", "squeeze", "expand_dims",
        "broadcast_to", "take_along_axis")},
    "amax": Tensor.max, "amin": Tensor.min, "concatenate": Tensor.cat, "concat": Tensor.cat, "stack": Tensor.stack,
    "where": where, "permute_dims": Tensor.permute_dims, "dot": Tensor.dot, "matrix_transpose": lambda x: x.mT,
    "shape": lambda x: x.shape, "ndim": lambda x: x.ndim, "size": lambda x: x.size,
}  # fmt: skip
