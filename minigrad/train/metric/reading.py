"""What a metric reads of an item: fields, by their usual names or by yours."""

from __future__ import annotations

import copy
from collections.abc import Callable
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, ClassVar, Self

from ...errors import MetricError
from ...tensor import Tensor
from .base import Metric

__all__ = ["ItemMetric", "Source", "not_a_number"]

Source = str | Callable[[Any], Any]  # where a field is: its name, dots allowed, or a function of the item


class ItemMetric(Metric):
    """A metric that reads fields of an item, such as `.output` and `.targets`."""

    reads: ClassVar[tuple[str, ...]] = ("output", "targets")
    for_one: ClassVar[str] = "BinaryAccuracyMetric"  # what reads one output an item; {} is the class
    for_classes: ClassVar[str] = "AccuracyMetric"  # and what a column for every class
    _name: str
    _view: _View | None = None

    def name(self) -> str:
        return self._name

    def reading(self, name: str | None = None, /, **fields: Source) -> Self:
        """This metric of items whose fields have other names; a new metric, under another `name` if one is given.

        A field is told by its name, with dots where it lies deeper, or by a function of the item. Raises `MetricError`
        for a field that the metric does not read, and at the first batch for one that the item has not.

        >>> from minigrad.train.metric import AccuracyMetric, LossMetric
        >>> AccuracyMetric().reading("Species Accuracy", output="heads.species", targets="species").name()
        'Species Accuracy'
        >>> tokens = AccuracyMetric().reading(output=lambda item: item.output.reshape((-1, 10)))
        >>> LossMetric().reading("KL Loss", loss="kl").name()
        'KL Loss'
        """
        kind = type(self).__name__
        for field, source in fields.items():
            if field not in self.reads:
                raise MetricError(f"{kind}.reading({field}=...): it reads {_listed(self.reads)}")
            if not (callable(source) or (isinstance(source, str) and source)):
                raise MetricError(
                    f"{kind}.reading({field}={source!r}): it takes the name of a field, or a function of the item\n"
                    f'  {kind}().reading({field}="scores")'
                )
        if name is not None and not (isinstance(name, str) and name):
            raise MetricError(f"{kind}.reading({name!r}): what comes first is the metric's new name")
        metric = copy.copy(self)
        metric.clear()
        if fields:
            before = self._view.sources if self._view is not None else {field: field for field in self.reads}
            metric._view = _View(kind, {**before, **fields})
        if name is not None:
            metric._name = name
        return metric

    def arrays(self, item: Any) -> tuple[Any, Any]:
        """The arrays of the item's output and targets; `MetricError` when it lacks one."""
        if self._view is not None:
            item = self._view(item)
        try:
            output, targets = item.output.data, item.targets.data
            output.dtype, targets.dtype  # noqa: B018 - an array has `.data` too, which is no array
            return output, targets
        except AttributeError:
            raise MetricError(
                f"{type(self).__name__}: {type(item).__name__} has no tensors in the fields `output` and `targets`\n"
                "  return ClassificationOutput(loss, output, targets), or a dataclass of yours with these fields\n"
                '  fields of other names are read by metric.reading(output="scores", targets="labels")'
            ) from None


class _View:
    """An item under the names that a metric reads."""

    def __init__(self, kind: str, sources: dict[str, Source]) -> None:
        self.sources = sources
        self._kind = kind
        self._names = {field: source for field, source in sources.items() if isinstance(source, str)}
        getters = {field: attrgetter(name) for field, name in self._names.items()}
        self._getters: dict[str, Any] = sources | getters

    def __call__(self, item: Any) -> SimpleNamespace:
        view = SimpleNamespace()
        for field, getter in self._getters.items():
            try:
                value = getter(item)
            except AttributeError as error:
                if field not in self._names:  # it was raised in the user's function
                    raise
                raise MetricError(
                    f"{self._kind}: `{field}` is to be read from `{self._names[field]}`, and {error}"
                ) from None
            if not isinstance(value, Tensor):
                source = f"`{self._names[field]}`" if field in self._names else "a function"
                raise MetricError(
                    f"{self._kind}: `{field}` is read from {source} of {type(item).__name__}, "
                    f"which is no tensor but {type(value).__name__}"
                )
            setattr(view, field, value)
        return view


def not_a_number(metric: Metric, what: str = "output") -> MetricError:
    """Words the error for an output of NaN, which would count as some class."""
    return MetricError(
        f"{type(metric).__name__}: the {what} has NaN in it, which is on no side of anything\n"
        "  a smaller learning rate or grad_clipping may help"
    )


def _listed(fields: tuple[str, ...]) -> str:
    return " and ".join(f"`{field}`" for field in fields)
