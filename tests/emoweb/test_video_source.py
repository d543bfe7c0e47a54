"""Videos as frames: upright, at their own times, and rejected where they are not videos."""

from __future__ import annotations

import random
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoweb.video import hdr, source
from emoweb.video.annotated import MOST_FPS, FrameThinner, PartWriter, caption, drawn, fitted, join
from emoweb.video.hdr import HLG, PQ
from emoweb.video.ranges import RangeUnsatisfiable, parse_range
from emoweb.video.refusals import VideoRejected
from recognition import Box, LiveFace
from tests.emoweb.videos import (
    SIZE,
    grey_frame,
    halves,
    sound_alone,
    turned_by_a_phone,
    video_without_frames,
    with_cover,
    write_clip,
    write_video,
)

# A container that is accepted, by the name of a file, and a codec that it takes.
CODECS = {
    "a.mp4": "mpeg4",
    "a.mov": "mpeg4",
    "a.mkv": "mpeg4",
    "a.webm": "libvpx",
    "a.avi": "mpeg4",
    "a.ts": "mpeg2video",
    "a.mts": "libx264",
    "a.m2ts": "libx264",
    "a.mpg": "mpeg2video",
    "a.wmv": "wmv2",
    "a.flv": "flv",
}
UNREADABLE = {"not_a_video", "damaged", "no_video", "no_frames"}
every_container = pytest.mark.parametrize(("name", "codec"), CODECS.items())


def times_of(path: Path, from_s: float = 0.0) -> list[float]:
    with source.opened(path) as opened:
        return [frame.at_s for frame in opened.frames(from_s)]


def refusal_of(path: Path) -> str:
    with pytest.raises(VideoRejected) as rejected:
        source.inspect(path)
    return rejected.value.code


def outcome_of(path: Path) -> str:
    """Return "read", or the code of the refusal."""
    try:
        source.inspect(path)
        times_of(path)
    except VideoRejected as rejected:
        return rejected.code
    return "read"


def facts_of(path: Path) -> tuple[float, bool, list[float]]:
    """Where its frames end, whether it was cut short, and the times of its frames."""
    with source.opened(path) as opened:
        times = [frame.at_s for frame in opened.frames()]
        return opened.end_s, opened.cut_short, times


@every_container
def test_a_video_has_its_frames_and_its_length(tmp_path: Path, name: str, codec: str) -> None:
    video = write_clip(tmp_path / name, [halves()] * 50, codec=codec)
    end_s, cut_short, times = facts_of(video)
    assert (end_s, cut_short) == (pytest.approx(2, abs=0.002), False)
    assert times == pytest.approx([n / 25 for n in range(50)], abs=0.002)
    # What has no index estimates its length.
    assert source.inspect(video).duration_s == pytest.approx(2, abs=0.5)


@every_container
def test_a_video_continues_from_any_frame(tmp_path: Path, name: str, codec: str) -> None:
    times = times_of(video := write_clip(tmp_path / name, [halves()] * 200, codec=codec))
    for place in (1, 13, 150, 199):
        assert times_of(video, times[place]) == times[place:]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.webm", "a.ts", "a.m2ts"])
def test_time_stamps_may_start_at_any_time(tmp_path: Path, name: str) -> None:
    video = write_clip(tmp_path / name, [halves()] * 50, codec=CODECS[name], start_s=3600)
    assert source.inspect(video).duration_s == pytest.approx(2, abs=0.1)
    times = times_of(video)
    assert times == pytest.approx([n / 25 for n in range(50)], abs=0.002)
    assert times_of(video, times[30]) == times[30:]


@pytest.mark.parametrize(
    "name", ["a.mp4", "a.mov", "a.mkv", "a.webm", "a.avi", "a.ts", "a.mpg", "a.wmv", "a.flv"]
)
def test_sound_may_outlast_the_frames(tmp_path: Path, name: str) -> None:
    video = write_clip(tmp_path / name, [halves()] * 50, codec=CODECS[name], sound_s=8)
    end_s, cut_short, _ = facts_of(video)
    assert (end_s, cut_short) == (pytest.approx(2, abs=0.002), False)


@pytest.mark.parametrize(
    ("name", "fps"), [("a.mp4", 1), ("a.webm", 1), ("a.mkv", 1), ("a.avi", 1), ("a.mp4", 0.2), ("a.mkv", 0.2)]
)
def test_few_frames_are_no_video_cut_short(tmp_path: Path, name: str, fps: float) -> None:
    video = write_clip(tmp_path / name, [halves()] * 4, Fraction(fps).limit_denominator(), CODECS[name])
    end_s, cut_short, times = facts_of(video)
    assert (end_s, cut_short, len(times)) == (pytest.approx(4 / fps, abs=0.01), False, 4)


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "mpeg4"), ("a.mp4", "libx264"), ("a.mkv", "libx264"), ("a.webm", "libvpx")]
)
def test_a_last_frame_may_stay_long(tmp_path: Path, name: str, codec: str) -> None:
    video = write_clip(tmp_path / name, [halves()] * 50, codec=codec, last_s=10)
    with source.opened(video) as opened:
        assert len(list(opened.frames())) == 50
        assert opened.length_s == pytest.approx(12, abs=0.1)
        assert not opened.cut_short


def test_an_avi_is_a_video(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.avi", times_ms=[0, 1, 2, 3])
    assert (source.inspect(video).width, source.inspect(video).height) == SIZE


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_a_variable_rate_is_kept(tmp_path: Path, name: str) -> None:
    times = [0, 40, 80, 500, 540, 2000, 2020, 3000]
    video = write_video(tmp_path / name, times, codec="libvpx" if name.endswith("webm") else "mpeg4")
    assert times_of(video) == pytest.approx([time / 1000 for time in times], abs=0.002)


def test_a_video_continues_from_any_moment(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", [100 * n for n in range(80)])
    assert times_of(video, 5.0) == pytest.approx([n / 10 for n in range(50, 80)])


@pytest.mark.parametrize("degrees", [90, 180])
def test_a_phones_video_stands_upright(tmp_path: Path, degrees: int) -> None:
    video = tmp_path / "phone.mp4"
    video.write_bytes(turned_by_a_phone(write_video(tmp_path / "a.mp4").read_bytes(), degrees))
    with source.opened(video) as opened:
        image = next(opened.frames()).image_bgr
    if degrees == 90:
        # What was left is up after a turn to the right.
        assert image.shape[:2] == (SIZE[0], SIZE[1])
        assert image[:40].mean() > 150 > 50 > image[-40:].mean()
        assert source.inspect(video).width == SIZE[1]
    else:
        assert image[:, -40:].mean() > 150 > 50 > image[:, :40].mean()


def test_a_text_is_no_video(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("#EXTM3U\nfile:///etc/passwd and more")
    assert refusal_of(tmp_path / "a.mp4") == "not_a_video"


def test_a_zip_named_mp4_is_no_video(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.mp4", "w") as archive:
        archive.writestr("a.txt", "hello")
    assert refusal_of(tmp_path / "a.mp4") == "not_a_video"


def test_an_empty_file_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    assert refusal_of(tmp_path / "a.mp4") == "empty"


def test_sound_alone_is_rejected(tmp_path: Path) -> None:
    assert refusal_of(sound_alone(tmp_path / "a.webm")) == "no_video"


@every_container
def test_the_beginning_of_a_video_is_read_or_rejected(tmp_path: Path, name: str, codec: str) -> None:
    video = write_clip(tmp_path / name, [halves()] * 50, codec=codec).read_bytes()
    cut = tmp_path / "cut"
    for length in (16, 200, 600, 900, len(video) // 2):
        cut.write_bytes(video[:length])
        outcome = outcome_of(cut)
        assert outcome in UNREADABLE | {"read"}
        assert outcome != "read" or length > 16


@every_container
def test_a_video_with_broken_bytes_is_read_or_rejected(tmp_path: Path, name: str, codec: str) -> None:
    video = bytearray(write_clip(tmp_path / name, [halves()] * 50, codec=codec).read_bytes())
    dice = random.Random(1)
    for _ in range(20):
        video[dice.randrange(len(video))] ^= 1 << dice.randrange(8)
        (tmp_path / "broken").write_bytes(video)
        assert outcome_of(tmp_path / "broken") in UNREADABLE | {"read"}


@pytest.mark.parametrize(
    "head",
    [b"G" + b"\0" * 187, b"\0\0\1\xba", b"FLV\1", bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")],
)
def test_a_playlist_behind_the_first_bytes_of_a_video_is_not_followed(tmp_path: Path, head: bytes) -> None:
    video = write_clip(tmp_path / "secret.ts", [halves()] * 50, codec="mpeg2video")
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{video}\n#EXT-X-ENDLIST\n".encode()
    for content in (head + playlist, (head + playlist.ljust(188 * 5 - 188, b"\n")) * 4, playlist):
        (tmp_path / "a").write_bytes(content)
        assert refusal_of(tmp_path / "a") in UNREADABLE


@given(st.binary(max_size=source.HEAD_BYTES))
def test_any_bytes_name_a_demuxer_or_none(head: bytes) -> None:
    assert source.container_format(head) in {None, "mp4", "avi", "matroska", "mpeg", "flv", "asf", "mpegts"}


@pytest.mark.parametrize(
    ("size", "aspect", "shown"),
    [
        ((720, 576), Fraction(16, 11), (1047, 576)),
        ((720, 480), Fraction(8, 9), (640, 480)),
        ((1440, 1080), Fraction(4, 3), (1920, 1080)),
        ((160, 120), Fraction(100, 1), (160, 120)),
    ],
    ids=["PAL 16:9", "NTSC 4:3", "HDV", "nonsense"],
)
def test_pixels_become_square(
    tmp_path: Path, size: tuple[int, int], aspect: Fraction, shown: tuple[int, int]
) -> None:
    video = write_clip(tmp_path / "a.mkv", [halves(size=size)] * 2, pixel_aspect=aspect)
    with source.opened(video) as opened:
        image = next(opened.frames()).image_bgr
    assert image.shape == (shown[1], shown[0], 3)
    facts = source.inspect(video)
    assert (facts.width, facts.height) == shown


def test_a_turned_video_has_square_pixels_too(tmp_path: Path) -> None:
    video = write_clip(tmp_path / "a.mp4", [halves()] * 2, pixel_aspect=Fraction(2, 1))
    (tmp_path / "phone.mp4").write_bytes(turned_by_a_phone(video.read_bytes()))
    facts = source.inspect(tmp_path / "phone.mp4")
    assert (facts.width, facts.height) == (SIZE[1], 2 * SIZE[0])


def test_a_frame_may_not_be_larger_than_the_header_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with source.opened(write_clip(tmp_path / "a.mkv", [halves()] * 3)) as opened:
        monkeypatch.setattr(source, "MOST_PIXELS", SIZE[0] * SIZE[1] - 1)
        with pytest.raises(VideoRejected, match="too_many_pixels"):
            next(opened.frames())


def test_wide_pixels_count_in_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_PIXELS", SIZE[0] * SIZE[1])
    assert source.inspect(write_clip(tmp_path / "a.mkv", [halves()])).width == SIZE[0]
    wide = write_clip(tmp_path / "wide.mkv", [halves()], pixel_aspect=Fraction(4, 3))
    assert refusal_of(wide) == "too_many_pixels"


@pytest.mark.parametrize(
    ("transfer", "codes"),
    [
        # Grey card, skin, diffuse white, highlight: code values of ten bits, by BT.2408 and ST 2084.
        (PQ, (390, 452, 593, 769)),
        (HLG, (388, 500, 767, 1023)),
    ],
)
def test_a_video_of_high_dynamic_range_has_the_brightness_of_others(
    transfer: int, codes: tuple[int, ...]
) -> None:
    shown = [int(hdr.standard_range(grey_frame(code, transfer), (16, 16)).mean()) for code in codes]
    assert shown == sorted(shown)
    grey, skin, white, highlight = shown
    assert 95 <= grey <= 140
    assert grey < skin < 200
    assert 220 <= white <= 240
    assert highlight >= 250


def test_a_video_of_high_dynamic_range_is_recognized_by_its_header(tmp_path: Path) -> None:
    video = write_clip(tmp_path / "a.mp4", [halves(150, 40)] * 3, codec="libx265", transfer=PQ)
    with source.opened(video) as opened:
        mapped = next(opened.frames()).image_bgr
    plain = write_clip(tmp_path / "b.mp4", [halves(150, 40)] * 3)
    with source.opened(plain) as opened:
        coded = next(opened.frames()).image_bgr
    # Over half of the code values lies above diffuse white: 150 of 255 is brilliant light.
    assert mapped[:, 10].mean() > coded[:, 10].mean() + 50
    assert mapped[:, -10].mean() < coded[:, -10].mean()


def test_a_large_video_of_high_dynamic_range_is_reduced() -> None:
    frame = grey_frame(500, PQ, 1920, 1080)
    assert hdr.standard_range(frame, (1920, 1080)).shape == (720, 1280, 3)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
@pytest.mark.parametrize("default_track", [0, 1])
def test_of_two_tracks_the_default_one_is_read(tmp_path: Path, name: str, default_track: int) -> None:
    upright = np.vstack([halves(200, 200), halves(0, 0)])
    video = write_clip(tmp_path / name, [upright] * 5, default_track=default_track)
    with source.opened(video) as opened:
        image = next(opened.frames()).image_bgr
        assert opened.tracks == 2
    assert (image[:20].mean() > 150) == (default_track == 0)


def test_a_cover_image_is_no_video_track(tmp_path: Path) -> None:
    video = write_clip(tmp_path / "a.mkv", [halves()] * 5)
    covered = with_cover(video, tmp_path / "b.mp4")
    with source.opened(covered) as opened:
        assert opened.tracks == 1
        assert len(list(opened.frames())) == 5


def test_a_video_of_no_frames_is_rejected(tmp_path: Path) -> None:
    assert refusal_of(video_without_frames(tmp_path / "a.avi")) in {"no_frames", "no_video", "damaged"}


def test_a_video_that_lost_its_index_is_damaged(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(video[: len(video) // 2])
    assert refusal_of(tmp_path / "cut.mp4") == "damaged"


def test_a_video_cut_short_gives_what_there_is(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.webm", [50 * n for n in range(200)], codec="libvpx").read_bytes()
    cut = tmp_path / "cut.webm"
    cut.write_bytes(video[: len(video) // 2])
    with source.opened(cut) as opened:
        length_s = opened.length_s
    assert 0 < len(times_of(cut)) < 190
    assert times_of(cut)[-1] < length_s - source.CUT_SHORT_S


def test_parts_join_into_one_video_at_the_same_times(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.25, 1.0, 1.07, 2.5]
    video = write_video(tmp_path / "a.mp4", [0])
    with source.opened(video) as opened:
        image = next(opened.frames()).image_bgr
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


@pytest.mark.parametrize(("uncertain", "words"), [(False, "3 angry 30%"), (True, "3 uncertain")])
def test_the_annotated_video_says_what_is_uncertain(uncertain: bool, words: str) -> None:
    face = LiveFace(3, Box(0.1, 0.5, 0.3, 0.3), 0.9, "angry", 0.3, uncertain, (), ())
    assert caption(face) == words
    image = drawn(np.zeros((120, 160, 3), np.uint8), [face])
    assert (np.ptp(image, axis=2).max() == 0) == uncertain


def test_the_annotated_video_has_even_sides() -> None:
    assert fitted(np.zeros((121, 161, 3), np.uint8)).shape == (120, 160, 3)
    assert fitted(np.zeros((2160, 3840, 3), np.uint8)).shape == (540, 960, 3)
