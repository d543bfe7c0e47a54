"""What commands that may run for hours share: progress output, interruption and resumption."""

import argparse
import shlex
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from recognition.cli.arguments import add_tta, spelled
from recognition.images.files import printable
from recognition.lab.comparison.entrant import short_name
from recognition.models.architectures import DETECTOR_ARCHITECTURES
from recognition.models.cards import Card


def add_report_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of every command that trains networks and writes a report."""
    add_tta(parser)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--out", type=Path, required=True, help="the report's folder; pass the same folder to resume"
    )
    parser.add_argument("--json", action="store_true", help="print only the report, as JSON")


def speaker(as_json: bool) -> Callable[[str], None]:
    """Return a function that prints progress to stdout, or to stderr if stdout is reserved for JSON."""
    return lambda line: print(line, file=sys.stderr if as_json else sys.stdout, flush=True)


@contextmanager
def resumable(out: Path, option: str = "") -> Iterator[None]:
    """Let SIGTERM stop like Ctrl-C, and report that the same command, with `option`, resumes from `out`."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    except KeyboardInterrupt:
        print(f"Run the same command{option} again to resume from {out}.", file=sys.stderr)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def print_result(card: Card, out: Path) -> None:
    """Print the figures of trained weights, and where they are."""
    for figure in card.evaluations:
        low, high = figure.ci95
        is_detector = card.architecture in DETECTOR_ARCHITECTURES
        how = figure.views if is_detector else f"test-time augmentation {figure.views}"
        print(
            f"{figure.split} {figure.metric}, {how}: "
            f"{figure.value:.4f} ({low:.4f} to {high:.4f}, n = {figure.n})"
        )
    print(
        f"Wrote {out / card.name}.safetensors, .json and .onnx; copy all three into weights/ to serve them."
    )


def command_line(arguments: argparse.Namespace, options: tuple[str, ...]) -> str:
    """Return the command line without this machine's folders, so that it can be used elsewhere."""
    words = ["python", "-m", "recognition", arguments.command]
    for option in options:
        value = getattr(arguments, option)
        for each in value if isinstance(value, list) else [value]:
            if each is not None and each != "":
                value = ",".join(map(short_name, printable(str(each)).split(",")))
                words += spelled(option, value)
    return shlex.join(words)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
