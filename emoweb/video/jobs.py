"""Changes a video's state from outside its worker: by its owner, after a worker died, at expiry."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db.models import Q
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from emoweb.video.lease import LEASE, State
from emoweb.video.models import KEPT_FOR, UPLOAD_KEPT_FOR, Video
from emoweb.video.tasks import analyse_film, analyze_video

TASK_PATHS: Final = (analyze_video.module_path, analyse_film.module_path)


def enqueue(video: Video) -> None:
    """Queue a video for a worker."""
    Video.objects.filter(pk=video.pk).update(state=State.WAITING, worker="")
    analyze_video.enqueue(str(video.pk))


def pause(video: Video) -> None:
    """Stop at the last saved second; do nothing where it is neither queued nor in analysis."""
    _move(video, [State.WAITING, State.RUNNING], State.PAUSED)


def resume(video: Video) -> None:
    """Continue from there; do nothing where it is not paused."""
    if _move(video, [State.PAUSED], State.WAITING):
        enqueue(video)


def cancel(video: Video) -> None:
    """Stop the analysis, and delete the upload and its results."""
    stoppable = [State.UPLOADING, State.WAITING, State.RUNNING, State.PAUSED, State.FAILED]
    if _move(video, stoppable, State.CANCELLED):
        video.samples.all().delete()
        shutil.rmtree(video.folder, ignore_errors=True)


def delete(video: Video) -> None:
    """Delete a video with its files and results."""
    folder = video.folder
    video.delete()
    # A worker that still has it finds no row, and removes what it wrote meanwhile.
    shutil.rmtree(folder, ignore_errors=True)


def requeue_orphans(now: datetime | None = None) -> int:
    """Queue the videos again whose worker was silent for the length of a lease; return how many."""
    now = now or timezone.now()
    dead = Video.objects.filter(state=State.RUNNING, heartbeat__lt=now - LEASE)
    count = 0
    for video in dead:
        # Conditional on the same heartbeat: two callers, or a worker that was only slow, add no second job.
        if Video.objects.filter(pk=video.pk, state=State.RUNNING, heartbeat=video.heartbeat).update(
            state=State.WAITING, worker="", heartbeat=now
        ):
            enqueue(video)
            count += 1
    return count


def delete_old(now: datetime | None = None) -> int:
    """Delete the expired videos; return how many."""
    old = list(Video.objects.filter(created__lt=(now or timezone.now()) - KEPT_FOR))
    for video in old:
        folder = video.folder
        video.delete()
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)


def delete_abandoned(now: datetime | None = None) -> int:
    """Delete the uploads that no longer receive parts; return how many."""
    until = (now or timezone.now()) - UPLOAD_KEPT_FOR
    silent = Q(heartbeat__lt=until) | Q(heartbeat=None, created__lt=until)
    abandoned = list(Video.objects.filter(silent, state=State.UPLOADING))
    for video in abandoned:
        # Conditional: a part may be received at this moment.
        if Video.objects.filter(silent, pk=video.pk, state=State.UPLOADING).delete()[0]:
            shutil.rmtree(video.folder, ignore_errors=True)
    return len(abandoned)


def _move(video: Video, from_states: Sequence[str], to: str) -> bool:
    moved = Video.objects.filter(pk=video.pk, state__in=from_states).update(state=to, worker="")
    return bool(moved)


def forget_old_tasks(now: datetime | None = None) -> None:
    """Delete the queue's rows of deleted videos; the row of a killed worker would stay forever."""
    DBTaskResult.objects.filter(
        task_path__in=TASK_PATHS, enqueued_at__lt=(now or timezone.now()) - 2 * KEPT_FOR
    ).delete()
