"""The video pages: an upload in parts, its errors, and a result that only its owner sees."""

from __future__ import annotations

import json
import re
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.utils import timezone

from emoweb import engines, served_cards
from emoweb.texts import quality_names
from emoweb.video import engine, jobs, uploads
from emoweb.video.models import KEPT_FOR, UPLOAD_KEPT_FOR, Video, VideoSample
from emoweb.video.refusals import STATUS, sentence
from emoweb.video.tasks import analyze_video
from emoweb.video.texts import state_names
from recognition import LABEL_SETS, QUALITIES, FrameResult
from tests.emoweb.hand_engine import card, seen
from tests.emoweb.image_engine import ImageEngine
from tests.emoweb.recorded import Visitor
from tests.emoweb.videos import halves, write_clip, write_video


@pytest.fixture(autouse=True)
def site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> ImageEngine:
    """A site with an engine that sees one happy face, and a worker with the same."""
    made = ImageEngine()
    monkeypatch.setattr(engines, "current", lambda: made)
    monkeypatch.setattr(engine, "worker_engine", lambda: made)
    settings.DATA_FOLDER = tmp_path / "data"
    return made


def announce(visitor: Visitor, size: int, **options: Any) -> Any:
    fields = {"size": size, "name": "holiday.mp4", "quality": "balanced", "stride": 5, **options}
    return visitor.browser.post("/video/announce/", fields)


def send(visitor: Visitor, data: bytes, **options: Any) -> Any:
    """Send a video as the page's script does, in two parts; return the last response."""
    announced = announce(visitor, len(data), **options)
    if announced.status_code != 201:
        return announced
    video, half = announced.json(), len(data) // 2
    for offset, piece in ((0, data[:half]), (half, data[half:])):
        if piece:
            answer = visitor.browser.post(
                f"{video['part']}?offset={offset}", piece, content_type="application/octet-stream"
            )
            assert answer.status_code == 200
    return visitor.browser.post(video["complete"])


@pytest.fixture
def done(alice: Visitor, tmp_path: Path) -> Video:
    """An analyzed video of Alice."""
    assert send(alice, write_video(tmp_path / "a.mp4").read_bytes()).status_code == 200
    video = Video.objects.get()
    analyze_video.call(str(video.pk))
    video.refresh_from_db()
    assert video.state == "done"
    return video


def test_the_page_offers_what_names_faces(alice: Visitor) -> None:
    page = alice.browser.get("/video/").content.decode()
    assert 'value="first"' in page
    assert 'value="places"' not in page
    assert "up to 500 MB and 30 minutes" in page
    assert ".webm,.mkv,.mov,.avi,.mpg,.mpeg,.ts,.mts,.m2ts,.wmv,.flv" in page


def test_a_video_uploaded_in_parts_is_queued(alice: Visitor, tmp_path: Path) -> None:
    data = write_video(tmp_path / "a.mp4").read_bytes()
    answer = send(alice, data)
    video = Video.objects.get()
    assert answer.json() == {"url": f"/video/{video.pk}/"}
    assert (video.state, video.title) == ("waiting", "holiday.mp4")
    assert video.upload.read_bytes() == data
    assert "holiday" not in str(video.upload)
    status = alice.browser.get(f"/video/{video.pk}/status/").json()
    assert (status["state"], status["progress"], status["time_left_s"]) == ("waiting", 0, None)
    assert "video-pause" in alice.browser.get(f"/video/{video.pk}/").content.decode()


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 400, "empty"),
        (b"plain text, and enough of it", 415, "not_a_video"),
        (b"PK\3\4" + b"\0" * 40, 415, "not_a_video"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 40, 400, "damaged"),
        (b"\x1a\x45\xdf\xa3" + b"\0" * 40, 400, "damaged"),
        (b"FLV\1" + b"\0" * 40, 400, "damaged"),
        (b"\0\0\1\xba" + b"\0" * 4000, 400, "damaged"),
        ((b"G" + b"\xff" * 187) * 40, 400, "damaged"),
        (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + b"\0" * 400, 400, "damaged"),
    ],
)
def test_what_is_not_a_video_is_rejected_and_deleted(
    alice: Visitor, data: bytes, status: int, code: str
) -> None:
    answer = send(alice, data)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["message"]
    assert not Video.objects.exists()


def test_sizes_and_lengths_have_limits(alice: Visitor, tmp_path: Path, settings: Any) -> None:
    assert announce(alice, 500_000_001).json()["error"]["code"] == "too_large"
    settings.VIDEO_MAX_MINUTES = 1
    video = write_video(tmp_path / "a.mp4", [1000 * n for n in range(70)]).read_bytes()
    assert send(alice, video).json()["error"]["code"] == "too_long"


@pytest.mark.parametrize("options", [{"stride": 7}, {"quality": "best"}, {"model": "nobody"}, {"size": "x"}])
def test_an_unavailable_option_is_rejected(alice: Visitor, options: dict[str, Any]) -> None:
    answer = announce(alice, **{"size": 10, **options})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_options")


def test_a_part_at_the_wrong_place_is_refused(alice: Visitor) -> None:
    video = announce(alice, 10).json()
    for offset, data in ((5, b"12345"), (0, b"12345678901")):
        answer = alice.browser.post(
            f"{video['part']}?offset={offset}", data, content_type="application/octet-stream"
        )
        assert answer.status_code == 409


def test_the_result_shows_the_video_its_shares_and_its_moments(alice: Visitor, done: Video) -> None:
    page = alice.browser.get(f"/video/{done.pk}/").content.decode()
    assert 'data-testid="video-player"' in page
    assert 'data-seek="0"' in page
    assert "Happy" in page
    assert json.loads(alice.browser.get(f"/video/{done.pk}/export.json").content)["film"]["frames"] == 12
    lines = alice.browser.get(f"/video/{done.pk}/export.csv").content.decode().splitlines()
    assert lines[0].startswith("second,face,label,confidence,n,angry")
    assert len(lines) == 3


def test_of_several_video_tracks_the_page_says_which_was_analysed(alice: Visitor, tmp_path: Path) -> None:
    two = write_clip(tmp_path / "a.mkv", [halves()] * 30, default_track=1)
    for video, tracks in ((write_clip(tmp_path / "b.mkv", [halves()] * 30), 1), (two, 2)):
        address = send(alice, video.read_bytes()).json()["url"]
        analyze_video.call(address.split("/")[2])
        page = alice.browser.get(address).content.decode()
        assert ("The file has 2 video tracks; the default one was analyzed." in page) == (tracks == 2)


def with_samples(video: Video, confidences: list[float]) -> Video:
    """Add one angry face with these confidences to a video, a second each."""
    video.samples.all().delete()
    VideoSample.objects.bulk_create(
        VideoSample(
            video=video,
            second=second,
            face=1,
            label="angry",
            confidence=confidence,
            n=5,
            probabilities=[confidence, *[(1 - confidence) / 6] * 6],
        )
        for second, confidence in enumerate(confidences)
    )
    Video.objects.filter(pk=video.pk).update(duration_s=len(confidences))
    return video


def moments_on(page: str) -> list[tuple[str, str]]:
    """Return the moments on a video's page: when, and what was shown."""
    buttons = re.findall(r'data-testid="video-moment">(.*?)</button>', page)
    words = [re.sub(r"<[^>]*>", "", button).strip() for button in buttons]
    return [(when, shown) for when, _, shown in (text.partition(" ") for text in words)]


def test_what_is_below_the_threshold_is_uncertain_everywhere(alice: Visitor, done: Video) -> None:
    with_samples(done, [0.3, 0.3, 0.39, 0.4, 0.9])
    page = alice.browser.get(f"/video/{done.pk}/").content.decode()
    assert moments_on(page) == [("0:00–0:03", "Uncertain"), ("0:03–0:05", "Angry 65%")]
    assert "Uncertain 60% of the time (confidence below 40%)" in page
    assert page.count('class="uncertain"') == 1
    lines = alice.browser.get(f"/video/{done.pk}/export.csv").content.decode().splitlines()
    assert [line.rsplit(",", 1)[1] for line in lines] == [
        "uncertain",
        "true",
        "true",
        "true",
        "false",
        "false",
    ]
    exported = alice.browser.get(f"/video/{done.pk}/export.json").json()
    assert [sample["uncertain"] for sample in exported["samples"]] == [True, True, True, False, False]
    assert exported["film"]["uncertain_below"] == 0.4


def test_what_is_certain_has_no_hatching(alice: Visitor, done: Video) -> None:
    page = alice.browser.get(f"/video/{with_samples(done, [0.9, 0.4]).pk}/").content.decode()
    assert moments_on(page) == [("0:00–0:02", "Angry 65%")]
    assert 'class="uncertain"' not in page


def test_the_threshold_is_that_of_the_models_card(
    alice: Visitor, done: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = msgspec.structs.replace(card("first"), thresholds={"uncertain": 0.7})
    monkeypatch.setattr(served_cards, "card_of", {"first": strict}.get)
    page = alice.browser.get(f"/video/{with_samples(done, [0.65]).pk}/").content.decode()
    assert moments_on(page) == [("0:00–0:01", "Uncertain")]


def test_a_label_that_was_left_out_is_never_shown(
    alice: Visitor, tmp_path: Path, site: ImageEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer: Future[FrameResult] = Future()
    answer.set_result(seen(label=LABEL_SETS["fer7"].index("disgust")))
    monkeypatch.setattr(site, "analyse", lambda picture: answer)
    data = write_video(tmp_path / "a.mp4").read_bytes()
    address = send(alice, data, label_set="fer5").json()["url"]
    analyze_video.call(address.split("/")[2])
    sample = VideoSample.objects.first()
    assert sample is not None
    assert sample.label in LABEL_SETS["fer5"]
    assert sample.confidence == pytest.approx(0.2)
    assert moments_on(alice.browser.get(address).content.decode()) == [("0:00–0:02", "Uncertain")]


def test_a_player_gets_the_part_it_asks_for(alice: Visitor, done: Video) -> None:
    address, whole = f"/video/{done.pk}/annotated.webm", done.annotated.read_bytes()
    part = alice.browser.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.getvalue()) == (206, whole[10:20])
    assert part["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert alice.browser.get(address).getvalue() == whole
    beyond = alice.browser.get(address, headers={"Range": f"bytes={len(whole)}-"})
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(whole)}")


@pytest.mark.parametrize("page", ["", "status/", "annotated.webm", "export.csv", "export.json"])
def test_another_visitor_finds_nothing(alice: Visitor, bob: Visitor, done: Video, page: str) -> None:
    assert alice.browser.get(f"/video/{done.pk}/{page}").status_code == 200
    assert bob.browser.get(f"/video/{done.pk}/{page}").status_code == 404


@pytest.mark.parametrize("move", ["pause", "resume", "cancel", "delete", "part", "complete"])
def test_another_visitor_changes_nothing(bob: Visitor, done: Video, move: str) -> None:
    assert bob.browser.post(f"/video/{done.pk}/{move}/").status_code == 404
    assert Video.objects.filter(pk=done.pk, state="done").exists()


def test_a_video_is_deleted_immediately_on_request(alice: Visitor, done: Video) -> None:
    assert alice.browser.post(f"/video/{done.pk}/delete/").status_code == 302
    assert not Video.objects.exists()
    assert not done.folder.exists()


def test_pausing_and_going_on(alice: Visitor, tmp_path: Path) -> None:
    send(alice, write_video(tmp_path / "a.mp4").read_bytes())
    video = Video.objects.get()
    alice.browser.post(f"/video/{video.pk}/pause/")
    assert "video-resume" in alice.browser.get(f"/video/{video.pk}/").content.decode()
    alice.browser.post(f"/video/{video.pk}/resume/")
    video.refresh_from_db()
    assert video.state == "waiting"
    jobs.cancel(video)


def test_every_code_state_and_quality_has_its_words() -> None:
    assert all(sentence(code) for code in STATUS)
    assert set(state_names()) == set(Video.State.values)
    assert set(quality_names()) == set(QUALITIES)


def post_part(visitor: Visitor, video: dict[str, Any], offset: int, data: bytes) -> Any:
    address = f"{video['part']}?offset={offset}"
    return visitor.browser.post(address, data, content_type="application/octet-stream")


def test_a_part_that_is_sent_twice_is_received_once(alice: Visitor, tmp_path: Path) -> None:
    data = write_video(tmp_path / "a.mp4").read_bytes()
    video = announce(alice, len(data)).json()
    for offset, part in (
        (0, data[:1000]),
        (0, data[:1000]),
        (1000, data[1000:]),
        (1000, data[1000:]),
        (0, data[:1000]),
    ):
        answer = post_part(alice, video, offset, part)
        assert (answer.status_code, answer.json()) == (200, {"received": offset + len(part)})
    assert alice.browser.get(video["upload"]).json()["received"] == len(data)
    for _ in range(2):
        assert alice.browser.post(video["complete"]).json() == {"url": f"/video/{video['id']}/"}
    assert Video.objects.get().upload.read_bytes() == data


def test_a_part_of_another_file_is_refused_and_changes_nothing(alice: Visitor) -> None:
    video = announce(alice, 20).json()
    post_part(alice, video, 0, b"0123456789")
    for offset, part in ((0, b"abcdefghij"), (5, b"56789")):
        answer = post_part(alice, video, offset, part)
        assert answer.status_code == (409 if offset == 0 else 200)
    assert post_part(alice, video, 0, b"abcdefghij").json()["error"]["code"] == "other_file"
    assert post_part(alice, video, 5, b"5678901234").json()["error"]["code"] == "bad_part"
    assert Video.objects.get().upload.read_bytes() == b"0123456789"


def test_an_upload_that_is_not_complete_is_not_analysed_and_stays(alice: Visitor) -> None:
    video = announce(alice, 20).json()
    post_part(alice, video, 0, b"0123456789")
    assert alice.browser.post(video["complete"]).json()["error"]["code"] == "bad_part"
    assert post_part(alice, video, 10, b"0123456789").json() == {"received": 20}


def test_the_page_offers_to_continue_an_upload_and_says_until_when(alice: Visitor, bob: Visitor) -> None:
    video = announce(alice, 20).json()
    page = alice.browser.get("/video/").content.decode()
    assert f'data-continue="/video/{video["id"]}/upload/" data-size="20" data-name="holiday.mp4"' in page
    assert "not continued for 60 minutes is deleted" in page
    assert bob.browser.get(video["upload"]).status_code == 404
    assert "data-continue" not in bob.browser.get("/video/").content.decode()


def test_an_abandoned_upload_frees_its_place(alice: Visitor) -> None:
    videos = [announce(alice, 20).json() for _ in range(uploads.MOST_VIDEOS)]
    assert announce(alice, 20).json()["error"]["code"] == "too_many"
    Video.objects.update(heartbeat=timezone.now() - UPLOAD_KEPT_FOR)
    # This one continues, and another was created by a version that wrote no time.
    post_part(alice, videos[0], 0, b"0123456789")
    Video.objects.filter(pk=videos[1]["id"]).update(heartbeat=None)
    assert announce(alice, 20).status_code == 201
    assert Video.objects.count() == 3
    assert len(list(Video.objects.get(pk=videos[0]["id"]).folder.parent.iterdir())) == 3


def test_a_queued_or_analyzed_video_is_not_an_abandoned_upload(alice: Visitor, done: Video) -> None:
    Video.objects.update(heartbeat=timezone.now() - 2 * UPLOAD_KEPT_FOR)
    assert jobs.delete_abandoned() == 0
    assert Video.objects.filter(pk=done.pk).exists()


def test_an_expired_video_does_not_count(alice: Visitor) -> None:
    for _ in range(uploads.MOST_VIDEOS):
        announce(alice, 20)
    Video.objects.update(created=timezone.now() - KEPT_FOR)
    assert announce(alice, 20).status_code == 201


def test_deleting_asks_first(alice: Visitor, bob: Visitor, done: Video) -> None:
    address = f"/video/{done.pk}/delete/"
    for page in ("/video/", f"/video/{done.pk}/"):
        shown = alice.browser.get(page).content.decode()
        assert f'href="{address}"' in shown
        assert f'action="{address}"' not in shown
    question = alice.browser.get(address)
    assert "holiday.mp4" in question.content.decode()
    assert "Cancel" in question.content.decode()
    assert Video.objects.filter(pk=done.pk).exists()
    assert bob.browser.get(address).status_code == 404
