"""Learning-rate schedulers: Burn's sequences, closed forms, records through every recorder, configs as JSON."""

from __future__ import annotations

import copy
import json
import math
import pickle
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad import Config
from minigrad.errors import ConfigError
from minigrad.optim.lr_scheduler import (
    ComposedLrSchedulerConfig,
    ConstantLr,
    CosineAnnealingLrSchedulerConfig,
    ExponentialLrSchedulerConfig,
    LinearLrSchedulerConfig,
    LrScheduler,
    LrSchedulerConfig,
    NoamLrSchedulerConfig,
    SchedulerReduction,
    SequentialLrSchedulerConfig,
    StepLrSchedulerConfig,
    WarmupLrSchedulerConfig,
    scheduler_of,
)
from minigrad.record import (
    CompactRecorder,
    DefaultRecorder,
    DoublePrecisionSettings,
    NamedMpkFileRecorder,
    NamedMpkGzFileRecorder,
)

RECORDERS = [
    DefaultRecorder(),
    CompactRecorder(),
    NamedMpkGzFileRecorder(),
    NamedMpkFileRecorder(DoublePrecisionSettings),
]
LINEAR, COSINE = LinearLrSchedulerConfig(0.1, 0.3, 2), CosineAnnealingLrSchedulerConfig(0.8, 2)
EXPONENTIAL = ExponentialLrSchedulerConfig(0.5, 0.5)


def rates(scheduler: LrScheduler, n: int) -> list[float]:
    return [scheduler.step() for _ in range(n)]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        # Burn 0.17's own tests
        (LinearLrSchedulerConfig(0.9, 0.5, 4), [0.9, 0.8, 0.7, 0.6, 0.5, 0.5]),
        (LinearLrSchedulerConfig(0.01, 0.04, 3), [0.01, 0.02, 0.03, 0.04, 0.04]),
        (LinearLrSchedulerConfig(0.3, 0.3, 2), [0.3, 0.3, 0.3, 0.3]),
        (CosineAnnealingLrSchedulerConfig(0.5, 2, min_lr=0.1), [0.5, 0.3, 0.1, 0.5]),
        (ExponentialLrSchedulerConfig(0.8, 0.1), [0.8, 0.08, 0.008, 0.0008, 0.00008]),
        (StepLrSchedulerConfig(0.5, 3), [0.5, 0.5, 0.5, 0.05, 0.05, 0.05, 0.005, 0.005, 0.005]),
        (StepLrSchedulerConfig(0.1, 2, gamma=2.0), [0.1, 0.1, 0.2, 0.2, 0.4, 0.4]),
        (StepLrSchedulerConfig(3.1, 1, gamma=1.0), [3.1, 3.1, 3.1]),
        # and those of later versions
        (
            SequentialLrSchedulerConfig([(LINEAR, 2), (EXPONENTIAL, 3), (COSINE, None)]),
            [0.1, 0.2, 0.5, 0.25, 0.125, 0.8, 0.4, 0.0],
        ),
        (ComposedLrSchedulerConfig([LINEAR, EXPONENTIAL, 2.0]), [0.1, 0.1, 0.075, 0.0375]),
        (ComposedLrSchedulerConfig([LINEAR, EXPONENTIAL], SchedulerReduction.Sum), [0.6, 0.45, 0.425, 0.3625]),
        (ComposedLrSchedulerConfig([LINEAR, EXPONENTIAL], SchedulerReduction.Avg), [0.3, 0.225, 0.2125, 0.18125]),
        (WarmupLrSchedulerConfig(COSINE, 3), [0.2, 0.4, 0.6, 0.8, 0.4, 0.0, 0.8]),
        (WarmupLrSchedulerConfig(COSINE, 2, start=0.0), [0.0, 0.4, 0.8, 0.4, 0.0]),
        (WarmupLrSchedulerConfig(0.02, 1, start=0.001), [0.001, 0.02, 0.02]),
    ],
)
def test_sequences(config: LrSchedulerConfig, expected: list[float]) -> None:
    np.testing.assert_allclose(rates(config.init(), len(expected)), expected, rtol=1e-12, atol=1e-15)


def test_noam_has_its_peak_at_the_end_of_the_warm_up() -> None:
    """Burn's test."""
    up_and_down = rates(NoamLrSchedulerConfig(10.0, warmup_steps=100).init(), 200)
    assert all(a < b for a, b in pairwise(up_and_down[:100]))
    assert all(a > b for a, b in pairwise(up_and_down[99:]))
    assert math.isclose(up_and_down[99], 10.0 / math.sqrt(512 * 100))


POSITIVE = st.floats(1e-6, 1.0)
SIZES = st.integers(1, 30)
SIMPLE = {
    "linear": st.builds(LinearLrSchedulerConfig, POSITIVE, st.floats(0, 1), SIZES),
    "cosine": st.builds(CosineAnnealingLrSchedulerConfig, POSITIVE, SIZES, min_lr=st.just(1e-6) | st.just(0.0)),
    "exponential": st.builds(ExponentialLrSchedulerConfig, POSITIVE, st.floats(0.01, 1.0)),
    "noam": st.builds(NoamLrSchedulerConfig, st.floats(1e-3, 1e3), SIZES, SIZES),
    "step": st.builds(StepLrSchedulerConfig, st.floats(0, 10), SIZES, st.floats(0.01, 2.0)),
}
ANY = st.recursive(
    st.one_of(*SIMPLE.values()),
    lambda parts: st.one_of(
        st.builds(
            ComposedLrSchedulerConfig,
            st.lists(parts | POSITIVE, min_size=1, max_size=3),
            st.sampled_from([SchedulerReduction.Avg, SchedulerReduction.Sum, SchedulerReduction.Prod]),
        ),
        st.builds(
            lambda pairs, last: SequentialLrSchedulerConfig([*pairs, (last, None)]),
            st.lists(st.tuples(parts | POSITIVE, st.integers(1, 9)), max_size=2),
            parts | POSITIVE,
        ),
        st.builds(WarmupLrSchedulerConfig, parts | POSITIVE, st.integers(1, 9), start=st.none() | POSITIVE),
    ),
    max_leaves=4,
)


def closed(config: Any, n: int) -> float:
    """The rate of iteration n, from the published formulas and from nothing before it."""
    if isinstance(config, LinearLrSchedulerConfig):
        part = min(n / config.num_iters, 1.0)
        return (1 - part) * config.initial_lr + part * config.final_lr
    if isinstance(config, CosineAnnealingLrSchedulerConfig):
        angle = math.radians(180 * (n % (config.num_iters + 1)) / config.num_iters)
        return config.initial_lr - (config.initial_lr - config.min_lr) * math.sin(angle / 2) ** 2
    if isinstance(config, ExponentialLrSchedulerConfig):
        return config.initial_lr * math.exp(n * math.log(config.gamma))
    if isinstance(config, NoamLrSchedulerConfig):
        s, top = n + 1, config.warmup_steps
        rise = s / top if s < top else math.sqrt(top / s)
        return config.init_lr / math.sqrt(config.model_size * top) * rise
    return float(config.initial_lr * math.prod([config.gamma] * len(range(config.step_size, n + 1, config.step_size))))


@pytest.mark.parametrize("config", SIMPLE.values(), ids=SIMPLE)
@given(data=st.data())
def test_closed_forms(config: st.SearchStrategy[LrSchedulerConfig], data: st.DataObject) -> None:
    drawn = data.draw(config)
    expected = [closed(drawn, n) for n in range(70)]
    np.testing.assert_allclose(rates(drawn.init(), 70), expected, rtol=1e-9, atol=1e-15)


@given(ANY, st.integers(0, 40), st.sampled_from(RECORDERS))
def test_a_record_goes_on_bit_for_bit(config: LrSchedulerConfig, n: int, recorder: Any) -> None:
    """Half precision too: what schedulers record are numbers, of which a recorder keeps all digits, as Burn's do."""
    straight = config.init()
    rates(straight, n)
    record = recorder.from_bytes(recorder.to_bytes(straight.to_record()))
    resumed = config.init().load_record(record)
    assert resumed.to_record() == straight.to_record()
    assert rates(resumed, 45) == rates(straight, 45)


@given(ANY, st.integers(0, 20))
def test_a_loaded_scheduler_counts_for_itself(config: LrSchedulerConfig, n: int) -> None:
    first = config.init()
    rates(first, n)
    copies = [first.load_record(first.to_record()), copy.deepcopy(first), pickle.loads(pickle.dumps(first))]
    expected = rates(copies[0], 9)
    assert rates(first, 9) == expected and all(rates(each, 9) == expected for each in copies[1:])
    assert rates(config.init(), n + 9)[n:] == expected, "a config gives a fresh one each time"


@given(ANY)
def test_rates_are_rates(config: LrSchedulerConfig) -> None:
    assert all(math.isfinite(lr) and lr >= 0 and type(lr) is float for lr in rates(config.init(), 60))


class Plan(Config):
    scheduler: float | LrSchedulerConfig
    own: LinearLrSchedulerConfig = LINEAR


@given(ANY)
def test_a_config_as_json(config: LrSchedulerConfig) -> None:
    assert type(config).from_json(json.loads(json.dumps(config.to_json()))) == config
    plan = Plan(config)
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


def test_the_json_is_burns(tmp_path: Path) -> None:
    CosineAnnealingLrSchedulerConfig(0.5, 10).save(tmp_path / "cosine.json")
    assert (tmp_path / "cosine.json").read_text() == ('{\n  "initial_lr": 0.5,\n  "num_iters": 10,\n  "min_lr": 0.0\n}')
    config = SequentialLrSchedulerConfig([(LINEAR, 2), (ComposedLrSchedulerConfig([0.5, EXPONENTIAL]), None)])
    inner = {"schedulers": [0.5, {"ExponentialLrSchedulerConfig": {"initial_lr": 0.5, "gamma": 0.5}}]}
    assert config.to_json() == {
        "schedulers": [
            [{"LinearLrSchedulerConfig": {"initial_lr": 0.1, "final_lr": 0.3, "num_iters": 2}}, 2],
            [{"ComposedLrSchedulerConfig": inner | {"reduction": "Prod"}}, None],
        ]
    }


def test_any_scheduler_is_read_before_one_is_asked_for(run_python: Callable[..., str]) -> None:
    code = """
from minigrad.optim.lr_scheduler import LrSchedulerConfig
print(LrSchedulerConfig.from_json({"NoamLrSchedulerConfig": {"init_lr": 1}}))
"""
    assert run_python(code) == "NoamLrSchedulerConfig(init_lr=1.0, warmup_steps=4000, model_size=512)\n"


@pytest.mark.parametrize(
    ("config", "before", "after"),
    [
        (LinearLrSchedulerConfig(0.9, 0.5, 4), 5, 3),
        (CosineAnnealingLrSchedulerConfig(0.9, 4), 2**64 - 1, 1),
        (ExponentialLrSchedulerConfig(0.5, 0.25), 2.0, 0.125),
        (NoamLrSchedulerConfig(1.0), 0, 2),
        (StepLrSchedulerConfig(0.5, 3), -1, 1),
        (
            ComposedLrSchedulerConfig([0.5, COSINE, EXPONENTIAL]),
            {"schedulers": [{"Constant": None}, {"Cosine": 2**64 - 1}, {"Exponential": 1.0}]},
            {"schedulers": [{"Constant": None}, {"Cosine": 1}, {"Exponential": 0.25}]},
        ),
        (
            SequentialLrSchedulerConfig([(LINEAR, 1), (NoamLrSchedulerConfig(1.0), None)]),
            {"step": 0, "schedulers": [{"Linear": 3}, {"Noam": 0}]},
            {"step": 2, "schedulers": [{"Linear": 2}, {"Noam": 1}]},
        ),
        (
            WarmupLrSchedulerConfig(LINEAR, 1),
            {"step": 0, "schedulers": [{"Linear": 3}]},
            {"step": 2, "schedulers": [{"Linear": 2}]},
        ),
    ],
)
def test_records(config: LrSchedulerConfig, before: Any, after: Any) -> None:
    scheduler = config.init()
    assert scheduler.to_record() == before
    rates(scheduler, 2)
    assert scheduler.to_record() == after and type(scheduler.to_record()) is type(after)


@pytest.mark.parametrize(
    ("config", "record", "hexadecimal"),
    [
        (LinearLrSchedulerConfig(0.9, 0.5, 400), 401, "cd0191"),
        (CosineAnnealingLrSchedulerConfig(0.9, 4), 2**64 - 1, "cfffffffffffffffff"),
        (ExponentialLrSchedulerConfig(0.5, 0.25), 2.0, "cb4000000000000000"),
        (StepLrSchedulerConfig(0.5, 3), -1, "ff"),
    ],
)
@pytest.mark.parametrize("recorder", [DefaultRecorder(), CompactRecorder()], ids=str)
def test_the_bytes_of_records(config: LrSchedulerConfig, record: Any, hexadecimal: str, recorder: Any) -> None:
    data = recorder.to_bytes(config.init().to_record())
    assert data.endswith(b"\xa4item" + bytes.fromhex(hexadecimal) + b"\xa2_b\x90")
    assert recorder.from_bytes(data) == record


def test_the_record_that_burn_left() -> None:
    folder = Path(__file__).parent.parent / "fixtures" / "learner" / "circle" / "checkpoint"
    record = CompactRecorder().load(folder / "scheduler-3")
    assert ConstantLr(0.02).load_record(record).step() == 0.02


class Sawtooth(LrSchedulerConfig):
    """A scheduler of the user's own."""

    top: float

    def init(self) -> SawtoothScheduler:
        return SawtoothScheduler(self.top, 0)


class SawtoothScheduler:
    def __init__(self, top: float, n: int) -> None:
        self.top, self.n = top, n

    def step(self) -> float:
        self.n += 1
        return self.top * (1.0 if self.n % 2 else 0.5)

    def to_record(self) -> Any:
        return {"n": self.n}

    def load_record(self, record: Any) -> SawtoothScheduler:
        return SawtoothScheduler(self.top, record["n"])


def test_a_scheduler_of_ones_own_is_a_part_too() -> None:
    config = SequentialLrSchedulerConfig([(0.125, 1), (ComposedLrSchedulerConfig([Sawtooth(0.5), 0.5]), None)])
    assert rates(config.init(), 4) == [0.125, 0.25, 0.125, 0.25]
    assert SequentialLrSchedulerConfig.from_json(config.to_json()) == config
    scheduler = config.init()
    rates(scheduler, 2)
    assert scheduler.to_record()["schedulers"][1] == {
        "Composed": {"schedulers": [{"SawtoothScheduler": {"n": 1}}, {"Constant": None}]}
    }
    assert rates(scheduler.load_record(scheduler.to_record()), 2) == [0.125, 0.25]


def test_numbers_of_numpy_become_pythons() -> None:
    config = LinearLrSchedulerConfig(np.float32(0.5), 1, np.int64(4))  # type: ignore[arg-type]
    assert (config, type(config.final_lr)) == (LinearLrSchedulerConfig(0.5, 1.0, 4), float)
    assert all(type(lr) is float for lr in rates(config.init(), 6))
    config = ComposedLrSchedulerConfig([np.float32(0.5)])  # type: ignore[list-item, assignment]
    assert json.dumps(config.to_json()) == '{"schedulers": [0.5], "reduction": "Prod"}'


def test_a_config_does_not_change_with_the_list_it_was_made_from() -> None:
    parts: list[float | LrSchedulerConfig] = [0.5, LINEAR]
    config = ComposedLrSchedulerConfig(parts)
    parts.append(0.0)
    assert config == ComposedLrSchedulerConfig([0.5, LINEAR]) and hash(config) == hash(config.replace())


def test_what_stands_for_a_scheduler() -> None:
    assert rates(scheduler_of(LINEAR), 2) == rates(LINEAR.init(), 2)
    assert rates(scheduler_of(np.float64(0.5)), 2) == [0.5, 0.5]
    scheduler = LINEAR.init()
    assert scheduler_of(scheduler) is scheduler
    for wrong in (True, None, "0.1", ConstantLr, LinearLrSchedulerConfig):
        with pytest.raises(ConfigError, match=r"a learning rate is a number such as 0\.02, or a scheduler"):
            scheduler_of(wrong)  # type: ignore[arg-type]


def test_a_base_has_no_rates() -> None:
    with pytest.raises(TypeError, match="abstract"):
        LrSchedulerConfig()  # type: ignore[abstract]
    with pytest.raises(ConfigError, match="reduces nothing"):
        SchedulerReduction().of([1.0])
