"""What moves a film from outside: its owner's wishes, the rescue of orphans, the end of its day."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from emoweb.video.lease import LEASE, State
from emoweb.video.models import KEPT_FOR, UPLOAD_KEPT_FOR, Film
from emoweb.video.tasks import analyse_film


def enqueue(film: Film) -> None:
    """Let a film wait for a worker."""
    Film.objects.filter(pk=film.pk).update(state=State.WAITING, worker="")
    analyse_film.enqueue(str(film.pk))


def pause(film: Film) -> None:
    """Stop where it was saved last; nothing happens to a film that does not move."""
    _move(film, [State.WAITING, State.RUNNING], State.PAUSED)


def resume(film: Film) -> None:
    """Go on from there; nothing happens to a film that is not paused."""
    if _move(film, [State.PAUSED], State.WAITING):
        enqueue(film)


def cancel(film: Film) -> None:
    """Stop for good, and delete what was sent and what was made of it."""
    stoppable = [State.UPLOADING, State.WAITING, State.RUNNING, State.PAUSED, State.FAILED]
    if _move(film, stoppable, State.CANCELLED):
        film.samples.all().delete()
        shutil.rmtree(film.folder, ignore_errors=True)


def delete(film: Film) -> None:
    """Delete a film and everything of it at once."""
    folder = film.folder
    film.delete()
    # The worker that may still have it finds the row gone, and removes what it wrote meanwhile.
    shutil.rmtree(folder, ignore_errors=True)


def take_up_orphans(now: datetime | None = None) -> int:
    """Let films wait again whose worker was not heard of for a lease's length; return how many."""
    now = now or timezone.now()
    dead = Film.objects.filter(state=State.RUNNING, heartbeat__lt=now - LEASE)
    count = 0
    for film in dead:
        # Conditional on the same heartbeat: two rescuers, or a worker that was only slow, make no second job.
        if Film.objects.filter(pk=film.pk, state=State.RUNNING, heartbeat=film.heartbeat).update(
            state=State.WAITING, worker="", heartbeat=now
        ):
            enqueue(film)
            count += 1
    return count


def delete_old(now: datetime | None = None) -> int:
    """Delete the films that were kept for a day; return how many."""
    old = list(Film.objects.filter(created__lt=(now or timezone.now()) - KEPT_FOR))
    for film in old:
        folder = film.folder
        film.delete()
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def delete_abandoned(now: datetime | None = None) -> int:
    """Delete the uploads of which nothing more was received; return how many."""
    until = (now or timezone.now()) - UPLOAD_KEPT_FOR
    silent = Q(heartbeat__lt=until) | Q(heartbeat=None, created__lt=until)
    abandoned = list(Film.objects.filter(silent, state=State.UPLOADING))
    for film in abandoned:
        # Conditional: a part may be received at this moment.
        if Film.objects.filter(silent, pk=film.pk, state=State.UPLOADING).delete()[0]:
            shutil.rmtree(film.folder, ignore_errors=True)
    return len(abandoned)


def _move(film: Film, from_states: Sequence[str], to: str) -> bool:
    moved = Film.objects.filter(pk=film.pk, state__in=from_states).update(state=to, worker="")
    return bool(moved)


def forget_old_tasks(now: datetime | None = None) -> None:
    """Delete the queue's rows of films that are gone by now; a killed worker's row would stay for ever."""
    DBTaskResult.objects.filter(
        task_path=analyse_film.module_path, enqueued_at__lt=(now or timezone.now()) - 2 * KEPT_FOR
    ).delete()
