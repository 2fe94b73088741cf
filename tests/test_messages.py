"""The wording of the core's errors: what was wrong with the user's own numbers, where, and what to write instead.

`...` stands for what NumPy or the operating system words, which changes with their versions.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad import Config, Module, Param, Tensor, grad, vjp, where
from minigrad.backend import Autodiff, Device, NdArray
from minigrad.config import Variant
from minigrad.errors import (
    ConfigError,
    DeviceError,
    DtypeError,
    GradientError,
    MinigradError,
    PositionError,
    ShapeError,
)
from minigrad.lifting import lift
from minigrad.nn import Linear, LinearConfig, Relu
from minigrad.rules import rule
from minigrad.testing import check_gradients, check_rule

DEVICE = Autodiff(NdArray(seed=1))
X = Tensor(np.zeros((2, 3)))
W = Tensor([1.0, 2.0]).require_grad()


class Model(Module):
    linear1: Linear
    layers: list[Linear]
    named: dict[str, Linear]
    activation: Relu

    def forward(self, x: Tensor) -> Tensor:
        x = self.layers[0](self.activation(self.linear1(x)))
        return self.named["out"](x)


def model(sizes: tuple[int, int, int]) -> Model:
    def linear(n: int) -> Linear:
        return LinearConfig(n, 16).init(DEVICE)

    return Model(linear(sizes[0]), [linear(sizes[1])], {"out": linear(sizes[2])}, Relu())


class Inner(Module):
    weight: Param
    settings: dict[str, int]

    def __init__(self, forgets: bool = False, invents: bool = False) -> None:
        self.weight = Param([1.0], DEVICE)
        if not forgets:
            self.settings = {"a": 1}
        if invents:
            self.wieght = 2


class Empty(Module):
    pass


class Kind(Variant):
    pass


class Constant(Kind):
    value: float


class Ones(Kind):
    pass


class Settings(Config):
    hidden: int
    rate: float = 0.5
    names: list[str] | None = None
    kind: Kind | None = None


@rule()
def bad(K: Any, x: Any) -> Any:
    return x * 2, lambda g: g.sum()


@rule()
def wrong(K: Any, x: Any) -> Any:
    return x * x, lambda g: g * x


@rule()
def needs_axis(K: Any, x: Any, *, axis: int) -> Any:
    return K.sum(x, (axis,), False), lambda g: g


CASES: list[tuple[Callable[[], Any], type[BaseException], str]] = [
    # --- shapes ---
    (
        lambda: X + Tensor(np.zeros((2, 2))),
        ShapeError,
        "add: shapes (2, 3) and (2, 2) do not broadcast\n"
        "  at test_messages.py\n"
        "  from the right, sizes must be equal or 1: reshape or expand_dims one of them",
    ),
    (
        lambda: Tensor(np.zeros((2, 2))) == X,
        ShapeError,
        "equal: shapes (2, 2) and (2, 3) do not broadcast\n"
        "  at test_messages.py\n"
        "  from the right, sizes must be equal or 1: reshape or expand_dims one of them",
    ),
    (
        lambda: where(Tensor([True, False]), X, X),
        ShapeError,
        "where: shapes (2, 3) and (2, 3) and (2,) do not broadcast\n"
        "  at test_messages.py\n"
        "  from the right, sizes must be equal or 1: reshape or expand_dims one of them",
    ),
    (
        lambda: X @ X,
        ShapeError,
        "matmul: inner sizes differ: (2, 3) @ (2, 3)\n  left has 3 columns, right has 2 rows\n  at test_messages.py",
    ),
    (
        lambda: X @ [1.0, 2.0],
        ShapeError,
        "matmul: inner sizes differ: (2, 3) @ (2,)\n  left has 3 columns, right has 2 rows\n  at test_messages.py",
    ),
    (
        lambda: Tensor.zeros((2, 3, 4)) @ Tensor.zeros((3, 4, 5)),
        ShapeError,
        "matmul: (2, 3, 4) @ (3, 4, 5): the axes before the last two do not broadcast\n  at test_messages.py",
    ),
    (
        lambda: Tensor(1.0) @ X,
        ShapeError,
        "matmul of shapes () and (2, 3): it wants at least one axis each; use *",
    ),
    (lambda: X.reshape(4), ShapeError, "reshape of shape (2, 3): ... 6 into shape (4,)\n  at test_messages.py"),
    (lambda: X.broadcast_to((3, 2)), ShapeError, "broadcast_to of shape (2, 3): ...(3,2)...\n  at test_messages.py"),
    (lambda: X.permute_dims((0,)), ShapeError, "permute_dims((0,)) of shape (2, 3): name each of the 2 axes once"),
    (lambda: X.permute_dims((0, 0)), ShapeError, "permute_dims(axis=(0, 0)): an axis is named twice"),
    (lambda: X.sum(axis=2), PositionError, "sum(axis=2): the tensor has 2 axes, so axis goes from -2 to 1"),
    (lambda: X.max(axis=(0, -2)), ShapeError, "max(axis=(0, -2)): an axis is named twice"),
    (lambda: X.mean(axis=1.5), ShapeError, "mean(axis=1.5): an axis is an integer"),
    (lambda: X.argmax(axis=3), PositionError, "argmax(axis=3): the tensor has 2 axes, so axis goes from -2 to 1"),
    (lambda: X.squeeze(0), ShapeError, "squeeze(axis=0) of shape (2, 3): only an axis of length 1 can go"),
    (lambda: X.expand_dims(5), PositionError, "expand_dims(axis=5): the tensor has 3 axes, so axis goes from -3 to 2"),
    (lambda: Tensor([1.0]).mT, ShapeError, "mT of shape (1,): a matrix has at least two axes"),
    (lambda: Tensor.cat([]), ShapeError, "cat of no tensors: give a list of at least one"),
    (lambda: Tensor.stack([]), ShapeError, "stack of no tensors: give a list of at least one"),
    (lambda: Tensor.cat([X, X.T]), ShapeError, "cat of shapes (2, 3) and (3, 2): ...\n  at test_messages.py"),
    (lambda: Tensor.cat([X], axis=3), PositionError, "cat(axis=3): the tensor has 2 axes, so axis goes from -2 to 1"),
    (
        lambda: X.take_along_axis([0], 1),
        ShapeError,
        "take_along_axis of shapes (2, 3) and (1,): ...\n  at test_messages.py",
    ),
    (
        lambda: Tensor.zeros((0, 2)).max(axis=0),
        ShapeError,
        "max over axis 0 of shape (0, 2): there is no element to choose",
    ),
    (
        lambda: Tensor.zeros((0, 2)).argmin(),
        ShapeError,
        "argmin over axis None of shape (0, 2): there is no element to choose",
    ),
    (lambda: len(Tensor(1.0)), ShapeError, "len() of a tensor without axes: it is one number; item() gives it"),
    (lambda: bool(X), ShapeError, "the truth of a tensor of shape (2, 3): use .any() or .all()"),
    (
        lambda: X.item(),
        ShapeError,
        "item() wants one element, the tensor has shape (2, 3): index or reduce it first",
    ),
    (lambda: Tensor([[1.0], [1.0, 2.0]]), ShapeError, "rows of different lengths make no tensor: ..."),
    (lambda: Tensor.zeros((-1,)), ShapeError, "no tensor of shape (-1,): negative dimensions are not allowed"),
    # --- in a module ---
    (
        lambda: model((2, 16, 16))(Tensor.zeros((150, 3))),
        ShapeError,
        "matmul: inner sizes differ: (150, 3) @ (2, 16)\n"
        "  left has 3 columns, right has 2 rows\n"
        "  in linear1: Linear(2 -> 16), in Model.forward\n"
        "  help: the batch has 3 features; LinearConfig(3, 16) would fit",
    ),
    (
        lambda: model((2, 4, 16)).forward(Tensor.zeros((150, 2))),
        ShapeError,
        "matmul: inner sizes differ: (150, 16) @ (4, 16)\n"
        "  left has 16 columns, right has 4 rows\n"
        "  in layers.0: Linear(4 -> 16), in Model.forward\n"
        "  help: the batch has 16 features; LinearConfig(16, 16) would fit",
    ),
    (
        lambda: model((2, 16, 5))(Tensor.zeros((150, 2))),
        ShapeError,
        "matmul: inner sizes differ: (150, 16) @ (5, 16)\n"
        "  left has 16 columns, right has 5 rows\n"
        "  in named.out: Linear(5 -> 16), in Model.forward\n"
        "  help: the batch has 16 features; LinearConfig(16, 16) would fit",
    ),
    # --- dtypes ---
    (lambda: Tensor("abc"), DtypeError, "a tensor is Float, Int or Bool, not <U3: 'abc'"),
    (lambda: Tensor(None), DtypeError, "a tensor is Float, Int or Bool, not object: 'None'"),
    (lambda: Tensor(1j), DtypeError, "a tensor is Float, Int or Bool, not complex128: '1j'"),
    (
        lambda: Tensor([X, X]),
        DtypeError,
        "a tensor of a list of tensors: Tensor.stack(list) keeps their gradients",
    ),
    (lambda: Tensor(1.0, dtype="c8"), DtypeError, "dtype='c8': a tensor is Float, Int or Bool"),
    (
        lambda: X.astype("float23"),
        DtypeError,
        "dtype='float23' is none that NumPy knows; such as np.float32, np.int64, bool",
    ),
    (
        lambda: X + "a",
        DtypeError,
        "add: a str is no operand of a tensor of shape (2, 3)\n  operands are tensors, numbers and NumPy arrays",
    ),
    (
        lambda: Tensor([1], dtype=np.uint8) + -1,
        DtypeError,
        "add: -1 is out of the range of uint8, the tensor's dtype",
    ),
    (lambda: -Tensor([True]), DtypeError, "neg of shape (1,): ...\n  at test_messages.py"),
    (lambda: ~X, DtypeError, "~ of a tensor of float32: it is for Bool and Int; -x changes the sign"),
    (
        lambda: where(Tensor([1, 0, 1]), X, 0.0),
        DtypeError,
        "where: a mask is Bool, not int64: a comparison such as x > 0, or x.bool()",
    ),
    (
        lambda: np.histogram(X),
        DtypeError,
        "np.histogram of a Tensor is not lifted\n  use the tensor's own methods, or x.numpy()",
    ),
    (
        lambda: np.exp(X, out=np.zeros((2, 3))),
        DtypeError,
        "np.exp(out=...) of a Tensor: nobody can write to a tensor, and an array has no gradients: use the result",
    ),
    (
        lambda: np.add.reduce(X),
        DtypeError,
        "np.add.reduce of a Tensor is not lifted\n  use the tensor's own methods, or x.numpy()",
    ),
    (
        lambda: Tensor([1]).require_grad(),
        DtypeError,
        "require_grad() of int64: only Float has a gradient; use float() first",
    ),
    (
        lambda: NdArray(dtype=np.int32),
        DtypeError,
        "NdArray(dtype=int32): a device computes in a float type; use np.float32 or np.float64",
    ),
    (lambda: NdArray(dtype="f3"), DtypeError, "NdArray(dtype='f3'): NumPy knows no such dtype; use np.float32"),
    # --- devices ---
    (
        lambda: Autodiff(Autodiff(NdArray())),
        DeviceError,
        "Autodiff(Autodiff(...)): one is enough, for derivatives of any order\n"
        "  a second derivative is grad(grad(f)): from minigrad import grad",
    ),
    (
        lambda: Autodiff("cpu"),
        DeviceError,
        "Autodiff('cpu'): it decorates a device, such as Autodiff(NdArray(seed=42))",
    ),
    (
        lambda: NdArray(seed=-1),
        DeviceError,
        "NdArray(seed=-1): a seed is an integer >= 0, such as NdArray(seed=42)",
    ),
    (lambda: Tensor(1.0, "cpu"), DeviceError, "a device is NdArray() or Autodiff(NdArray()), not 'cpu'"),
    (
        lambda: Device().rng(),
        DeviceError,
        "Device draws no random numbers; use NdArray() or Autodiff(NdArray())",
    ),
    # --- gradients ---
    (
        lambda: (W * 2).backward(),
        GradientError,
        "backward() of a tensor of shape (2,): it wants one number\n"
        "  loss.mean().backward(), or weigh the elements: backward(cotangent)",
    ),
    (
        lambda: (W * 2).backward([1.0]),
        GradientError,
        "a cotangent of shape (1,) for a result of shape (2,): they must be equal",
    ),
    (
        lambda: X.sum().backward(),
        GradientError,
        "backward() of a tensor that depends on nothing tracked\n"
        "  parameters made on Autodiff(NdArray()) are tracked, and so is x.require_grad()",
    ),
    (
        lambda: (W * 2).grad(W.sum().backward()),
        GradientError,
        "grad() of a result of operations: gradients are kept for tracked leaves only\n"
        "  make it one with require_grad() before it is used, or use minigrad.grad",
    ),
    (
        lambda: X.grad(W.sum().backward()),
        GradientError,
        "grad() of an untracked tensor: gradients are kept for tracked leaves only\n"
        "  make it one with require_grad() before it is used, or use minigrad.grad",
    ),
    (
        lambda: (W * 2).require_grad(),
        GradientError,
        "require_grad() on a result of operations, which is tracked already\n  detach() it first",
    ),
    (
        lambda: np.asarray(W),
        GradientError,
        "np.asarray of a tracked tensor would drop its gradient: use x.detach() or x.numpy()",
    ),
    (
        lambda: pickle.dumps(W * 2),
        GradientError,
        "a tensor with a graph cannot be pickled or copied deeply: detach() it first",
    ),
    (
        lambda: grad(lambda x: (W * x).sum().backward())(2.0),
        GradientError,
        "backward() reached a variable of the grad() around it, whose gradient it cannot track\n"
        "  inside of grad, use grad again: from minigrad import grad; grad(grad(f))(x)",
    ),
    (
        lambda: grad(lambda x: x)(3),
        GradientError,
        "a gradient in an argument of dtype int64: only Float has one; write 2.0 or use float()",
    ),
    (lambda: grad(lambda x: 3)(3.0), GradientError, "the function returned int; a gradient is one of a Tensor"),
    (
        lambda: grad(lambda x: x, argnums=(0, 2))(1.0),
        GradientError,
        "grad(argnums=(0, 2)) of a call with 1 arguments: the first one is 0",
    ),
    (
        lambda: vjp(lambda x: x, W)[1]([1.0, 2.0, 3.0]),
        GradientError,
        "a cotangent of shape (3,) for a result of shape (2,): they must be equal",
    ),
    (
        lambda: lift(bad)(W).sum().backward(),
        GradientError,
        "rule bad: the gradient of argument 0 has shape (), the argument (2,)\n"
        "  the vjp must return (2,), or the rule say broadcasts=True",
    ),
    # --- modules ---
    (
        lambda: Model(1),
        TypeError,
        "Model needs a value for its field 'layers': Model(linear1, layers, named, activation)",
    ),
    (
        lambda: Model(1, 2, 3, 4, 5),
        TypeError,
        "Model has 4 fields (linear1, layers, named, activation), and 5 values were given",
    ),
    (lambda: Model(1, linear1=2), TypeError, "Model: field 'linear1' was given twice"),
    (
        lambda: model((2, 2, 2)).replace(linaer1=1),
        AttributeError,
        "Model has no field 'linaer1'. Did you mean 'linear1'?   (fields: linear1, layers, named, activation)",
    ),
    (
        lambda: setattr(model((2, 2, 2)), "linaer1", 1),
        AttributeError,
        "Model has no field 'linaer1'. Did you mean 'linear1'?   (fields: linear1, layers, named, activation)",
    ),
    (
        lambda: setattr(model((2, 2, 2)), "linear1", 1),
        AttributeError,
        "Model.linear1 cannot be set: a module is a value\n  model = model.replace(linear1=...) makes a changed copy",
    ),
    (
        lambda: delattr(model((2, 2, 2)), "linear1"),
        AttributeError,
        "Model.linear1 cannot be deleted: a module is a value",
    ),
    (
        lambda: Inner().settings.update(a=2),
        AttributeError,
        "a module's dictionary cannot be changed: module.replace(name={...}) makes a changed copy",
    ),
    (lambda: Inner(forgets=True), AttributeError, "Inner.__init__ did not set settings"),
    (
        lambda: Inner(invents=True),
        AttributeError,
        "Inner has no field 'wieght'. Did you mean 'weight'?   (fields: weight, settings)",
    ),
    (
        lambda: setattr(Empty(), "a", 1),
        AttributeError,
        "Empty has no field 'a' (it has none: annotate it in the class)",
    ),
    (lambda: list(Empty()), TypeError, "Empty is not iterable: visit(f) goes through its parameters"),
    # --- configs ---
    (lambda: Settings(1).replace(hiden=2), ConfigError, "Settings has no field 'hiden'; did you mean 'hidden'?"),
    (
        lambda: Settings.from_json({"x": 1}),
        ConfigError,
        "Settings: Settings has no field 'x'; it has hidden, rate, names, kind",
    ),
    (lambda: Settings.from_json({}), ConfigError, "Settings: Settings needs hidden, which it does not give"),
    (lambda: Settings.from_json([1]), ConfigError, "Settings: Settings is an object of fields, not [1]"),
    (lambda: Settings.from_json({"hidden": 1.5}), ConfigError, "Settings: hidden: 1.5 is no int"),
    (lambda: Settings.from_json({"hidden": 1, "names": [1]}), ConfigError, "Settings: names[0]: 1 is no str"),
    (lambda: Settings.from_json({"hidden": 1, "names": "a"}), ConfigError, "Settings: names: 'a' is no list"),
    (
        lambda: Settings.from_json({"hidden": 1, "kind": "Twos"}),
        ConfigError,
        "Settings: kind: 'Twos' is no Kind\n  it has: Constant, Ones",
    ),
    (
        lambda: Settings.from_json({"hidden": 1, "kind": {"Constant": {"values": 1.0}}}),
        ConfigError,
        "Settings: kind: {'values': 1.0} does not fit Kind.Constant(value)",
    ),
    (
        lambda: Settings.load("no/such/file.json"),
        ConfigError,
        "no/such/file.json: cannot be read: No such file or directory",
    ),
    # --- testing ---
    (
        lambda: check_gradients(lambda x: lift(wrong)(x), np.array([0.5, 2.0])),
        AssertionError,
        "check_gradients: the gradient in argument 0 at [0] is 0.0628651, finite differences say 0.12573\n"
        "  where it is 0.5, in order 1, seed 0",
    ),
    (
        lambda: check_gradients(lambda n: n, 3),
        AssertionError,
        "check_gradients: no argument has a gradient: give floats, or a module on Autodiff(NdArray())",
    ),
    (
        lambda: check_rule(needs_axis),
        AssertionError,
        "check_rule: rule needs_axis has axis\n"
        "  say which calls to try, as a list or a strategy: check_rule(rule, calls=[Call(((2, 3),), {'axis': 1})])",
    ),
]


@pytest.mark.parametrize(
    ("call", "kind", "message"), CASES, ids=lambda case: str(case)[:60] if isinstance(case, str) else ""
)
def test_message(call: Callable[[], Any], kind: type[BaseException], message: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind or kind in (AssertionError, TypeError, AttributeError)
    text = re.sub(r"(at test_messages\.py):\d+", r"\1", str(caught.value))
    assert re.fullmatch(re.escape(message).replace(r"\.\.\.", ".*"), text, re.S), text


def test_the_users_line_is_told() -> None:
    with pytest.raises(ShapeError) as caught:
        X + Tensor([1.0, 2.0])
    line = caught.tb.tb_lineno
    assert f"at test_messages.py:{line}" in str(caught.value)


def test_the_traceback_ends_at_the_operation_and_has_no_inner_cause() -> None:
    with pytest.raises(ShapeError) as caught:
        X + Tensor([1.0, 2.0])
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert len(caught.traceback) <= 3


def test_a_file_that_is_no_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"hidden": ')
    with pytest.raises(ConfigError, match=r"config\.json: not JSON: "):
        Settings.load(path)
    path.write_text('{"hidden": "many"}')
    with pytest.raises(ConfigError, match=r"config\.json: hidden: 'many' is no int"):
        Settings.load(path)


def test_every_error_of_the_core_is_also_the_builtin() -> None:
    for kind, builtin in (
        (ShapeError, ValueError),
        (DtypeError, TypeError),
        (DeviceError, ValueError),
        (GradientError, RuntimeError),
        (ConfigError, ValueError),
    ):
        assert issubclass(kind, builtin)
        assert issubclass(kind, MinigradError)
        assert any(case[1] is kind for case in CASES)
