"""The list of videos, and the three steps of an upload: announce, parts, complete. Errors are JSON."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from emoweb.errors import json_errors
from emoweb.texts import label_set_names, quality_names
from emoweb.video import source, texts, uploads
from emoweb.video.forms import DEFAULT_STRIDE, STRIDES, PartForm, UploadForm
from emoweb.video.models import UPLOAD_KEPT_FOR, Video
from emoweb.video.ownership import own_video, own_videos
from emoweb.video.refusals import VideoRejected
from emoweb.visitors import owner_of_request, private
from recognition import DEFAULT_QUALITY


@private
@require_safe
def videos(request: HttpRequest) -> HttpResponse:
    """The page at `/video/`: the upload form and the visitor's videos."""
    models = uploads.catalogue()
    names, offered = label_set_names(), {name for card in models for name in card.label_sets}
    context = {
        "videos": own_videos(request),
        "states": texts.state_names(),
        "models": models,
        "label_sets": {name: title for name, title in names.items() if name in offered},
        "qualities": quality_names(),
        "default_quality": DEFAULT_QUALITY,
        "strides": STRIDES,
        "default_stride": DEFAULT_STRIDE,
        "accept": ",".join(("video/*", *source.SUFFIXES)),
        "max_mb": settings.VIDEO_MAX_MB,
        "max_minutes": settings.VIDEO_MAX_MINUTES,
        "upload_minutes": UPLOAD_KEPT_FOR // timedelta(minutes=1),
        "texts": texts.script_texts(),
    }
    return render(request, "video/videos.html", context)


@require_POST
@json_errors
def announce(request: HttpRequest) -> HttpResponse:
    """Start an upload: `size`, `name`, `model`, `label_set`, `quality`, `stride` -> where to send parts."""
    form = UploadForm(request.POST)
    if not form.is_valid():
        raise VideoRejected("bad_options")
    video = uploads.announce(owner_of_request(request), form.cleaned_data)
    return JsonResponse(_upload_fields(video), status=201)


@private
@require_safe
@json_errors
def upload(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Return where an interrupted upload continues."""
    video = own_video(request, video_id)
    if video.state == Video.State.CANCELLED:
        raise VideoRejected("bad_part")
    return JsonResponse(_upload_fields(video))


def _upload_fields(video: Video) -> dict[str, object]:
    return {
        "id": str(video.pk),
        "part": reverse("video:part", args=[video.pk]),
        "complete": reverse("video:complete", args=[video.pk]),
        "part_bytes": uploads.PART_BYTES,
        "upload": reverse("video:upload", args=[video.pk]),
        "size": video.size,
        "received": video.received,
    }


@require_POST
@json_errors
def part(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Append the part in the request's body; `?offset=`."""
    video = own_video(request, video_id)
    form = PartForm(request.GET)
    if not form.is_valid():
        raise VideoRejected("bad_part")
    data = request.read(uploads.PART_BYTES + 1)
    return JsonResponse({"received": uploads.append(video, form.cleaned_data["offset"], data)})


@require_POST
@json_errors
def complete(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Check the complete video and queue it -> its page."""
    video = own_video(request, video_id)
    uploads.complete(video)
    return JsonResponse({"url": video.get_absolute_url()})
