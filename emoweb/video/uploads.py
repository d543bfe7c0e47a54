"""The upload of a video: parts of a few megabytes, each appended to the file on disk.

The upload is split because the server below Django keeps the complete body of a request in memory.
"""

from __future__ import annotations

import errno
import shutil
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from emoweb import engines
from emoweb.video import jobs, source
from emoweb.video.models import KEPT_FOR, Video
from emoweb.video.refusals import VideoRejected
from recognition import Card, LabelSetUnknown, ModelUnknown, find_model, resolve_label_set

PART_BYTES: Final = 2_000_000
MOST_VIDEOS: Final = 10
# The space that a video and its results may need, and what must stay free for the rest of the site.
ROOM_FACTOR: Final = 2
LEAST_FREE_BYTES: Final = 500_000_000


def catalogue() -> tuple[Card, ...]:
    """Return the models for faces; none where the server has none."""
    return tuple(card for card in engines.catalogue() if card.sees_faces)


def announce(owner: str, options: dict[str, Any]) -> Video:
    """Create the row and the folder of a video to upload; raises VideoRejected."""
    _check_size(options["size"])
    jobs.delete_abandoned()
    kept = Video.objects.filter(owner=owner, created__gt=timezone.now() - KEPT_FOR)
    if kept.exclude(state=Video.State.CANCELLED).count() >= MOST_VIDEOS:
        raise VideoRejected("too_many")
    try:
        card = find_model(catalogue(), options["model"])
        label_set = resolve_label_set(card, options["label_set"])
    except (ModelUnknown, LabelSetUnknown, IndexError) as error:
        raise VideoRejected("bad_options") from error
    video = Video(
        owner=owner,
        title=options["name"][:120],
        model=card.name,
        label_set=label_set,
        labels=list(card.head_of(label_set).labels),
        quality=options["quality"],
        stride=options["stride"],
        size=options["size"],
        heartbeat=timezone.now(),
    )
    _make_room(video)
    video.save()
    return video


def append(video: Video, offset: int, data: bytes) -> int:
    """Write a part after those before it; return how much was received up to its end.

    A part that was received before is compared with what there is: its response may have been lost, or a
    visitor continues with another file. Raises VideoRejected where it does not fit there.
    """
    end = offset + len(data)
    if len(data) > PART_BYTES or end > video.size or video.state != Video.State.UPLOADING:
        raise VideoRejected("bad_part")
    if end <= video.received:
        if not _is_received(video, offset, data):
            raise VideoRejected("other_file")
        return end
    uploading = Video.objects.filter(pk=video.pk, state=Video.State.UPLOADING, received=offset)
    if not uploading.exists():
        raise VideoRejected("bad_part")
    try:
        with video.upload.open("r+b") as file:
            file.seek(offset)
            file.write(data)
    except OSError as error:
        raise VideoRejected("no_space" if error.errno == errno.ENOSPC else "bad_part") from error
    if not uploading.update(received=end, heartbeat=timezone.now()):
        raise VideoRejected("bad_part")
    return end


def _is_received(video: Video, offset: int, data: bytes) -> bool:
    Video.objects.filter(pk=video.pk, state=Video.State.UPLOADING).update(heartbeat=timezone.now())
    try:
        with video.upload.open("rb") as file:
            file.seek(offset)
            return file.read(len(data)) == data
    except OSError:
        return False


def complete(video: Video) -> None:
    """Check the complete video and queue it; raises VideoRejected, and deletes what is not a video.

    A video that is queued already stays queued: the first response may have been lost.
    """
    if video.state not in {Video.State.UPLOADING, Video.State.CANCELLED}:
        return
    if video.state != Video.State.UPLOADING or video.received != video.size:
        raise VideoRejected("bad_part")
    try:
        facts = source.inspect(video.upload)
        if facts.duration_s > 60 * settings.VIDEO_MAX_MINUTES:
            raise VideoRejected("too_long")
    except VideoRejected:
        jobs.delete(video)
        raise
    Video.objects.filter(pk=video.pk).update(duration_s=facts.duration_s, video_tracks=facts.video_tracks)
    jobs.enqueue(video)


def _check_size(size: int) -> None:
    if not size:
        raise VideoRejected("empty")
    if size > settings.VIDEO_MAX_MB * 1_000_000:
        raise VideoRejected("too_large")


def _make_room(video: Video) -> None:
    try:
        video.folder.mkdir(parents=True, mode=0o700)
        if shutil.disk_usage(video.folder).free < ROOM_FACTOR * video.size + LEAST_FREE_BYTES:
            video.folder.rmdir()
            raise VideoRejected("no_space")
        video.upload.touch(mode=0o600)
    except OSError as error:
        raise VideoRejected("no_space") from error
