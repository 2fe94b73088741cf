"""Modules: fields, frozen values, Burn's display tree, devices and tracking, visiting, records in memory, copies."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import textwrap
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pytest

from minigrad import Config, Module, Param, Tensor
from minigrad.backend import Autodiff, Device, NdArray
from minigrad.errors import DtypeError, RecordError
from minigrad.nn import Linear, LinearConfig, Relu
from minigrad.optim import AdamConfig
from minigrad.record import ParamRecord

DEVICE = Autodiff(NdArray(seed=42))


def values(x: Tensor) -> Any:
    return x.numpy().tolist()


class Model(Module):
    linear1: Linear
    linear2: Linear

    def forward(self, x: Tensor) -> Tensor:
        return self.linear2(self.linear1(x))


class ModelConfig(Config):
    hidden_size: int

    def init(self, device: Device) -> Model:
        return Model(
            LinearConfig(2, self.hidden_size).init(device),
            LinearConfig(self.hidden_size, 1).init(device),
        )


def model(seed: int = 42) -> Model:
    return ModelConfig(16).init(Autodiff(NdArray(seed=seed)))


class Bag(Module):
    """Every kind of field."""

    weight: Param
    activation: Relu
    table: Tensor
    nothing: Linear | None
    maybe: Linear | None
    layers: list[Linear]
    pair: tuple[Param, int]
    named: dict[str, Any]
    rate: float = 0.00001
    flag: bool = True
    name: str = "bag"


def bag(device: Device = DEVICE) -> Bag:
    def linear(n: int) -> Linear:
        return LinearConfig(n, 2).init(device)

    return Bag(
        Param(np.ones((3, 5)), device),
        Relu(),
        Tensor([1.0, 2.0, 3.0], device),
        None,
        linear(1),
        [linear(2), linear(3)],
        (Param([1.0], device), 7),
        {"out": linear(4), "deep": [{"inner": Param(2.0, device)}], "settings": {"a": 1}},
    )


# --- fields -----------------------------------------------------------------------------------------------------------


def test_construction_by_position_by_keyword_and_by_default() -> None:
    class Layer(Module):
        a: int
        b: int = 2
        c: int = 3

    assert (Layer(1).a, Layer(1).b, Layer(1).c) == (1, 2, 3)
    assert (Layer(1, 5).b, Layer(1, c=6).c) == (5, 6)
    assert Layer.module_fields == ("a", "b", "c")


def test_string_annotations_and_plain_ones_are_the_same() -> None:
    """This file has `from __future__ import annotations`; another interpreter runs the same without."""
    code = """
    from minigrad import Module
    from minigrad.nn import LinearConfig, Linear
    from minigrad.backend import NdArray
    from typing import ClassVar

    class Model(Module):
        first: Linear
        rest: "list[Linear]"
        count: ClassVar[int] = 3

    linear = LinearConfig(2, 3).init(NdArray(seed=1))
    print(Model.module_fields, Model(linear, [linear]).num_params())
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert done.stdout == "('first', 'rest') 9\n"


def test_classvars_methods_and_properties_are_no_fields() -> None:
    class Layer(Module):
        size: int
        kind: ClassVar[str] = "layer"
        constant = 3

        @property
        def double(self) -> int:
            return 2 * self.size

    layer = Layer(4)
    assert Layer.module_fields == ("size",)
    assert (layer.double, layer.kind, layer.constant) == (8, "layer", 3)


def test_fields_are_inherited_in_order() -> None:
    class Base(Module):
        a: int
        b: int = 2

    class More(Base):
        c: int = 3
        b: int = 9

    assert More.module_fields == ("a", "b", "c")
    assert (More(1).b, More(1).c) == (9, 3)


def test_an_init_of_ones_own() -> None:
    class Own(Module):
        first: Linear
        second: int

        def __init__(self, n: int, device: Device) -> None:
            self.second = n  # the order of the fields is that of the annotations
            self.first = LinearConfig(n, 1).init(device)

    own = Own(3, DEVICE)
    assert list(own.into_record()) == ["first", "second"]
    assert str(own).splitlines()[1].strip().startswith("first:")
    with pytest.raises(AttributeError, match="cannot be set"):
        own.second = 4


def test_an_init_that_calls_its_parents() -> None:
    class Base(Module):
        a: int

        def __init__(self, a: int) -> None:
            self.a = a

    class More(Base):
        b: int

        def __init__(self, a: int) -> None:
            super().__init__(a)
            self.b = self.a + 1

    assert (More(1).a, More(1).b) == (1, 2)
    with pytest.raises(AttributeError, match="cannot be set"):
        More(1).b = 3


def test_calling_it_calls_forward() -> None:
    class Twice(Module):
        def forward(self, x: int, times: int = 2) -> int:
            return x * times

    class Loud(Twice):
        def forward(self, x: int, times: int = 2) -> int:
            return 100 * super().forward(x, times)

    class Wrapped(Twice):
        def __call__(self, x: int) -> int:
            return 1 + self.forward(x)

    assert Twice()(3) == 6
    assert Twice()(3, times=4) == 12
    assert Loud()(3) == 600
    assert Wrapped()(3) == 7


def test_lists_become_tuples_and_dictionaries_frozen_ones() -> None:
    given = [LinearConfig(1, 1).init(DEVICE)]
    m = bag().replace(layers=given)
    given.append(given[0])
    assert isinstance(m.layers, tuple)
    assert len(m.layers) == 1
    assert isinstance(m.named["deep"], tuple)
    with pytest.raises(AttributeError, match="cannot be changed"):
        m.named["out"] = None
    with pytest.raises(AttributeError, match="cannot be changed"):
        m.named["settings"].update(b=2)
    with pytest.raises(TypeError):
        m.layers[0] = None  # type: ignore[index]


def test_a_named_tuple_stays_one() -> None:
    class Pair(NamedTuple):
        left: Param
        right: int

    class Holds(Module):
        pair: Pair

    m = Holds(Pair(Param([1.0], DEVICE), 3))
    assert isinstance(m.pair, Pair)
    assert isinstance(m.valid().pair, Pair)
    assert not m.valid().pair.left.is_require_grad


# --- frozen -----------------------------------------------------------------------------------------------------------


def test_a_module_is_a_value() -> None:
    m = model()
    with pytest.raises(AttributeError, match=r"model = model\.replace\(linear1=\.\.\.\)"):
        m.linear1 = m.linear2
    with pytest.raises(AttributeError, match=r"Did you mean 'linear1'\?"):
        m.linaer1 = m.linear2  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="cannot be deleted"):
        del m.linear1
    with pytest.raises(AttributeError, match="linaer1"):
        m.linaer1  # noqa: B018


def test_replace() -> None:
    m = model()
    other = LinearConfig(16, 1).init(DEVICE)
    changed = m.replace(linear2=other)
    assert changed.linear2 is other
    assert changed.linear1 is m.linear1
    assert m.linear2 is not other
    assert changed.params()[2] is other.weight, "what it knows of its parameters is its own"
    with pytest.raises(AttributeError, match=r"Did you mean 'linear2'\?"):
        m.replace(liner2=other)


def test_equality_is_identity() -> None:
    m = model()
    assert m == m
    assert m != m.replace()
    assert len({m, m}) == 1


# --- Burn's display tree ----------------------------------------------------------------------------------------------


def test_the_seed_model_prints_as_burn_prints_it() -> None:
    assert str(model()) == (
        "Model {\n"
        "  linear1: Linear {d_input: 2, d_output: 16, bias: true, params: 48}\n"
        "  linear2: Linear {d_input: 16, d_output: 1, bias: true, params: 17}\n"
        "  params: 65\n"
        "}"
    )
    assert repr(model()) == str(model())
    assert str(Relu()) == "Relu"
    assert str(model().linear1) == "Linear {d_input: 2, d_output: 16, bias: true, params: 48}"


def test_every_kind_of_field_is_shown() -> None:
    assert str(bag()) == (
        "Bag {\n"
        "  weight: ParamTensor {rank: 2, shape: [3, 5], kind: float}\n"
        "  activation: Relu\n"
        "  table: Tensor {rank: 1, shape: [3]}\n"
        "  nothing: None\n"
        "  maybe: Linear {d_input: 1, d_output: 2, bias: true, params: 4}\n"
        "  layers: Vec<0..2> {\n"
        "    0: Linear {d_input: 2, d_output: 2, bias: true, params: 6}\n"
        "    1: Linear {d_input: 3, d_output: 2, bias: true, params: 8}\n"
        "  }\n"
        "  pair: Vec<0..2> {\n"
        "    0: ParamTensor {rank: 1, shape: [1], kind: float}\n"
        "    1: 7\n"
        "  }\n"
        "  named: Map<3> {\n"
        "    out: Linear {d_input: 4, d_output: 2, bias: true, params: 10}\n"
        "    deep: Vec<0..1> {\n"
        "      0: Map<1> {\n"
        "        inner: ParamTensor {rank: 0, shape: [], kind: float}\n"
        "      }\n"
        "    }\n"
        "    settings: {'a': 1}\n"
        "  }\n"
        "  rate: 0.00001\n"
        "  flag: true\n"
        "  name: bag\n"
        "  params: 45\n"
        "}"
    )


def test_modules_within_modules_are_indented() -> None:
    class Outer(Module):
        inner: Model
        scale: float

    assert str(Outer(model(), -10000.0)) == (
        "Outer {\n"
        "  inner: Model {\n"
        "    linear1: Linear {d_input: 2, d_output: 16, bias: true, params: 48}\n"
        "    linear2: Linear {d_input: 16, d_output: 1, bias: true, params: 17}\n"
        "    params: 65\n"
        "  }\n"
        "  scale: -10000\n"
        "  params: 65\n"
        "}"
    )


def test_a_set_is_shown_in_order() -> None:
    """Its own is another in every process, and a resumed run compares the text with the one that was saved."""

    class Tagger(Module):
        words: frozenset[str]

    words = [f"word{n:02}" for n in range(20)]
    assert str(Tagger(frozenset(reversed(words)))) == f"Tagger {{\n  words: {{{', '.join(words)}}}\n}}"


def test_a_module_without_fields_or_parameters() -> None:
    class Empty(Module):
        pass

    class Settings(Module):
        a: int
        sizes: list[int]

    assert str(Empty()) == "Empty"
    assert str(Settings(1, [3, 3])) == "Settings {\n  a: 1\n  sizes: [3, 3]\n}"


# --- parameters -------------------------------------------------------------------------------------------------------


def test_visit_goes_depth_first_in_the_order_of_the_fields() -> None:
    paths: list[str] = []
    bag().visit(lambda path, param: paths.append(path))
    assert paths == [
        "weight",
        "maybe.weight",
        "maybe.bias",
        "layers.0.weight",
        "layers.0.bias",
        "layers.1.weight",
        "layers.1.bias",
        "pair.0",
        "named.out.weight",
        "named.out.bias",
        "named.deep.0.inner",
    ]


def test_map_replaces_each_parameter() -> None:
    m = bag()
    doubled = m.map(lambda path, p: p.with_value(p.data * 2, p.device, p.is_require_grad))
    assert values(doubled.weight) == [[2.0] * 5] * 3
    assert values(doubled.named["deep"][0]["inner"]) == 4.0
    assert values(m.weight) == [[1.0] * 5] * 3
    assert doubled.table is m.table
    assert [p.id for p in doubled.params()] == [p.id for p in m.params()]


def test_num_params_counts_floats() -> None:
    class Mixed(Module):
        weights: Param
        counts: Param

    mixed = Mixed(Param(np.ones((2, 3)), DEVICE), Param([1, 2, 3], DEVICE))
    assert mixed.num_params() == 6
    assert len(mixed.params()) == 2
    assert not mixed.counts.is_require_grad
    assert (model().num_params(), Relu().num_params()) == (65, 0)


def test_device() -> None:
    assert model().device is not None
    assert model().device.tracks
    assert Relu().device is None


class Tied(Module):
    encoder: Param
    decoder: Param
    bias: Param

    def forward(self, x: Tensor) -> Tensor:
        return (x @ self.encoder) @ self.decoder.T + self.bias


def tied() -> Tied:
    shared = Param([[1.0], [2.0]], DEVICE)
    return Tied(shared, shared, Param([0.0, 0.0], DEVICE))


def test_one_parameter_in_two_fields() -> None:
    m = tied()
    assert m.num_params() == 4
    assert len(m.params()) == 2
    grads = m(Tensor([[3.0, 5.0]])).sum().backward()
    # (3 a + 5 b)(a + b) at a = 1, b = 2: its gradients add
    assert values(m.encoder.grad(grads)) == [[3 * 3 + 13], [5 * 3 + 13]]
    paths: list[str] = []
    m.visit(lambda path, p: paths.append(path))
    assert paths == ["encoder", "decoder", "bias"]


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.valid(),
        lambda m: m.no_grad(),
        lambda m: m.to_device(NdArray(seed=1, dtype=np.float64)),
        lambda m: m.map(lambda _, p: p.with_value(p.data + 1, p.device, True)),
        lambda m: m.load_record(m.into_record()),
        lambda m: pickle.loads(pickle.dumps(m)),
        lambda m: copy.deepcopy(m),
        lambda m: AdamConfig().init().step(0.1, m, m(Tensor([[1.0, 2.0]])).sum().backward()),
    ],
)
def test_one_parameter_in_two_fields_stays_one(change: Any) -> None:
    changed = change(tied())
    assert changed.encoder is changed.decoder
    assert changed.encoder.id != changed.bias.id


# --- devices and tracking ---------------------------------------------------------------------------------------------


def tensors(m: Module) -> list[Tensor]:
    found: list[Tensor] = []
    m.map(lambda _, p: found.append(p) or p)  # type: ignore[func-returns-value]
    return found


def test_the_device_says_whether_parameters_track() -> None:
    assert all(p.is_require_grad for p in tensors(bag(DEVICE)))
    assert not any(p.is_require_grad for p in tensors(bag(NdArray(seed=1))))


def test_valid_is_the_twin_for_inference() -> None:
    m = bag()
    twin = m.valid()
    assert type(twin) is Bag
    assert all(p.device is DEVICE.inner and not p.is_require_grad for p in tensors(twin))
    assert twin.table.device is DEVICE.inner
    assert [p.id for p in twin.params()] == [p.id for p in m.params()]
    assert all(np.shares_memory(a.data, b.data) for a, b in zip(twin.params(), m.params()) if a.ndim)
    assert all(p.is_require_grad for p in tensors(m))
    assert all(p.device is DEVICE.inner for p in tensors(twin.valid()))


def test_a_valid_twin_never_trains_whatever_it_receives() -> None:
    x = Tensor([[1.0, 2.0]], DEVICE).require_grad()
    m = model().valid()
    grads = m(x).sum().backward()
    assert x.grad(grads) is not None
    assert len(grads) == 1


def test_no_grad_keeps_a_part_as_it_is() -> None:
    m = model()
    m = m.replace(linear1=m.linear1.no_grad())
    assert not m.linear1.weight.is_require_grad
    assert m.linear1.weight.device.tracks
    grads = m(Tensor([[1.0, 2.0]])).sum().backward()
    assert len(grads) == 2
    trained = AdamConfig().init().step(0.1, m, grads)
    assert values(trained.linear1.weight) == values(m.linear1.weight)
    assert values(trained.linear2.weight) != values(m.linear2.weight)
    assert not m.to_device(DEVICE).linear1.weight.is_require_grad


def test_to_device_and_fork() -> None:
    wide = Autodiff(NdArray(seed=1, dtype=np.float64))
    m = bag()
    for moved in (m.to_device(wide), m.fork(wide)):
        assert all((p.device, p.dtype, p.is_require_grad) == (wide, np.float64, True) for p in tensors(moved))
        assert moved.table.device is wide
        assert moved.table.dtype == np.float64
        assert [p.id for p in moved.params()] == [p.id for p in m.params()]
    back = m.valid().to_device(wide)
    assert all(p.is_require_grad for p in tensors(back)), "a twin for inference trains again on a tracking device"
    assert m.weight.dtype == np.float32


def test_the_same_seed_gives_the_same_model() -> None:
    a, b = model(1), model(1)
    assert [values(p) for p in a.params()] == [values(p) for p in b.params()]
    assert [p.id for p in a.params()] == [p.id for p in b.params()]
    assert [values(p) for p in model(2).params()] != [values(p) for p in a.params()]


# --- Param ------------------------------------------------------------------------------------------------------------


def test_param() -> None:
    x = Tensor([1.0, 2.0], DEVICE)
    p = Param.from_tensor(x)
    assert isinstance(p, Tensor)
    assert p.val() is p
    assert p.is_require_grad
    assert values(p * 2) == [2.0, 4.0]
    assert type(p * 2) is Tensor
    assert 0 <= p.id < 1 << 64
    assert p.id != Param.from_tensor(x).id
    assert Param.from_tensor(Tensor([1.0], dtype=np.float64)).dtype == np.float64
    data = np.ones(2, np.float32)
    copied = Param(data, DEVICE)
    data.fill(9)
    assert values(copied) == [1.0, 1.0]


# --- values: an earlier model is untouched by what comes later --------------------------------------------------------


def test_an_earlier_model_its_arrays_and_its_graphs_are_untouched_by_optimizer_steps() -> None:
    x = Tensor([[1.0, -2.0], [0.5, 3.0]])
    m, optim = model(), AdamConfig().init()
    before = [p.numpy().copy() for p in m.params()]
    taken = [p.numpy() for p in m.params()]
    record = m.into_record()
    loss = (m(x) * m(x)).sum()
    expected = [m_p.grad(loss.backward()).numpy().copy() for m_p in m.params()]
    best, new = m, m
    for _ in range(5):
        new = optim.step(0.1, new, (new(x) * new(x)).sum().backward())
    assert best is m
    for p, a, b in zip(m.params(), taken, before):
        assert np.array_equal(p.numpy(), b)
        assert np.array_equal(a, b)
    assert np.array_equal(record["linear1"]["weight"].value, before[0])
    late = loss.backward()  # a graph recorded before the steps
    for p, g in zip(m.params(), expected):
        assert np.array_equal(p.grad(late).numpy(), g)
    assert all(not np.array_equal(p.numpy(), b) for p, b in zip(new.params(), before))


def test_arrays_taken_after_a_step_stay_as_they_are() -> None:
    x = Tensor([[1.0, -2.0]])
    m, optim = model(), AdamConfig().init()
    history: list[tuple[Any, Any]] = []
    for _ in range(4):
        m = optim.step(0.1, m, m(x).sum().backward())
        array = m.linear1.weight.numpy()
        assert not array.flags.writeable
        history.append((array, array.copy()))
    for array, then in history:
        assert np.array_equal(array, then)


# --- records in memory ------------------------------------------------------------------------------------------------


def test_a_record_has_parameters_by_field_and_nothing_for_constants() -> None:
    m = bag()
    record = m.into_record()
    assert list(record) == list(Bag.module_fields)
    assert record["activation"] is record["nothing"] is record["table"] is record["rate"] is None
    assert isinstance(record["weight"], ParamRecord)
    assert record["weight"].id == m.weight.id
    assert isinstance(record["layers"], list)
    assert record["pair"][1] is None
    assert record["named"]["deep"][0]["inner"].value.shape == ()
    with pytest.raises(ValueError, match="read-only"):
        record["weight"].value[0, 0] = 9


def test_loading_takes_values_and_ids() -> None:
    source, target = bag(DEVICE), bag(Autodiff(NdArray(seed=7)))
    loaded = target.load_record(source.into_record())
    assert [values(p) for p in loaded.params()] == [values(p) for p in source.params()]
    assert [p.id for p in loaded.params()] == [p.id for p in source.params()]
    assert loaded.device is target.device
    assert all(p.is_require_grad for p in loaded.params())
    assert not any(p.is_require_grad for p in target.valid().load_record(source.into_record()).params())


def test_what_is_loaded_is_copied() -> None:
    linear = LinearConfig(1, 1).init(DEVICE)
    weight = np.array([[3.0]], np.float32)
    loaded = linear.load_record({"weight": ParamRecord(1, weight), "bias": linear.into_record()["bias"]})
    weight.fill(9)
    assert values(loaded.weight) == [[3.0]]


def test_a_record_that_does_not_fit_is_named() -> None:
    record = model().into_record()
    small = ModelConfig(8).init(DEVICE)
    with pytest.raises(RecordError, match=r"linear1\.weight"):
        small.load_record(record)
    with pytest.raises(RecordError, match="linear2"):
        model().load_record({"linear1": record["linear1"]})


# --- copies -----------------------------------------------------------------------------------------------------------


def test_pickle_and_deepcopy() -> None:
    m = bag()
    m.params()
    for again in (pickle.loads(pickle.dumps(m)), copy.deepcopy(m), copy.copy(m)):
        assert str(again) == str(m)
        assert [values(p) for p in again.params()] == [values(p) for p in m.params()]
        assert [p.id for p in again.params()] == [p.id for p in m.params()]
        assert again.weight.is_require_grad
        assert again.weight.dtype is m.weight.dtype
        assert again.params()[0] is again.weight
        with pytest.raises(AttributeError, match="cannot be set"):
            again.rate = 1.0
        with pytest.raises(AttributeError, match="cannot be changed"):
            again.named["a"] = 1


def test_an_unpickled_model_trains() -> None:
    m = pickle.loads(pickle.dumps(model()))
    grads = m(Tensor([[1.0, 2.0]])).sum().backward()
    assert len(grads) == 4
    AdamConfig().init().step(0.1, m, grads)


def test_map_with_plain_tensors_keeps_the_parameters() -> None:
    model = LinearConfig(2, 3).init(Autodiff(NdArray(seed=1)))
    doubled = model.map(lambda _, p: p * 2)
    assert [p.id for p in doubled.params()] == [p.id for p in model.params()]
    assert (doubled.weight.numpy() == 2 * model.weight.numpy()).all()
    assert doubled.weight.is_require_grad
    with pytest.raises(DtypeError, match="map: the function returned NoneType for weight"):
        model.map(lambda _, p: None)  # type: ignore[arg-type,return-value]


def test_arrays_are_copied_and_sets_are_refused() -> None:
    class Holder(Module):
        value: Any

    array = np.zeros(3)
    held = Holder(array)
    array[0] = 7
    assert held.value[0] == 0
    with pytest.raises(ValueError, match="read-only"):
        held.value[0] = 1
    with pytest.raises(TypeError, match="a set has no order"):
        Holder({LinearConfig(1, 1).init(NdArray(seed=1))})
    assert Holder({1, 2}).value == {1, 2}


def test_a_recorder_that_was_not_called(tmp_path: Any) -> None:
    from minigrad.record import DefaultRecorder

    with pytest.raises(RecordError, match=r"call it: DefaultRecorder\(\)"):
        LinearConfig(1, 1).init(NdArray(seed=1)).save_file(tmp_path / "m", DefaultRecorder)  # type: ignore[arg-type]


def test_an_init_of_ones_own_may_call_the_one_above() -> None:
    class Net(Module):
        linear: Linear

        def __init__(self, size: int) -> None:
            super().__init__()
            self.linear = LinearConfig(size, 1).init(NdArray(seed=1))

    assert Net(3).num_params() == 4

    class Forgets(Module):
        linear: Linear

        def __init__(self) -> None:
            super().__init__()

    with pytest.raises(AttributeError, match="did not set linear"):
        Forgets()
