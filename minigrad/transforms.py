"""Derivatives as functions of functions: `grad`, `value_and_grad`, `vjp`, `jvp`, `jacobian`, `hessian`, `hvp`.

They nest to any order, and go through dictionaries, lists, tuples and modules of tensors, as arguments and as values.

A derivative that depends on anything tracked outside is recorded itself: the engine walks with tensors instead of
arrays and runs each node's rule once more on tensors, where everything that the vjps compute records itself. No second
set of formulas.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from . import tree
from .autodiff import Node, depends_on_outside, next_birth, variable, walk
from .errors import GradientError, MinigradError, ShapeError
from .kernels import K
from .lifting import as_tensor, make
from .ops.gradients import arguments, check_arguments, check_function, structures
from .tensor import Tensor, cotangent_of

__all__ = ["grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of `f(*primals)`, and `pull`, which takes a cotangent like the value to one gradient for each primal.

    A primal is a tensor or what makes one, or a dict, list, tuple or module of these; its gradient has the same
    structure. `pull` may be called any number of times.

    >>> value, pull = vjp(lambda x, y: x * y, Tensor([1.0, 2.0]), Tensor([3.0, 4.0]))
    >>> pull(Tensor([1.0, 10.0]))
    (Tensor([ 3., 40.], dtype=float32), Tensor([ 1., 20.], dtype=float32))
    """
    value, pull, _ = _trace(f, primals, range(len(primals)))
    return value, pull


def jvp(f: Callable[..., Any], primals: Any, tangents: Any) -> tuple[Any, Any]:
    """The value of `f`, and its derivative in the direction of `tangents`, which look like `primals`.

    A tuple holds one entry for each argument; anything else is the only argument. `pull` of `vjp` is linear in its
    cotangent, so that its own vjp, at any cotangent, is the way forward (J. Townsend, 2017).

    >>> jvp(lambda x: x * x, Tensor([1.0, 2.0]), Tensor([1.0, 10.0]))
    (Tensor([1., 4.], dtype=float32), Tensor([ 2., 40.], dtype=float32))
    """
    value, pull = vjp(f, *_arguments(primals))
    zeros = tree.map_leaves(lambda v: make(np.zeros_like(v.data), v.device) if isinstance(v, Tensor) else v, value)
    return value, grad(lambda cotangent: _inner(pull(cotangent), _arguments(tangents)))(zeros)


def hvp(f: Callable[..., Any], primals: Any, tangents: Any) -> Any:
    """The Hessian of `f`, which gives one number, times `tangents`: two walks, where `hessian` takes one for each row.

    >>> hvp(lambda x: (x * x * x).sum(), Tensor([1.0, 2.0]), Tensor([1.0, 10.0]))
    Tensor([  6., 120.], dtype=float32)
    """
    xs = _arguments(primals)
    every = range(len(xs))
    found = grad(lambda *ys: _inner(grad(f, every)(*ys), _arguments(tangents)), every)(*xs)
    return found if isinstance(primals, tuple) else found[0]


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """The gradient of a function with one number as its value, in its argument `argnums` (a tuple of them: a tuple).

    Zeros for an argument that `f` ignores. Raises `GradientError` when the value is not one number.

    >>> cube = lambda x: x * x * x
    >>> grad(cube)(2.0), grad(grad(cube))(2.0)
    (Tensor(12., dtype=float32), Tensor(12., dtype=float32))
    """
    both = value_and_grad(f, argnums)
    return lambda *args: both(*args)[1]


def value_and_grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., tuple[Any, Any]]:
    """The value beside the gradient, from one run of `f`.

    >>> value_and_grad(lambda x: x * x)(3.0)
    (Tensor(9., dtype=float32), Tensor(6., dtype=float32))
    """

    check_function(f, "grad")

    def both(*args: Any) -> tuple[Any, Any]:
        positions, alone = arguments(argnums, len(args))
        value, pull, _ = _trace(f, args, positions)
        if not isinstance(value, Tensor):
            raise GradientError(f"the function returned a {type(value).__name__}; a gradient is one of one number")
        grads = pull(None)
        return value, grads[0] if alone else grads

    return both


def jacobian(f: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    """All derivatives of a function: shape (*value.shape, *argument.shape), one backward walk a row.

    Of a structure of tensors by another one: the value's structure, with the argument's in place of each tensor.

    >>> jacobian(lambda x: x * x)(Tensor([1.0, 2.0]))
    Tensor([[2., 0.],
            [0., 4.]], dtype=float32)
    """

    check_function(f, "jacobian")

    def of_all(*args: Any) -> Any:
        _, pull, value = _trace(f, args, arguments((argnums,), len(args))[0])

        def rows(root: Any) -> Any:
            basis = np.eye(root.size, dtype=root.dtype).reshape((root.size, *root.shape))
            found = [pull(row, root)[0] for row in basis] or [pull(np.zeros(root.shape), root)[0]]

            def column(*gs: Any) -> Any:
                if not isinstance(gs[0], Tensor):
                    return gs[0]
                return Tensor.stack(gs)[: root.size].reshape((*root.shape, *gs[0].shape))

            return tree.map_leaves(column, *found)

        return tree.map_leaves(lambda leaf: rows(leaf) if isinstance(leaf, Tensor) else leaf, value)

    return of_all


def hessian(f: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    """All second derivatives of a function with one number as its value: shape (*argument.shape, *argument.shape).

    >>> hessian(lambda x: (x * x * x).sum())(Tensor([1.0, 2.0]))
    Tensor([[ 6.,  0.],
            [ 0., 12.]], dtype=float32)
    """
    return jacobian(grad(f, argnums), argnums)


def _arguments(given: Any) -> tuple[Any, ...]:
    return given if isinstance(given, tuple) else (given,)


def _inner(xs: Any, ys: Any) -> Any:
    """The sum of the products of two structures of tensors."""
    products = []

    def multiply(x: Any, y: Any) -> None:
        if isinstance(x, Tensor):
            y = as_tensor(y, x.device.inner)
            if y.shape != x.shape:
                raise ShapeError(f"a tangent of shape {y.shape} for a primal of shape {x.shape}: make them equal")
            products.append((x * y).sum())

    tree.map_leaves(multiply, xs, ys)
    return sum(products)


def _trace(f: Callable[..., Any], args: Sequence[Any], positions: Sequence[int]) -> tuple[Any, Callable[..., Any], Any]:
    """Run `f` on fresh variables in place of the arguments at `positions`.

    The value, `pull(cotangent, root=value)`, which takes a cotangent of the value or of one tensor in it, and the value
    with its record.
    """
    check_function(f, "vjp")
    check_arguments(args, positions)
    active = [True]
    variables: list[Tensor] = []

    def replace(x: Any, within_module: bool = False) -> Any:
        if not isinstance(x, _NUMBERS) or (within_module and not _learns(x)):
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
    except (AttributeError, TypeError) as error:
        if isinstance(error, MinigradError) or not (what := structures(args, positions)):
            raise
        raise GradientError(f"{what}: {error}") from error
    finally:
        active.clear()
    tensors = [leaf for _, leaf in tree.leaves(value) if isinstance(leaf, Tensor)]
    if not tensors:
        raise GradientError(f"the function returned {type(value).__name__}; a gradient is one of a Tensor")
    outside = {root.birth: depends_on_outside(root, variables) for root in tensors if root.birth}

    def pull(cotangent: Any, root: Any = value) -> Any:
        parts: list[dict[int, Tensor]] = []

        def back(leaf: Any, cotangent: Any) -> None:
            if isinstance(leaf, Tensor):
                parts.append(_gradients(leaf, cotangent, variables, outside.get(leaf.birth, False)))

        tree.map_leaves(back, root, cotangent)
        found = {birth: sum((part[birth] for part in parts[1:]), g) for birth, g in parts[0].items()}
        take = partial(tree.map_leaves, lambda v: found.get(v.birth, v) if isinstance(v, Tensor) else v)
        return tuple(take(inputs[i]) for i in positions)

    def finished(leaf: Any) -> Any:
        return leaf.detach() if isinstance(leaf, Tensor) and not outside.get(leaf.birth) else leaf

    return tree.map_leaves(finished, value), pull, value


def _learns(x: Any) -> bool:
    """Whether a part of a module is a variable: every Param on a device without gradients, else what is tracked."""
    return bool(getattr(x, "birth", 0)) or (hasattr(x, "id") and not x.device.tracks)


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
