"""Derivatives as functions of functions: `grad`, `value_and_grad`, `vjp`, `jacobian`, `hessian`; to any order.

A derivative that depends on anything tracked outside is recorded itself: the engine walks with tensors instead of
arrays and runs each node's rule once more on tensors, where everything that the vjps compute records itself. No second
set of formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from . import tensor, tree
from .autodiff import Node, depends_on_outside, next_birth, variable, walk
from .errors import GradientError
from .lifting import lift, make
from .tensor import Tensor, cotangent_of

__all__ = ["K", "grad", "hessian", "jacobian", "value_and_grad", "vjp"]

_operation = lru_cache(maxsize=None)(lift)

K = SimpleNamespace(  # the names of rules/kernels.py on tensors; positions and masks are constants
    abs=Tensor.abs,
    add=lambda x, y, out=None: x + y,
    argmax=lambda x, axis: np.argmax(x.data, axis, keepdims=True),
    argmin=lambda x, axis: np.argmin(x.data, axis, keepdims=True),
    broadcast_to=Tensor.broadcast_to,
    call=lambda kernel, rule, *xs, **static: _operation(rule)(*xs, **static),
    cast=Tensor.astype,
    colsum=lambda g: g.sum(0),
    concat=Tensor.cat,
    cos=Tensor.cos,
    dot=Tensor.matmul,
    exp=Tensor.exp,
    log=Tensor.log,
    log1p=Tensor.log1p,
    matmul=Tensor.matmul,
    maximum=Tensor.maximum,
    minimum=Tensor.minimum,
    put=lambda x, index, shape: tensor.put(x, index=index, shape=shape),
    put_along_axis=lambda x, i, axis, shape: tensor.put_along_axis(x, indices=i, axis=axis, shape=shape),
    relu=Tensor.relu,
    sigmoid=Tensor.sigmoid,
    sign=Tensor.sign,
    sin=Tensor.sin,
    softplus=tensor.softplus,
    sqrt=Tensor.sqrt,
    sum=Tensor.sum,
    sum_to=lambda x, shape: tensor.sum_to(x, shape=shape),
    take_along_axis=Tensor.take_along_axis,
    tanh=Tensor.tanh,
    total=Tensor.sum,
    where=tensor.where,
)


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of `f(*primals)`, and `pull`, which takes a cotangent of its shape to one gradient for each primal.

    A primal is a tensor or what makes one, or a dict, list, tuple or module of these; its gradient has the same
    structure. `pull` may be called any number of times.

    >>> value, pull = vjp(lambda x, y: x * y, Tensor([1.0, 2.0]), Tensor([3.0, 4.0]))
    >>> pull(Tensor([1.0, 10.0]))
    (Tensor([ 3., 40.], dtype=float32), Tensor([ 1., 20.], dtype=float32))
    """
    value, pull = _trace(f, primals, range(len(primals)))
    return value, pull


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The gradient of a function with one number as its value, in its argument `argnums` (a tuple of them: a tuple).

    Zeros for an argument that `f` ignores. Raises `GradientError` when the value is not one number.

    >>> cube = lambda x: x * x * x
    >>> grad(cube)(2.0), grad(grad(cube))(2.0)
    (Tensor(12., dtype=float32), Tensor(12., dtype=float32))
    """
    return lambda *args: value_and_grad(f, argnums)(*args)[1]


def value_and_grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., tuple[Any, Any]]:
    """The value beside the gradient, from one run of `f`.

    >>> value_and_grad(lambda x: x * x)(3.0)
    (Tensor(9., dtype=float32), Tensor(6., dtype=float32))
    """

    def both(*args: Any) -> tuple[Any, Any]:
        positions = [argnums] if isinstance(argnums, int) else list(argnums)
        if any(not -len(args) <= i < len(args) for i in positions):
            raise GradientError(f"grad(argnums={argnums}) of a call with {len(args)} arguments: the first one is 0")
        value, pull = _trace(f, args, positions)
        grads = pull(None)
        return value, grads[0] if isinstance(argnums, int) else grads

    return both


def jacobian(f: Callable[..., Any], argnums: int = 0) -> Callable[..., Tensor]:
    """All derivatives of a tensor-valued function: shape (*value.shape, *argument.shape), one backward walk a row.

    >>> jacobian(lambda x: x * x)(Tensor([1.0, 2.0]))
    Tensor([[2., 0.],
            [0., 4.]], dtype=float32)
    """

    def rows(*args: Any) -> Tensor:
        value, pull = _trace(f, args, [argnums])
        of = pull(np.zeros(value.shape))[0]
        basis = np.eye(value.size, dtype=value.dtype).reshape((value.size, *value.shape))
        found = [pull(row)[0] for row in basis]
        shape = (*value.shape, *of.shape)
        return Tensor.stack(found).reshape(shape) if found else Tensor.zeros(shape)

    return rows


def hessian(f: Callable[..., Any], argnums: int = 0) -> Callable[..., Tensor]:
    """All second derivatives of a function with one number as its value: shape (*argument.shape, *argument.shape).

    >>> hessian(lambda x: (x * x * x).sum())(Tensor([1.0, 2.0]))
    Tensor([[ 6.,  0.],
            [ 0., 12.]], dtype=float32)
    """
    return jacobian(grad(f, argnums), argnums)


def _trace(f: Callable[..., Any], args: Sequence[Any], positions: Sequence[int]) -> tuple[Any, Callable[[Any], Any]]:
    """Run `f` on fresh variables in place of the arguments at `positions`; the value, and the pull of a cotangent."""
    active = [True]
    variables: list[Tensor] = []

    def replace(x: Any, within_module: bool = False) -> Any:
        if not isinstance(x, _NUMBERS) or (within_module and not getattr(x, "birth", 0)):
            return x  # a module's constants, flags in a dictionary
        x = x if isinstance(x, Tensor) else Tensor(x)
        if x.dtype.kind != "f":
            raise GradientError(
                f"a gradient in an argument of dtype {x.dtype}: only Float has one; write 2.0 or use float()"
            )
        v = make(x.data, x.device)
        v.birth, v.record = next_birth(), (variable, (x,), {"active": active}, variable(None, x.data, active=active))
        variables.append(v)
        return v

    inputs = list(args)
    for i in {i % len(args) for i in positions}:
        inputs[i] = tree.map_leaves(partial(replace, within_module=tree.is_module(args[i])), args[i])
    try:
        value = f(*inputs)
    finally:
        active.clear()
    if not isinstance(value, Tensor):
        raise GradientError(f"the function returned {type(value).__name__}; a gradient is one of a Tensor")
    recorded = value.birth != 0 and depends_on_outside(value, variables)

    def pull(cotangent: Any) -> Any:
        found = _gradients(value, cotangent, variables, recorded)
        take = partial(tree.map_leaves, lambda v: found.get(v.birth, v) if isinstance(v, Tensor) else v)
        return tuple(take(inputs[i]) for i in positions)

    return value if recorded else value.detach(), pull


_NUMBERS = (Tensor, float, int, np.ndarray, np.generic)


def _gradients(value: Tensor, cotangent: Any, variables: Sequence[Tensor], recorded: bool) -> dict[int, Tensor]:
    zeros = {v.birth: make(np.zeros_like(v.data), v.device) for v in variables}
    if not value.birth:
        return zeros
    seed = cotangent_of(value, cotangent)
    if recorded or (isinstance(cotangent, Tensor) and cotangent.birth):
        again = cotangent if isinstance(cotangent, Tensor) else make(seed, value.device)
        return zeros | walk(value, again, variables, _again, K)
    return zeros | {birth: make(g, value.device) for birth, g in walk(value, seed, variables).items()}


def _again(node: Node) -> tuple[Any, ...]:
    rule, inputs, static, _ = node.record
    return rule(K, *inputs, **static)  # type: ignore[no-any-return]
