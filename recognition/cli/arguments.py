"""Kinds of argument that more than one command takes."""

import argparse


def as_image_size(text: str) -> int:
    """Return the side in pixels to which a detector scales a picture.

    Raises argparse.ArgumentTypeError for one that is no multiple of 32 from 32 to 1920.
    """
    size = int(text) if text.isdecimal() else 0
    if size < 32 or size > 1920 or size % 32:
        raise argparse.ArgumentTypeError(f"{text} is not a multiple of 32 from 32 to 1920")
    return size
