"""Every way to misuse a tensor is answered: no raw error of Python or NumPy, and nothing taken in silence.

The sweep calls every public method and function once well, which proves that its arguments are known here, and then
with each argument in turn replaced by each hostile value.
"""

from __future__ import annotations

import inspect
import math
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from minigrad import (
    Distribution,
    Tensor,
    activation,
    einsum,
    functional,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    linalg,
    value_and_grad,
    vjp,
    where,
)
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import ConfigError, DtypeError, GradientError, MinigradError, PositionError, ShapeError
from minigrad.ops.layout import broadcast_arrays

X = Tensor([[3.0, 1.0, 2.0], [1.0, 5.0, 2.0], [0.5, 1.0, 4.0]])
TRACKED = Tensor([[1.0, 2.0]]).require_grad()

# --- what a good call is made of, by the argument's name ----------------------------------------------------------

LEAF = X.require_grad()
IMAGES, LINES, VOLUMES = Tensor.ones((2, 4, 3, 3)), Tensor.ones((2, 4, 3)), Tensor.ones((2, 4, 3, 3, 3))
KERNELS = {"1d": Tensor.ones((4, 4, 2)), "2d": Tensor.ones((4, 4, 2, 2)), "3d": Tensor.ones((4, 4, 2, 2, 2))}

GOOD: dict[str, Any] = {
    "alpha": 1.0, "argnums": 0, "axes": (1, 0), "axis": 0, "axis1": 0, "axis2": 1, "chunks": 2,
    "cotangent": np.ones((3, 3)),
    "data": [1.0], "destination": 1, "device": NdArray(), "distribution": Distribution.Default, "dtype": np.float64,
    "f": lambda x: (x * x).sum(), "fill_value": 1, "gradient": np.ones((3, 3)), "grads": LEAF.sum().backward(),
    "high": 1.0,
    "index": 0, "indices": [1, 0, 2], "indices_or_sections": 3, "k": 0, "key": X, "kernel_size": 2, "length": 2,
    "logits": X, "low": 0.0, "mask": X > 1, "mean": 0.0, "mode": "reduced", "n": 3, "ndim": 4, "num_groups": 2,
    "other": X,
    "output_size": 2, "p": 0.5, "primals": X, "q": 0.5, "query": X, "repeats": 2, "reps": 2, "require_grad": True,
    "shape": (3, 3), "shift": 1, "size": 2, "sizes": 3, "source": 0, "start": 0, "std": 1.0, "stop": 1.0,
    "subscripts": "ij->i", "tangents": X, "target_probs": X, "targets": Tensor([0, 1, 2]), "tensors": [X, X],
    "times": 2,
    "value": 1.0, "values": X, "weight": X, "widths": 1, "x": X, "y": X,
}  # fmt: skip

BAD: dict[str, Any] = {
    "None": None, "a string": "a", "1.5": 1.5, "-7": -7, "10**9": 10**9, "2**62": 2**62, "10**400": 10**400,
    "True": True, "NaN": math.nan, "[]": [], "ragged": [1, [2, 3]], "(1, 'a')": (1, "a"), "{}": {}, "set": {1},
    "object": object(), "Bool": Tensor([True, False]), "tracked": TRACKED, "complex": 1j,
    "generator": (i for i in ()),
    "floats": np.array([0.5, 1.5]), "0-d": np.array(0.5), "type": int, "strings": ["a", "b"],
    "a list of None": [None],
}  # fmt: skip


SQUARE = X @ X.mT + Tensor.eye(3)
OWN: dict[str, dict[str, Any]] = {
    "Tensor.backward": {"self": LEAF * 2, "cotangent": np.ones((3, 3))},
    "Tensor.grad": {"self": LEAF}, "Tensor.grad_remove": {"x": LEAF}, "Tensor.grad_replace": {"x": LEAF},
    "Tensor.item": {"self": Tensor([1.0])},
    "Tensor.squeeze": {"self": X.expand_dims(0)}, "Tensor.squeeze_dims": {"x": X.expand_dims(0), "axes": (0,)},
    "Tensor.diff": {"prepend": 0, "append": 0}, "Tensor.index_add": {"indices": [0, 1, 2]},
    "Tensor.scatter_add": {"indices": X.int() % 3}, "Tensor.take_along_axis": {"indices": X.int() % 3},
    "Tensor.cumulative_prod": {"axis": 0}, "Tensor.cumulative_sum": {"axis": 0},
    "Tensor.slice_assign": {"values": 1.0},
    "Tensor.searchsorted": {"x": Tensor([1.0, 2.0]), "sorter": [0, 1]}, "linalg.qr": {"x": X},
    "Tensor.pad": {"mode": "constant"}, "Tensor.clip": {"min": 0, "max": 1}, "Tensor.permute": {"axes": ((1, 0),)},
    "Tensor.transpose": {"axes": ((1, 0),)}, "Tensor.reshape": {"shape": ((9,),)},
    "Tensor.expand": {"shape": ((2, -1, 3),)},
    "Tensor.one_hot": {"x": Tensor([0, 2])}, "Tensor.one_hot_fill": {"x": Tensor([0, 2])},
    "Tensor.arange": {"bounds": (0, 5)}, "Tensor.meshgrid": {"axes": (Tensor([1, 2]), Tensor([3, 4]))},
    "Tensor.from_data": {"data": [1.0]},
    **{f"Tensor.{name}": {"x": X.int(), "y": X.int()} for name in (
        "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift", "bitwise_not",
    "bitwise_invert")},
    "linalg.cholesky": {"x": SQUARE}, "linalg.eigh": {"x": SQUARE}, "linalg.eigvalsh": {"x": SQUARE},
    "linalg.outer": {"x": X[0], "y": X[1]}, "linalg.norm": {"ord": 2}, "linalg.pinv": {"rtol": 1e-3},
    "linalg.matrix_rank": {"rtol": 1e-3},
    **{
        f"functional.{f}{d}": {"x": x, "weight": KERNELS[d]}
        for f in ("conv", "conv_transpose")
        for d, x in (("1d", LINES), ("2d", IMAGES), ("3d", VOLUMES))
    },
    **{
        f"functional.{f}{d}": {"x": x}
        for f in ("adaptive_avg_pool", "avg_pool", "max_pool")
        for d, x in (("1d", LINES), ("2d", IMAGES))
    },
    "functional.max_pool2d_with_indices": {"x": IMAGES}, "functional.unfold4d": {"x": IMAGES},
    "functional.interpolate": {"x": IMAGES, "mode": functional.InterpolateMode.Linear},
    "functional.batch_norm": {"mean": Tensor([0.0, 0.0, 0.0]), "var": Tensor([1.0, 1.0, 1.0])},
    "functional.cross_entropy": {"weights": Tensor([1.0, 1.0, 1.0])}, "functional.group_norm": {"num_groups": 3},
    "functional.instance_norm": {"x": IMAGES}, "functional.masked_softmax": {"mask": X > 1},
    "functional.scaled_dot_product_attention": {"value": X},
    "einsum": {"tensors": (X,)}, "broadcast_arrays": {"tensors": (X, X)}, "vjp": {"primals": (X,)},
    "hvp": {"tangents": X}, "jvp": {"tangents": X},
    "Autodiff": {"inner": NdArray()}, "NdArray": {"seed": 1},
}  # fmt: skip


# --- what is called ---------------------------------------------------------------------------------------------------


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    for name in dir(Tensor):
        if not name.startswith("_") and callable(getattr(Tensor, name)):
            yield f"Tensor.{name}", getattr(Tensor, name)
    for module in (linalg, activation, functional):
        for name in module.__all__:
            if not isinstance(getattr(module, name), type):
                yield f"{module.__name__.removeprefix('minigrad.')}.{name}", getattr(module, name)
    draws = Distribution.Uniform, Distribution.Normal, Distribution.Bernoulli
    for f in (einsum, where, broadcast_arrays, vjp, jvp, hvp, *draws, NdArray, Autodiff):
        yield f.__name__, f
    for transform in (grad, value_and_grad, jacobian, hessian):
        yield transform.__name__, _called(transform)


def _called(transform: Callable[..., Any]) -> Callable[..., Any]:
    return lambda f, argnums, x: transform(f, argnums)(x)


def good(name: str, f: Callable[..., Any]) -> dict[str, Any]:
    """The arguments of a good call by name."""
    own = OWN.get(name, {})
    parameters = inspect.signature(f).parameters.values()
    return {p.name: own.get(p.name, GOOD.get(p.name, X) if p.default is p.empty else p.default) for p in parameters}


def call(f: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    positional, keywords = [], {}
    for p in inspect.signature(f).parameters.values():
        if p.kind is p.VAR_POSITIONAL:
            positional += arguments[p.name]
        elif p.kind is p.KEYWORD_ONLY:
            keywords[p.name] = arguments[p.name]
        else:
            positional.append(arguments[p.name])
    result = f(*positional, **keywords)
    return list(result) if isinstance(result, Iterator) else result


def hostile(f: Callable[..., Any], arguments: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A bad call for each argument and each bad value of it."""
    kinds = {p.name: p.kind for p in inspect.signature(f).parameters.values()}
    for argument, value in arguments.items():
        for label, bad in BAD.items():
            if label == "10**9" and argument in SIZES:
                continue
            if kinds[argument] is inspect.Parameter.VAR_POSITIONAL:
                yield f"{argument}={label}", {**arguments, argument: (bad,)}
                yield f"{argument}={label}, ...", {**arguments, argument: (bad, *value[1:])}
            else:
                yield f"{argument}={label}", {**arguments, argument: bad}


# A thousand million elements are a legal size: what is missing is memory, which nobody but the system can say.
SIZES = {
    "bounds", "dilation", "m", "n", "num", "output_size", "padding", "repeats", "reps", "shape", "stride", "times",
    "widths",
}  # fmt: skip

DISTINCT = {id(f): (name, f) for name, f in functions()}.values()  # aliases once


@pytest.mark.parametrize(("name", "f"), DISTINCT, ids=[name for name, _ in DISTINCT])
def test_misuse_is_answered(name: str, f: Callable[..., Any]) -> None:
    arguments = good(name, f)
    method = name.startswith("Tensor.") and next(iter(arguments), None) in ("self", "x")
    with np.errstate(all="ignore"):
        call(f, arguments)
        raw = []
        for text, bad in hostile(f, arguments):
            if method and text.startswith(("self=", "x=")):
                continue  # who calls a method has a tensor
            try:
                call(f, bad)
            except MinigradError:
                pass
            except Exception as error:
                raw.append(f"{name}({text}): {type(error).__name__}: {error}")
    assert raw == []


@pytest.mark.parametrize(("name", "f"), DISTINCT, ids=[name for name, _ in DISTINCT])
def test_too_many_arguments_are_told_by_python(name: str, f: Callable[..., Any]) -> None:
    if any(p.kind is p.VAR_POSITIONAL for p in inspect.signature(f).parameters.values()):
        return
    with pytest.raises(TypeError, match="argument"):
        f(*[X] * 20)


OPERATORS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_", "xor", "lshift",
             "rshift", "getitem")  # fmt: skip


@pytest.mark.parametrize("name", [*OPERATORS, "divmod", "round"])
@pytest.mark.parametrize("x", [X, X.int(), X > 1, LEAF], ids=["Float", "Int", "Bool", "tracked"])
def test_operators_are_answered(name: str, x: Tensor) -> None:
    f: Any = getattr(operator, name, None) or {"divmod": divmod, "round": round}[name]
    raw = []
    with np.errstate(all="ignore"):
        for label, bad in BAD.items():
            for left, right in [(x, bad)] if name in ("getitem", "round") else [(x, bad), (bad, x)]:
                try:
                    f(left, right)
                except MinigradError:
                    pass
                except Exception as error:
                    raw.append(f"{label}: {type(error).__name__}: {error}")
    assert raw == []


# --- the mistakes of a first hour ------------------------------------------------------------------------------------

HALF = Tensor(np.ones((2, 2)), dtype=np.float16)
SMALL = Tensor([100, 100], dtype=np.int8)

CASES: list[tuple[Callable[[], Any], type[BaseException], str]] = [
    (lambda: Tensor.zeros(2, 3), ShapeError, "zeros(2, 3): the shape is one tuple: Tensor.zeros((2, 3))"),
    (lambda: Tensor.ones(2, 3, 4), ShapeError, "ones(2, 3, 4): the shape is one tuple: Tensor.ones((2, 3, 4))"),
    (
        lambda: Tensor.zeros(None),
        ShapeError,
        "no tensor of shape None: sizes are integers\n  a shape is one tuple, such as (2, 3)",
    ),
    (
        lambda: X.reshape(None),
        ShapeError,
        "reshape(None): sizes are integers\n  one of them may be -1: what is left",
    ),
    (lambda: X.reshape(-3, 3), ShapeError, "reshape((-3, 3)): negative dimensions are not allowed"),
    (lambda: X.broadcast_to(None), ShapeError, "broadcast_to(None): sizes are integers"),
    (
        lambda: X.sum(True),
        ShapeError,
        "sum(axis=True): an axis is an integer, not a bool\n  keepdims=True is another argument; the axis 1 is 1",
    ),
    (
        lambda: X.sum(0, 1),
        ShapeError,
        "sum(keepdims=1): it is True or False, and several axes are a tuple, axis=(0, 1)",
    ),
    (lambda: X.max(1.0), ShapeError, "max(axis=1.0): an axis is an integer"),
    (
        lambda: X.permute_dims(None),
        ShapeError,
        "permute_dims(None): it takes all axes in their new order, such as (1, 0)",
    ),
    (lambda: X.flatten("a"), ShapeError, "flatten(start='a'): an axis is an integer"),
    (lambda: X.triu(1.5), ShapeError, "triu(k=1.5): it is an integer"),
    (lambda: X.repeat(1.9), ShapeError, "repeat(repeats=1.9): it is an integer of at least 0"),
    (lambda: X.narrow(0, "a", 1), ShapeError, "narrow(start='a'): it is an integer"),
    (lambda: X.var(correction=None), ShapeError, "var(correction=None): it is a number"),
    (lambda: X.quantile([]), ShapeError, "quantile(q=[]): a part, or at least one in a list"),
    (
        lambda: X.diff(prepend=[1.0]),
        ShapeError,
        "diff of shape (3, 3): prepend has the shape (1,); it is a number, or has as many axes",
    ),
    (lambda: Tensor.cat(None), DtypeError, "cat(None): it takes a list of tensors, cat([x, y])"),
    (
        lambda: Tensor.random((2, 2), "normal"),
        ConfigError,
        "random(distribution='normal'): it is Distribution.Default, .Uniform(low, high), .Normal(mean, std) or "
        ".Bernoulli(p)",
    ),
    (
        lambda: Distribution.Normal(0, -1),
        ConfigError,
        "Distribution.Normal(0, -1): a standard deviation is 0 or more",
    ),
    (lambda: Distribution.Uniform(1, 0), ConfigError, "Distribution.Uniform(1, 0): low is above high"),
    (lambda: Distribution.Bernoulli(2), ConfigError, "Distribution.Bernoulli(2): a probability is from 0 to 1"),
    (
        lambda: X.astype(None),
        DtypeError,
        "dtype=None is none that NumPy knows; such as np.float32, np.int64, bool",
    ),
    (lambda: X.astype(TRACKED), DtypeError, "dtype=a tensor of float32: write its dtype, x.dtype"),
    (
        lambda: Tensor(2**63),
        DtypeError,
        "a tensor of dtype int64: 9223372036854775808 is out of its range; a Float, float(n), has less digits "
        "and more range",
    ),
    (lambda: Tensor([300], dtype=np.uint8), DtypeError, "a tensor of dtype uint8: 300 is out of its range"),
    (
        lambda: Tensor(np.ma.masked_array([1.0, 2.0], [True, False])),
        DtypeError,
        "a tensor of a masked array would lose the mask: data.filled(value) chooses what stands there",
    ),
    (lambda: Tensor([1]) << -1, ShapeError, "x << -1: bits move by 0 or more; the other way it is >>"),
    (
        lambda: linalg.svd(HALF),
        DtypeError,
        "svd of float16: linear algebra has no such form; use x.astype(np.float32)",
    ),
    (
        lambda: linalg.trace(Tensor([1.0])),
        ShapeError,
        "trace of shape (1,): a matrix has at least two axes, its rows and columns\n  at test_misuse.py",
    ),
    (lambda: grad(None), GradientError, "grad(None): it takes a function and gives one, grad(f)(x)"),
    (lambda: grad(X), GradientError, "grad(a tensor): it takes a function and gives one, grad(f)(x)"),
    (
        lambda: grad(lambda x: x, argnums="a")(1.0),
        GradientError,
        "grad(argnums='a'): it is the position of an argument, or a tuple of them",
    ),
    (
        lambda: grad(lambda x: x.sum())([1.0, 2.0]),
        GradientError,
        "the function failed for its argument 0, which is a list of tensors: structures are handed on as they are\n"
        "  one tensor of it is Tensor([1.0, 2.0]): 'list' object has no attribute 'sum'",
    ),
    (
        lambda: grad(lambda x: x)("a"),
        GradientError,
        "a gradient in argument 0, 'a': it is a tensor, a number, an array, or a structure of them\n"
        "  argnums says in which arguments the gradient is",
    ),
    (lambda: LEAF.grad(None), GradientError, "grad(None): it takes what backward() returned"),
    (
        lambda: Tensor(1.0).sum(0),
        PositionError,
        "sum(axis=0): the tensor has 0 axes, so there is no axis to name",
    ),
]


@pytest.mark.parametrize(("mistake", "kind", "message"), CASES)
def test_message(mistake: Callable[[], Any], kind: type[BaseException], message: str) -> None:
    with pytest.raises(MinigradError) as caught:
        mistake()
    assert type(caught.value) is kind
    assert re.sub(r"(test_misuse\.py):\d+", r"\1", str(caught.value)) == message


def test_an_error_of_the_function_itself_is_left_alone() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        grad(lambda x: x.nothing())(X)


# --- what is no mistake, and was taken for something else -------------------------------------------------------------


def test_round_and_divmod_of_python() -> None:
    assert round(Tensor([1.26]), 1).tolist() == pytest.approx([1.3])
    assert round(Tensor([1.6])).tolist() == [2.0]
    assert [x.tolist() for x in divmod(Tensor([7]), 2)] == [[3], [1]]
    assert [x.tolist() for x in divmod(7, Tensor([2]))] == [[3], [1]]
    assert Tensor([True]).round(-1).tolist() == [0]


def test_small_ints_do_not_overflow_in_sums() -> None:
    assert SMALL.sum().item() == SMALL.cumsum()[-1].item() == 200
    assert SMALL.prod().item() == SMALL.cumprod()[-1].item() == 10_000
    assert Tensor([200, 100], dtype=np.uint8).sum().dtype == np.uint64


def test_a_bool_times_itself_is_an_int() -> None:
    x = Tensor([True, False])
    assert x.square().dtype == (x * x).dtype == np.int64
    assert x.square().tolist() == [1, 0]


def test_half_precision_counts_further_than_it_can_hold() -> None:
    ones = Tensor(np.ones(70_000, np.float16), dtype=np.float16)
    assert ones.mean().item() == 1.0
    assert ones.mean().dtype == np.float16
    assert ones.var().item() == 0.0


def test_the_wider_device_decides_in_either_order() -> None:
    x, y = Tensor([1]), Tensor([2], NdArray(dtype=np.float64))
    assert (x / y).dtype == (y / x).dtype == np.float64


def test_one_part_in_an_array_without_axes() -> None:
    assert Tensor([1.0, 3.0]).quantile(np.array(0.5)).item() == 2.0


def test_gradients_that_two_leaves_share_cannot_be_written_to() -> None:
    a, b = Tensor([1.0, 2.0]).require_grad(), Tensor([3.0, 4.0]).require_grad()
    grads = (a + b).sum().backward()
    with pytest.raises(ValueError, match="read-only"):
        grads.get(a)[0] = 7.0
    assert grads.get(b).tolist() == [1.0, 1.0]
