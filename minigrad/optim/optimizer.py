"""The optimizer around any update rule: ids, missing gradients, records, and the new model of each step."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from math import inf
from typing import Any, TypeVar

from .. import tree
from ..autodiff import Gradients
from ..errors import ConfigError, GradientError, RecordError, UnusedResultError
from ..module import Module
from ..param import Param, RunningState
from ..record import decode_id, encode_id
from .clip import GradientClippingConfig
from .flat import Group, State, UpdateRule
from .grads import GradientsParams

__all__ = ["Optimizer"]

M = TypeVar("M", bound=Module)


class Optimizer:
    """`step(lr, model, grads)` returns a new model. Made by a config: `AdamConfig().init()`."""

    def __init__(self, rule: UpdateRule, penalty: float = 0.0, clipping: GradientClippingConfig | None = None) -> None:
        self._rule, self._penalty, self._clipping = rule, penalty, clipping
        self._groups: list[Group] = []
        self._kept: dict[int, State] = {}  # states of parameters that the present model does not have
        self._before: Callable[[], Any] = _nothing  # the model of the last step, and what came of it
        self._after: Callable[[], Any] = _nothing
        self._earlier: Callable[[], Any] | None = None  # what came of the step before, if it was of the same model
        self._build: Callable[[Any, list[Param]], Any] = lambda old, new: old
        self._running = False  # whether the model has running states, of which a new model gets its own

    def step(self, lr: float, model: M, grads: GradientsParams | Gradients) -> M:
        """A model with parameters updated at learning rate `lr`; `model` stays as it was.

        A parameter without a gradient is left alone, and its own time does not advance. Raises `UnusedResultError`
        when the model that the last step returned was thrown away, `GradientError` when nothing in `grads` is of this
        model.
        """
        by_birth = isinstance(grads, Gradients)
        if not by_birth and not isinstance(grads, GradientsParams):
            raise GradientError(
                f"step: its gradients are a {type(grads).__name__}\n  model = optim.step(lr, model, loss.backward())"
            )
        if self._after() is not model:
            self._adopt(model)
        try:
            fits = 0 <= lr < inf
        except (TypeError, ValueError):
            fits = False
        if not fits:
            raise ConfigError(f"step(lr={lr!r}): a learning rate is a number >= 0, such as 0.01")
        found = grads._by_birth if isinstance(grads, Gradients) else grads._by_id
        arrived = 0
        for group in self._groups:
            arrived += group.gather(found, by_birth)
        if not arrived:
            raise GradientError(
                f"step: none of the {len(model.params())} parameters of {type(model).__name__} has a gradient here\n"
                "  they are of another model, or its parameters are not tracked: init it on Autodiff(NdArray())"
            )
        if self._clipping is not None:
            self._clipping.clip([g for group in self._groups for g in group.gathered()])
        new: list[Param] = []
        for group in self._groups:
            new += group.step(lr, self._penalty)
        changed: M = self._build(model, new)
        if self._running:
            changed = changed.with_own_states()
        self._before, self._after = weakref.ref(model), weakref.ref(changed)
        return changed

    def _adopt(self, model: Module) -> None:
        """Lay out the flat buffers for a model that did not come from the last step, keeping states by parameter id."""
        if not isinstance(model, Module):
            raise GradientError(
                f"step: its model is a {type(model).__name__}\n  model = optim.step(lr, model, loss.backward())"
            )
        again = self._before() is model
        # with `new = optim.step(lr, old, grads)` in a loop the last result still lives, and the one before does not
        if again and (self._after() is None or (self._earlier is not None and self._earlier() is None)):
            raise UnusedResultError(
                "step: a model that it returned was thrown away, and the old one is stepped again\n"
                "  step returns a new model: model = optim.step(lr, model, grads)"
            )
        self._earlier = self._after if again else None
        params = [p for p in model.params() if p.birth]
        self._running = any(isinstance(p, RunningState) for p in model.params())
        ids = [p.id for p in params]
        if len(set(ids)) < len(ids):
            raise GradientError(
                "step: two parameters of the model have one id, so that their state cannot be told apart\n"
                "  init all layers on one device object: two devices of one seed draw the same"
            )
        states = self._states()
        by_dtype: dict[Any, list[int]] = {}
        for i, p in enumerate(params):
            by_dtype.setdefault(p.dtype, []).append(i)
        self._groups = [Group([params[i] for i in each], states, self._rule) for each in by_dtype.values()]
        self._kept = states  # what the groups have taken is gone from it
        order = [i for each in by_dtype.values() for i in each]
        self._build = _builder(model, {id(params[i]): place for place, i in enumerate(order)}) or self._build

    def _states(self) -> dict[int, State]:
        return self._kept | {id: state for group in self._groups for id, state in group.states()}

    def to_record(self) -> dict[str, Any]:
        """Burn's record: `{id: {"V1": {"Rank2": state}}}` for each parameter that has received a gradient."""
        return {
            encode_id(id): {"V1": {f"Rank{rank}": self._rule.to_item(time, parts)}}
            for id, (time, rank, parts) in self._states().items()
        }

    def __reduce__(self) -> Any:
        return _restore, (self._rule, self._penalty, self._clipping, self._states())

    def load_record(self, record: Any) -> Optimizer:
        """An optimizer of the same settings that goes on where `record` stopped. Raises `RecordError`."""
        if not isinstance(record, dict):
            raise RecordError(f"an optimizer's record is a map of parameter ids, not {type(record).__name__}")
        loaded = Optimizer(self._rule, self._penalty, self._clipping)
        for key, item in record.items():
            try:
                ((rank, state),) = item["V1"].items()
                time, parts = self._rule.from_item(state)
                if time < 1 or len(parts) != self._rule.buffers:
                    raise ValueError
                loaded._kept[decode_id(key)] = time, int(rank.removeprefix("Rank")), parts
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                if isinstance(error, RecordError):
                    raise
                raise RecordError(
                    f"optimizer record: the state of parameter {key} is not one of {type(self._rule).__name__}'s\n"
                    "  was it written by another optimizer, or with other settings? load it with that one's config"
                ) from None
        return loaded


def _restore(rule: UpdateRule, penalty: float, clipping: GradientClippingConfig | None, kept: Any) -> Optimizer:
    optimizer = Optimizer(rule, penalty, clipping)
    optimizer._kept = kept
    return optimizer


def _nothing() -> None:
    return None


def _builder(value: Any, places: dict[int, int]) -> Callable[[Any, list[Param]], Any] | None:
    """A function (old, new parameters) -> a value of the same structure with the new ones; None where there are none.

    Worked out once for a structure: walking the tree anew costs more than the arithmetic of a small model's step.
    """
    parts = tree.children(value) or {}
    own = [(name, places[id(part)]) for name, part in parts.items() if id(part) in places]
    deeper = [(name, build) for name, part in parts.items() if (build := _builder(part, places))]
    if not own and not deeper:
        return None

    if not tree.is_module(value):

        def rebuild(old: Any, new: list[Param]) -> Any:
            fields = dict(tree.children(old) or {})
            fields |= {name: new[place] for name, place in own}
            fields |= {name: build(fields[name], new) for name, build in deeper}
            return tree.rebuild(old, fields)

        return rebuild
    cls = type(value)

    def module(old: Any, new: list[Param]) -> Any:
        copy = object.__new__(cls)
        fields = copy.__dict__
        fields.update(old.__dict__)
        if "_params" in fields:
            del fields["_params"]
        for name, place in own:
            fields[name] = new[place]
        for name, build in deeper:
            fields[name] = build(fields[name], new)
        return copy

    return module
