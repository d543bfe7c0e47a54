"""Videos as data of their owner."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import QuerySet
from django.utils.translation import ngettext

from emoweb.owned_data import OwnedData
from emoweb.video import jobs
from emoweb.video.exports import json_text
from emoweb.video.models import Video


class OwnedVideos(OwnedData):
    """Uploaded videos with their files and samples."""

    name = "videos"
    feature = "videos"
    model = Video

    def described(self, count: int) -> str:
        """Return a number of videos in words."""
        return ngettext("%(count)d video", "%(count)d videos", count) % {"count": count}

    async def json_chunks(self, row: Video) -> AsyncIterator[str]:
        """Yield a video as its export has it."""
        yield await sync_to_async(json_text)(row)

    def delete(self, rows: QuerySet[Any]) -> int:
        """Delete videos with their files."""
        videos = list(rows)
        for video in videos:
            jobs.delete(video)
        return len(videos)
