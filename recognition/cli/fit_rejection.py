"""`fit-rejection`: add an output to a model that separates its own kind of images from any other."""

import argparse
from pathlib import Path

from recognition.cli.evaluate import find_model
from recognition.cli.evaluate_rejection import add_shared_arguments, report_unreadable, require_whole_images
from recognition.devices import resolve_device


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add_shared_arguments(parser)
    parser.add_argument("--out", type=Path, required=True, help="the folder for the weights and their card")


def run(arguments: argparse.Namespace) -> int:
    """Fit on the train split and the unknown images, choose the threshold on val, and write."""
    import numpy as np

    from recognition.lab.evaluation.rejection import read_known, read_unknown
    from recognition.lab.training.rejection import add_rejection

    card, folder = find_model(arguments.model)
    require_whole_images(card)
    known, held_out = (read_known(arguments.data, split, card) for split in ("train", "val"))
    unknown = [read_unknown(place, card) for place in arguments.unknown]
    changed = add_rejection(
        card,
        folder,
        known.pixels,
        np.concatenate([images.pixels for images in unknown]),
        held_out.pixels,
        arguments.out,
        arguments.keep,
        resolve_device(arguments.device),
    )
    threshold = changed.thresholds["uncertain"]
    print(f"Wrote {arguments.out / card.name}.safetensors: uncertain below {threshold:.2f}")
    return report_unreadable([line for images in (known, held_out, *unknown) for line in images.unreadable])
