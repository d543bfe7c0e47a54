"""Films as frames: upright, at their own times, and refused where they are none."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoweb.video import source
from emoweb.video.annotated import MOST_FPS, FrameThinner, PartWriter, fitted, join
from emoweb.video.ranges import RangeUnsatisfiable, parse_range
from emoweb.video.refusals import FilmRefused
from tests.emoweb.films import SIZE, film_without_frames, sound_alone, turned_by_a_phone, write_film


def times_of(path: Path, from_s: float = 0.0) -> list[float]:
    with source.opened(path) as container:
        return [frame.at_s for frame in source.frames(container, from_s)]


def refusal_of(path: Path) -> str:
    with pytest.raises(FilmRefused) as refused:
        source.look_at(path)
    return refused.value.code


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "mpeg4"), ("a.mov", "mpeg4"), ("a.webm", "libvpx"), ("a.mkv", "mpeg4")],
)
def test_a_film_has_its_frames_and_its_length(tmp_path: Path, name: str, codec: str) -> None:
    film = write_film(tmp_path / name, codec=codec)
    assert source.look_at(film).duration_s == pytest.approx(2, abs=0.1)
    assert len(times_of(film)) == 60


def test_an_avi_is_a_film(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.avi", times_ms=[0, 1, 2, 3])
    assert (source.look_at(film).width, source.look_at(film).height) == SIZE


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_a_variable_rate_is_kept(tmp_path: Path, name: str) -> None:
    times = [0, 40, 80, 500, 540, 2000, 2020, 3000]
    film = write_film(tmp_path / name, times, codec="libvpx" if name.endswith("webm") else "mpeg4")
    assert times_of(film) == pytest.approx([time / 1000 for time in times], abs=0.002)


def test_a_film_goes_on_from_any_moment(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.mp4", [100 * n for n in range(80)])
    assert times_of(film, 5.0) == pytest.approx([n / 10 for n in range(50, 80)])


@pytest.mark.parametrize("degrees", [90, 180])
def test_a_phones_film_stands_upright(tmp_path: Path, degrees: int) -> None:
    film = tmp_path / "phone.mp4"
    film.write_bytes(turned_by_a_phone(write_film(tmp_path / "a.mp4").read_bytes(), degrees))
    with source.opened(film) as container:
        image = next(iter(source.frames(container))).image_bgr
    if degrees == 90:
        # What was left is up after a turn to the right.
        assert image.shape[:2] == (SIZE[0], SIZE[1])
        assert image[:40].mean() > 150 > 50 > image[-40:].mean()
        assert source.look_at(film).width == SIZE[1]
    else:
        assert image[:, -40:].mean() > 150 > 50 > image[:, :40].mean()


def test_a_text_is_no_film(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("#EXTM3U\nfile:///etc/passwd and more")
    assert refusal_of(tmp_path / "a.mp4") == "not_a_film"


def test_a_zip_named_mp4_is_no_film(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.mp4", "w") as archive:
        archive.writestr("a.txt", "hello")
    assert refusal_of(tmp_path / "a.mp4") == "not_a_film"


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    assert refusal_of(tmp_path / "a.mp4") == "empty"


def test_sound_alone_is_told(tmp_path: Path) -> None:
    assert refusal_of(sound_alone(tmp_path / "a.webm")) == "no_video"


def test_a_film_of_no_frames_is_told(tmp_path: Path) -> None:
    assert refusal_of(film_without_frames(tmp_path / "a.avi")) in {"no_frames", "no_video", "damaged"}


def test_a_film_that_lost_its_index_is_damaged(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(film[: len(film) // 2])
    assert refusal_of(tmp_path / "cut.mp4") == "damaged"


def test_a_film_cut_short_gives_what_there_is(tmp_path: Path) -> None:
    film = write_film(tmp_path / "a.webm", [50 * n for n in range(200)], codec="libvpx").read_bytes()
    cut = tmp_path / "cut.webm"
    cut.write_bytes(film[: len(film) // 2])
    with source.opened(cut) as container:
        length_s = source.length_of(container)
    assert 0 < len(times_of(cut)) < 190
    assert times_of(cut)[-1] < length_s - source.CUT_SHORT_S


def test_parts_join_into_one_film_at_the_same_times(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.25, 1.0, 1.07, 2.5]
    film = write_film(tmp_path / "a.mp4", [0])
    with source.opened(film) as container:
        image = next(iter(source.frames(container))).image_bgr
    parts = []
    for first in (0, 3):
        part = PartWriter(tmp_path / f"{first}.webm")
        for at_s in times[first : first + 3]:
            part.write(image, (), at_s)
        part.close()
        parts.append(tmp_path / f"{first}.webm")
    join(parts, tmp_path / "joined.webm")
    assert times_of(tmp_path / "joined.webm") == pytest.approx(times, abs=0.002)
    assert times_of(tmp_path / "joined.webm", 1.05) == pytest.approx(times[4:], abs=0.002)


@given(st.lists(st.floats(0.0005, 2), max_size=60))
def test_thinning_keeps_the_first_and_never_more_than_the_rate(gaps: list[float]) -> None:
    times = [0.0]
    for gap in gaps:
        times.append(times[-1] + gap)
    thinner = FrameThinner()
    kept = [at_s for at_s in times if thinner.keeps(at_s)]
    assert kept[0] == 0.0
    assert len(kept) <= times[-1] * MOST_FPS * 1.1 + 2


@given(st.integers(0, 10_000), st.integers(1, 10_000), st.integers(1, 10_000))
def test_a_range_lies_in_the_file(first: int, length: int, size: int) -> None:
    header = f"bytes={first}-{first + length - 1}"
    if first >= size:
        with pytest.raises(RangeUnsatisfiable):
            parse_range(header, size)
        return
    assert parse_range(header, size) == (first, min(first + length, size))


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("bytes=0-", (0, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-1000", (0, 100)),
        ("bytes=9-3", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("lines=1-2", None),
    ],
)
def test_a_range_is_read(header: str | None, part: tuple[int, int] | None) -> None:
    assert parse_range(header, 100) == part


def test_the_annotated_film_has_even_sides() -> None:
    import numpy as np

    assert fitted(np.zeros((121, 161, 3), np.uint8)).shape == (120, 160, 3)
    assert fitted(np.zeros((2160, 3840, 3), np.uint8)).shape == (540, 960, 3)
