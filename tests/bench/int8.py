"""Says what the face detector gains and loses in int8, beside f32 and bf16, in one run.

    python tests/bench/int8.py --data FOLDER [--image-size 320] [--pictures 300] [--json]

OpenVINO's post-training quantisation (`pip install nncf`, which the site does not need), calibrated on
pictures of train; average precision and milliseconds a picture are of val. The precisions take turns.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from recognition.cli.evaluate_detector import find_detector
from recognition.detection.letterbox import GREY, Letterbox
from recognition.detection.openvino_yolo import OpenVinoYolo, precisions
from recognition.detection.precision import median_ms
from recognition.detection.torch_yolo_network import build_network
from recognition.detection.yolo import YoloDetector
from recognition.folders import default_cache_folder
from recognition.images.decoding import read_image_bgr
from recognition.lab.data.faces import FaceImage, read_face_images
from recognition.lab.evaluation.detection import match
from recognition.lab.evaluation.detection_report import MIN_SCORE, detect_all, summarize
from recognition.lab.export.graph import DetectorFromPixels
from recognition.models.cards import weights_file
from recognition.models.graphs import find_graph
from recognition.types import UInt8Array

SEED = 0


def quantised(weights: Path, pictures: list[FaceImage], image_size: int, folder: Path) -> Path:
    """Write the int8 model of a detector's weights into `folder`."""
    import nncf
    import openvino

    inputs = [_input(picture, image_size) for picture in pictures]
    # From torch and not from the graph, which lacks the modules' names and has separate batch norms.
    network: Any = build_network(weights, default_cache_folder() / "ultralytics")
    network.fuse(verbose=False)
    example = torch.zeros(1, 64, 96, 3, dtype=torch.uint8)
    model = openvino.convert_model(DetectorFromPixels(network), example_input=example)
    small = nncf.quantize(
        model,
        nncf.Dataset(inputs),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(inputs),
        # The head's distances and scores lose most: they stay as they are.
        ignored_scope=nncf.IgnoredScope(patterns=[r".*model\.22.*"], validate=False),
    )
    file = folder / "int8.xml"
    openvino.save_model(small, file, compress_to_fp16=False)
    return file


def _input(picture: FaceImage, image_size: int) -> UInt8Array:
    image_bgr = read_image_bgr(picture.file)
    return Letterbox.fit(image_bgr.shape[1], image_bgr.shape[0], image_size).fill(image_bgr)[None]


def compare(options: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    """Return a row for each precision."""
    card, weights = find_detector(None)
    graph = find_graph(card, weights)
    learnt = Random(SEED).sample(read_face_images(options.data, "train"), options.pictures)
    files = {name: (graph, name) for name in precisions()}
    files["int8"] = (
        quantised(weights_file(card, weights), learnt, options.image_size, folder),
        precisions()[-1],
    )
    detectors = {
        name: YoloDetector(OpenVinoYolo(file, precision), MIN_SCORE)
        for name, (file, precision) in files.items()
    }
    frame = np.full((480, 640, 3), GREY, np.uint8)
    took = median_ms(
        {name: partial(detector.detect, [frame], options.image_size) for name, detector in detectors.items()}
    )
    pictures = read_face_images(options.data, "val")
    rows = []
    for name, detector in detectors.items():
        boxes, _ = detect_all(detector, pictures, options.image_size)
        report = summarize(match(boxes), pictures, took[name])
        rows.append(
            {
                "precision": name,
                "ap50": report.ap50,
                "ap50_over_48": report.ap50_over_48,
                "ap50_without_wider": report.ap50_without_wider,
                "ms": took[name],
            }
        )
    return rows


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--image-size", type=int, default=320)
    parser.add_argument("--pictures", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = compare(options, Path(folder))
    for row in rows:
        if options.json:
            print(json.dumps(row))
        else:
            print(
                f"| {row['precision']} | {row['ap50']:.3f} | {row['ap50_over_48']:.3f} "
                f"| {row['ap50_without_wider']:.3f} | {row['ms']:.1f} |"
            )


if __name__ == "__main__":
    main()
