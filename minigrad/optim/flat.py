"""Parameters laid out in flat vectors: one update whatever their number.

Gradients are gathered into one flat buffer, moments are updated in place, and new parameters are written to a new flat
buffer of which the new model's parameters are views, so that the old model stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any, Protocol

import numpy as np

from ..autodiff import next_birth
from ..errors import RecordError
from ..lifting import new
from ..param import Param

__all__ = ["Array", "Group", "State", "Update", "UpdateRule"]

Array = np.ndarray[Any, Any]
State = tuple[int, int, tuple[Array, ...]]  # of one parameter: steps made, its rank, and its part of each buffer


class Update(Protocol):
    """A step of flat vectors, number `time` from 1: reads the parameters `p`, writes the new ones to `out`."""

    def __call__(self, lr: float, time: int, p: Array, out: Array) -> None: ...


class UpdateRule(Protocol):
    """What an optimizer is."""

    buffers: int  # how many vectors of state it keeps
    rows: int  # how many it needs to work in; `out` is another one, until the new parameters are written to it

    def updater(self, work: Array, state: Array) -> Update:
        """The step of these rows, its own to write to: of `state`, and of `work`, in whose first the gradient comes."""

    def to_item(self, time: int, state: Sequence[Array]) -> dict[str, Any]:
        """The state of one parameter as Burn records it."""

    def from_item(self, item: Any) -> tuple[int, tuple[Array, ...]]:
        """Back from Burn's record: steps made, and the part of each buffer."""


class Group:
    """The parameters of one dtype, laid out in flat buffers."""

    def __init__(self, params: list[Param], states: dict[int, State], rule: UpdateRule) -> None:
        self.params, self.dtype = params, params[0].dtype
        sizes = [p.size for p in params]
        ends = np.cumsum(sizes).tolist()
        self.slices = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        self.shapes = [p.shape for p in params]
        self.flat = np.empty(ends[-1], self.dtype)
        self.state = np.zeros((rule.buffers, ends[-1]), self.dtype)
        self.work = np.zeros((rule.rows, ends[-1]), self.dtype)
        self.g = self.work[0]
        self.updater = lru_cache(64)(partial(_updater, rule, self.work, self.state))  # of a run of parameters
        self.update = rule.updater(self.work, self.state)  # of all of them
        self.times = [0] * len(params)
        self.views = self._views(self.g)  # gathering by assignment to views: half the time of concatenate
        self.missing: tuple[int, ...] = ()  # which parameters got no gradient in this step
        self.places = [  # a vector is its slice, a number its place: 100 ns less than with a reshape
            (p.id, p.device, part if p.ndim else part.start, p.shape if p.ndim > 1 else None)
            for p, part in zip(params, self.slices, strict=True)
        ]
        for i, (p, view) in enumerate(zip(params, self._views(self.flat), strict=True)):
            view[...] = p.data
            time, _, parts = states.pop(p.id, (0, 0, ()))
            self.times[i] = time
            for buffer, part in zip(self.state, parts, strict=False):
                if part.shape != p.shape:
                    raise RecordError(
                        f"the optimizer's state has shape {part.shape} for a parameter of shape {p.shape}"
                    )
                buffer[self.slices[i]] = part.reshape(-1)

    def _views(self, flat: Array) -> list[Array]:
        return [flat[s].reshape(shape) for s, shape in zip(self.slices, self.shapes, strict=True)]

    def gather(self, found: dict[int, Any], by_birth: bool) -> int:
        """Copy the gradients into the flat buffer; how many there were."""
        self.missing = ()
        try:
            for p, view in zip(self.params, self.views):
                view[...] = found[p.birth if by_birth else p.id]
        except KeyError:
            keys = [p.birth if by_birth else p.id for p in self.params]
            self.missing = tuple(i for i, key in enumerate(keys) if key not in found)
            for key, view in zip(keys, self.views):
                if key in found:
                    view[...] = found[key]
        return len(self.params) - len(self.missing)

    def gathered(self) -> list[Array]:
        """The gradients that arrived, in the flat buffer."""
        return [view for i, view in enumerate(self.views) if i not in self.missing]

    def step(self, lr: float, penalty: float) -> list[Param]:
        """Update where gradients arrived; the new parameters are views of a new buffer."""
        old, out = self.flat, np.empty(self.flat.shape, self.dtype)
        if penalty:  # where no gradient arrived it is not read
            np.add(self.g, old * self.dtype.type(penalty), self.g)
        times = self.times
        if not self.missing and times.count(times[0]) == len(times):
            self.times = [times[0] + 1] * len(times)
            self.update(lr, self.times[0], old, out)
        else:
            for part, time in self._runs():
                if time is None:
                    out[part] = old[part]
                else:
                    self.updater(part.start, part.stop)(lr, time, old[part], out[part])
        self.flat = out
        self.params = params = []
        for id, device, place, shape in self.places:
            p = new(Param)  # by hand: `with_value` would double the time of this loop
            p.data = out[place].reshape(shape) if shape else out[place]
            p.device, p.birth, p.record, p.id = device, next_birth(), None, id
            params.append(p)
        return params

    def _runs(self) -> list[tuple[slice, int | None]]:
        """Stretches of parameters at one time, with the time of this step, or None where no gradient arrived."""
        runs: list[tuple[slice, int | None]] = []
        for i in range(len(self.times)):
            here = i not in self.missing
            self.times[i] += here
            time = self.times[i] if here else None
            start = self.slices[i].start
            if runs and runs[-1][1] == time:
                start = runs.pop()[0].start
            runs.append((slice(start, self.slices[i].stop), time))
        return runs

    def states(self) -> list[tuple[int, State]]:
        """A copy of the state of each parameter that has made a step."""
        return [
            (p.id, (time, len(shape), tuple(row[s].reshape(shape).copy() for row in self.state)))
            for p, s, shape, time in zip(self.params, self.slices, self.shapes, self.times, strict=True)
            if time
        ]


def _updater(rule: UpdateRule, work: Array, state: Array, start: int, stop: int) -> Update:
    return rule.updater(work[:, start:stop], state[:, start:stop])
