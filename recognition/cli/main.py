"""The table of commands; a command's module is imported when it is called."""

import argparse
import io
import os
import sys
from collections.abc import Mapping
from importlib import import_module

from recognition.errors import DeviceUnavailable, LabelSetUnknown, ModelUnknown, RecipeError, RecognitionError
from recognition.layers import dependency_missing

# name -> (module with `add_arguments(parser)` and `run(arguments) -> int`, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "predict": ("recognition.cli.predict", "name expressions, places, hand signs or scenes in images"),
    "bench": ("recognition.cli.bench", "measure each stage and the complete path on this machine"),
    "list": ("recognition.cli.list_all", "list architectures, recipes and weights"),
    "prepare": ("recognition.cli.prepare", "prepare the served models for this machine"),
    "serve-engine": ("recognition.cli.serve_engine", "analyze frames for web processes on other machines"),
    "train": ("recognition.cli.train", "train a network from a recipe"),
    "reproduce": ("recognition.cli.reproduce", "train a served model again, step by step"),
    "evaluate": ("recognition.cli.evaluate", "measure a model on labeled images"),
    "fit-rejection": (
        "recognition.cli.fit_rejection",
        "train a model to reject images that show none of its labels",
    ),
    "evaluate-rejection": (
        "recognition.cli.evaluate_rejection",
        "measure which images a model keeps and rejects",
    ),
    "probe": ("recognition.cli.probe", "measure a model on webcam-like images"),
    "export-graphs": (
        "recognition.cli.export_graphs",
        "write the graphs that serving on a CPU reads, beside their weights",
    ),
    "export": ("recognition.cli.export", "write a model as a file for other programs"),
    "compare": (
        "recognition.cli.compare",
        "train several recipes under the same conditions and compare them",
    ),
    "cross-validate": ("recognition.cli.cross_validate", "train and evaluate a recipe by cross-validation"),
    "ablate": ("recognition.cli.ablate", "compare losses and attention orders"),
    "duplicates": ("recognition.cli.duplicates", "find images that occur in two splits"),
    "train-detector": ("recognition.cli.train_detector", "train the face detector"),
    "evaluate-detector": ("recognition.cli.evaluate_detector", "measure the face detector"),
    "match-crops": ("recognition.cli.match_crops", "compare the detector's boxes with FER2013's crops"),
    "probe-detector": ("recognition.cli.probe_detector", "show where the face detector fails"),
}

WRONG_USE = (DeviceUnavailable, LabelSetUnknown, ModelUnknown, RecipeError)


def main(
    words: list[str] | None = None,
    *,
    program: str = "python -m recognition",
    others: Mapping[str, str] | None = None,
) -> int:
    """Run one command; return 0 on success, 1 if some input failed, 2 for invalid usage.

    `others`: the commands that `program` runs elsewhere, name -> one line of help.
    """
    words = sys.argv[1:] if words is None else words
    _escape_what_cannot_be_printed()
    try:
        code = _run(words, program, others or {})
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as `head`, has closed the pipe; Python would report that again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ModuleNotFoundError as error:
        missing = dependency_missing(error, f"`{words[0]}`")
        if missing is None:
            raise
        print(f"error: {missing}", file=sys.stderr)
        return 1
    except RecognitionError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, WRONG_USE) else 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return code


def _run(words: list[str], program: str, others: Mapping[str, str]) -> int:
    parser = argparse.ArgumentParser(prog=program, description="Recognize facial expressions in images.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, help_text in others.items():
        commands.add_parser(name, help=help_text)
    for name, (module, help_text) in COMMANDS.items():
        command = commands.add_parser(name, help=help_text)
        if words[:1] == [name]:
            import_module(module).add_arguments(command)
    arguments = parser.parse_args(words)
    return int(import_module(COMMANDS[arguments.command][0]).run(arguments))


def _escape_what_cannot_be_printed() -> None:
    """Write `\\u1ea3` where the terminal's encoding lacks a character, instead of failing.

    A file name may also contain bytes that are not valid UTF-8, which no encoding can represent.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
