"""`bench`: measure the cost of each stage and of the complete live path on this machine."""

import argparse
import json
from typing import Any

from recognition.devices import resolve_device
from recognition.folders import default_cache_folder, default_weights_folder
from recognition.options import DEFAULT_QUALITY, QUALITIES
from recognition.served_models import ServedModels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
    parser.add_argument("--quality", choices=tuple(QUALITIES), default=DEFAULT_QUALITY)
    parser.add_argument("--frames", type=int, default=200, help="frames to time, after a warm-up")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each number of viewers runs")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Measure on the sample image with two faces at 640 x 480 and print."""
    from recognition.lab.evaluation.speed import measure_speed

    device = resolve_device(arguments.device)
    models = ServedModels.read(default_weights_folder())
    models.prepare(device, default_cache_folder(), lambda line: None)
    report = measure_speed(
        default_weights_folder(),
        default_cache_folder(),
        device,
        arguments.quality,
        arguments.frames,
        arguments.seconds,
    )
    print(json.dumps(report) if arguments.json else _as_text(report))
    return 0


def _as_text(report: dict[str, Any]) -> str:
    lines = [f"device {report['device']}"]
    for stage, times in report["stages"].items():
        lines.append(f"{stage:9} p50 {times['p50_ms']:6.1f} ms   p95 {times['p95_ms']:6.1f} ms")
    for viewers, fps in report["fps"].items():
        lines.append(f"{viewers} in flight: {fps:.1f} frames/s")
    lines.append(f"overhead {report['overhead']:.2f} (complete path divided by the sum of its stages alone)")
    return "\n".join(lines)
