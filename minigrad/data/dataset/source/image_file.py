"""One image file as an array, by Pillow."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....errors import DatasetError, MissingExtraError
from ...column import freeze

__all__ = ["pillow", "read_image"]

# Modes that are no rows of numbers, each with the one that its pixels are read in; all others are read as they are.
READ_AS = {"1": "L", "P": "RGB", "PA": "RGBA", "RGBX": "RGB", "CMYK": "RGB", "YCbCr": "RGB", "HSV": "RGB", "LAB": "RGB"}
ORIENTATION = 0x0112  # the tag of EXIF


def pillow() -> ModuleType:
    """The library. Raises `MissingExtraError`."""
    try:
        import PIL.Image
    except ImportError:
        raise MissingExtraError("images are read with the Pillow library: pip install pillow") from None
    return PIL


def read_image(path: str) -> NDArray[Any]:
    """The pixels [height, width, channels] of an image file, upright, read-only; of an animation, its first frame.

    Raises `DatasetError`, which names the file, for what is missing, no image, broken, or so large that Pillow refuses.
    """
    PIL = pillow()
    try:
        with PIL.Image.open(path) as image:
            image.load()
            return freeze(np.ascontiguousarray(_upright(_pixels(image), _orientation(image))))
    except FileNotFoundError:
        raise DatasetError(f"{path}: the file is gone\n  put it back, or make the dataset anew") from None
    except PIL.UnidentifiedImageError:
        raise DatasetError(f"{path}: this is no image that Pillow knows\n  take it out of the dataset") from None
    except (PIL.Image.DecompressionBombError, PIL.Image.DecompressionBombWarning) as error:
        raise DatasetError(
            f"{path}: {error}\n  make it smaller; or, where it is meant: PIL.Image.MAX_IMAGE_PIXELS = None"
        ) from None
    except Exception as error:  # of broken files Pillow raises SyntaxError, struct.error, IndexError, ...
        if isinstance(error, OSError) and error.strerror:
            raise DatasetError(f"{path}: it cannot be read: {error.strerror}\n  let this user read it") from None
        what = str(error) or type(error).__name__
        raise DatasetError(f"{path}: Pillow cannot read this image: {what}\n  take it out of the dataset") from error


def _pixels(image: Any) -> NDArray[Any]:
    mode = READ_AS.get(image.mode, image.mode)
    if image.mode == "P" and "transparency" in image.info:
        mode = "RGBA"
    array: NDArray[Any] = np.asarray(image if mode == image.mode else image.convert(mode))
    if mode == "I" and image.format == "PNG":  # how older Pillows read 16 bits of gray
        array = array.astype(np.uint16)
    array = array.astype(array.dtype.newbyteorder("="), copy=False)  # TIFF has either order
    return array if array.ndim == 3 else array[:, :, None]


def _orientation(image: Any) -> object:
    """How the camera was held, from 1 to 8, when the file says so and can be understood."""
    if image.format == "TIFF":  # Pillow has turned these already, and some versions do not take the note away
        return None
    try:
        return image.getexif().get(ORIENTATION)
    except Exception:  # whatever is wrong with these notes, the image is there
        return None


def _upright(array: NDArray[Any], orientation: object) -> NDArray[Any]:
    """As a viewer shows it; Exif 2.3, 4.6.4, tells which sides of the scene row 0 and column 0 are."""
    if orientation in (5, 6, 7, 8):
        array = array.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        array = array[::-1]
    if orientation in (2, 3, 6, 7):
        array = array[:, ::-1]
    return array
