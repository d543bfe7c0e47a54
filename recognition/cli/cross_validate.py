"""`cross-validate`: train a recipe on all folds but one, as the CBAM-ResNet paper does for JAFFE."""

import argparse
from pathlib import Path

from recognition.cli.long_run import add_report_arguments, command_line, resumable, speaker
from recognition.devices import resolve_device

REPORTED_OPTIONS = ("recipe", "data", "pretrained", "epochs", "folds", "by", "set", "views", "seed", "out")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--recipe", required=True, help="a name such as paper/cbam_resnet, or a TOML file")
    parser.add_argument(
        "--data", type=Path, required=True, help="JAFFE's flat folder, or any data set that train accepts"
    )
    parser.add_argument(
        "--pretrained", type=Path, metavar="CARD", help="card file of the weights to fine-tune"
    )
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument(
        "--by",
        choices=("image", "person"),
        default="image",
        help="what folds must not share; in JAFFE, KA.AN1.39.png shows person KA",
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a value of the recipe"
    )
    add_report_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Train and evaluate every fold, and report."""
    import msgspec

    from recognition.lab.comparison.attempt import Terms
    from recognition.lab.comparison.cross_report import (
        HEADINGS,
        cross_facts,
        fold_rows,
        publish_folds,
        summarize_folds,
    )
    from recognition.lab.comparison.cross_validation import cross_validate, read_fine_tuning
    from recognition.lab.comparison.entrant import Budget
    from recognition.lab.comparison.markdown import markdown_table

    budget = Budget(epochs=arguments.epochs, overrides=tuple(arguments.set))
    entrant = read_fine_tuning(arguments.recipe, arguments.pretrained, budget)
    terms = Terms(arguments.data, resolve_device(arguments.device), arguments.seed, arguments.views)
    with resumable(arguments.out):
        found = cross_validate(
            entrant, terms, arguments.folds, arguments.by, arguments.out, speaker(arguments.json)
        )
    report = summarize_folds(
        found,
        title=f"Cross-validation of {entrant.recipe.title}",
        command=command_line(arguments, REPORTED_OPTIONS),
        recipe=entrant.recipe_name,
        pretrained=arguments.pretrained.stem if arguments.pretrained else "",
        by=arguments.by,
        epochs=entrant.recipe.epochs,
        views=arguments.views,
        seed=arguments.seed,
    )
    publish_folds(report, arguments.out)
    if arguments.json:
        print(msgspec.json.encode(report).decode())
        return 0
    print(markdown_table(HEADINGS, fold_rows(report)))
    print(*cross_facts(report), sep="\n")
    print(f"Wrote {arguments.out / 'report.html'}, and the same report as Markdown, PNG and JSON.")
    return 0
