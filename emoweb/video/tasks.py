"""The queue's only task: analyzing a video."""

from __future__ import annotations

import logging
import shutil
from uuid import UUID

from django_tasks import task

from emoweb.video import engine
from emoweb.video.analysis import VideoAnalysis
from emoweb.video.lease import Lease, LeaseLost
from emoweb.video.models import Video
from emoweb.video.refusals import VideoRejected

# The name of the queue in emoweb 0.1: jobs are stored with it.
QUEUE = "films"
logger = logging.getLogger(__name__)


@task(queue_name=QUEUE)
def analyze_video(video_id: str) -> None:
    """Analyze a queued video until it ends, is paused or fails; do nothing where it is not queued."""
    lease = Lease.take(UUID(video_id))
    if lease is None:
        return
    video = Video.objects.filter(pk=video_id).first()
    if video is None:
        return
    try:
        _run(video, lease)
    except LeaseLost:
        # Paused, taken over, cancelled or deleted: of the last two nothing may stay.
        if not Video.objects.filter(pk=video_id).exclude(state=Video.State.CANCELLED).exists():
            shutil.rmtree(video.folder, ignore_errors=True)


@task(queue_name=QUEUE)
def analyse_film(video_id: str) -> None:
    """Run a job that emoweb 0.1 queued; removed in 0.3."""
    analyze_video.call(video_id)


def _run(video: Video, lease: Lease) -> None:
    try:
        VideoAnalysis(video, lease, engine.worker_engine()).run()
    except VideoRejected as rejected:
        lease.fail(rejected.code)
    except LeaseLost:
        raise
    except Exception:
        logger.exception("Video %s could not be analyzed", video.pk)
        lease.fail("failed")
