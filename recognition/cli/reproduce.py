"""`reproduce`: train a served model again by its chain of steps, from data sets to weights and card."""

import argparse
from pathlib import Path

from recognition.cli.long_run import print_result, resumable, speaker
from recognition.devices import resolve_device
from recognition.errors import RecipeError
from recognition.lab.training.chain import ChainStep, list_chains, read_chain

OUT, QUICK_OUT = Path("runs/reproduce"), Path("runs/reproduce_quick")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("name", help=f"one of {', '.join(list_chains())}; or a TOML file")
    parser.add_argument(
        "--data", type=Path, help="folder that contains a folder or link for each data set of the chain"
    )
    parser.add_argument("--dry-run", action="store_true", help="print the steps and stop")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="check that every step works: one epoch of a few images; the weights are useless",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument(
        "--workers", type=int, default=8, help="number of processes that read a detector's images"
    )
    parser.add_argument(
        "--out", type=Path, help=f"folder for the steps (default {OUT}); pass the same folder to resume"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the steps that are not complete; Ctrl-C and SIGTERM leave the current one resumable."""
    steps = read_chain(arguments.name)
    if arguments.dry_run:
        print("\n".join(_as_text(steps)))
        return 0
    if arguments.data is None:
        raise RecipeError("Pass --data FOLDER, or --dry-run to print the steps and their data sets.")
    from recognition.lab.training.reproduction import Reproduction

    out = arguments.out or (QUICK_OUT if arguments.quick else OUT)
    reproduction = Reproduction(
        steps,
        arguments.data,
        out,
        resolve_device(arguments.device),
        speaker(as_json=False),
        quick=arguments.quick,
        workers=arguments.workers,
    )
    with resumable(out):
        card = reproduction.run()
    print_result(card, reproduction.folder(card.name))
    return 0


def _as_text(steps: tuple[ChainStep, ...]) -> list[str]:
    """One line per step, then the time and the data sets."""
    lines = []
    for number, each in enumerate(steps, 1):
        step = each.step
        recipe = getattr(step, "recipe", "")
        words = [f"{number}. {step.name}: {step.kind}", recipe, f"on {step.data}, seed {step.seed}"]
        parents = f", from {', '.join(step.parents)}" if step.parents else ""
        hours = f", {step.hours:g} h" if step.hours else ""
        lines.append(" ".join(filter(None, words)) + parents + hours)
    folders = sorted({folder for each in steps for folder in each.step.folders})
    total = sum(each.step.hours for each in steps)
    lines += [f"About {total:.1f} h on two CPU cores.", f"Folders below --data: {', '.join(folders)}"]
    return lines
