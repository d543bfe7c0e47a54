"""The one task of the queue: analyse a film."""

from __future__ import annotations

import logging
import shutil
from uuid import UUID

from django_tasks import task

from emoweb.video import engine
from emoweb.video.analysis import FilmRun
from emoweb.video.lease import Lease, LeaseLost
from emoweb.video.models import Film
from emoweb.video.refusals import FilmRefused

QUEUE = "films"
logger = logging.getLogger(__name__)


@task(queue_name=QUEUE)
def analyse_film(film_id: str) -> None:
    """Analyse a waiting film to its end, pause or failure; one that does not wait is left alone."""
    lease = Lease.take(UUID(film_id))
    if lease is None:
        return
    film = Film.objects.filter(pk=film_id).first()
    if film is None:
        return
    try:
        _run(film, lease)
    except LeaseLost:
        # Paused, cancelled, taken over or deleted: of the last two nothing may stay.
        if not Film.objects.filter(pk=film_id).exclude(state=Film.State.CANCELLED).exists():
            shutil.rmtree(film.folder, ignore_errors=True)


def _run(film: Film, lease: Lease) -> None:
    try:
        FilmRun(film, lease, engine.worker_engine()).go()
    except FilmRefused as refusal:
        lease.fail(refusal.code)
    except LeaseLost:
        raise
    except Exception:
        logger.exception("Film %s could not be analysed", film.pk)
        lease.fail("failed")
