"""Measures how many faces each `detail` finds in still images, what it costs, and what it finds without any.

    python tests/bench/stills.py --data FOLDER [--images 3] [--rounds 3] [--json]

FOLDER holds expressions-val.zip, faces-val.zip and acted_faces.zip. Made on the spot and kept nowhere:
images of 12 megapixels with 35 heads each, pasted onto an enlarged image without faces; collages of images
without faces; tight crops of faces, small and large; images turned by quarters. The costs are those of the
complete path (decode, search, classify), of one image after the other in each round, so that what else the
machine does falls on all alike.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import random
import statistics
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from recognition.folders import default_cache_folder, default_weights_folder
from recognition.images.decoding import decode_still
from recognition.options import DETAILS, STILL_IMAGE_SIZE, STILL_MIN_SCORE
from recognition.pipeline import ImageRequest, Pipeline, run_to_end
from recognition.served_models import ServedModels
from recognition.types import Box, FrameResult, UInt8Array

WIDE, TALL = 4000, 3000
COLUMNS, ROWS = 7, 5
FACE_SIZES_PX = (64, 70, 96, 160)
FACE_OF_HEAD = 0.76  # the detector's box beside a head crop's side, the median of 400
SEARCHES = ("fast", "auto", "full")
Look = Callable[[bytes, str], FrameResult]


@dataclass(frozen=True)
class Composite:
    """A JPEG and where its heads lie, as fractions."""

    jpeg: bytes
    heads: tuple[Box, ...]


class Pictures:
    """The images of a zip file, decoded when asked for."""

    def __init__(self, file: Path, wanted: Callable[[str], bool] = lambda name: True) -> None:
        self._archive = zipfile.ZipFile(file)
        suffixes = (".png", ".webp", ".jpg")
        self.names = sorted(
            name for name in self._archive.namelist() if name.endswith(suffixes) and wanted(name)
        )

    def read(self, name: str) -> UInt8Array:
        image = cv2.imdecode(np.frombuffer(self._archive.read(name), np.uint8), cv2.IMREAD_COLOR)
        return np.asarray(image, np.uint8)

    def some(self, count: int, chance: random.Random) -> list[UInt8Array]:
        return [self.read(name) for name in chance.sample(self.names, min(count, len(self.names)))]


def without_faces(data: Path) -> Pictures:
    """The subset `negative` of the detector's val; the manifest lies beside it."""
    archive = zipfile.ZipFile(data / "faces-val.zip")
    manifest = next(name for name in archive.namelist() if name.endswith("manifest.csv"))
    rows = csv.DictReader(io.TextIOWrapper(archive.open(manifest), encoding="utf-8"))
    negative = {row["file"] for row in rows if row["subset"] == "negative"}
    return Pictures(data / "faces-val.zip", lambda name: Path(name).name in negative)


def jpeg_of(image: UInt8Array) -> bytes:
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()


def composite(heads: Pictures, ground: UInt8Array, face_px: int, chance: random.Random) -> Composite:
    """Paste one head into each cell of a grid, somewhere."""
    image = np.asarray(cv2.resize(ground, (WIDE, TALL), interpolation=cv2.INTER_CUBIC), np.uint8)
    side, boxes = round(face_px / FACE_OF_HEAD), []
    cell_w, cell_h = WIDE // COLUMNS, TALL // ROWS
    for index, head in enumerate(heads.some(COLUMNS * ROWS, chance)):
        left = index % COLUMNS * cell_w + chance.randrange(cell_w - side)
        top = index // COLUMNS * cell_h + chance.randrange(cell_h - side)
        method = cv2.INTER_AREA if side < head.shape[0] else cv2.INTER_CUBIC
        image[top : top + side, left : left + side] = cv2.resize(head, (side, side), interpolation=method)
        boxes.append(Box(left / WIDE, top / TALL, side / WIDE, side / TALL))
    return Composite(jpeg_of(image), tuple(boxes))


def found_of(result: FrameResult, heads: Sequence[Box]) -> tuple[int, int]:
    """How many heads have a face in them, and how many faces are no head's, or a second one's."""
    hits = [sum(_is_in(face.box, head) for face in result.faces) for head in heads]
    return sum(hit > 0 for hit in hits), len(result.faces) - sum(hit > 0 for hit in hits)


def _is_in(face: Box, head: Box) -> bool:
    x, y = face.center
    inside = head.x < x < head.x + head.w and head.y < y < head.y + head.h
    return inside and 0.35 < face.w / head.w < 1.3


def recall_and_cost(look: Look, made: Sequence[Composite], rounds: int) -> dict[str, dict[str, float]]:
    """Look at each composite with each detail in turn, so often."""
    ms: dict[str, list[float]] = {detail: [] for detail in SEARCHES}
    found, extra = dict.fromkeys(SEARCHES, 0), dict.fromkeys(SEARCHES, 0)
    for number in range(rounds):
        for image in made:
            for detail in SEARCHES:
                started = time.perf_counter()
                result = look(image.jpeg, detail)
                ms[detail].append((time.perf_counter() - started) * 1000)
                if number == 0:
                    hits, others = found_of(result, image.heads)
                    found[detail] += hits
                    extra[detail] += others
    heads = sum(len(image.heads) for image in made)
    median = {detail: statistics.median(ms[detail]) for detail in SEARCHES}
    return {
        detail: {
            "found": round(found[detail] / heads, 3),
            "extra": extra[detail],
            "ms": round(median[detail]),
            "times_fast": round(median[detail] / median["fast"], 1),
        }
        for detail in SEARCHES
    }


def share_with_faces(look: Look, images: Sequence[UInt8Array]) -> dict[str, float]:
    """The share of images in which at least one face is found, and the boxes an image, by detail."""
    shares: dict[str, float] = {}
    for detail in ("fast", "auto"):
        counts = [len(look(jpeg_of(image), detail).faces) for image in images]
        shares[detail] = round(sum(count > 0 for count in counts) / len(counts), 3)
        shares[f"{detail}, boxes"] = round(sum(counts) / len(counts), 3)
    return shares


def collage(images: Sequence[UInt8Array]) -> UInt8Array:
    """12 megapixels of images without faces, each at its own size."""
    canvas = np.full((TALL, WIDE, 3), 114, np.uint8)
    for index, (top, left) in enumerate((t, x) for t in range(0, TALL, 448) for x in range(0, WIDE, 448)):
        part = images[index % len(images)][: TALL - top, : WIDE - left]
        canvas[top : top + part.shape[0], left : left + part.shape[1]] = part
    return canvas


def measure(data: Path, count: int, rounds: int) -> dict[str, Any]:
    """Make everything and look at it."""
    chance = random.Random(0)
    heads, empty = Pictures(data / "expressions-val.zip"), without_faces(data)
    models = ServedModels.read(default_weights_folder())
    models.prepare("cpu", default_cache_folder(), lambda line: print(line, file=sys.stderr))
    pipeline = Pipeline.open(models, "cpu", default_cache_folder(), min_score=STILL_MIN_SCORE)

    def look(data: bytes, detail: str) -> FrameResult:
        still = decode_still(data, detail)
        picture = ImageRequest.of_still(still, models.default.name, STILL_IMAGE_SIZE, STILL_MIN_SCORE, detail)
        return run_to_end(pipeline.recognize_still(picture))

    for detail in DETAILS:  # compiles each shape
        look(jpeg_of(collage([empty.read(empty.names[0])])), detail)
    figures: dict[str, Any] = {"faces": {}}
    for face_px in FACE_SIZES_PX:
        grounds = empty.some(count, chance)
        made = [composite(heads, ground, face_px, chance) for ground in grounds]
        figures["faces"][face_px] = recall_and_cost(look, made, rounds if face_px == FACE_SIZES_PX[0] else 1)
        print(face_px, figures["faces"][face_px], file=sys.stderr, flush=True)
    crops = Pictures(data / "acted_faces.zip").some(40, chance)
    close = [head[14:86, 16:80] for head in heads.some(40, chance)]
    large = [np.asarray(cv2.resize(c, (576, 648), interpolation=cv2.INTER_CUBIC), np.uint8) for c in close]
    framed = [cv2.copyMakeBorder(h, 96, 96, 120, 120, cv2.BORDER_REPLICATE) for h in heads.some(30, chance)]
    groups = {
        "48 x 48 crops": crops,
        "close faces, 576 x 648": large,
        "upright heads": framed,
        **{f"heads turned {90 * k} left": [np.rot90(image, k).copy() for image in framed] for k in (1, 2, 3)},
        "without faces": empty.some(60, chance),
    }
    figures["images"] = {}
    for name, images in groups.items():
        figures["images"][name] = share_with_faces(look, images)
        print(name, figures["images"][name], file=sys.stderr, flush=True)
    nothing = Composite(jpeg_of(collage(empty.some(60, chance))), (Box(0, 0, 0, 0),))
    figures["collage without faces, boxes"] = {
        detail: len(look(nothing.jpeg, detail).faces) for detail in SEARCHES
    }
    return figures


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--images", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = measure(options.data, options.images, options.rounds)
    print(json.dumps(figures, indent=None if options.json else 1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
