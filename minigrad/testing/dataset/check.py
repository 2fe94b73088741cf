"""`check_dataset`: the laws that a loader relies on, tried on a dataset of one's own."""

from __future__ import annotations

from typing import Any

from ...data.dataset import Dataset
from ...data.dataset.checks import integer, length_of
from ...errors import CheckError, DatasetError
from .laws import LAWS
from .subject import Subject

__all__ = ["check_dataset"]


def check_dataset(
    dataset: Dataset[Any],
    *,
    random: bool = False,
    pickles: bool = False,
    source: Dataset[Any] | None = None,
    samples: int = 100,
) -> dict[str, int]:
    """Try all laws on a dataset; how much was compared, by law. Raises `CheckError`, whose `law` says which is broken.

    `random=True` says that `get` draws anew each time: then its items are not compared. `pickles=True` asks that the
    dataset comes back from `pickle` as it was, as another process would get it. `source` is a dataset that this one
    reads from, which must stay as it is. Of more than `samples` items as many are tried.

    >>> from minigrad.data.dataset import InMemDataset
    >>> check_dataset(InMemDataset([{"x": 1.0}, {"x": 2.0}]), pickles=True)["pickles"]
    2
    >>> class Squares(Dataset[int]):
    ...     def get(self, index):
    ...         return index**2 if index < 3 else None
    ...     def __len__(self):
    ...         return 3
    >>> check_dataset(Squares())
    Traceback (most recent call last):
    ...
    minigrad.errors.CheckError: Squares breaks the law 'outside': get(-1) returned 1, but there is no such item
      begin it with: if not 0 <= index < len(self): return None
    """
    try:
        length_of("check_dataset", dataset)
    except DatasetError as error:
        if not isinstance(dataset, Dataset):
            raise
        raise _broken(dataset, "length", error) from error.__cause__
    samples = integer("check_dataset", "samples", samples, 1)
    compared: dict[str, int] = {}
    subject = Subject(dataset, random, source, samples)
    for law, check in LAWS.items():
        if law == "pickles" and not pickles:
            continue
        try:
            compared[law] = check(subject)
        except CheckError as error:
            raise _broken(dataset, law, error) from error.__cause__
    return compared


def _broken(dataset: Dataset[Any], law: str, text: Exception) -> CheckError:
    error = CheckError(f"{type(dataset).__name__} breaks the law {law!r}: {text}")
    error.law = law
    return error
