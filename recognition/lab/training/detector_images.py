"""The training images of a face detector, laid out in the run's folder as ultralytics expects them."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from random import Random

import cv2
import numpy as np

from recognition.detection.letterbox import GREY, STRIDE, Letterbox
from recognition.errors import DataError
from recognition.images.decoding import read_image_bgr
from recognition.images.files import image_files
from recognition.lab.data.faces import read_face_images
from recognition.lab.data.smooth_images import smooth_image
from recognition.lab.training.detector_run import DetectorRun
from recognition.types import UInt8Array

SHEET_SIDE = 2  # images across and down


def link_images(run: DetectorRun) -> int:
    """Lay links to the images and labels into the run's folder; return how many there are to train on.

    ultralytics keeps a pickled index beside the labels: it must lie in our folder, not in the user's.
    """
    folder = run.out / "pictures"
    shutil.rmtree(folder, ignore_errors=True)
    count = _link_split(run, "train", run.recipe.data.leave_out, folder)
    _link_split(run, "val", (), folder)
    count += _add_images_without_faces(run, folder / "images/train")
    # JSON is YAML too, and quotes the path.
    places = {"path": str(folder.resolve()), "train": "images/train", "val": "images/val", "names": ["face"]}
    (run.out / "data.yaml").write_text(json.dumps(places), encoding="utf-8")
    return count


def _link_split(run: DetectorRun, split: str, left_out: Sequence[str], folder: Path) -> int:
    """Link one split's images but for the subsets left out; return how many."""
    chosen = [image for image in read_face_images(run.data, split) if image.subset not in left_out]
    if not chosen:
        raise DataError(f"Nothing of {run.data} is left to train on; leave fewer subsets out.")
    for image in chosen:
        labels = image.file.parents[2] / "labels" / split / f"{image.file.stem}.txt"
        _link(image.file, folder / "images" / split)
        if labels.exists():
            _link(labels, folder / "labels" / split)
    return len(chosen)


def _add_images_without_faces(run: DetectorRun, folder: Path) -> int:
    """Link the negatives, draw their mosaics and the synthetic negatives; return the number of all these."""
    part = run.recipe.data
    chance = Random(run.seed)  # noqa: S311
    files = _negatives(run) if part.negatives else []
    negatives = chance.sample(files, min(part.negatives, len(files)))
    for number, negative in enumerate(negatives):
        # Images of one name may lie in several folders.
        (folder / f"negative-{number:05}{negative.suffix}").symlink_to(negative.resolve())
    for number in range(part.negative_mosaics):
        sheet = _sheet(chance.choices(files, k=SHEET_SIDE**2), run.recipe.image_size)
        cv2.imwrite(str(folder / f"sheet-{number:05}.jpg"), sheet)
    generator = np.random.default_rng(run.seed)
    for number in range(part.synthetic_negatives):
        cv2.imwrite(str(folder / f"smooth-{number:05}.jpg"), smooth_image(generator))
    return len(negatives) + part.negative_mosaics + part.synthetic_negatives


def _negatives(run: DetectorRun) -> list[Path]:
    for folder in run.negatives:
        if not folder.is_dir():
            raise DataError(f"{folder} is not a folder; choose one with images without faces.")
    return list(image_files(run.negatives))


def _sheet(files: Sequence[Path], image_size: int) -> UInt8Array:
    """Lay images side by side, none of them enlarged: alone, a small one would be."""
    cell = image_size // SHEET_SIDE // STRIDE * STRIDE
    sheet = np.full((image_size, image_size, 3), GREY, np.uint8)
    for number, file in enumerate(files):
        image = read_image_bgr(file)
        laid = Letterbox.fit(image.shape[1], image.shape[0], cell).fill(image)
        top, left = (cell * at for at in divmod(number, SHEET_SIDE))
        sheet[top : top + laid.shape[0], left : left + laid.shape[1]] = laid
    return sheet


def _link(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file.name).symlink_to(file.resolve())
