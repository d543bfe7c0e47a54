"""A film on its way in: parts of a few megabytes, each appended to the file on the disk.

In parts, since the server under Django holds the body of one request in memory as a whole.
"""

from __future__ import annotations

import errno
import shutil
from typing import Any, Final

from django.conf import settings

from emoweb.live import service
from emoweb.video import jobs, source
from emoweb.video.models import Film
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
    if Film.objects.filter(owner=owner).exclude(state=Film.State.CANCELLED).count() >= MOST_FILMS:
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
    )
    _make_room(film)
    film.save()
    return film


def append(film: Film, offset: int, data: bytes) -> None:
    """Write a part behind those before it; raises FilmRefused where it does not fit there."""
    uploading = Film.objects.filter(pk=film.pk, state=Film.State.UPLOADING, received=offset)
    if len(data) > PART_BYTES or offset + len(data) > film.size or not uploading.exists():
        raise FilmRefused("bad_part")
    try:
        with film.upload.open("r+b") as file:
            file.seek(offset)
            file.write(data)
    except OSError as error:
        raise FilmRefused("no_space" if error.errno == errno.ENOSPC else "bad_part") from error
    if not uploading.update(received=offset + len(data)):
        raise FilmRefused("bad_part")


def complete(film: Film) -> None:
    """Look at the whole film and let it wait for a worker; raises FilmRefused, and nothing stays."""
    try:
        if film.state != Film.State.UPLOADING or film.received != film.size:
            raise FilmRefused("bad_part")
        facts = source.look_at(film.upload)
        if facts.duration_s > 60 * settings.VIDEO_MAX_MINUTES:
            raise FilmRefused("too_long")
    except FilmRefused:
        if film.state == Film.State.UPLOADING:
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
