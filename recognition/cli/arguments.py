"""Arguments that several commands share."""

import argparse
from typing import Any, Final

from recognition.options import IMAGE_SIZE_STEP, MAX_IMAGE_SIZE

# What `--tta` is spelled, and the name under which results and cards keep it.
TTA: Final = {"none": "1", "flip": "flip", "ten-crop": "ten"}


def add_tta(parser: argparse.ArgumentParser) -> None:
    """Declare `--tta`, read as `arguments.views`: the name that cards and results use."""
    parser.add_argument(
        "--tta",
        dest="views",
        type=_as_tta,
        default="none",
        metavar="{none,flip,ten-crop}",
        help="test-time augmentation: average the predictions for mirror images or ten crops",
    )
    # Until 0.3.
    parser.add_argument(
        "--views", choices=tuple(TTA.values()), default=argparse.SUPPRESS, help=argparse.SUPPRESS
    )


def add_renamed(parser: argparse.ArgumentParser, name: str, old: str, **options: Any) -> None:
    """Declare an option whose `old` spelling works until 0.3, without being listed."""
    added = parser.add_argument(name, **options)
    hidden = {**options, "dest": added.dest, "default": argparse.SUPPRESS, "help": argparse.SUPPRESS}
    parser.add_argument(old, **hidden)


def spelled(option: str, value: str) -> tuple[str, str]:
    """Return an option and its value as they are typed, from the name and value after parsing."""
    if option == "views":
        return "--tta", next(spelling for spelling, name in TTA.items() if name == value)
    return f"--{option.replace('_', '-')}", value


def _as_tta(text: str) -> str:
    if text not in TTA:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(TTA)}")
    return TTA[text]


def as_image_size(text: str) -> int:
    """Return the side in pixels to which a detector scales an image.

    Raises argparse.ArgumentTypeError for one that is no multiple of 32 from 32 to 1920.
    """
    size = int(text) if text.isdecimal() else 0
    if not IMAGE_SIZE_STEP <= size <= MAX_IMAGE_SIZE or size % IMAGE_SIZE_STEP:
        raise argparse.ArgumentTypeError(
            f"{text} is not a multiple of {IMAGE_SIZE_STEP} from {IMAGE_SIZE_STEP} to {MAX_IMAGE_SIZE}"
        )
    return size
