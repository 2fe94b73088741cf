"""The optimizer around the update rule: values, ids, missing gradients, records, mistakes."""

from __future__ import annotations

import copy
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad import Module, Param, Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import ConfigError, GradientError, RecordError, UnusedResultError
from minigrad.nn import Linear, LinearConfig
from minigrad.optim import (
    AdamConfig,
    GradientClippingConfig,
    GradientsAccumulator,
    GradientsParams,
    SgdConfig,
    WeightDecayConfig,
)
from minigrad.record import (
    CompactRecorder,
    DefaultRecorder,
    DoublePrecisionSettings,
    NamedMpkFileRecorder,
    NamedMpkGzFileRecorder,
    Recorder,
    decode_id,
)

from .models import CONFIGS, Pair, device, every, grads_of, numbers, pair

RECORDERS = [DefaultRecorder(), NamedMpkGzFileRecorder(), NamedMpkFileRecorder(DoublePrecisionSettings)]
FIXTURES = Path(__file__).parent.parent / "fixtures"


@every
def test_a_step_returns_a_new_model_and_leaves_the_old_one(config: Any) -> None:
    old = pair()
    held, before = old.a.numpy(), numbers(old)
    graph = (old.a * old.a).sum()
    optim = config.init()
    new = optim.step(0.1, old, grads_of(old, 1.0, 1.0, 1.0))
    newer = optim.step(0.1, new, grads_of(new, 1.0, 1.0, 1.0))
    assert numbers(old) == before and held.tolist() == before[0]
    assert all(a != b for a, b in zip(numbers(new), before, strict=True))
    assert all(a != b for a, b in zip(numbers(newer), numbers(new), strict=True))
    assert old.a.grad(graph.backward()).numpy().tolist() == [2.0, 4.0]  # type: ignore[union-attr]
    assert [p.id for p in newer.params()] == [p.id for p in old.params()]
    assert newer.rest["name"] == "x" and isinstance(newer.rest["c"], tuple) and newer.rest["c"][0].shape == ()
    assert all(p.is_require_grad for p in newer.params())


@every
def test_raw_gradients_and_gradients_by_id_give_the_same_bits(config: Any) -> None:
    models = []
    for by_id in (False, True):
        model, optim = pair(), config.init()
        for _ in range(3):
            raw = ((model.a * 3).sum() + (model.b * model.rest["c"][0]).sum()).backward()  # type: ignore[operator]
            model = optim.step(0.1, model, GradientsParams.from_grads(raw, model) if by_id else raw)
        models.append(numbers(model))
    assert models[0] == models[1]


@every
def test_a_parameter_without_a_gradient_stays_and_its_time_too(config: Any) -> None:
    together, alone = pair(), pair()
    optim = config.init()
    model = optim.step(0.1, together, grads_of(together, 1.0, None, 1.0))
    assert numbers(model)[1] == numbers(together)[1]
    model = optim.step(0.1, model, grads_of(model, 1.0, 2.0, None))
    one = config.init()
    first = one.step(0.1, alone, grads_of(alone, None, 2.0, None))
    assert numbers(model)[1] == numbers(first)[1], "its first step, whenever it comes"
    times = [re.findall(r"'time': (\d+)", str(state)) for state in optim.to_record().values()]
    assert times in ([[], [], []], [["2"], ["1"], ["1"]])


@every
def test_no_gradient_at_all_is_an_error_and_changes_nothing(config: Any) -> None:
    model, other, optim = pair(), Pair(Param([1.0], device()), None), config.init()
    model = optim.step(0.1, model, grads_of(model, 1.0, 1.0, 1.0))
    with pytest.raises(GradientError, match="none of the 3 parameters of Pair"):
        optim.step(0.1, model, (other.a * 2).sum().backward())
    after = optim.step(0.1, model, grads_of(model, 1.0, 1.0, 1.0))
    assert numbers(after) != numbers(model)
    with pytest.raises(GradientError, match="not tracked"):
        config.init().step(0.1, pair().valid(), grads_of(pair(), 1.0, 1.0, 1.0))


def test_a_lost_result_is_an_error() -> None:
    model, optim = pair(), AdamConfig().init()
    optim.step(0.1, model, grads_of(model, 1.0, 1.0, 1.0))
    with pytest.raises(UnusedResultError, match=r"model = optim\.step"):
        optim.step(0.1, model, grads_of(model, 1.0, 1.0, 1.0))


def test_a_kept_result_allows_another_step_of_the_old_model() -> None:
    model, optim = pair(), AdamConfig().init()
    kept = optim.step(0.1, model, grads_of(model, 1.0, 1.0, 1.0))
    again = optim.step(0.1, model, grads_of(model, 1.0, -1.0, 5.0))
    assert numbers(kept)[0] == numbers(again)[0]
    assert numbers(kept)[1] != numbers(again)[1], "the moments remember the first step"
    assert all(abs(x - y) < 0.1 for x, y in zip(numbers(again)[1], numbers(model)[1], strict=True))


@every
def test_frozen_parameters_are_left_out(config: Any) -> None:
    model = pair()
    model = model.replace(b=model.b.with_value(model.b.data, model.b.device, False))  # type: ignore[union-attr]
    new = config.init().step(0.1, model, grads_of(model, 1.0, 1.0, 1.0))
    assert numbers(new)[1] == numbers(model)[1] and not new.b.is_require_grad  # type: ignore[union-attr]
    assert numbers(new)[0] != numbers(model)[0]


@every
def test_one_parameter_in_two_fields_is_one(config: Any) -> None:
    d = device()
    shared = Param([1.0], d)
    model = Pair(shared, shared)
    assert model.num_params() == 1
    grads = (model.a * 2 + model.b * 3).sum().backward()
    assert shared.grad(grads).numpy().tolist() == [5.0]  # type: ignore[union-attr]
    new = config.init().step(0.1, model, grads)
    assert new.a is new.b and len(new.params()) == 1


def test_two_parameters_of_one_id_are_an_error() -> None:
    model = Pair(Param([1.0], device()), Param([1.0], device()))
    with pytest.raises(GradientError, match="two parameters of the model have one id"):
        AdamConfig().init().step(0.1, model, grads_of(model, 1.0, 1.0))


@every
def test_parameters_of_two_dtypes(config: Any) -> None:
    model = Pair(
        Param([1.0], device()),
        Param([1.0], Autodiff(NdArray(seed=8, dtype=np.float64))),
        Param([1.0], Autodiff(NdArray(seed=6))),
    )
    optim = config.init()
    for _ in range(3):
        model = optim.step(0.1, model, grads_of(model, 1.0, 1.0, 1.0))
    assert [p.dtype for p in model.params()] == [np.float32, np.float64, np.float32]
    a, b, rest = (p.item() for p in model.params())
    assert a == rest != b and abs(a - b) < 1e-5 and b < 0.9


@every
def test_state_follows_ids_from_model_to_model(config: Any) -> None:
    model, optim = pair(), config.init()
    stepped = optim.step(0.1, model, grads_of(model, 1.0, 1.0, 1.0))
    rebuilt = stepped.map(lambda _, p: p.with_value(p.data, p.device, True))
    a = optim.step(0.1, rebuilt, grads_of(rebuilt, 1.0, 1.0, 1.0))
    straight = config.init()
    b = straight.step(0.1, model, grads_of(model, 1.0, 1.0, 1.0))
    b = straight.step(0.1, b, grads_of(b, 1.0, 1.0, 1.0))
    assert numbers(a) == numbers(b)


@every
@pytest.mark.parametrize("recorder", RECORDERS, ids=str)
def test_a_record_goes_on_bit_for_bit(config: Any, recorder: Recorder) -> None:
    wide = recorder.settings is DoublePrecisionSettings
    model, optim = pair(dtype=np.float64 if wide else np.float32), config.init()
    model = optim.step(0.1, model, grads_of(model, 1.0, -2.0, None))
    model = optim.step(0.1, model, grads_of(model, 0.7, None, 0.5))
    record = recorder.from_bytes(recorder.to_bytes(optim.to_record()))
    resumed = config.init().load_record(record)
    assert recorder.to_bytes(resumed.to_record()) == recorder.to_bytes(optim.to_record())
    straight = again = model
    for _ in range(2):
        straight = optim.step(0.1, straight, grads_of(straight, 0.3, 0.4, 0.5))
        again = resumed.step(0.1, again, grads_of(again, 0.3, 0.4, 0.5))
    assert numbers(straight) == numbers(again)
    assert recorder.to_bytes(resumed.to_record()) == recorder.to_bytes(optim.to_record())


@every
def test_a_narrow_record_goes_on_close_to_where_it_was(config: Any) -> None:
    model, optim = pair(), config.init()
    model = optim.step(0.1, model, grads_of(model, 1.0, -2.0, 0.5))
    resumed = config.init().load_record(CompactRecorder().from_bytes(CompactRecorder().to_bytes(optim.to_record())))
    straight = optim.step(0.1, model, grads_of(model, 0.3, 0.4, 0.5))
    again = resumed.step(0.1, model, grads_of(model, 0.3, 0.4, 0.5))
    for p, q in zip(straight.params(), again.params(), strict=True):
        np.testing.assert_allclose(p.numpy(), q.numpy(), rtol=0, atol=1e-3)


def test_a_record_of_burn_goes_on_where_burn_stopped() -> None:
    """The run `records` in our hands ends in Burn's moments; from Burn's file the next step is the same."""
    run = np.load(FIXTURES / "trajectories" / "records.npz")
    record = DefaultRecorder().load(FIXTURES / "records" / "optim-full.mpk")
    d = device()
    params = [Param(run[f"final_{i}"], d) for i in range(4)]
    ids = [9007199254740993, 3, 70000, 1152921504606846977]
    assert {decode_id(key) for key in record} == set(ids)
    for p, id in zip(params, ids, strict=True):
        p.id = id
    model = Pair(params[0], params[1], params[2:])
    optim = AdamConfig().init().load_record(record)
    grads = GradientsParams()
    for p in params:
        grads.register(p, Tensor(np.full(p.shape, 0.1)))
    new = optim.step(0.02, model, grads)
    for p, q in zip(params, new.params(), strict=True):
        # Adam by hand in float64, from the numbers in Burn's file
        [state] = next(v for k, v in record.items() if decode_id(k) == p.id)["V1"].values()
        t = state["momentum"]["time"] + 1
        m = 0.9 * state["momentum"]["moment_1"].astype(float) + 0.1 * 0.1
        v = 0.999 * state["momentum"]["moment_2"].astype(float) + 0.001 * 0.01
        assert t == 9
        expected = p.numpy() - 0.02 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-5)
        np.testing.assert_allclose(q.numpy(), expected, rtol=0, atol=2e-7)


@every
@pytest.mark.parametrize("record", [[], {"x": 1}, {"g" * 13: {"V1": {"Rank1": {"velocity": 1}}}}, {"g" * 13: None}])
def test_a_record_that_is_none_of_an_optimizers(config: Any, record: Any) -> None:
    with pytest.raises(RecordError):
        config.init().load_record(record)


SAME_RECORDS = [{"adam", "adamw"}, {"momentum", "nesterov"}]


@pytest.mark.parametrize("other", CONFIGS)
@every
def test_a_record_of_another_optimizer(config: Any, other: str) -> None:
    """Loaded where it means the same, refused otherwise: no moment is dropped or taken for another."""
    own = next(name for name, each in CONFIGS.items() if each is config)
    optim, model = CONFIGS[other].init(), pair()
    optim.step(0.1, model, grads_of(model, 1.0, -2.0, 0.5))
    if own == other or {own, other} in SAME_RECORDS:
        assert DefaultRecorder().to_bytes(config.init().load_record(optim.to_record()).to_record())
        return
    with pytest.raises(RecordError, match=r"is not one of \w+'s\n  was it written by another optimizer"):
        config.init().load_record(optim.to_record())


def test_a_record_before_the_first_step() -> None:
    item = {"momentum": {"time": 0, "moment_1": np.zeros(2), "moment_2": np.zeros(2)}}
    with pytest.raises(RecordError, match="not one of Adam's"):
        AdamConfig().init().load_record({"0" * 13: {"V1": {"Rank1": item}}})


def test_clipping() -> None:
    def clipped(config: GradientClippingConfig) -> list[list[float]]:
        grads = [np.array([3.0, 4.0]), np.array([0.0, 12.0])]
        config.clip(grads)
        return [g.tolist() for g in grads]

    assert clipped(GradientClippingConfig.Value(3.5)) == [[3.0, 3.5], [0.0, 3.5]]
    assert clipped(GradientClippingConfig.Norm(5.0)) == [[3.0, 4.0], [0.0, 5.0]]
    np.testing.assert_allclose(clipped(GradientClippingConfig.GlobalNorm(6.5)), [[1.5, 2.0], [0.0, 6.0]])


class Widths(Module):
    narrow: Linear
    wide: Linear


def test_the_norm_of_all_is_of_all_dtypes() -> None:
    """A model of two widths: 3 of one and 4 of the other have the norm 5."""
    narrow = LinearConfig(1, 1, bias=False).init(Autodiff(NdArray(seed=1)))
    wide = LinearConfig(1, 1, bias=False).init(Autodiff(NdArray(seed=2, dtype=np.float64)))
    model, grads = Widths(narrow, wide), GradientsParams()
    grads.register(narrow.weight, Tensor.from_data([[3.0]], narrow.weight.device))
    grads.register(wide.weight, Tensor.from_data([[4.0]], wide.weight.device))
    stepped = SgdConfig(grad_clipping=GradientClippingConfig.GlobalNorm(1.0)).init().step(1.0, model, grads)
    moved = [(old.numpy() - new.numpy()).item() for old, new in zip(model.params(), stepped.params(), strict=True)]
    np.testing.assert_allclose(moved, [0.6, 0.8], rtol=1e-6)
    assert [param.dtype for param in stepped.params()] == [np.float32, np.float64]


@pytest.mark.parametrize("kind", [GradientClippingConfig.Norm, GradientClippingConfig.GlobalNorm])
@pytest.mark.parametrize("large", [1e19, 3e25, 3e38])
def test_a_gradient_whose_square_is_out_of_range(kind: Any, large: float) -> None:
    """It is what clipping is for: to clip it to zero would stop the training in silence."""
    grads = [np.array([3 * large / 5, 4 * large / 5], np.float32)]
    kind(2.0).clip(grads)
    np.testing.assert_allclose(grads[0], [1.2, 1.6], rtol=1e-6)


def test_the_accumulator_sums_and_starts_anew() -> None:
    model, total = pair(), GradientsAccumulator()
    first = grads_of(model, 1.0, None, 2.0)
    total.accumulate(model, first)
    total.accumulate(model, grads_of(model, 10.0, 5.0, None))
    summed = total.grads()
    assert [summed.get(p).numpy().reshape(-1)[0] for p in model.params()] == [11.0, 5.0, 2.0]  # type: ignore[union-attr]
    assert first.get(model.a).numpy().tolist() == [1.0, 1.0], "the first one is somebody's"  # type: ignore[union-attr]
    assert len(total.grads()) == 0


def test_gradients_by_id() -> None:
    model = pair()
    grads = grads_of(model, 1.0, None, 2.0)
    assert len(grads) == 2 and set(grads) == {model.a.id, model.params()[2].id}
    assert grads.get(model.params()[1]) is None
    assert grads.remove(model.a).numpy().tolist() == [1.0, 1.0] and len(grads) == 1  # type: ignore[union-attr]
    with pytest.raises(GradientError, match=r"shape \(3,\) for a parameter of shape \(2,\)"):
        grads.register(model.a, Tensor([1.0, 2.0, 3.0]))


@pytest.mark.parametrize("lr", [-0.1, float("nan"), float("inf"), None, "0.1"])
def test_learning_rates_that_cannot_be(lr: Any) -> None:
    model = pair()
    with pytest.raises(ConfigError, match="learning rate"):
        AdamConfig().init().step(lr, model, grads_of(model, 1.0, 1.0, 1.0))


@pytest.mark.parametrize("config", [{"beta_1": 1.0}, {"beta_2": -0.1}, {"epsilon": 0.0}, {"weight_decay": -1.0}])
def test_configs_that_cannot_be(config: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        AdamConfig(**config).init()  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="must be > 0"):
        GradientClippingConfig.Norm(0.0)


def test_the_config_as_json() -> None:
    config = AdamConfig(weight_decay=WeightDecayConfig(0.1), grad_clipping=GradientClippingConfig.Norm(1.0))
    data = config.to_json()
    assert list(data) == ["weight_decay", "grad_clipping", "beta_1", "beta_2", "epsilon"]
    assert data["grad_clipping"] == {"Norm": 1.0} and data["weight_decay"] == {"penalty": 0.1}
    assert AdamConfig.from_json(data) == config


def test_layers_of_the_seed_keep_their_kinds() -> None:
    model = LinearConfig(2, 1).init(device())
    new = AdamConfig().init().step(0.1, model, model(Tensor([[1.0, 2.0]])).sum().backward())
    assert isinstance(new, Linear) and str(new) == str(model)


def test_a_result_bound_to_another_name_is_lost_too() -> None:
    model, optim = pair(), AdamConfig().init()
    grads = grads_of(model, 1.0, 1.0, 1.0)
    new = optim.step(0.1, model, grads)
    new = optim.step(0.1, model, grads)
    with pytest.raises(UnusedResultError, match="thrown away"):
        new = optim.step(0.1, model, grads)
    assert numbers(new) != numbers(model)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (lambda m, g: (0.1, m, (m.a * 1).sum()), r"gradients are a Tensor(?s:.*)loss\.backward\(\)"),
        (lambda m, g: (m, g, 0.1), "gradients are a float"),
        (lambda m, g: (0.1, [m], g), "model is a list"),
    ],
)
def test_arguments_in_the_wrong_place(arguments: Any, message: str) -> None:
    model = pair()
    with pytest.raises(GradientError, match=message):
        AdamConfig().init().step(*arguments(model, grads_of(model, 1.0, 1.0, 1.0)))


@every
def test_an_optimizer_can_be_pickled_and_copied(config: Any) -> None:
    model, optim = pair(), config.init()
    model = optim.step(0.1, model, grads_of(model, 1.0, -2.0, 0.5))
    copies = [pickle.loads(pickle.dumps(optim)), copy.deepcopy(optim)]
    expected = numbers(optim.step(0.1, model, grads_of(model, 0.3, 0.4, 0.5)))
    for each in copies:
        assert numbers(each.step(0.1, model, grads_of(model, 0.3, 0.4, 0.5))) == expected


@pytest.mark.parametrize("options", [{"grad_clipping": 1.0}, {"weight_decay": True}, {"weight_decay": "a"}])
def test_options_of_the_wrong_kind(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(options))):
        AdamConfig(**options).init()


def test_a_learning_rate_is_no_beta() -> None:
    with pytest.raises(TypeError, match="positional"):
        AdamConfig(0.01)  # type: ignore[misc]
