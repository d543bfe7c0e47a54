"""A film on its way in: parts of a few megabytes, each appended to the file on the disk.

In parts, since the server under Django holds the body of one request in memory as a whole.
"""

from __future__ import annotations

import errno
import shutil
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from emoweb.live import service
from emoweb.video import jobs, source
from emoweb.video.models import KEPT_FOR, Film
from emoweb.video.refusals import FilmRefused
from recognition import Card, LabelSetUnknown, ModelUnknown, RecognitionError, find_model, resolve_label_set

PART_BYTES: Final = 2_000_000
MOST_FILMS: Final = 10
# What a film may take on the disk beside itself, and what must stay free for the rest of the site.
ROOM_FACTOR: Final = 2
LEAST_FREE_BYTES: Final = 500_000_000


def catalogue() -> tuple[Card, ...]:
    """Return the models that name faces; none where the server has none."""
    try:
        return tuple(card for card in service.current().engine.catalogue if card.sees_faces)
    except RecognitionError:
        return ()


def announce(owner: str, wish: dict[str, Any]) -> Film:
    """Make the row and the folder of a film that will be sent; raises FilmRefused."""
    _check_size(wish["size"])
    jobs.delete_abandoned()
    kept = Film.objects.filter(owner=owner, created__gt=timezone.now() - KEPT_FOR)
    if kept.exclude(state=Film.State.CANCELLED).count() >= MOST_FILMS:
        raise FilmRefused("too_many")
    try:
        card = find_model(catalogue(), wish["model"])
        label_set = resolve_label_set(card, wish["label_set"])
    except (ModelUnknown, LabelSetUnknown, IndexError) as error:
        raise FilmRefused("bad_wish") from error
    film = Film(
        owner=owner,
        title=wish["name"][:120],
        model=card.name,
        label_set=label_set,
        labels=list(card.head_of(label_set).labels),
        quality=wish["quality"],
        stride=wish["stride"],
        size=wish["size"],
        heartbeat=timezone.now(),
    )
    _make_room(film)
    film.save()
    return film


def append(film: Film, offset: int, data: bytes) -> int:
    """Write a part behind those before it; return how much was received up to its end.

    A part that was received before is compared with what there is: its answer may have been lost, or a
    visitor continues with another file. Raises FilmRefused where it does not fit there.
    """
    end = offset + len(data)
    if len(data) > PART_BYTES or end > film.size or film.state != Film.State.UPLOADING:
        raise FilmRefused("bad_part")
    if end <= film.received:
        if not _is_received(film, offset, data):
            raise FilmRefused("other_file")
        return end
    uploading = Film.objects.filter(pk=film.pk, state=Film.State.UPLOADING, received=offset)
    if not uploading.exists():
        raise FilmRefused("bad_part")
    try:
        with film.upload.open("r+b") as file:
            file.seek(offset)
            file.write(data)
    except OSError as error:
        raise FilmRefused("no_space" if error.errno == errno.ENOSPC else "bad_part") from error
    if not uploading.update(received=end, heartbeat=timezone.now()):
        raise FilmRefused("bad_part")
    return end


def _is_received(film: Film, offset: int, data: bytes) -> bool:
    Film.objects.filter(pk=film.pk, state=Film.State.UPLOADING).update(heartbeat=timezone.now())
    try:
        with film.upload.open("rb") as file:
            file.seek(offset)
            return file.read(len(data)) == data
    except OSError:
        return False


def complete(film: Film) -> None:
    """Check the complete video and queue it; raises FilmRefused, and nothing stays of what is no video.

    A video that is queued already stays so: the first answer may have been lost.
    """
    if film.state not in {Film.State.UPLOADING, Film.State.CANCELLED}:
        return
    if film.state != Film.State.UPLOADING or film.received != film.size:
        raise FilmRefused("bad_part")
    try:
        facts = source.look_at(film.upload)
        if facts.duration_s > 60 * settings.VIDEO_MAX_MINUTES:
            raise FilmRefused("too_long")
    except FilmRefused:
        jobs.delete(film)
        raise
    Film.objects.filter(pk=film.pk).update(duration_s=facts.duration_s, video_tracks=facts.video_tracks)
    jobs.enqueue(film)


def _check_size(size: int) -> None:
    if not size:
        raise FilmRefused("empty")
    if size > settings.VIDEO_MAX_MB * 1_000_000:
        raise FilmRefused("too_large")


def _make_room(film: Film) -> None:
    try:
        film.folder.mkdir(parents=True, mode=0o700)
        if shutil.disk_usage(film.folder).free < ROOM_FACTOR * film.size + LEAST_FREE_BYTES:
            film.folder.rmdir()
            raise FilmRefused("no_space")
        film.upload.touch(mode=0o600)
    except OSError as error:
        raise FilmRefused("no_space") from error
