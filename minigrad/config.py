"""Config: typed fields, saved and loaded as JSON in Burn's form; and Variant, Burn's enums."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, ClassVar, Self, Union, dataclass_transform, get_args, get_origin, get_type_hints

from .atomic import atomic_write
from .errors import ConfigError

__all__ = ["Config", "Variant"]


@dataclass_transform(frozen_default=True)
class Variant:
    """Base of Burn's enums. A variant is a frozen dataclass that derives from its enum and is found on it by name;

    one without fields is a constant. In JSON: `"Ones"`, `{"Constant": {"value": 2.0}}`, or for a `bare` one `{"Norm":
    1.0}`.
    """

    bare: ClassVar[bool] = False
    variants: ClassVar[dict[str, Any]]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if Variant in cls.__bases__:
            cls.variants = {}
            return
        dataclasses.dataclass(frozen=True)(cls)
        found = cls if dataclasses.fields(cls) else cls()  # type: ignore[arg-type]
        cls.variants[cls.__name__] = found
        setattr(cls.__bases__[0], cls.__name__, found)

    def to_json(self) -> Any:
        values = [_to_json(getattr(self, f.name)) for f in dataclasses.fields(self)]  # type: ignore[arg-type]
        if not values:
            return type(self).__name__
        names = [f.name for f in dataclasses.fields(self)]  # type: ignore[arg-type]
        inside = dict(zip(names, values, strict=True)) if not self.bare else values[0] if len(values) == 1 else values
        return {type(self).__name__: inside}

    @classmethod
    def from_json(cls, data: Any, where: str) -> Any:
        name, inside = next(iter(data.items())) if isinstance(data, dict) and len(data) == 1 else (data, None)
        found = cls.variants.get(name) if isinstance(name, str) else None
        if found is None:
            raise ConfigError(f"{where}: {data!r} is no {cls.__name__}\n  it has: {', '.join(cls.variants)}")
        if not isinstance(found, type):
            return found
        names, types = [f.name for f in dataclasses.fields(found)], _hints(found)
        listed = inside if isinstance(inside, list) else [] if inside is None else [inside]
        given = inside if isinstance(inside, dict) else dict(zip(names, listed, strict=False))
        if len(listed) > len(names) or not set(given) <= set(names):
            raise ConfigError(f"{where}: {inside!r} does not fit {cls.__name__}.{name}({', '.join(names)})")
        try:
            return found(**{key: _from_json(each, types[key], f"{where}: {name}.{key}") for key, each in given.items()})
        except TypeError:
            raise ConfigError(f"{where}: {inside!r} does not fit {cls.__name__}.{name}({', '.join(names)})") from None


@dataclass_transform(frozen_default=True)
class Config:
    """What a model or an optimizer is made from. Subclass it with annotated fields; construct by position or keyword.

    It is frozen: `replace` makes a changed copy. `save` writes JSON with Burn's order of keys (required fields, then
    optional ones, then those with a default), `load` reads it, fills in defaults and checks types. Raises
    `ConfigError`. A field annotated with a base class takes any config derived from it, which JSON then names:
    `{"LinearLrSchedulerConfig": {"initial_lr": ...}}`.

    >>> class ModelConfig(Config):
    ...     hidden_size: int
    ...     dropout: float = 0.5
    >>> ModelConfig(16), ModelConfig(16).replace(dropout=0.1).dropout
    (ModelConfig(hidden_size=16, dropout=0.5), 0.1)
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        dataclasses.dataclass(frozen=True)(cls)

    def replace(self, **changes: Any) -> Self:
        """A copy with other values in the fields named."""
        names = [f.name for f in dataclasses.fields(self)]  # type: ignore[arg-type]
        for name in changes:
            if name not in names:
                raise ConfigError(f"{type(self).__name__} has no field {name!r}{_meant(name, names)}")
        return dataclasses.replace(self, **changes)  # type: ignore[type-var]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values by field name."""
        fields, types = sorted(dataclasses.fields(self), key=_rank), _hints(type(self))  # type: ignore[arg-type]
        return {f.name: _to_json(getattr(self, f.name), types[f.name]) for f in fields}

    @classmethod
    def from_json(cls, data: Any, where: str = "") -> Self:
        """From plain JSON values; `where` names them in errors."""
        where = where or cls.__name__
        if not isinstance(data, dict):
            raise ConfigError(f"{where}: {cls.__name__} is an object of fields, not {data!r}")
        fields = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
        derived = _derived(cls)
        if len(data) == 1 and (name := next(iter(data))) in derived:
            member: Self = derived[name].from_json(data[name], f"{where}: {name}")
            return member
        if derived and not fields:
            raise ConfigError(f"{where}: {data!r} is no {cls.__name__}\n  it has: {', '.join(derived)}")
        for name in data:
            if name not in fields:
                raise ConfigError(f"{where}: {cls.__name__} has no field {name!r}{_meant(name, fields)}")
        lost = [n for n, f in fields.items() if n not in data and _rank(f) == 0]
        if lost:
            raise ConfigError(f"{where}: {cls.__name__} needs {', '.join(lost)}, which it does not give")
        types = _hints(cls)
        return cls(**{name: _from_json(value, types[name], f"{where}: {name}") for name, value in data.items()})

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write JSON to `path`, whole or not at all. Raises `OSError`."""
        atomic_write(path, json.dumps(self.to_json(), indent=2).encode())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what `save`, or Burn, wrote. Raises `ConfigError` naming the file and the field."""
        try:
            data = json.loads(Path(path).read_bytes())
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise ConfigError(f"{path}: not JSON: {error}") from None
        return cls.from_json(data, str(path))


def _meant(name: str, names: Any) -> str:
    from difflib import get_close_matches  # two milliseconds, for those who mistype

    close = get_close_matches(name, list(names), 1)
    return f"; did you mean {close[0]!r}?" if close else f"; it has {', '.join(names)}"


def _rank(field: dataclasses.Field[Any]) -> int:
    if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
        return 0
    return 1 if field.default is None else 2


def _hints(cls: type) -> dict[str, Any]:
    try:
        return get_type_hints(cls)
    except NameError:  # an annotation names a class that is local to a function
        return {f.name: Any for f in dataclasses.fields(cls)}


def _derived(cls: type[Any]) -> dict[str, Any]:
    """The classes below `cls`, by name."""
    return {each.__name__: each for below in cls.__subclasses__() for each in (below, *_derived(below).values())}


def _configs(kind: Any) -> list[type]:
    """The Config classes that an annotation names."""
    parts = get_args(kind)
    if parts:
        return [each for part in parts for each in _configs(part)]
    return [kind] if isinstance(kind, type) and issubclass(kind, Config) else []


def _to_json(value: Any, kind: Any = Any) -> Any:
    if isinstance(value, Config):
        cls, named = type(value), _configs(kind)
        if cls not in named and any(issubclass(cls, base) for base in named):
            return {cls.__name__: value.to_json()}
    if isinstance(value, (Config, Variant)):
        return value.to_json()
    if isinstance(value, (list, tuple)):
        return [_to_json(each, kind) for each in value]
    if isinstance(value, dict):
        return {str(key): _to_json(each, kind) for key, each in value.items()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "item"):  # a NumPy number
        return value.item()
    raise ConfigError(f"a {type(value).__name__} cannot be saved in a config: use numbers, strings, lists, Configs")


def _from_json(value: Any, kind: Any, where: str) -> Any:
    if get_origin(kind) in (Union, UnionType):
        kinds = [k for k in get_args(kind) if k is not NoneType]
        if value is None:
            return None
        for each in kinds[:-1]:
            try:
                return _from_json(value, each, where)
            except ConfigError:
                continue
        return _from_json(value, kinds[-1], where)
    if isinstance(kind, type) and issubclass(kind, (Config, Variant)):
        return kind.from_json(value, where)
    if get_origin(kind) in (list, tuple, Sequence):
        if not isinstance(value, list):
            raise ConfigError(f"{where}: {value!r} is no list")
        parts = get_args(kind) or (Any, ...)
        parts = parts if get_origin(kind) is tuple and ... not in parts else parts[:1] * len(value)
        if len(parts) != len(value):
            raise ConfigError(f"{where}: {value!r} has {len(value)} parts, not {len(parts)}")
        made = list if get_origin(kind) is list else tuple
        return made(_from_json(each, parts[i], f"{where}[{i}]") for i, each in enumerate(value))
    if get_origin(kind) is dict:
        if not isinstance(value, dict):
            raise ConfigError(f"{where}: {value!r} is no object")
        return {key: _from_json(each, get_args(kind)[1], f"{where}.{key}") for key, each in value.items()}
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind in (int, float, str, bool) and type(value) is not kind:
        raise ConfigError(f"{where}: {value!r} is no {kind.__name__}")
    return value
