"""The wording of what optimizers and schedulers refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad import Param, Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import ConfigError, MinigradError, RecordError
from minigrad.nn import LinearConfig
from minigrad.optim import (
    AdaGradConfig,
    AdamConfig,
    AdamWConfig,
    GradientClippingConfig,
    GradientsParams,
    MomentumConfig,
    RmsPropConfig,
    SgdConfig,
)
from minigrad.optim.lr_scheduler import (
    ComposedLrSchedulerConfig,
    ConstantLr,
    CosineAnnealingLrSchedulerConfig,
    ExponentialLrSchedulerConfig,
    LinearLrSchedulerConfig,
    NoamLrSchedulerConfig,
    SchedulerReduction,
    SequentialLrSchedulerConfig,
    StepLrSchedulerConfig,
    WarmupLrSchedulerConfig,
)

LINEAR = LinearLrSchedulerConfig(0.1, 0.01, 100)
OTHER = "  it is of another scheduler, or of other settings: give the run those that it was started with"
PART = (
    ", and must be a number or a scheduler's config\n"
    "  such as 0.02, or LinearLrSchedulerConfig(0.02, 0.001, num_iters=1000), without .init()"
)


def stepped(config: Any) -> Any:
    """The record of an optimizer after a step."""
    model, optim = LinearConfig(2, 1).init(Autodiff(NdArray(seed=1))), config.init()
    optim.step(0.1, model, model(Tensor([[1.0, 2.0]])).sum().backward())
    return optim.to_record()


def first_id(record: Any) -> str:
    return str(next(iter(record)))


MOMENTA = stepped(SgdConfig(momentum=MomentumConfig()))

CASES: list[tuple[Callable[[], Any], type[MinigradError], str]] = [
    (
        lambda: LinearLrSchedulerConfig(2, 0.5, 10),
        ConfigError,
        "LinearLrSchedulerConfig: initial_lr is 2, and must be a number in (0, 1]",
    ),
    (
        lambda: LinearLrSchedulerConfig(0.5, -0.1, 10),
        ConfigError,
        "LinearLrSchedulerConfig: final_lr is -0.1, and must be a number in [0, 1]",
    ),
    (
        lambda: LinearLrSchedulerConfig(0.5, 0.1, 0),
        ConfigError,
        "LinearLrSchedulerConfig: num_iters is 0, and must be an integer of at least 1",
    ),
    (
        lambda: LinearLrSchedulerConfig(0.5, 0.1, 10.5),  # type: ignore[arg-type]
        ConfigError,
        "LinearLrSchedulerConfig: num_iters is 10.5, and must be an integer of at least 1",
    ),
    (
        lambda: CosineAnnealingLrSchedulerConfig(0.0, 10),
        ConfigError,
        "CosineAnnealingLrSchedulerConfig: initial_lr is 0.0, and must be a number in (0, 1]",
    ),
    (
        lambda: CosineAnnealingLrSchedulerConfig(0.5, 10, min_lr=0.6),
        ConfigError,
        "CosineAnnealingLrSchedulerConfig: min_lr is 0.6, and must be a number in [0, 0.5]",
    ),
    (
        lambda: CosineAnnealingLrSchedulerConfig(0.5, 10).replace(initial_lr=float("nan")),
        ConfigError,
        "CosineAnnealingLrSchedulerConfig: initial_lr is nan, and must be a number in (0, 1]",
    ),
    (
        lambda: ExponentialLrSchedulerConfig(0.5, 1.5),
        ConfigError,
        "ExponentialLrSchedulerConfig: gamma is 1.5, and must be a number in (0, 1]",
    ),
    (
        lambda: ExponentialLrSchedulerConfig("0.5", 0.9),  # type: ignore[arg-type]
        ConfigError,
        "ExponentialLrSchedulerConfig: initial_lr is '0.5', and must be a number in (0, 1]",
    ),
    (
        lambda: NoamLrSchedulerConfig(-1.0),
        ConfigError,
        "NoamLrSchedulerConfig: init_lr is -1.0, and must be a number in (0, inf)",
    ),
    (
        lambda: NoamLrSchedulerConfig(1.0, warmup_steps=0),
        ConfigError,
        "NoamLrSchedulerConfig: warmup_steps is 0, and must be an integer of at least 1",
    ),
    (
        lambda: StepLrSchedulerConfig(0.1, 10, gamma=0.0),
        ConfigError,
        "StepLrSchedulerConfig: gamma is 0.0, and must be a number in (0, inf)",
    ),
    (
        lambda: StepLrSchedulerConfig(True, 10),
        ConfigError,
        "StepLrSchedulerConfig: initial_lr is True, and must be a number in [0, inf)",
    ),
    (
        lambda: ComposedLrSchedulerConfig([]),
        ConfigError,
        "ComposedLrSchedulerConfig: schedulers is [], and must be a list of at least one config or number",
    ),
    (
        lambda: ComposedLrSchedulerConfig([LINEAR, LINEAR.init()]),  # type: ignore[list-item]
        ConfigError,
        "ComposedLrSchedulerConfig: schedulers[1] is a LinearLrScheduler, which counts already" + PART,
    ),
    (
        lambda: ComposedLrSchedulerConfig([LinearLrSchedulerConfig]),  # type: ignore[list-item]
        ConfigError,
        "ComposedLrSchedulerConfig: schedulers[0] is the class LinearLrSchedulerConfig" + PART,
    ),
    (
        lambda: ComposedLrSchedulerConfig([-0.5]),
        ConfigError,
        "ComposedLrSchedulerConfig: schedulers[0] is -0.5, and must be a number in [0, inf)",
    ),
    (
        lambda: ComposedLrSchedulerConfig([LINEAR], SchedulerReduction),  # type: ignore[arg-type]
        ConfigError,
        "ComposedLrSchedulerConfig: reduction is <class 'minigrad.optim.lr_scheduler.composed.SchedulerReduction'>, "
        "and must be SchedulerReduction.Prod, .Sum or .Avg",
    ),
    (
        lambda: SequentialLrSchedulerConfig([LINEAR, 0.5]),  # type: ignore[list-item]
        ConfigError,
        "SequentialLrSchedulerConfig: schedulers is [LinearLrSchedulerConfig(initial_lr=0.1, final_lr=0.01, "
        "num_iters=100), 0.5], and must be a list of pairs: [(config, steps), ..., (config, None)]",
    ),
    (
        lambda: SequentialLrSchedulerConfig([(LINEAR, 100), (0.5, 100)]),
        ConfigError,
        "SequentialLrSchedulerConfig: the last scheduler has 100 steps, and must have None: it goes on to the end",
    ),
    (
        lambda: SequentialLrSchedulerConfig([(LINEAR, None), (0.5, None)]),
        ConfigError,
        "SequentialLrSchedulerConfig: the number of steps of schedulers[0] is None, "
        "and must be an integer of at least 1",
    ),
    (
        lambda: SequentialLrSchedulerConfig([(LINEAR, 3), ("0.5", None)]),  # type: ignore[list-item]
        ConfigError,
        "SequentialLrSchedulerConfig: schedulers[1] is '0.5'" + PART,
    ),
    (
        lambda: WarmupLrSchedulerConfig(LINEAR, 0),
        ConfigError,
        "WarmupLrSchedulerConfig: steps is 0, and must be an integer of at least 1",
    ),
    (
        lambda: WarmupLrSchedulerConfig(LINEAR, 5, start=-0.1),
        ConfigError,
        "WarmupLrSchedulerConfig: start is -0.1, and must be a number in [0, inf)",
    ),
    (
        lambda: WarmupLrSchedulerConfig(None, 5),  # type: ignore[arg-type]
        ConfigError,
        "WarmupLrSchedulerConfig: scheduler is None" + PART,
    ),
    # records
    (
        lambda: LINEAR.init().load_record(None),
        RecordError,
        f"LinearLrScheduler: its record is None, and must be an integer from 0 to 101\n{OTHER}",
    ),
    (
        lambda: LINEAR.init().load_record(102),
        RecordError,
        f"LinearLrScheduler: its record is 102, and must be an integer from 0 to 101\n{OTHER}",
    ),
    (
        lambda: ConstantLr(0.1).load_record(7),
        RecordError,
        f"ConstantLr: its record is 7, and must be None\n{OTHER}",
    ),
    (
        lambda: CosineAnnealingLrSchedulerConfig(0.1, 5).init().load_record(0.25),
        RecordError,
        f"CosineAnnealingLrScheduler: its record is 0.25, and must be an integer from 0 to 5\n{OTHER}",
    ),
    (
        lambda: ExponentialLrSchedulerConfig(0.5, 0.5).init().load_record(3),
        RecordError,
        f"ExponentialLrScheduler: its record is 3, and must be a float from 0 to 1.0\n{OTHER}",
    ),
    (
        lambda: ExponentialLrSchedulerConfig(0.5, 0.5).init().load_record(float("nan")),
        RecordError,
        f"ExponentialLrScheduler: its record is nan, and must be a float from 0 to 1.0\n{OTHER}",
    ),
    (
        lambda: StepLrSchedulerConfig(0.5, 3).init().load_record(True),
        RecordError,
        "StepLrScheduler: its record is True, and must be an integer from -1 to 9223372036854775807\n" + OTHER,
    ),
    (
        lambda: ComposedLrSchedulerConfig([LINEAR, 0.5]).init().load_record(5),
        RecordError,
        f"ComposedLrScheduler: its record is 5, and must be {{'schedulers': [...]}}\n{OTHER}",
    ),
    (
        lambda: ComposedLrSchedulerConfig([LINEAR, 0.5]).init().load_record({"schedulers": [{"Cosine": 5}]}),
        RecordError,
        f"ComposedLrScheduler: its record is [{{'Cosine': 5}}], and must be the records of Linear, Constant\n{OTHER}",
    ),
    (
        lambda: SequentialLrSchedulerConfig([(LINEAR, None)]).init().load_record({"step": -1, "schedulers": []}),
        RecordError,
        f"SequentialLrScheduler: its record is [], and must be the records of Linear\n{OTHER}",
    ),
    (
        lambda: WarmupLrSchedulerConfig(LINEAR, 5).init().load_record({"schedulers": []}),
        RecordError,
        "WarmupLrScheduler: its record is {'schedulers': []}, and must be {'step': ..., 'schedulers': [...]}\n" + OTHER,
    ),
    # optimizers
    (
        lambda: AdamConfig(beta_1=1.0),
        ConfigError,
        "AdamConfig: beta_1 is 1.0, and must be a number in [0, 1)",
    ),
    (
        lambda: AdamWConfig(weight_decay=None),  # type: ignore[arg-type]
        ConfigError,
        "AdamWConfig: weight_decay is None, and must be a number in [0, inf)",
    ),
    (
        lambda: AdaGradConfig(epsilon=0),
        ConfigError,
        "AdaGradConfig: epsilon is 0, and must be a number in (0, inf)",
    ),
    (
        lambda: RmsPropConfig(centered="yes"),  # type: ignore[arg-type]
        ConfigError,
        "RmsPropConfig: centered is 'yes', and must be True or False",
    ),
    (
        lambda: RmsPropConfig(weight_decay=-1.0),
        ConfigError,
        "weight_decay is -1.0, and must be a number >= 0, such as 0.01",
    ),
    (
        lambda: SgdConfig(momentum=0.9),  # type: ignore[arg-type]
        ConfigError,
        "SgdConfig: momentum is 0.9, and must be a MomentumConfig, such as MomentumConfig(0.9)",
    ),
    (
        lambda: SgdConfig(grad_clipping=GradientClippingConfig.Norm),  # type: ignore[arg-type]
        ConfigError,
        "SgdConfig: grad_clipping is <class 'minigrad.optim.clip.Norm'>\n"
        "  give a GradientClippingConfig: .Norm(x), .Value(x) or .GlobalNorm(x)",
    ),
    (
        lambda: GradientClippingConfig.Norm("1.0"),  # type: ignore[arg-type]
        ConfigError,
        "GradientClippingConfig.Norm: threshold is '1.0', and must be > 0",
    ),
    (
        lambda: GradientClippingConfig.Value(None),  # type: ignore[arg-type]
        ConfigError,
        "GradientClippingConfig.Value: threshold is None, and must be > 0",
    ),
    (
        lambda: SgdConfig.from_json({"gradient_clipping": None}),
        ConfigError,
        "SgdConfig: SgdConfig has no field 'gradient_clipping'; did you mean 'grad_clipping'?",
    ),
    (
        lambda: MomentumConfig(1.0),
        ConfigError,
        "MomentumConfig: momentum is 1.0, and must be a number in [0, 1)",
    ),
    (
        lambda: MomentumConfig(dampening=-0.1),
        ConfigError,
        "MomentumConfig: dampening is -0.1, and must be a number in [0, 1]",
    ),
    (
        lambda: SgdConfig().init().load_record(MOMENTA),
        RecordError,
        f"optimizer record: the state of parameter {first_id(MOMENTA)} is not one of Sgd's\n"
        "  was it written by another optimizer, or with other settings? load it with that one's config",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), CASES, ids=[message[:50] for _, _, message in CASES])
def test_the_words(call: Callable[[], Any], kind: type[MinigradError], message: str) -> None:
    with pytest.raises(kind) as error:
        call()
    assert type(error.value) is kind and str(error.value) == message


def test_a_state_of_another_shape() -> None:
    device = Autodiff(NdArray(seed=1))
    model, optim = LinearConfig(2, 1).init(device), SgdConfig(momentum=MomentumConfig()).init()
    optim = optim.load_record(MOMENTA)
    weight = Param(np.zeros((3, 1)), device)
    weight.id = model.weight.id
    model = model.replace(weight=weight)
    grads = GradientsParams()
    grads.register(weight, Tensor(np.zeros((3, 1))))
    with pytest.raises(RecordError, match=r"state has shape \(2, 1\) for a parameter of shape \(3, 1\)"):
        optim.step(0.1, model, grads)
