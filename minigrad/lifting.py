"""From a rule on arrays to an operation on tensors, and how operands are brought together.

`lift` is the one road from `rules` to what users call: it runs the rule on the data of its arguments and files a record
when one of them is tracked. What it makes are instances of `Tensor`, whose methods are what it makes: `tensor.py` puts
the class here when it is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike

from .arrays import BOOL, INT
from .autodiff import next_birth
from .backend import Device
from .errors import DtypeError
from .misfit import explain
from .rules import kernels, traits

if TYPE_CHECKING:
    from .tensor import Tensor as Tensor

__all__ = ["align", "as_tensor", "common_device", "compare", "explain", "lift", "make", "new", "operands"]

new = object.__new__


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

    def operation(x: Any) -> Tensor:
        if not isinstance(x, Tensor):
            (x,) = operands(rule, x)
        if not integers and x.data.dtype.kind != "f":
            x = x.float()
        try:
            outputs = rule(kernels, x.data)
        except (ValueError, TypeError, OverflowError) as error:
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

    def operation(x: Any, **static: Any) -> Tensor:
        if not isinstance(x, Tensor):
            (x,) = operands(rule, x)
        if not integers and x.data.dtype.kind != "f":
            x = x.float()
        try:
            outputs = rule(kernels, x.data, **static)
        except (ValueError, TypeError, OverflowError) as error:
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
        except (ValueError, TypeError, OverflowError) as error:
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

    def operation(x: Any, y: Any, z: Any) -> Tensor:
        if not (isinstance(x, Tensor) and isinstance(y, Tensor) and isinstance(z, Tensor)):
            x, y, z = operands(rule, x, y, z)
        a, b, c = x.data, y.data, z.data
        dtype = a.dtype
        if dtype is not b.dtype or dtype is not c.dtype or not (integers or dtype.kind == "f"):
            return operation(*align((x, y, z), integers))
        device = x.device
        if device is not y.device or device is not z.device:
            device = common_device(device, common_device(y.device, z.device))
        try:
            outputs = rule(kernels, a, b, c)
        except (ValueError, TypeError, OverflowError) as error:
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

    def operation(*xs: Any, **static: Any) -> Tensor:
        for x in xs:
            if not isinstance(x, Tensor):
                return operation(*operands(rule, *xs), **static)
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
        except (ValueError, TypeError, OverflowError) as error:
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


def as_tensor(x: Any, device: Device | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """`x` itself if it is a tensor, else `Tensor(x, device, dtype)`."""
    return x if isinstance(x, Tensor) else Tensor(x, device, dtype)


def compare(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Tensor]:
    """A comparison of tensors or numbers, element by element: Bool, without a gradient."""

    def operation(x: Tensor, y: Any) -> Tensor:
        if isinstance(y, np.generic):
            y = y.item()  # no scalar widens: a float32 0.1 equals np.float64(0.1)
        elif isinstance(y, (list, tuple)):
            y = operands(function, x, y)[1]  # left to Python, == would say False of the two as a whole
        device = x.device
        if isinstance(y, Tensor):
            device, y = common_device(device, y.device), y.data
        elif not isinstance(y, (int, float, np.floating, np.ndarray)):
            return NotImplemented  # type: ignore[no-any-return]
        try:
            return make(function(x.data, y), device)
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
        return max((x.device.dtype for x in xs), key=lambda d: d.itemsize)
    return np.result_type(*(dtypes - {BOOL} or {INT}))


def align(xs: Sequence[Tensor], integers: bool) -> tuple[Tensor, ...]:
    """The same tensors in one dtype; the cast is recorded, and its vjp gives each gradient its own dtype back."""
    dtype = common_dtype(xs, integers)
    return tuple(x if x.data.dtype is dtype else x.astype(dtype) for x in xs)


def operands(rule: Callable[..., Any], *xs: Any) -> tuple[Tensor, ...]:
    """Tensors of what an operation was given. A scalar takes the first tensor's dtype, whatever width it has."""
    like = next((x for x in xs if isinstance(x, Tensor)), None)
    if like is None:
        return tuple(Tensor(x) for x in xs)
    return tuple(x if isinstance(x, Tensor) else _operand(rule, x, like) for x in xs)


def _operand(rule: Callable[..., Any], value: Any, like: Tensor) -> Tensor:
    if isinstance(value, np.generic):
        value = value.item()  # or np.int64(300) would wrap in uint8, a complex lose a part, and np.str_("3") be 3
    if isinstance(value, (bool, int, float, np.floating)):
        wide = isinstance(value, (float, np.floating)) and like.data.dtype.kind != "f"
        counted = like.data.dtype is BOOL and not isinstance(value, bool)
        dtype = like.device.dtype if wide else np.dtype(np.int64) if counted else like.data.dtype
        try:
            return make(dtype.type(value), like.device)
        except OverflowError:
            raise DtypeError(f"{rule.__name__}: {value} is out of the range of {dtype}, the tensor's dtype") from None
    if isinstance(value, (np.ndarray, list, tuple)):
        y = as_tensor(value, like.device.inner)
        wider = y.data.dtype.kind == like.data.dtype.kind == "f" and like.data.itemsize > y.data.itemsize
        return as_tensor(value, y.device, like.data.dtype) if wider else y  # float64 beside float64 loses no digits
    raise DtypeError(
        f"{rule.__name__}: a {type(value).__name__} is no operand of a tensor of shape {like.shape}\n"
        "  operands are tensors, numbers and NumPy arrays"
    )
