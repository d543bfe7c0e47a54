"""A video's result counts and folds appearances by the rule of the history's pages."""

from __future__ import annotations

import pytest

from emoweb.video.models import Video, VideoSample
from emoweb.video.results import MOST_FACES, result_of
from tests.emoweb.recorded import FER7, Visitor
from tests.emoweb.test_history_pages import text_of


def video_of(alice: Visitor, *faces: tuple[int, list[int]]) -> Video:
    """Return a video that is done: each face with the seconds in which there is a sample of it."""
    video = Video.objects.create(
        owner=alice.owner, state=Video.State.DONE, model="se_resnet", label_set="fer7", labels=FER7,
        duration_s=60.0, stride=5, size=1,
    )  # fmt: skip
    VideoSample.objects.bulk_create(
        VideoSample(
            video=video, second=second, face=face, label="happy", confidence=0.9, n=5,
            probabilities=[0.9 if name == "happy" else 0.02 for name in FER7],
        )
        for face, seconds in faces
        for second in seconds
    )  # fmt: skip
    return video


def test_a_cut_makes_appearances_and_fragments_are_folded(alice: Visitor) -> None:
    video = video_of(alice, (4, [30]), (1, [*range(20)]), (2, [*range(21, 60)]), (3, [20, 21]))
    page = text_of(alice.browser.get(video.get_absolute_url()))
    assert "2 appearances and 2 short appearances" in page
    assert page.index("Face 1") < page.index("Face 2") < page.index("Short appearances")
    assert page.index("Face 3 0:20–0:21") < page.index("Face 4 0:30–0:30")


def test_two_people_in_view_together_are_faces(alice: Visitor) -> None:
    video = video_of(alice, (1, [*range(20)]), (2, [*range(5, 25)]))
    page = text_of(alice.browser.get(video.get_absolute_url()))
    assert "2 faces" in page
    assert "Short appearances" not in page


def test_a_face_sampled_rarely_is_not_short(alice: Visitor) -> None:
    result = result_of(video_of(alice, (1, [0, 30]), (2, [0, 10, 20, 30, 40])))
    assert [(face.face, face.seconds) for face in result.faces] == [(1, 31), (2, 41)]
    assert result.short == ()


def test_a_video_of_one_second_shows_its_face(alice: Visitor) -> None:
    result = result_of(video_of(alice, (1, [0])))
    assert [face.face for face in result.faces] == [1]
    assert result.short == ()


def test_of_many_faces_the_longest_are_shown_in_order_of_number(alice: Visitor) -> None:
    result = result_of(video_of(alice, *((face, [*range(3 + face)]) for face in range(1, 16)), (16, [0])))
    assert [face.face for face in result.faces] == [*range(4, 16)]
    assert len(result.faces) == MOST_FACES
    assert result.faces_left_out == 3
    assert [face.face for face in result.short] == [16]


@pytest.mark.parametrize("faces", [(), ((1, [0, 1, 2]),)])
def test_a_video_with_and_without_faces_has_a_page(
    alice: Visitor, faces: tuple[tuple[int, list[int]], ...]
) -> None:
    page = text_of(alice.browser.get(video_of(alice, *faces).get_absolute_url()))
    assert ("1 face " if faces else "No faces were detected") in page
