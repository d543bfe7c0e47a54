"""A program of somebody who uses the library, type-checked from outside and never run."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import assert_type

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from recognition import Box, Face, ImageInput, Prediction, Recognizer, RecognizerOptions, Result

recognizer = Recognizer("se_resnet", label_set="fer5", detail="fast", min_score=0.5, cache=Path("cache"))
assert_type(recognizer.options, RecognizerOptions)
assert_type(recognizer.labels, tuple[str, ...])

assert_type(recognizer("photo.jpg"), Result)
assert_type(recognizer(Path("photo.jpg")), Result)
assert_type(recognizer(b""), Result)
assert_type(recognizer(Image.open("photo.jpg")), Result)
assert_type(recognizer(np.zeros((4, 6, 3), np.uint8), color="rgb"), Result)
assert_type(recognizer(["a.jpg", "b.jpg"]), list[Result])
assert_type(recognizer([Path("a.jpg")]), list[Result])
assert_type(recognizer((b"", Path("a.jpg"))), list[Result])
image_bgr = cv2.imread("photo.jpg")
if image_bgr is not None:
    assert_type(recognizer(image_bgr), Result)
    assert_type(recognizer([image_bgr]), list[Result])


def analyzed(image: ImageInput) -> Result:
    return recognizer(image)


result = analyzed("photo.jpg")
assert_type(result.faces, tuple[Face, ...])
assert_type(result.answer, Prediction | None)
assert_type(result.predictions, tuple[Prediction, ...])
assert_type(result.width, int)
assert_type(result.time_s, float | None)
for face in result.faces:
    assert_type(face.box_xyxy, tuple[float, float, float, float])
    assert_type(face.box, Box)
    assert_type(face.label, str)
    assert_type(face.confidence, float)
    assert_type(face.uncertain, bool)
    assert_type(face.probabilities, Mapping[str, float])
    assert_type(face.id, int | None)
described = result.to_dict()
assert_type(described["faces"][0]["box"], list[float])
assert_type(described["file"], str | None)
assert_type(result.draw("photo.jpg"), npt.NDArray[np.uint8])
assert_type(result.draw(Image.open("photo.jpg")), Image.Image)


def frames() -> Iterator[tuple[npt.NDArray[np.uint8], float]]:
    yield np.zeros((4, 6, 3), np.uint8), 0.0


assert_type(recognizer.stream(cv2.VideoCapture(0)), Iterator[Result])
assert_type(recognizer.stream(frames(), quality="far"), Iterator[Result])
assert_type(recognizer.stream([b"", b""], fps=25), Iterator[Result])
with Recognizer() as opened:
    assert_type(opened, Recognizer)
