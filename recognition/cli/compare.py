"""`compare`: train several recipes on the same data and budget, and write one report."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recognition.cli.long_run import add_report_arguments, command_line, resumable, speaker
from recognition.devices import resolve_device

if TYPE_CHECKING:
    from recognition.lab.comparison.entrant import Budget, Entrant


# The options that a report names of the command that made it.
REPORTED_OPTIONS = ("data", "epochs", "limit", "set", "split", "views", "seed", "out")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument(
        "--recipes", required=True, metavar="A,B,C", help="names such as best/se_resnet, or TOML files"
    )
    parser.add_argument("--title", default="Comparison of networks", help="the report's title")
    add_contest_arguments(parser)


def add_contest_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of every command that trains several networks under the same conditions."""
    parser.add_argument("--data", type=Path, required=True, help="a folder of images, or Kaggle's CSV")
    parser.add_argument(
        "--epochs", type=int, help="epochs for every recipe; the warm-up is scaled in proportion"
    )
    parser.add_argument("--limit", type=int, help="maximum number of training images for every recipe")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a value of every recipe"
    )
    parser.add_argument("--split", default="", help="split to evaluate on (default: val or PublicTest)")
    add_report_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Train, evaluate and report."""
    from recognition.lab.comparison.entrant import read_entrants

    names = [name.strip() for name in arguments.recipes.split(",") if name.strip()]
    entrants = read_entrants(names, budget(arguments))
    return run_contest(
        arguments, entrants, arguments.title, command_line(arguments, ("recipes", *REPORTED_OPTIONS))
    )


def budget(arguments: argparse.Namespace) -> "Budget":
    """Return what the command's options change in every recipe."""
    from recognition.lab.comparison.entrant import Budget

    return Budget(arguments.epochs, arguments.limit, tuple(arguments.set))


def run_contest(
    arguments: argparse.Namespace,
    entrants: "Sequence[Entrant]",
    title: str,
    command: str,
    notes: Sequence[str] = (),
) -> int:
    """Run the comparison, write its report into --out, and print it."""
    import msgspec

    from recognition.lab.comparison.attempt import Terms
    from recognition.lab.comparison.contest import hold_contest
    from recognition.lab.comparison.markdown import markdown_table
    from recognition.lab.comparison.publication import publish
    from recognition.lab.comparison.report import HEADINGS, sample_images, summarize, table_rows

    device = resolve_device(arguments.device)
    terms = Terms(arguments.data, device, arguments.seed, arguments.views, arguments.split)
    with resumable(arguments.out):
        outcomes = hold_contest(entrants, terms, arguments.out, speaker(arguments.json))
    report = summarize(title, command, outcomes, views=arguments.views, notes=notes)
    publish(report, sample_images(outcomes), arguments.out)
    if arguments.json:
        print(msgspec.json.encode(report).decode())
    else:
        print(markdown_table(HEADINGS, table_rows(report)))
        print(f"Wrote {arguments.out / 'report.html'}, and the same report as Markdown, PNG and JSON.")
    return 0
