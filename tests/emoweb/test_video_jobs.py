"""Jobs: a film runs to its end, stops and goes on, changes its worker, and is forgotten."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from django.utils import timezone

from emoweb.video import engine, jobs, source
from emoweb.video.analysis import FilmRun
from emoweb.video.lease import LEASE, Lease, LeaseLost
from emoweb.video.models import Film
from emoweb.video.results import result_of
from emoweb.video.tasks import analyse_film
from tests.emoweb.films import film_of_picture, halves, write_clip, write_film
from tests.emoweb.image_engine import ImageEngine

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: object) -> ImageEngine:
    """A worker's engine that sees one happy face in every frame."""
    seen = ImageEngine()
    monkeypatch.setattr(engine, "worker_engine", lambda: seen)
    settings.DATA_FOLDER = tmp_path / "data"  # type: ignore[attr-defined]
    return seen


def given(times_ms: list[int] | None = None, name: str = "a.mp4") -> Film:
    """A film that was sent, and waits."""
    film = Film.objects.create(
        owner="alice",
        model="first",
        label_set="fer7",
        quality="balanced",
        stride=5,
        size=1,
        labels=list(ImageEngine().models[0].labels),
        state=Film.State.WAITING,
    )
    film.folder.mkdir(parents=True)
    codec = "libvpx" if name.endswith("webm") else "mpeg4"
    write_film(film.folder / name, times_ms, codec).rename(film.upload)
    return film


def run(film: Film) -> Film:
    """Let a worker have it."""
    analyse_film.call(str(film.pk))
    film.refresh_from_db()
    return film


def times_of(film: Film) -> list[float]:
    with source.opened(film.annotated) as video:
        return [frame.at_s for frame in video.frames()]


def test_a_film_runs_to_its_end(db: None, seen: ImageEngine) -> None:
    film = run(given())
    assert (film.state, film.cut_short, film.frames) == ("done", False, 12)
    assert [(sample.second, sample.face) for sample in film.samples.all()] == [(0, 1), (1, 1)]
    assert len(times_of(film)) == pytest.approx(20, abs=1)
    assert result_of(film).faces[0].face == 1


def test_a_film_cut_short_is_done_and_says_so(db: None, seen: ImageEngine) -> None:
    film = given([50 * n for n in range(200)], "a.webm")
    content = film.upload.read_bytes()
    film.upload.write_bytes(content[: len(content) // 2])
    film = run(film)
    assert (film.state, film.cut_short) == ("done", True)
    assert 0 < film.duration_s < 9


def test_the_annotated_film_has_square_pixels(db: None, seen: ImageEngine) -> None:
    film = given()
    clip = write_clip(film.folder / "wide.mkv", [halves()] * 10, pixel_aspect=Fraction(2))
    clip.rename(film.upload)
    assert run(film).state == "done"
    assert {picture.width for picture in seen.looked_at} == {320}
    assert source.look_at(film.annotated).width == 320


def test_a_film_whose_time_starts_late_is_neither_too_long_nor_shifted(db: None, seen: ImageEngine) -> None:
    film = given()
    write_clip(film.folder / "late.mkv", [halves()] * 50, start_s=3600).rename(film.upload)
    film = run(film)
    assert (film.state, film.code, film.cut_short) == ("done", "", False)
    assert film.duration_s == pytest.approx(2, abs=0.01)
    assert list(film.samples.values_list("second", flat=True)) == [0, 1]
    assert times_of(film)[0] == 0


def test_a_film_with_longer_sound_or_few_frames_is_not_cut_short(db: None, seen: ImageEngine) -> None:
    for fps, sound_s, length_s in ((25, 9, 2), (1, 0, 50), (Fraction(1, 5), 0, 250)):
        film = given()
        write_clip(film.folder / "a.mkv", [halves()] * 50, fps, sound_s=sound_s).rename(film.upload)
        film = run(film)
        assert (film.state, film.cut_short) == ("done", False)
        assert film.duration_s == pytest.approx(length_s, abs=0.01)


def test_a_film_that_cannot_be_read_fails_with_its_code(db: None, seen: ImageEngine) -> None:
    film = given()
    film.upload.write_bytes(b"PK\3\4 and what a ZIP has more")
    assert (run(film).state, film.code) == ("failed", "not_a_film")


def test_a_film_too_long_fails_even_where_the_header_says_nothing(
    db: None, seen: ImageEngine, settings: object
) -> None:
    settings.VIDEO_MAX_MINUTES = 1  # type: ignore[attr-defined]
    film = run(given([1000 * n for n in range(90)]))
    assert (film.state, film.code) == ("failed", "too_long")


def test_a_new_worker_goes_on_from_the_last_saved_second(db: None, seen: ImageEngine) -> None:
    film = given([100 * n for n in range(200)])
    lease = Lease.take(film.pk)
    assert lease is not None
    stopped = FilmRun(film, lease, seen)
    saves = []

    def save_twice(*arguments: object) -> None:
        if len(saves) == 2:
            raise KeyboardInterrupt
        saves.append(arguments)
        Lease.save(lease, *arguments)  # type: ignore[arg-type]

    lease.save = save_twice  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        stopped.go()
    film.refresh_from_db()
    assert (film.state, film.saved_s) == ("running", 10.0)
    looked_at = len(seen.looked_at)

    assert jobs.take_up_orphans() == 0
    assert jobs.take_up_orphans(timezone.now() + 2 * LEASE) == 1
    film = run(film)

    assert film.state == "done"
    # Twenty of forty frames were left: nothing before the tenth second was looked at again.
    assert len(seen.looked_at) - looked_at == 20
    assert [(sample.second, sample.face, sample.n) for sample in film.samples.all()] == [
        (second, 1, 2) for second in range(20)
    ]
    assert times_of(film) == pytest.approx([n / 10 for n in range(200)], abs=0.002)


def test_a_paused_film_stops_its_worker_and_goes_on_later(db: None, seen: ImageEngine) -> None:
    film = given()
    lease = Lease.take(film.pk)
    assert lease is not None
    jobs.pause(film)
    with pytest.raises(LeaseLost):
        lease.beat(1.0)
    jobs.resume(film)
    assert run(film).state == "done"


def test_a_cancelled_film_leaves_nothing(db: None, seen: ImageEngine) -> None:
    film = given()
    jobs.cancel(film)
    assert run(film).state == "cancelled"
    assert not film.folder.exists()


def test_after_a_day_a_film_is_deleted(db: None, seen: ImageEngine) -> None:
    old, young = given(), given()
    Film.objects.filter(pk=old.pk).update(created=timezone.now() - timedelta(hours=25))
    assert jobs.delete_old() == 1
    assert (old.folder.exists(), young.folder.exists()) == (False, True)


def test_only_one_worker_gets_a_film(db: None, seen: ImageEngine) -> None:
    film = given()
    assert Lease.take(film.pk) is not None
    assert Lease.take(film.pk) is None


CODE = """
import sys, django; django.setup()
from django.utils import timezone
from emoweb.video import jobs; from emoweb.video.models import Film
if sys.argv[1] == "give":
    film = Film.objects.create(
        owner="a", model="se_resnet", label_set="fer7", quality="balanced", stride=5, size=1,
        labels=sys.argv[3].split(","),
    )
    film.folder.mkdir(parents=True)
    film.upload.write_bytes(open(sys.argv[2], "rb").read())
    jobs.enqueue(film)
elif sys.argv[1] == "orphan":
    Film.objects.update(heartbeat=timezone.now() - 2 * jobs.LEASE)
film = Film.objects.get()
print(film.state, film.saved_s, film.frames, film.samples.count(), film.code or "-")
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
def test_a_killed_workers_film_is_taken_up_by_another(
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

    def told(*arguments: str) -> list[str]:
        command = [sys.executable, "-c", CODE, *arguments]
        done = subprocess.run(
            command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.split()

    prepare = [sys.executable, "-m", "recognition", "prepare"]
    subprocess.run(prepare, cwd=PROJECT, env=environment, check=True, timeout=300)
    assert manage("migrate", "--verbosity=0").wait(200) == 0
    labels = "angry,disgust,fear,happy,sad,surprise,neutral"
    told("give", str(film_of_picture(tmp_path / "a.mp4", zidane_jpg, seconds=60)), labels)
    workers.append(manage("work"))
    while float((found := told("tell"))[1]) == 0:
        assert found[0] in {"waiting", "running"}
        time.sleep(0.2)
    workers[0].send_signal(signal.SIGKILL)
    workers[0].wait(20)
    killed = told("orphan")
    assert killed[0] == "running"
    assert 0 < float(killed[1]) < 60

    other = manage("work", "--once")
    workers.append(other)
    assert other.wait(250) == 0
    state, _, frames, samples, code = told("tell")
    assert (state, code) == ("done", "-")
    # Each fifth frame once, but for the first of a part: nothing was lost or counted twice.
    assert 360 <= int(frames) <= 372
    assert int(samples) >= 60
