"""Reads an image in any form that callers have: a path, bytes, a PIL image or a NumPy array."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, get_args

from recognition.images.decoding import (
    StillImage,
    as_bgr,
    decode_image_bgr,
    decode_still,
    read_image_bgr,
    read_still,
    still_of_bgr,
)
from recognition.images.pillow import is_pillow_image, pillow_array_bgr
from recognition.types import Color, UInt8Array

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL.Image import Image

# Evaluated by type checkers only, since Pillow is not imported here.
ImageInput: TypeAlias = "str | os.PathLike[str] | bytes | Image | npt.NDArray[np.generic]"


def read_input(image: object, color: Color, detail: str) -> StillImage:
    """Return an image for one analysis, large ones reduced; `detail` as for `decode_still`.

    `color`: the order of an array's channels; PIL images are RGB, and files say it themselves. Raises
    ImageUnreadable; TypeError or ValueError for a value or array that is not an image.
    """
    if isinstance(image, bytes):
        return decode_still(image, detail)
    if isinstance(image, str | os.PathLike):
        return read_still(Path(image), detail)
    return still_of_bgr(_array_bgr(image, color))


def read_input_bgr(image: object, color: Color) -> UInt8Array:
    """Return an image in its full size, (h, w, 3) BGR, as `read_input` reads it."""
    if isinstance(image, bytes):
        return decode_image_bgr(image)
    if isinstance(image, str | os.PathLike):
        return read_image_bgr(Path(image))
    return _array_bgr(image, color)


def input_file(image: object) -> str | None:
    """Return the path of an image that is given by its path, else None."""
    return os.fspath(image) if isinstance(image, str | os.PathLike) else None


def check_color(color: str) -> None:
    """Raise ValueError unless `color` is an order of channels."""
    if color not in get_args(Color):
        raise ValueError(f"color is {color!r}; expected one of {', '.join(get_args(Color))}")


def _array_bgr(image: object, color: Color) -> UInt8Array:
    if is_pillow_image(image):
        return as_bgr(pillow_array_bgr(image))
    if not hasattr(image, "dtype"):
        raise TypeError(f"expected a path, bytes, a PIL image or a NumPy array, got {type(image).__name__}")
    return as_bgr(image, color)
