"""Config and Variant: typed fields, and JSON as Burn writes it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from minigrad import Config
from minigrad.config import Variant
from minigrad.errors import ConfigError
from minigrad.nn import LinearConfig
from minigrad.nn.init import Initializer
from minigrad.optim import AdamConfig


class Kind(Variant):
    Constant: ClassVar[type[Constant]]
    Ones: ClassVar[Ones]


class Constant(Kind):
    value: float


class Ones(Kind):
    pass


class Clip(Variant):
    bare = True
    Norm: ClassVar[type[Norm]]
    Explicit: ClassVar[type[Explicit]]


class Norm(Clip):
    threshold: float


class Explicit(Clip):
    height: int
    width: int


class Inner(Config):
    size: int


class Outer(Config):
    rate: float = 0.5  # a default before a required field: only the keys' order in JSON minds
    name: str = "x"
    inner: Inner = Inner(1)
    note: str | None = None
    layers: list[Inner] = dataclasses.field(default_factory=list)
    shape: tuple[int, ...] = ()
    pair: tuple[int, str] | None = None
    named: dict[str, Inner] = dataclasses.field(default_factory=dict)
    kind: Kind | None = None
    clip: Clip | None = None
    number: int | float = 0


FULL = Outer(
    rate=1.0,
    name="é",
    inner=Inner(2),
    note="n",
    layers=[Inner(3), Inner(4)],
    shape=(1, 2),
    pair=(1, "a"),
    named={"k": Inner(5)},
    kind=Kind.Constant(2.0),
    clip=Clip.Explicit(1, 2),
    number=1.5,
)


# --- Burn's files -----------------------------------------------------------------------------------------------------


def test_the_linear_config_as_burn_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    LinearConfig(2, 16).save(path)
    assert path.read_text() == (
        "{\n"
        '  "d_input": 2,\n'
        '  "d_output": 16,\n'
        '  "bias": true,\n'
        '  "initializer": {\n'
        '    "KaimingUniform": {\n'
        '      "gain": 0.5773502691896258,\n'
        '      "fan_out_only": false\n'
        "    }\n"
        "  }\n"
        "}"
    )
    assert LinearConfig.load(path) == LinearConfig(2, 16)


def test_keys_stand_in_burns_order_required_then_optional_then_defaults() -> None:
    assert list(AdamConfig().to_json()) == ["weight_decay", "grad_clipping", "beta_1", "beta_2", "epsilon"]

    class Mixed(Config):
        first: int
        third: float = 0.5
        second: str | None = None

    assert list(Mixed(1).to_json()) == ["first", "second", "third"]


def test_variants_are_tagged_as_serde_does() -> None:
    assert Kind.Ones.to_json() == "Ones"
    assert Kind.Constant(2.0).to_json() == {"Constant": {"value": 2.0}}
    assert Clip.Norm(1.0).to_json() == {"Norm": 1.0}
    assert Clip.Explicit(1, 2).to_json() == {"Explicit": [1, 2]}
    assert Initializer.Zeros.to_json() == "Zeros"


# --- round trips ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", [Outer(), FULL, Outer(kind=Kind.Ones, clip=Clip.Norm(3.0)), Inner(7)])
def test_what_is_saved_is_loaded(config: Config, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    config.save(path)
    again = type(config).load(path)
    assert again == config
    assert again.to_json() == config.to_json()
    assert json.loads(path.read_text()) == config.to_json()


def test_defaults_are_filled_in_and_numbers_become_floats() -> None:
    loaded = Outer.from_json({"rate": 1})
    assert loaded == Outer(rate=1.0)
    assert type(loaded.rate) is float
    assert Outer.from_json({"number": 3}).number == 3
    assert type(Outer.from_json({"number": 3}).number) is int


def test_numpys_numbers_are_saved_as_numbers() -> None:
    assert Outer(rate=np.float32(0.5), shape=(np.int64(3),)).to_json()["shape"] == [3]
    assert type(Outer(rate=np.float32(0.5)).to_json()["rate"]) is float


def test_saving_leaves_nothing_half_written(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    Inner(1).save(path)
    with pytest.raises(ConfigError, match="a object cannot be saved"):
        Inner(object()).save(path)  # type: ignore[arg-type]
    assert Inner.load(path) == Inner(1)
    assert [file.name for file in tmp_path.iterdir()] == ["config.json"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.json"
    Inner(1).save(path)

    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        Inner(2).save(path)
    monkeypatch.undo()
    assert Inner.load(path) == Inner(1)
    assert [file.name for file in tmp_path.iterdir()] == ["config.json"]


# --- as a value -------------------------------------------------------------------------------------------------------


def test_construction_equality_and_text() -> None:
    assert Inner(3) == Inner(size=3)
    assert Inner(3) != Inner(4)
    assert hash(Inner(3)) == hash(Inner(3))
    assert repr(Inner(3)) == "Inner(size=3)"
    with pytest.raises(TypeError, match="size"):
        Inner()  # type: ignore[call-arg]


def test_it_is_frozen_and_replace_makes_a_copy() -> None:
    config = Inner(3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.size = 4  # type: ignore[misc]
    assert config.replace(size=4) == Inner(4)
    assert config == Inner(3)


def test_subclasses_inherit_fields() -> None:
    class More(Inner):
        extra: bool = True

    assert More(1).to_json() == {"size": 1, "extra": True}
    assert More.from_json({"size": 2, "extra": False}) == More(2, False)


def test_variants_as_values() -> None:
    assert Kind.Constant(1.0) == Kind.Constant(value=1.0)
    assert isinstance(Kind.Ones, Kind)
    assert Kind.from_json("Ones", "x") is Kind.Ones
    with pytest.raises(dataclasses.FrozenInstanceError):
        Kind.Constant(1.0).value = 2.0  # type: ignore[misc]


# --- bad files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"rate": "fast"}, "Outer: rate: 'fast' is no float"),
        ({"rate": True}, "Outer: rate: True is no float"),
        ({"rate": None}, "Outer: rate: None is no float"),
        ({"name": 3}, "Outer: name: 3 is no str"),
        ({"inner": {"size": 1.5}}, "Outer: inner: size: 1.5 is no int"),
        ({"inner": {"size": True}}, "Outer: inner: size: True is no int"),
        ({"inner": 3}, "Outer: inner: Inner is an object of fields, not 3"),
        ({"inner": {}}, "Outer: inner: Inner needs size, which it does not give"),
        ({"layers": [{"size": 1}, {"size": "a"}]}, r"Outer: layers\[1\]: size: 'a' is no int"),
        ({"layers": {"size": 1}}, "Outer: layers: {'size': 1} is no list"),
        ({"pair": [1]}, r"Outer: pair: \[1\] has 1 parts, not 2"),
        ({"pair": ["a", "a"]}, r"Outer: pair\[0\]: 'a' is no int"),
        ({"named": {"k": {"size": "a"}}}, r"Outer: named\.k: size: 'a' is no int"),
        ({"named": [1]}, r"Outer: named: \[1\] is no object"),
        ({"kind": "Twos"}, "Outer: kind: 'Twos' is no Kind\n  it has: Constant, Ones"),
        ({"kind": {"Constant": {"value": "a"}}}, r"Outer: kind: Constant\.value: 'a' is no float"),
        ({"kind": {"Constant": {"size": 1}}}, r"{'size': 1} does not fit Kind\.Constant\(value\)"),
        ({"kind": "Constant"}, r"None does not fit Kind\.Constant\(value\)"),
        ({"kind": 3}, "3 is no Kind"),
        ({"clip": {"Explicit": [1, 2, 3]}}, r"\[1, 2, 3\] does not fit Clip\.Explicit\(height, width\)"),
        ({"clip": {"Explicit": [1]}}, r"\[1\] does not fit Clip\.Explicit\(height, width\)"),
        ({"nmae": "x"}, "Outer: Outer has no field 'nmae'; did you mean 'name'?"),
    ],
)
def test_each_mistake_is_named_with_its_place(change: dict[str, Any], told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=told):
        Outer.from_json(change)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(change))
    with pytest.raises(ConfigError, match=r"config\.json: "):
        Outer.load(path)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"null", b'"text"', b"\xff\xfe", b"{'size': 1}", b"NaN"])
def test_files_that_are_no_config(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"config\.json: "):
        Inner.load(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        Inner.load(tmp_path / "no.json")
    with pytest.raises(ConfigError, match="cannot be read"):
        Inner.load(tmp_path)


class Schedule(Config):
    """A base class, with a subclass of a subclass."""


class Steps(Schedule):
    sizes: Sequence[int]


class LongSteps(Steps):
    factor: float = 2.0


class Plan(Config):
    first: Schedule
    rest: list[tuple[Schedule | float, int | None]] = dataclasses.field(default_factory=list)
    own: Steps = Steps([1])


def test_a_field_of_a_base_class_takes_any_of_its_configs(tmp_path: Path) -> None:
    plan = Plan(LongSteps((1, 2)), [(Steps((3,)), 4), (0.5, None)], Steps((5,)))
    plan.save(tmp_path / "plan.json")
    assert json.loads((tmp_path / "plan.json").read_text()) == {
        "first": {"LongSteps": {"sizes": [1, 2], "factor": 2.0}},
        "rest": [[{"Steps": {"sizes": [3]}}, 4], [0.5, None]],
        "own": {"sizes": [5]},  # no name where the annotation says which it is
    }
    assert Plan.load(tmp_path / "plan.json") == plan


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"Step": {}}, "Plan: first: {'Step': {}} is no Schedule\n  it has: Steps, LongSteps"),
        ({"Plan": {}}, "Plan: first: {'Plan': {}} is no Schedule\n  it has: Steps, LongSteps"),
        ({"sizes": [1]}, "Plan: first: {'sizes': [1]} is no Schedule\n  it has: Steps, LongSteps"),
        ({"Steps": {"size": [1]}}, "Plan: first: Steps: Steps has no field 'size'; did you mean 'sizes'?"),
        ({"Steps": {"sizes": [0.5]}}, "Plan: first: Steps: sizes[0]: 0.5 is no int"),
        ({"Steps": 3}, "Plan: first: Steps: Steps is an object of fields, not 3"),
    ],
)
def test_what_is_none_of_the_configs_of_a_base_class(data: Any, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        Plan.from_json({"first": data})
    assert str(error.value) == message


def test_a_sequence_is_read_as_a_tuple() -> None:
    assert Steps.from_json({"sizes": [1, 2]}).sizes == (1, 2)
    with pytest.raises(ConfigError, match="sizes: 3 is no list"):
        Steps.from_json({"sizes": 3})
