"""Makes small data sets for tests: images of three shapes that a tiny network can distinguish."""

from pathlib import Path

import cv2
import numpy as np

from recognition.types import UInt8Array

SHAPES = ("circle", "square", "stripes")
SIDE_PX = 24

TINY_RECIPE = """
title = "Tiny"
task = "scenes"
epochs = 2
batch = 8
precision = "fp32"

[network]
architecture = "tiny"

[data]
size_px = 24
crop = 24
leave_out = "none"

[optimiser]
kind = "adam"
lr = 0.01
warmup_epochs = 0.0
"""


def draw_shape(shape: str, random: np.random.Generator) -> UInt8Array:
    """One grey image (24, 24) of a shape somewhere on noise."""
    image = random.integers(0, 80, (SIDE_PX, SIDE_PX), np.uint8)
    x, y = (int(value) for value in random.integers(8, 16, 2))
    if shape == "circle":
        cv2.circle(image, (x, y), 7, 220, -1)
    elif shape == "square":
        cv2.rectangle(image, (x - 5, y - 5), (x + 5, y + 5), 150, 2)
    else:
        image[::4] = 250
    return image


def write_shapes(
    folder: Path, counts: dict[str, int], seed: int = 0, prefixes: tuple[str, ...] = ("",)
) -> Path:
    """Write `counts[split]` images of each shape into split folders; "" for none; prefixes take turns."""
    random = np.random.default_rng(seed)
    for split, count in counts.items():
        for shape in SHAPES:
            label_folder = folder / split / shape
            label_folder.mkdir(parents=True)
            for number in range(count):
                name = f"{prefixes[number % len(prefixes)]}{shape}{number}.png"
                cv2.imwrite(str(label_folder / name), draw_shape(shape, random))
    return folder


def write_recipe(file: Path, *changes: tuple[str, str]) -> Path:
    """Write the tiny recipe, with texts of it changed."""
    text = TINY_RECIPE
    for before, after in changes:
        text = text.replace(before, after)
    file.write_text(text)
    return file
