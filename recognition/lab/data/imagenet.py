"""ImageNet's validation images: one flat folder, and LOC_val_solution.csv with the class of each."""

import csv
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from recognition.errors import DataError, ImageUnreadable
from recognition.images.decoding import read_image_bgr
from recognition.images.files import images_below
from recognition.lab.data.squares import THREADS
from recognition.types import UInt8Array

MAPPING_FILE_NAME = "LOC_synset_mapping.txt"
SOLUTION_COLUMNS = ("ImageId", "PredictionString")
# The 1,000 classes' ids in order, which is the order of torchvision's and Keras' weights (not the devkit's).
IDS_FILE = Path(__file__).with_name("imagenet_ids.txt")


class ImageNetValidation:
    """Images with class numbers in the order of published weights, a batch at a time; none is kept.

    Iterating gives (b, crop_px, crop_px, 3) RGB uint8 and (b,) numbers. Unreadable files are skipped, and
    listed in `unreadable` once they were met. `without_image` counts the solution's rows without an image.
    """

    def __init__(
        self,
        folder: Path,
        solution: Path,
        *,
        classes: int = 1000,
        batch: int = 64,
        resize_px: int = 256,
        crop_px: int = 224,
    ) -> None:
        """Find the files; raise DataError where none match.

        An image's shorter side is scaled to `resize_px` and the middle `crop_px` square is given, as
        torchvision's weights were measured.
        """
        class_of_image = read_solution(solution)
        self.ids = class_ids(solution, set(class_of_image.values()), classes)
        number_of_id = {class_id: number for number, class_id in enumerate(self.ids)}
        if not folder.is_dir():
            raise DataError(f"{folder} is no folder; pass the one with ImageNet's validation images.")
        self.files = tuple(file for file in images_below(folder) if file.stem in class_of_image)
        if not self.files:
            raise DataError(f"{folder} has no image that {solution} names.")
        self.targets = np.array([number_of_id[class_of_image[file.stem]] for file in self.files], np.int64)
        self.without_image = len(class_of_image) - len({file.stem for file in self.files})
        self.unreadable: list[str] = []
        self._batch, self._resize_px, self._crop_px = batch, resize_px, crop_px

    def __len__(self) -> int:
        return len(self.files)

    def __iter__(self) -> Iterator[tuple[UInt8Array, npt.NDArray[np.int64]]]:
        self.unreadable = []
        with ThreadPoolExecutor(THREADS) as threads:
            ahead = self._submit(threads, 0)
            for start in range(0, len(self), self._batch):
                # The next batch is read while the network works on this one.
                futures, ahead = ahead, self._submit(threads, start + self._batch)
                answers = [future.result() for future in futures]
                read = [n for n, answer in enumerate(answers) if not isinstance(answer, str)]
                self.unreadable += [answer for answer in answers if isinstance(answer, str)]
                if read:
                    images = [answer for answer in answers if not isinstance(answer, str)]
                    yield np.stack(images), self.targets[start : start + self._batch][read]

    def _submit(self, threads: ThreadPoolExecutor, start: int) -> list[Future[UInt8Array | str]]:
        return [threads.submit(self._read, file) for file in self.files[start : start + self._batch]]

    def _read(self, file: Path) -> UInt8Array | str:
        try:
            image = read_image_bgr(file)
        except ImageUnreadable as error:
            return f"{file}: {error}"
        return centre_square(image, self._resize_px, self._crop_px)


def read_solution(file: Path) -> dict[str, str]:
    """Return each image's class id from `ImageId,PredictionString`; the boxes after it are discarded."""
    if not file.is_file():
        raise DataError(f"{file} is missing; pass ImageNet's LOC_val_solution.csv.")
    with file.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        try:
            if not set(SOLUTION_COLUMNS) <= set(reader.fieldnames or ()):
                raise DataError(f"{file} needs the columns {', '.join(SOLUTION_COLUMNS)} in its first line.")
            found = {}
            for row in reader:
                image, words = row["ImageId"], (row["PredictionString"] or "").split()
                if not image or not words:
                    raise DataError(f"{file}, line {reader.line_num}: needs an image's name and its class.")
                found[image] = words[0]
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(f"{file} is not valid CSV ({error}); download it again.") from error
    return found


def class_ids(solution: Path, used: set[str], classes: int) -> tuple[str, ...]:
    """Return the ids in the order of a network's `classes` outputs: sorted, as published weights have them.

    From LOC_synset_mapping.txt beside the solution, else those that the solution uses, else the known 1,000.
    """
    mapping = solution.with_name(MAPPING_FILE_NAME)
    candidates = [sorted(used), _first_words(IDS_FILE)]
    if mapping.is_file():
        candidates.insert(0, _first_words(mapping))
    for ids in candidates:
        if len(ids) == classes and used <= set(ids):
            return tuple(ids)
    raise DataError(
        f"{solution} names {len(used)} classes that do not fit a network of {classes} classes; "
        f"put {MAPPING_FILE_NAME} with the ids of all its classes in the same folder."
    )


def centre_square(image_bgr: UInt8Array, resize_px: int, crop_px: int) -> UInt8Array:
    """Scale the shorter side to `resize_px` and cut the middle: (crop_px, crop_px, 3) RGB."""
    height, width = image_bgr.shape[:2]
    share = resize_px / min(height, width)
    size_wh = (max(round(width * share), resize_px), max(round(height * share), resize_px))
    scaled = cv2.resize(image_bgr, size_wh, interpolation=cv2.INTER_AREA if share < 1 else cv2.INTER_LINEAR)
    top, left = (size_wh[1] - crop_px) // 2, (size_wh[0] - crop_px) // 2
    middle = scaled[top : top + crop_px, left : left + crop_px]
    return np.asarray(cv2.cvtColor(middle, cv2.COLOR_BGR2RGB), np.uint8)


def _first_words(file: Path) -> Sequence[str]:
    lines = file.read_text(encoding="utf-8").splitlines()
    return sorted(line.split()[0] for line in lines if line.strip())
