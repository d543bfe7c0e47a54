"""The owner of a video: a visitor has access to their own, for a day."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from emoweb.video.models import KEPT_FOR, Video
from emoweb.visitors import owner_of_request


def own_videos(request: HttpRequest) -> QuerySet[Video]:
    """Return the visitor's videos; an expired one is left out, even where no worker has deleted it yet."""
    return Video.objects.filter(owner=owner_of_request(request), created__gt=timezone.now() - KEPT_FOR)


def own_video(request: HttpRequest, video_id: UUID) -> Video:
    """Return the visitor's video; raise Http404 where they have none of that id."""
    return get_object_or_404(own_videos(request), pk=video_id)
