"""split_dataloader: a loader in parts, one for each device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from ...errors import DeviceError
from .checks import check_device

if TYPE_CHECKING:
    from ...backend import Device
    from .loader import DataLoader

__all__ = ["split_dataloader"]

B = TypeVar("B")


def split_dataloader(loader: DataLoader[B], devices: Sequence[Device]) -> list[DataLoader[B]]:
    """A part of the loader's items for each device, in order; for one device the loader as it is.

    Raises `DeviceError` for no devices, and `LoaderError` for more of them than items.

    >>> from minigrad.backend import NdArray
    >>> from minigrad.data.dataset import InMemDataset
    >>> from minigrad.data.dataloader import Batcher, DataLoaderBuilder
    >>> class Lists(Batcher[int, list[int]]):
    ...     def batch(self, items, device):
    ...         return list(items)
    >>> loader = DataLoaderBuilder(Lists()).batch_size(4).build(InMemDataset(range(10)))
    >>> [list(part) for part in split_dataloader(loader, [NdArray(), NdArray()])]
    [[[0, 1, 2, 3], [4]], [[5, 6, 7, 8], [9]]]
    """
    if not isinstance(devices, (list, tuple)) or not devices:
        raise DeviceError(f"split_dataloader(loader, {devices!r}): give a list of devices, such as [NdArray()]")
    for device in devices:
        check_device(device, "split_dataloader")
    if len(devices) == 1:
        return [loader]
    return [part.to_device(device) for part, device in zip(loader.split(len(devices)), devices)]
