"""The optimizer around the update rule: values, ids, missing gradients, records, mistakes."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad import Module, Param, Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import ConfigError, GradientError, RecordError, UnusedResultError
from minigrad.nn import Linear, LinearConfig
from minigrad.optim import AdamConfig, GradientClippingConfig, GradientsAccumulator, GradientsParams, WeightDecayConfig
from minigrad.record import DefaultRecorder, decode_id

FIXTURES = Path(__file__).parent.parent / "fixtures"


class Pair(Module):
    a: Param
    b: Param | None
    rest: Any = None

    def forward(self, x: Tensor) -> Tensor:
        return x * self.a


def device(**options: Any) -> Autodiff:
    return Autodiff(NdArray(seed=5, **options))


def pair() -> Pair:
    d = device()
    return Pair(Param([1.0, 2.0], d), Param([[3.0]], d), {"c": [Param(4.0, d)], "name": "x"})


def grads_of(model: Pair, *values: float | None) -> GradientsParams:
    """A gradient of the same number everywhere in each parameter."""
    grads = GradientsParams()
    for param, value in zip(model.params(), values, strict=True):
        if value is not None:
            grads.register(param, Tensor(np.full(param.shape, value)))
    return grads


def numbers(model: Module) -> list[list[float]]:
    return [p.numpy().reshape(-1).tolist() for p in model.params()]


def test_burns_adam_with_numbers() -> None:
    weight = [
        [-0.3206, 0.1374, 0.4043, 0.3200, 0.0859, 0.0671],
        [0.0777, -0.0185, -0.3667, 0.2550, 0.1955, -0.2922],
        [-0.0190, 0.0346, -0.2962, 0.2484, -0.2780, 0.3130],
        [-0.2980, -0.2214, -0.3715, -0.2981, -0.0761, 0.1626],
        [0.3300, -0.2182, 0.3717, -0.1729, 0.3796, -0.0304],
        [-0.0159, -0.0120, 0.1258, 0.1921, 0.0293, 0.3833],
    ]
    bias = [-0.3905, 0.0884, -0.0970, 0.1176, 0.1366, 0.0130]
    x_1 = [[0.6294, 0.0940, 0.8176, 0.8824, 0.5228, 0.4310], [0.7152, 0.9559, 0.7893, 0.5684, 0.5939, 0.8883]]
    x_2 = [[0.8491, 0.2108, 0.8939, 0.4433, 0.5527, 0.2528], [0.3270, 0.0412, 0.5538, 0.9605, 0.3195, 0.9085]]
    d = device()
    model = Linear(Param(weight, d), Param(bias, d))
    optim = AdamConfig(epsilon=1e-8, weight_decay=WeightDecayConfig(0.5)).init()
    for x in (x_1, x_2):
        # Burn's expected numbers are of a layer that multiplies with the transposed weight
        output = Tensor(x) @ model.weight.mT + model.bias
        model = optim.step(0.01, model, output.sum().backward())
    first = [-0.340528, 0.118929, 0.384336, 0.300010, 0.066034, 0.047154]
    last = [-0.035840, -0.030203, 0.105840, 0.172110, 0.009440, 0.363346]
    np.testing.assert_allclose(model.weight.numpy()[[0, 5]], [first, last], rtol=0, atol=1.5e-6)
    expected = [-0.410499, 0.068401, -0.116999, 0.097601, 0.116601, -0.006999]
    np.testing.assert_allclose(model.bias.numpy(), expected, rtol=0, atol=1.5e-6)  # type: ignore[union-attr]


def test_a_step_returns_a_new_model_and_leaves_the_old_one() -> None:
    old = pair()
    held, before = old.a.numpy(), numbers(old)
    graph = (old.a * old.a).sum()
    optim = AdamConfig().init()
    new = optim.step(0.1, old, grads_of(old, 1.0, 1.0, 1.0))
    newer = optim.step(0.1, new, grads_of(new, 1.0, 1.0, 1.0))
    assert numbers(old) == before and held.tolist() == before[0]
    assert all(a != b for a, b in zip(numbers(new), before, strict=True))
    assert all(a != b for a, b in zip(numbers(newer), numbers(new), strict=True))
    assert old.a.grad(graph.backward()).numpy().tolist() == [2.0, 4.0]  # type: ignore[union-attr]
    assert [p.id for p in newer.params()] == [p.id for p in old.params()]
    assert newer.rest["name"] == "x" and isinstance(newer.rest["c"], tuple) and newer.rest["c"][0].shape == ()
    assert all(p.is_require_grad for p in newer.params())


def test_raw_gradients_and_gradients_by_id_give_the_same_bits() -> None:
    models = []
    for by_id in (False, True):
        model, optim = pair(), AdamConfig().init()
        for _ in range(3):
            raw = ((model.a * 3).sum() + (model.b * model.rest["c"][0]).sum()).backward()  # type: ignore[operator]
            model = optim.step(0.1, model, GradientsParams.from_grads(raw, model) if by_id else raw)
        models.append(numbers(model))
    assert models[0] == models[1]


def test_a_parameter_without_a_gradient_stays_and_its_time_too() -> None:
    together, alone = pair(), pair()
    optim = AdamConfig(weight_decay=0.1).init()
    model = optim.step(0.1, together, grads_of(together, 1.0, None, 1.0))
    assert numbers(model)[1] == numbers(together)[1]
    model = optim.step(0.1, model, grads_of(model, 1.0, 2.0, None))
    one = AdamConfig(weight_decay=0.1).init()
    first = one.step(0.1, alone, grads_of(alone, None, 2.0, None))
    assert numbers(model)[1] == numbers(first)[1], "its first step, whenever it comes"
    times = {key: state["V1"] for key, state in optim.to_record().items()}
    assert [next(iter(v.values()))["momentum"]["time"] for v in times.values()] == [2, 1, 1]


def test_no_gradient_at_all_is_an_error_and_changes_nothing() -> None:
    model, other, optim = pair(), Pair(Param([1.0], device()), None), AdamConfig().init()
    model = optim.step(0.1, model, grads_of(model, 1.0, 1.0, 1.0))
    with pytest.raises(GradientError, match="none of the 3 parameters of Pair"):
        optim.step(0.1, model, (other.a * 2).sum().backward())
    after = optim.step(0.1, model, grads_of(model, 1.0, 1.0, 1.0))
    assert numbers(after) != numbers(model)
    with pytest.raises(GradientError, match="not tracked"):
        AdamConfig().init().step(0.1, pair().valid(), grads_of(pair(), 1.0, 1.0, 1.0))


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


def test_frozen_parameters_are_left_out() -> None:
    model = pair()
    model = model.replace(b=model.b.with_value(model.b.data, model.b.device, False))  # type: ignore[union-attr]
    new = AdamConfig().init().step(0.1, model, grads_of(model, 1.0, 1.0, 1.0))
    assert numbers(new)[1] == numbers(model)[1] and not new.b.is_require_grad  # type: ignore[union-attr]
    assert numbers(new)[0] != numbers(model)[0]


def test_one_parameter_in_two_fields_is_one() -> None:
    d = device()
    shared = Param([1.0], d)
    model = Pair(shared, shared)
    assert model.num_params() == 1
    grads = (model.a * 2 + model.b * 3).sum().backward()
    assert shared.grad(grads).numpy().tolist() == [5.0]  # type: ignore[union-attr]
    new = AdamConfig().init().step(0.1, model, grads)
    assert new.a is new.b and len(new.params()) == 1


def test_two_parameters_of_one_id_are_an_error() -> None:
    model = Pair(Param([1.0], device()), Param([1.0], device()))
    with pytest.raises(GradientError, match="two parameters of the model have one id"):
        AdamConfig().init().step(0.1, model, grads_of(model, 1.0, 1.0))


def test_parameters_of_two_dtypes() -> None:
    model = Pair(
        Param([1.0], device()),
        Param([1.0], device(dtype=np.float64), np.float64),
        Param([2.0], Autodiff(NdArray(seed=6))),
    )
    model = model.replace(b=Param([1.0], Autodiff(NdArray(seed=8, dtype=np.float64))))
    new = AdamConfig().init().step(0.1, model, grads_of(model, 1.0, 1.0, 1.0))
    assert [p.dtype for p in new.params()] == [np.float32, np.float64, np.float32]
    assert [round(p.item(), 4) for p in new.params()] == [0.9, 0.9, 1.9]


def test_state_follows_ids_from_model_to_model() -> None:
    model, optim = pair(), AdamConfig().init()
    stepped = optim.step(0.1, model, grads_of(model, 1.0, 1.0, 1.0))
    rebuilt = stepped.map(lambda _, p: p.with_value(p.data, p.device, True))
    a = optim.step(0.1, rebuilt, grads_of(rebuilt, 1.0, 1.0, 1.0))
    straight = AdamConfig().init()
    b = straight.step(0.1, model, grads_of(model, 1.0, 1.0, 1.0))
    b = straight.step(0.1, b, grads_of(b, 1.0, 1.0, 1.0))
    assert numbers(a) == numbers(b)


def test_a_record_goes_on_bit_for_bit() -> None:
    model, optim = pair(), AdamConfig().init()
    model = optim.step(0.1, model, grads_of(model, 1.0, -2.0, 0.5))
    recorder = DefaultRecorder()
    record = recorder.from_bytes(recorder.to_bytes(optim.to_record()))
    resumed = AdamConfig().init().load_record(record)
    straight = optim.step(0.1, model, grads_of(model, 0.3, 0.4, 0.5))
    again = resumed.step(0.1, model, grads_of(model, 0.3, 0.4, 0.5))
    assert numbers(straight) == numbers(again)
    assert recorder.to_bytes(resumed.to_record()) == recorder.to_bytes(optim.to_record())


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


@pytest.mark.parametrize("record", [[], {"x": 1}, {"g" * 13: {"V1": {"Rank1": {"velocity": 1}}}}, {"g" * 13: None}])
def test_a_record_that_is_none_of_adams(record: Any) -> None:
    with pytest.raises(RecordError):
        AdamConfig().init().load_record(record)


def test_clipping() -> None:
    def clipped(config: GradientClippingConfig) -> list[list[float]]:
        grads = [np.array([3.0, 4.0]), np.array([0.0, 12.0])]
        config.clip(grads)
        return [g.tolist() for g in grads]

    assert clipped(GradientClippingConfig.Value(3.5)) == [[3.0, 3.5], [0.0, 3.5]]
    assert clipped(GradientClippingConfig.Norm(5.0)) == [[3.0, 4.0], [0.0, 5.0]]
    np.testing.assert_allclose(clipped(GradientClippingConfig.GlobalNorm(6.5)), [[1.5, 2.0], [0.0, 6.0]])


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


@pytest.mark.parametrize("lr", [-0.1, float("nan"), float("inf")])
def test_learning_rates_that_cannot_be(lr: float) -> None:
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


def test_an_optimizer_can_be_pickled_and_copied() -> None:
    model, optim = pair(), AdamConfig(weight_decay=0.1).init()
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
