"""Module: models as frozen values with named fields."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Self, dataclass_transform

from . import tree
from .arrays import to_array
from .backend import Device
from .display import display
from .errors import DeviceError, DtypeError, RecordError
from .param import Param, RunningState
from .tensor import Tensor

if TYPE_CHECKING:
    from .record import Recorder

__all__ = ["Module"]


def _annotations(cls: type) -> dict[str, Any]:
    if sys.version_info >= (3, 14):  # evaluated when asked for, and then a name may not be there yet
        import annotationlib

        return annotationlib.get_annotations(cls, format=annotationlib.Format.FORWARDREF)
    return inspect.get_annotations(cls)


class ModuleMeta(type):
    """Freezes what it makes: a module is open until its `__init__` has returned."""

    module_fields: tuple[str, ...]

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        module: Any = object.__new__(cls)  # type: ignore[arg-type]
        fields = cls.module_fields
        plain = cls.__init__ is Module.__init__  # type: ignore[misc]
        if plain and len(args) == len(fields) and not kwargs:
            # a value for each: a loss that is made in every step takes 1 us instead of 4
            module.__dict__.update(zip(fields, map(tree.freeze, args)))
            check_params(module)
            return module
        module.__dict__["_open"] = True
        cls.__init__(module, *args, **kwargs)  # type: ignore[misc]
        lost = [name for name in fields if name not in module.__dict__]
        if lost:
            raise AttributeError(f"{cls.__name__}.__init__ did not set {', '.join(lost)}")
        # in the order of the fields, which is that of records, however __init__ went about it
        parts = {name: module.__dict__[name] for name in fields}
        module.__dict__.clear()
        module.__dict__.update(parts)
        check_params(module)
        return module


def check_params(module: Module) -> None:
    """Raise `DtypeError` for a plain tensor where the annotation says Param: it would never be trained or saved."""
    for name in type(module).param_fields:
        for path, leaf in tree.leaves(module.__dict__[name], name):
            if isinstance(leaf, Tensor) and not isinstance(leaf, Param):
                raise DtypeError(
                    f"{type(module).__name__}.{path} is a plain tensor, which is neither trained nor saved\n"
                    "  make it a parameter: Param.from_tensor(tensor)"
                )


@dataclass_transform()
class Module(metaclass=ModuleMeta):
    """A model or a layer: annotated fields, built from them in order, frozen afterwards; calling it calls `forward`.

    Fields may be modules, `Param`s, tensors, constants, None, and lists, tuples and dictionaries of them (kept as
    tuples and frozen dictionaries). An `__init__` of one's own may set them. `print(model)` shows Burn's display
    tree.

    >>> from minigrad.nn import Linear, LinearConfig
    >>> from minigrad.backend import NdArray
    >>> class Model(Module):
    ...     linear: Linear
    ...     def forward(self, input):
    ...         return self.linear(input)
    >>> print(Model(LinearConfig(2, 3).init(NdArray(seed=1))))
    Model {
      linear: Linear {d_input: 2, d_output: 3, bias: true, params: 9}
      params: 9
    }
    """

    module_fields: ClassVar[tuple[str, ...]] = ()
    param_fields: ClassVar[frozenset[str]] = frozenset()  # those whose annotation says Param
    record_keys: ClassVar[dict[str, str]] = {}  # of fields that a record names otherwise

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        own = {name: str(kind) for name, kind in _annotations(cls).items() if "ClassVar" not in str(kind)}
        cls.module_fields = tuple(dict.fromkeys((*cls.module_fields, *own)))
        cls.param_fields = cls.param_fields | {name for name, kind in own.items() if "Param" in kind}
        if "forward" in cls.__dict__ and "__call__" not in cls.__dict__:
            cls.__call__ = cls.__dict__["forward"]  # type: ignore[method-assign]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        cls = type(self)
        names = cls.module_fields
        if not args and not kwargs and cls.__init__ is not Module.__init__:
            return  # super().__init__() in an __init__ of one's own, which sets the fields itself
        if len(args) > len(names):
            raise TypeError(
                f"{cls.__name__} has {len(names)} fields ({', '.join(names)}), and {len(args)} values were given"
            )
        given = dict(zip(names, args, strict=False))
        for name in kwargs:
            if name in given:
                raise TypeError(f"{cls.__name__}: field {name!r} was given twice")
        given |= kwargs
        for name in names:
            if name not in given:
                if not hasattr(cls, name):
                    raise TypeError(
                        f"{cls.__name__} needs a value for its field {name!r}: {cls.__name__}({', '.join(names)})"
                    )
                given[name] = getattr(cls, name)
        for name, value in given.items():
            setattr(self, name, value)

    if TYPE_CHECKING:

        def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in type(self).module_fields:
            raise AttributeError(f"{type(self).__name__} has no field {name!r}{self._meant(name)}")
        if "_open" not in self.__dict__:
            raise AttributeError(
                f"{type(self).__name__}.{name} cannot be set: a module is a value\n"
                f"  model = model.replace({name}=...) makes a changed copy"
            )
        self.__dict__[name] = tree.freeze(value)

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be deleted: a module is a value")

    def _meant(self, name: str) -> str:
        from difflib import get_close_matches  # two milliseconds, for those who mistype

        fields = type(self).module_fields
        close = get_close_matches(name, fields, 1)
        hint = f". Did you mean {close[0]!r}?" if close else ""
        return f"{hint}   (fields: {', '.join(fields)})" if fields else " (it has none: annotate it in the class)"

    # -- its parameters --

    def params(self) -> tuple[Param, ...]:
        """Its parameters, each once, in the order of the fields."""
        found = self.__dict__.get("_params")
        if found is None:
            every = {id(leaf): leaf for _, leaf in tree.leaves(self) if isinstance(leaf, Param)}
            found = self.__dict__["_params"] = tuple(every.values())
        return found

    def num_params(self) -> int:
        """How many Float numbers its parameters hold."""
        return sum(p.size for p in self.params() if p.dtype.kind == "f")

    @property
    def device(self) -> Device | None:
        """The device of its first parameter; None if it has none."""
        params = self.params()
        return params[0].device if params else None

    def visit(self, f: Callable[[str, Param], Any]) -> None:
        """Call `f(path, param)` for each parameter in the order of the fields; a path reads `layers.0.weight`."""
        for path, leaf in tree.leaves(self):
            if isinstance(leaf, Param):
                f(path, leaf)

    def map(self, f: Callable[[str, Param], Tensor]) -> Self:
        """A copy with `f(path, param)` in place of each parameter; one parameter in two fields stays one.

        A tensor that is no `Param` becomes the value of the parameter, which keeps its id: `map(lambda _, p: p * 2)`.
        Raises `DtypeError` for anything else.
        """
        done: dict[int, Any] = {}

        def change(path: str, leaf: Any) -> Any:
            if not isinstance(leaf, Param):
                return leaf
            if id(leaf) not in done:
                value = f(path, leaf)
                if not isinstance(value, Tensor):
                    raise DtypeError(
                        f"map: the function returned {type(value).__name__} for {path}, and wants a tensor"
                    )
                if not isinstance(value, Param) or (value is leaf and isinstance(leaf, RunningState)):
                    value = leaf.with_value(value.data, leaf.device, leaf.birth != 0)
                done[id(leaf)] = value
            return done[id(leaf)]

        return tree.map_paths(change, self)  # type: ignore[no-any-return]

    def replace(self, **changes: Any) -> Self:
        """A copy with other values in the fields named."""
        for name in changes:
            if name not in type(self).module_fields:
                raise AttributeError(f"{type(self).__name__} has no field {name!r}{self._meant(name)}")
        parts = tree.children(self) or {}
        changed: Self = tree.rebuild(self, parts | {k: tree.freeze(v) for k, v in changes.items()})
        check_params(changed)
        return changed.with_own_states()

    def with_own_states(self) -> Self:
        """A copy whose running states are its own; itself if it has none."""
        running = any(isinstance(p, RunningState) for p in self.params())
        return self.map(lambda _, p: p) if running else self

    # -- devices and tracking --

    def valid(self) -> Self:
        """Its twin for inference, on the inner device: nothing in it is tracked."""
        return self._on(lambda p: p.with_value(p.data, p.device.inner, False), lambda d: d.inner)

    def no_grad(self) -> Self:
        """A copy whose parameters stay as they are in training, for fine-tuning the rest of a model."""
        return self.map(lambda _, p: p.with_value(p.data, p.device, False))

    def to_device(self, device: Device) -> Self:
        """A copy on `device`, in its float type; parameters are tracked if it tracks (unless `no_grad` was called)."""

        if not isinstance(device, Device):
            raise DeviceError(f"to_device({device!r}): a device is NdArray() or Autodiff(NdArray())")

        def move(p: Param) -> Param:
            tracked = device.tracks and (p.birth != 0 or not p.device.tracks) and p.data.dtype.kind == "f"
            return p.with_value(Tensor(p.data, device).data, device, tracked)

        return self._on(move, lambda _: device)

    fork = to_device

    def _on(self, move: Callable[[Param], Param], device: Callable[[Device], Device]) -> Self:
        moved: dict[int, Param] = {}  # a parameter in two fields stays one

        def change(x: Any) -> Any:
            if isinstance(x, Param):
                if id(x) not in moved:
                    moved[id(x)] = move(x)
                return moved[id(x)]
            if isinstance(x, Device):
                return device(x)
            return x.to_device(device(x.device)) if isinstance(x, Tensor) else x

        return tree.map_leaves(change, self)  # type: ignore[no-any-return]

    # -- records --

    def into_record(self) -> Any:
        """Its parameters as a plain tree in the order of the fields; constants are None, as in Burn's records."""
        from .record import ParamRecord

        def plain(value: Any) -> Any:
            if isinstance(value, Param):
                return ParamRecord(value.id, value.numpy())
            parts = tree.children(value)
            constant = tree.is_module(value) and not any(isinstance(leaf, Tensor) for _, leaf in tree.leaves(value))
            if parts is None or constant:
                return None
            keys = getattr(type(value), "record_keys", {})
            plains = {str(keys.get(name, name)): plain(part) for name, part in parts.items()}
            return list(plains.values()) if isinstance(value, tuple) else plains

        return plain(self)

    def load_record(self, record: Any, source: str = "") -> Self:
        """A copy with the values and the ids of a record. Raises `RecordError` naming each tensor that does not fit."""
        from .record import check

        loaded: dict[int, Param] = {}  # a parameter in two fields stays one

        def load(value: Any, part: Any) -> Any:
            if isinstance(value, Param):
                if id(value) not in loaded:
                    data = to_array(part.value, value.device, value.dtype)
                    loaded[id(value)] = value.with_value(data, value.device, value.birth != 0)
                    loaded[id(value)].id = part.id
                return loaded[id(value)]
            parts = tree.children(value)
            if not parts or part is None:
                return value
            values = part if isinstance(part, list) else part.values()
            return tree.rebuild(value, {name: load(p, v) for (name, p), v in zip(parts.items(), values, strict=True)})

        fitting = check(record, self.into_record(), source)
        return load(self, fitting)  # type: ignore[no-any-return]

    def save_file(self, path: str | os.PathLike[str], recorder: Recorder) -> None:
        """Write its record with `recorder`, whole or not at all, under its extension. Raises `RecordError`."""
        _made(recorder).record(self.into_record(), path)

    def load_file(self, path: str | os.PathLike[str], recorder: Recorder) -> Self:
        """A copy with what a file holds. Raises `RecordError`."""
        return self.load_record(_made(recorder).load(path, self.device), str(recorder.path(path)))

    # -- how it looks --

    def attributes(self) -> dict[str, Any] | None:
        """What the display tree shows on one line instead of the fields; None for the fields."""
        return None

    def signature(self) -> str:
        """Its name in error messages."""
        return type(self).__name__

    def __str__(self) -> str:
        return display(self)

    __repr__ = __str__

    def __iter__(self) -> Iterator[Any]:
        raise TypeError(f"{type(self).__name__} is not iterable: visit(f) goes through its parameters")


def _made(recorder: Recorder) -> Recorder:
    if not hasattr(recorder, "extension"):
        raise RecordError(f"{recorder!r} is no recorder\n  call it: DefaultRecorder(), CompactRecorder()")
    return recorder
