"""A video's people: one id for one person however far the frames are apart, new ids after a cut."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from emoweb.video import engine
from emoweb.video.analysis import VideoAnalysis
from emoweb.video.cuts import CutDetector
from emoweb.video.lease import Lease
from emoweb.video.models import Video
from emoweb.video.people import People
from emoweb.video.tasks import analyze_video
from tests.emoweb.hand_engine import card, seen
from tests.emoweb.picture_engine import PictureEngine
from tests.emoweb.videos import write_clip

Image = npt.NDArray[np.uint8]
SIDES = (120, 160)


def scene(seed: int, sides: tuple[int, int] = SIDES) -> Image:
    """Return an image of some large areas of colors of their own, as a room has."""
    dice = np.random.default_rng(seed)
    image = np.full((*sides, 3), dice.integers(0, 255, 3), np.uint8)
    for _ in range(25):
        top, left = dice.integers(0, sides[0]), dice.integers(0, sides[1])
        height, width = dice.integers(10, 70, 2)
        image[top : top + height, left : left + width] = dice.integers(0, 255, 3)
    return image


def noisy(image: Image, seed: int) -> Image:
    noise = np.random.default_rng(seed).normal(0, 4, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


@pytest.fixture
def one_face(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: object) -> PictureEngine:
    """A worker's engine that sees one face at the same place of every frame."""
    made = PictureEngine()
    monkeypatch.setattr(engine, "worker_engine", lambda: made)
    settings.DATA_FOLDER = tmp_path / "data"  # type: ignore[attr-defined]
    return made


def queued_video(images: list[Image], fps: Fraction | int, stride: int) -> Video:
    """A video that waits for a worker."""
    video = Video.objects.create(
        owner="alice",
        model="first",
        label_set="fer7",
        quality="balanced",
        stride=stride,
        size=1,
        labels=list(PictureEngine().models[0].labels),
        state=Video.State.WAITING,
    )
    video.folder.mkdir(parents=True)
    write_clip(video.folder / "a.mp4", images, fps).rename(video.upload)
    return video


def ids_of(video: Video) -> list[int]:
    analyze_video.call(str(video.pk))
    video.refresh_from_db()
    assert video.state == "done"
    return sorted(set(video.samples.values_list("face", flat=True)))


@pytest.mark.parametrize("stride", [1, 5, 30])
@pytest.mark.parametrize("fps", [Fraction(1, 5), Fraction(1), Fraction(5), Fraction(25), Fraction(60)])
def test_one_person_keeps_one_id(db: None, one_face: PictureEngine, fps: Fraction, stride: int) -> None:
    still = scene(1)
    assert ids_of(queued_video([noisy(still, n) for n in range(65)], fps, stride)) == [1]


@pytest.mark.parametrize(("fps", "stride"), [(1, 1), (1, 30), (5, 5), (25, 1), (25, 5), (60, 30)])
def test_a_cut_gives_new_ids(db: None, one_face: PictureEngine, fps: int, stride: int) -> None:
    images = [noisy(scene(1 + n // 30), n) for n in range(90)]
    video = queued_video(images, fps, stride)
    assert ids_of(video) == [1, 2, 3]


def test_a_cut_between_two_sampled_frames_is_analysed_at_once(db: None, one_face: PictureEngine) -> None:
    video = queued_video([scene(1)] * 17 + [scene(2)] * 43, fps=10, stride=30)
    ids_of(video)
    # Frames 0, 17 and 30, and the first of each part that was saved.
    assert video.frames == 4
    assert list(video.samples.values_list("second", "face")) == [(0, 1), (1, 2), (3, 2), (5, 2)]


@pytest.mark.parametrize("cut_at", [49, 50, 51])
def test_a_worker_that_takes_over_at_a_cut_gives_the_same_ids(
    db: None, one_face: PictureEngine, cut_at: int
) -> None:
    images = [scene(1)] * cut_at + [scene(2)] * (100 - cut_at)
    untouched = queued_video(images, 10, 5)
    ids_of(untouched)
    video = queued_video(images, 10, 5)
    lease = Lease.take(video.pk)
    assert lease is not None
    analysis = VideoAnalysis(video, lease, one_face)

    def save_and_die(*arguments: object) -> None:
        Lease.save(lease, *arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    lease.save = save_and_die  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        analysis.run()
    Video.objects.filter(pk=video.pk).update(state=Video.State.WAITING)
    video.refresh_from_db()
    assert video.saved_s == 5
    ids_of(video)
    fields = ("second", "face", "n")
    assert list(video.samples.values_list(*fields)) == list(untouched.samples.values_list(*fields))


def test_a_face_that_is_missed_once_keeps_its_id_over_a_change_of_worker() -> None:
    first = People(card("first"), "fer7")
    assert [face.id for face in first.update(seen(faces=2), 0.0)] == [1, 2]
    first.update(seen(faces=1), 30.0)
    second = People(card("first"), "fer7", first.state())
    assert [face.id for face in second.update(seen(faces=3), 60.0)] == [1, 2, 3]


def test_a_face_that_is_gone_for_long_is_another_when_it_comes_back() -> None:
    people = People(card("first"), "fer7")
    people.update(seen(faces=2), 0.0)
    for at_s in (30.0, 60.0, 90.0):
        people.update(seen(faces=1), at_s)
    assert [face.id for face in people.update(seen(faces=2), 120.0)] == [1, 3]


def test_a_checkpoint_of_an_older_version_is_read() -> None:
    state = {
        "next": 3,
        "at_s": 4.0,
        "seen": [{"id": 2, "box": [0.05, 0.2, 0.2, 0.4], "score": 0.9, "logits": [0.0] * 7}],
    }
    people = People(card("first"), "fer7", state)
    assert [face.id for face in people.update(seen(faces=2), 4.5)] == [2, 3]


def cuts_of(images: list[Image], fps: float = 10) -> list[int]:
    detector = CutDetector()
    found = []
    for number, image in enumerate(images):
        if detector.starts_shot(image, number / fps):
            found.append(number)
        # As if another worker went on after each frame.
        detector = CutDetector(detector.state())
    return found


def faded(image: Image, parts: list[float], towards: int = 0) -> list[Image]:
    return [(image * part + towards * (1 - part)).astype(np.uint8) for part in parts]


def panned(pixels: int) -> list[Image]:
    wide = scene(5, (120, 640))
    return [wide[:, n * pixels : n * pixels + 160] for n in range(15)]


def with_a_large_face_that_moves(pixels: int) -> list[Image]:
    images = []
    for n in range(15):
        image = scene(6).copy()
        left = n * pixels % 80
        image[20:120, left : left + 80] = scene(7)[:100, :80]
        images.append(image)
    return images


def zoomed() -> list[Image]:
    import cv2

    image = scene(8)
    return [
        np.asarray(cv2.resize(image[n * 2 : 120 - n * 2, n * 3 : 160 - n * 3], (160, 120)), np.uint8)
        for n in range(12)
    ]


DOWN_AND_UP = [1.0, 0.8, 0.6, 0.4, 0.2, 0.0, 0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
NO_CUTS: dict[str, Callable[[], list[Image]]] = {
    "stillness": lambda: [noisy(scene(1), n) for n in range(20)],
    "fade to black and back": lambda: faded(scene(1), DOWN_AND_UP),
    "fade to white and back": lambda: faded(scene(1), DOWN_AND_UP, 255),
    "flash of one frame": lambda: [scene(1)] * 5 + faded(scene(1), [0.1], 255) + [scene(1)] * 5,
    "flash of three frames": lambda: [scene(1)] * 5 + faded(scene(1), [0.05, 0.2, 0.5], 255) + [scene(1)] * 5,
    "white frame": lambda: [scene(1)] * 5 + [np.full((120, 160, 3), 255, np.uint8)] + [scene(1)] * 5,
    "black frames": lambda: [scene(1)] * 5 + [np.zeros((120, 160, 3), np.uint8)] * 30 + [scene(1)] * 5,
    "lamp off and on": lambda: [scene(1)] * 5 + faded(scene(1), [0.3] * 6) + [scene(1)] * 5,
    "slow pan": lambda: panned(5),
    "fast pan": lambda: panned(25),
    "zoom": zoomed,
    "large face that moves": lambda: with_a_large_face_that_moves(10),
    "flicker": lambda: [scene(1 + n % 2) for n in range(3)],
    "no frames": list,
}


@pytest.mark.parametrize("images", NO_CUTS.values(), ids=NO_CUTS.keys())
def test_what_is_no_cut(images: Callable[[], list[Image]]) -> None:
    assert cuts_of(images()) == []


@pytest.mark.parametrize("fps", [0.2, 1, 10, 20])
def test_a_cut_is_found_at_its_frame(fps: float) -> None:
    images = [noisy(scene(1 + n // 10), n) for n in range(40)]
    assert cuts_of(images, fps) == [10, 20, 30]


def test_a_fade_through_black_to_another_scene_is_a_cut() -> None:
    found = cuts_of(faded(scene(1), DOWN_AND_UP[:6]) + faded(scene(2), DOWN_AND_UP[6:]))
    assert len(found) == 1


def test_a_cut_to_a_bright_scene_is_found_once_it_cannot_be_a_flash() -> None:
    white = scene(2).copy()
    white[:60] = 255
    assert cuts_of([scene(1)] * 10 + [white] * 10) == [14]
    assert cuts_of([scene(1)] * 10 + [white] * 10, fps=1) == [10]
    bright = 240 - scene(2) // 3
    assert cuts_of([scene(1) // 3] * 10 + [bright] * 10) == [10]


def test_a_size_that_changes_is_no_cut() -> None:
    large = np.repeat(np.repeat(scene(1), 2, axis=0), 2, axis=1)
    assert cuts_of([scene(1), large, scene(1)]) == []
