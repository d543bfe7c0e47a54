"""`duplicates`: find images that occur in more than one split of a data set."""

import argparse
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    from recognition.lab.data.duplicates import HASH_BITS, NEAR_BITS

    parser.add_argument("--data", type=Path, required=True, help="a folder of images, or Kaggle's CSV")
    parser.add_argument(
        "--size-px", type=int, default=48, help="side in pixels of the grayscale squares that are compared"
    )
    parser.add_argument(
        "--near-bits",
        type=int,
        default=NEAR_BITS,
        help=f"how many of {HASH_BITS} bits may differ between nearly equal images (default {NEAR_BITS})",
    )
    parser.add_argument(
        "--val-fraction", type=float, default=0.0, help="split label folders first, as `train` does"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of that split")


def run(arguments: argparse.Namespace) -> int:
    """Print counts and names for each pair of splits; return 1 if a file could not be read."""
    from recognition.lab.data.data_set import read_data_set
    from recognition.lab.data.duplicates import report_duplicates

    data_set = read_data_set(
        arguments.data,
        size_px=arguments.size_px,
        channels=1,
        val_fraction=arguments.val_fraction,
        seed=arguments.seed,
    )
    for line in data_set.unreadable:
        print(f"skipped {line}", file=sys.stderr)
    if len(data_set.splits) < 2:
        print(f"{data_set.name} has only one split, so there is nothing to compare (see --val-fraction).")
    for shared in report_duplicates(data_set.splits, arguments.near_bits):
        print(f"{' and '.join(shared.splits)}: {len(shared.exact)} equal, {len(shared.near)} nearly equal")
        for kind, pairs in (("equal", shared.exact), ("nearly equal", shared.near)):
            for first, second in pairs:
                print(f"  {first} - {second} ({kind})")
    return 1 if data_set.unreadable else 0
