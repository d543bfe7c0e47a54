"""`ablate`: compare softmax with A-Softmax, and the four attention orders, in one table."""

import argparse

from recognition.cli.compare import REPORTED_OPTIONS, add_contest_arguments, budget, run_contest
from recognition.cli.long_run import command_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--recipe", default="paper/cbam_resnet", help="a recipe of cbam_resnet to vary")
    add_contest_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Train every variant, evaluate and report."""
    from recognition.lab.comparison.ablation import NOTES, read_variants

    return run_contest(
        arguments,
        read_variants(arguments.recipe, budget(arguments)),
        "Ablation of CBAM-ResNet: loss and order of attention",
        command_line(arguments, ("recipe", *REPORTED_OPTIONS)),
        NOTES,
    )
