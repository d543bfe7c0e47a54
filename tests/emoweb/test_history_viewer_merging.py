"""Two ids that were one person become one face, everywhere, and two again."""

from __future__ import annotations

from typing import Any

import pytest

from emoweb.history.merging import FaceNotShown, NotMerged, SameFace, SessionRunning, merge_faces, part_faces
from emoweb.history.summaries import summaries
from emoweb.recordings.models import FaceMerge, OriginalSample, Sample, Session
from tests.emoweb.recorded import Visitor, add_samples


def rows_of(session: Session) -> list[Any]:
    """Return everything of a session's samples but their ids."""
    return list(
        session.samples.order_by("second", "face").values_list(
            "second", "face", "label", "confidence", "n", "probabilities"
        )
    )


def faces_of(session: Session) -> list[tuple[int, int]]:
    """Return (second, face) of each sample."""
    return list(session.samples.order_by("second", "face").values_list("second", "face"))


@pytest.fixture
def session(alice: Visitor) -> Session:
    """Face 1 for two seconds, face 2 in the second of them and after it, face 3 later."""
    session = alice.record(["happy", "happy"])
    add_samples(session, ["sad", "sad"], face=2, first_second=1)
    add_samples(session, ["neutral"], face=3, first_second=9)
    return session


def test_merged_faces_are_one_in_samples_and_counts(session: Session) -> None:
    merge_faces(session, 2, into=1)
    assert faces_of(session) == [(0, 1), (1, 1), (2, 1), (9, 3)]
    summary = summaries([session])[session.pk]
    assert {face.face: face.seconds for face in summary.faces} == {1: 3, 3: 1}
    assert summary.seconds == 4


def test_a_second_that_both_have_is_averaged_by_n(session: Session) -> None:
    session.samples.filter(face=2, second=1).update(n=60)
    merge_faces(session, 2, into=1)
    sample = session.samples.get(second=1)
    # 20 results at 0.64 happy and 0.06 sad, 60 the other way round.
    assert sample.n == 80
    assert sample.label == "sad"
    assert sample.confidence == pytest.approx((20 * 0.06 + 60 * 0.64) / 80)
    assert sample.probabilities[3] == pytest.approx((20 * 0.64 + 60 * 0.06) / 80)
    assert sum(sample.probabilities) == pytest.approx(1)


def test_undoing_gives_back_every_number_exactly(session: Session) -> None:
    before = rows_of(session)
    merge_faces(session, 2, into=1)
    part_faces(session, 2)
    assert rows_of(session) == before
    assert not OriginalSample.objects.exists()
    assert not FaceMerge.objects.exists()


@pytest.mark.parametrize("first_undone", [2, 3])
def test_merges_are_undone_in_any_order(session: Session, first_undone: int) -> None:
    before = rows_of(session)
    merge_faces(session, 2, into=1)
    merge_faces(session, 3, into=1)
    assert {face for _, face in faces_of(session)} == {1}
    part_faces(session, first_undone)
    assert {face for _, face in faces_of(session)} == {1, first_undone}
    part_faces(session, 5 - first_undone)
    assert rows_of(session) == before


def test_a_group_is_merged_into_another_face_and_restored(session: Session) -> None:
    before = rows_of(session)
    merge_faces(session, 2, into=1)
    joined = rows_of(session)
    merge_faces(session, 1, into=3)
    assert {face for _, face in faces_of(session)} == {3}
    part_faces(session, 1)
    assert rows_of(session) == joined
    part_faces(session, 2)
    assert rows_of(session) == before


def test_late_seconds_survive_merges(session: Session) -> None:
    merge_faces(session, 2, into=1)
    add_samples(session, ["fear"], face=1, first_second=20)
    add_samples(session, ["fear"], face=2, first_second=1)
    part_faces(session, 2)
    assert (20, 1) in faces_of(session)
    assert [face for second, face in faces_of(session) if second == 1] == [1, 2]


def test_a_face_cannot_be_merged_where_that_makes_no_sense(session: Session) -> None:
    before = rows_of(session)
    for face, into, reason in [(1, 1, SameFace), (1, 99, FaceNotShown), (99, 1, FaceNotShown)]:
        with pytest.raises(reason):
            merge_faces(session, face, into)
    with pytest.raises(NotMerged):
        part_faces(session, 1)
    assert rows_of(session) == before


def test_no_circle_of_faces_can_be_made(session: Session) -> None:
    merge_faces(session, 2, into=1)
    with pytest.raises(FaceNotShown):
        merge_faces(session, 1, into=2)
    add_samples(session, ["fear"], face=2, first_second=20)
    with pytest.raises(FaceNotShown):
        merge_faces(session, 1, into=2)


def test_a_running_session_keeps_its_faces(session: Session) -> None:
    session.ended = None
    with pytest.raises(SessionRunning):
        merge_faces(session, 2, into=1)


def test_deleting_a_session_leaves_nothing_of_its_merges(session: Session) -> None:
    merge_faces(session, 2, into=1)
    session.markers.create(second=0, note="Start")
    session.delete()
    assert not OriginalSample.objects.exists()
    assert not Sample.objects.exists()
