"""Jobs: a video is analyzed completely, paused and resumed, changes its worker, and is deleted."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from django.utils import timezone

from emoweb.video import engine, jobs, source
from emoweb.video.analysis import VideoAnalysis
from emoweb.video.lease import LEASE, Lease, LeaseLost
from emoweb.video.models import Video
from emoweb.video.results import result_of
from emoweb.video.tasks import analyze_video
from tests.emoweb.image_engine import ImageEngine
from tests.emoweb.videos import halves, video_of_image, write_clip, write_video

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: object) -> ImageEngine:
    """A worker's engine that sees one happy face in every frame."""
    seen = ImageEngine()
    monkeypatch.setattr(engine, "worker_engine", lambda: seen)
    settings.DATA_FOLDER = tmp_path / "data"  # type: ignore[attr-defined]
    return seen


def queued_video(times_ms: list[int] | None = None, name: str = "a.mp4") -> Video:
    """A video that is uploaded and queued."""
    video = Video.objects.create(
        owner="alice",
        model="first",
        label_set="fer7",
        quality="balanced",
        stride=5,
        size=1,
        labels=list(ImageEngine().models[0].labels),
        state=Video.State.WAITING,
    )
    video.folder.mkdir(parents=True)
    codec = "libvpx" if name.endswith("webm") else "mpeg4"
    write_video(video.folder / name, times_ms, codec).rename(video.upload)
    return video


def run(video: Video) -> Video:
    """Run its job."""
    analyze_video.call(str(video.pk))
    video.refresh_from_db()
    return video


def times_of(video: Video) -> list[float]:
    with source.opened(video.annotated) as opened:
        return [frame.at_s for frame in opened.frames()]


def test_a_video_is_analyzed_to_its_end(db: None, seen: ImageEngine) -> None:
    video = run(queued_video())
    assert (video.state, video.cut_short, video.frames) == ("done", False, 12)
    assert [(sample.second, sample.face) for sample in video.samples.all()] == [(0, 1), (1, 1)]
    assert len(times_of(video)) == pytest.approx(20, abs=1)
    assert result_of(video).faces[0].face == 1


def test_a_video_cut_short_is_done_and_says_so(db: None, seen: ImageEngine) -> None:
    video = queued_video([50 * n for n in range(200)], "a.webm")
    content = video.upload.read_bytes()
    video.upload.write_bytes(content[: len(content) // 2])
    video = run(video)
    assert (video.state, video.cut_short) == ("done", True)
    assert 0 < video.duration_s < 9


def test_the_annotated_video_has_square_pixels(db: None, seen: ImageEngine) -> None:
    video = queued_video()
    clip = write_clip(video.folder / "wide.mkv", [halves()] * 10, pixel_aspect=Fraction(2))
    clip.rename(video.upload)
    assert run(video).state == "done"
    assert {picture.width for picture in seen.looked_at} == {320}
    assert source.inspect(video.annotated).width == 320


def test_a_video_that_starts_late_is_neither_too_long_nor_shifted(db: None, seen: ImageEngine) -> None:
    video = queued_video()
    write_clip(video.folder / "late.mkv", [halves()] * 50, start_s=3600).rename(video.upload)
    video = run(video)
    assert (video.state, video.code, video.cut_short) == ("done", "", False)
    assert video.duration_s == pytest.approx(2, abs=0.01)
    assert list(video.samples.values_list("second", flat=True)) == [0, 1]
    assert times_of(video)[0] == 0


def test_a_video_with_longer_sound_or_few_frames_is_not_cut_short(db: None, seen: ImageEngine) -> None:
    for fps, sound_s, length_s in ((25, 9, 2), (1, 0, 50), (Fraction(1, 5), 0, 250)):
        video = queued_video()
        write_clip(video.folder / "a.mkv", [halves()] * 50, fps, sound_s=sound_s).rename(video.upload)
        video = run(video)
        assert (video.state, video.cut_short) == ("done", False)
        assert video.duration_s == pytest.approx(length_s, abs=0.01)


def test_a_video_that_cannot_be_read_fails_with_its_code(db: None, seen: ImageEngine) -> None:
    video = queued_video()
    video.upload.write_bytes(b"PK\3\4 and what a ZIP has more")
    assert (run(video).state, video.code) == ("failed", "not_a_video")


def test_a_video_too_long_fails_even_where_the_header_says_nothing(
    db: None, seen: ImageEngine, settings: object
) -> None:
    settings.VIDEO_MAX_MINUTES = 1  # type: ignore[attr-defined]
    video = run(queued_video([1000 * n for n in range(90)]))
    assert (video.state, video.code) == ("failed", "too_long")


def test_a_new_worker_continues_from_the_last_saved_second(db: None, seen: ImageEngine) -> None:
    video = queued_video([100 * n for n in range(200)])
    lease = Lease.take(video.pk)
    assert lease is not None
    stopped = VideoAnalysis(video, lease, seen)
    saves = []

    def save_twice(*arguments: object) -> None:
        if len(saves) == 2:
            raise KeyboardInterrupt
        saves.append(arguments)
        Lease.save(lease, *arguments)  # type: ignore[arg-type]

    lease.save = save_twice  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        stopped.run()
    video.refresh_from_db()
    assert (video.state, video.saved_s) == ("running", 10.0)
    analyzed = len(seen.looked_at)

    assert jobs.requeue_orphans() == 0
    assert jobs.requeue_orphans(timezone.now() + 2 * LEASE) == 1
    video = run(video)

    assert video.state == "done"
    # Twenty of forty frames were left: nothing before the tenth second was analyzed again.
    assert len(seen.looked_at) - analyzed == 20
    assert [(sample.second, sample.face, sample.n) for sample in video.samples.all()] == [
        (second, 1, 2) for second in range(20)
    ]
    assert times_of(video) == pytest.approx([n / 10 for n in range(200)], abs=0.002)


def test_a_paused_video_stops_its_worker_and_can_be_resumed(db: None, seen: ImageEngine) -> None:
    video = queued_video()
    lease = Lease.take(video.pk)
    assert lease is not None
    jobs.pause(video)
    with pytest.raises(LeaseLost):
        lease.beat(1.0)
    jobs.resume(video)
    assert run(video).state == "done"


def test_a_cancelled_video_leaves_nothing(db: None, seen: ImageEngine) -> None:
    video = queued_video()
    jobs.cancel(video)
    assert run(video).state == "cancelled"
    assert not video.folder.exists()


def test_after_a_day_a_video_is_deleted(db: None, seen: ImageEngine) -> None:
    old, young = queued_video(), queued_video()
    Video.objects.filter(pk=old.pk).update(created=timezone.now() - timedelta(hours=25))
    assert jobs.delete_old() == 1
    assert (old.folder.exists(), young.folder.exists()) == (False, True)


def test_only_one_worker_gets_a_video(db: None, seen: ImageEngine) -> None:
    video = queued_video()
    assert Lease.take(video.pk) is not None
    assert Lease.take(video.pk) is None


CODE = """
import sys, django; django.setup()
from django.utils import timezone
from emoweb.video import jobs; from emoweb.video.models import Video
if sys.argv[1] == "upload":
    video = Video.objects.create(
        owner="a", model="se_resnet", label_set="fer7", quality="balanced", stride=5, size=1,
        labels=sys.argv[3].split(","),
    )
    video.folder.mkdir(parents=True)
    video.upload.write_bytes(open(sys.argv[2], "rb").read())
    jobs.enqueue(video)
elif sys.argv[1] == "orphan":
    Video.objects.update(heartbeat=timezone.now() - 2 * jobs.LEASE)
video = Video.objects.get()
print(video.state, video.saved_s, video.frames, video.samples.count(), video.code or "-")
"""


@pytest.fixture
def workers() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Workers that the test starts; those still running are ended after it."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for worker in started:
        worker.kill()
        worker.wait(20)


@pytest.mark.process
@pytest.mark.timeout(400)
def test_a_killed_workers_video_continues_with_another(
    tmp_path: Path, zidane_jpg: Path, workers: list[subprocess.Popen[bytes]]
) -> None:
    environment = {
        **os.environ,
        "EMOWEB_DATA_FOLDER": str(tmp_path / "data"),
        "DEVICE": "cpu",
        "DJANGO_SETTINGS_MODULE": "emoweb.settings",
    }

    def manage(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "manage.py", *arguments], cwd=PROJECT, env=environment)

    def answer(*arguments: str) -> list[str]:
        command = [sys.executable, "-c", CODE, *arguments]
        done = subprocess.run(
            command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.split()

    prepare = [sys.executable, "-m", "recognition", "prepare"]
    subprocess.run(prepare, cwd=PROJECT, env=environment, check=True, timeout=300)
    assert manage("migrate", "--verbosity=0").wait(200) == 0
    labels = "angry,disgust,fear,happy,sad,surprise,neutral"
    answer("upload", str(video_of_image(tmp_path / "a.mp4", zidane_jpg, seconds=20)), labels)
    workers.append(manage("work"))
    status = f"SELECT state, saved_s FROM {Video._meta.db_table}"
    with closing(sqlite3.connect(tmp_path / "data" / "emoweb.sqlite3", timeout=60)) as database:
        while (found := database.execute(status).fetchone())[1] == 0:
            assert found[0] in {"waiting", "running"}
            time.sleep(0.05)
    workers[0].send_signal(signal.SIGKILL)
    workers[0].wait(20)
    killed = answer("orphan")
    assert killed[0] == "running"
    assert 0 < float(killed[1]) < 20

    other = manage("work", "--once")
    workers.append(other)
    assert other.wait(250) == 0
    state, _, frames, samples, code = answer("status")
    assert (state, code) == ("done", "-")
    # Each fifth frame once, but for the first of a part: nothing was lost or counted twice.
    assert 120 <= int(frames) <= 124
    assert int(samples) >= 20
