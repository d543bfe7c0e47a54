"""The table of commands; a command's module is imported when it is called."""

import argparse
import io
import os
import sys
from importlib import import_module

from recognition.errors import DeviceUnavailable, LabelSetUnknown, ModelUnknown, RecipeError, RecognitionError

# name -> (module with `add_arguments(parser)` and `run(arguments) -> int`, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "predict": ("recognition.cli.predict", "name expressions, places, hand signs or scenes in images"),
    "bench": ("recognition.cli.bench", "measure each stage and the whole path on this machine"),
    "list": ("recognition.cli.list_all", "list architectures, recipes and weights"),
    "prepare": ("recognition.cli.prepare", "make the exports that serving needs"),
    "serve-engine": ("recognition.cli.serve_engine", "answer frames of web processes on other machines"),
    "train": ("recognition.cli.train", "train a network from a recipe"),
    "evaluate": ("recognition.cli.evaluate", "measure a model on labelled images"),
    "fit-rejection": (
        "recognition.cli.fit_rejection",
        "teach a model to reject images of none of its labels",
    ),
    "evaluate-rejection": (
        "recognition.cli.evaluate_rejection",
        "measure what a model keeps and rejects",
    ),
    "probe": ("recognition.cli.probe", "measure a model on images as a webcam gives them"),
    "export": ("recognition.cli.export", "write a model as a file for other programs"),
    "compare": ("recognition.cli.compare", "train several recipes on the same terms, and report"),
    "cross-validate": ("recognition.cli.cross_validate", "train and evaluate a recipe in folds"),
    "ablate": ("recognition.cli.ablate", "compare losses and orders of attention"),
    "duplicates": ("recognition.cli.duplicates", "find images that stand in two splits"),
    "train-detector": ("recognition.cli.train_detector", "train the face detector"),
    "evaluate-detector": ("recognition.cli.evaluate_detector", "measure the face detector"),
    "match-crops": ("recognition.cli.match_crops", "fit the detector's boxes to FER2013's crops"),
    "probe-detector": ("recognition.cli.probe_detector", "show where the face detector fails"),
}

WRONG_USE = (DeviceUnavailable, LabelSetUnknown, ModelUnknown, RecipeError)


def main(words: list[str] | None = None) -> int:
    """Run one command; return 0 when all went well, 1 when some input failed, 2 for wrong use."""
    words = sys.argv[1:] if words is None else words
    _escape_what_cannot_be_printed()
    parser = argparse.ArgumentParser(
        prog="python -m recognition", description="Expressions of faces in images."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, help_text) in COMMANDS.items():
        command = commands.add_parser(name, help=help_text)
        if words[:1] == [name]:
            import_module(module).add_arguments(command)
    arguments = parser.parse_args(words)
    try:
        code = int(import_module(COMMANDS[arguments.command][0]).run(arguments))
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has enough, such as `head`; Python would complain of it once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except RecognitionError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, WRONG_USE) else 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return code


def _escape_what_cannot_be_printed() -> None:
    """Let output write `\\u1ea3` where the terminal's encoding lacks a character, instead of failing.

    A file name may also contain bytes that are no UTF-8, which no encoding has.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
