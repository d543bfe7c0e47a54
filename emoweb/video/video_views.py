"""The pages, files and actions of one video."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from emoweb.video import exports, jobs, texts
from emoweb.video.models import Video
from emoweb.video.ownership import own_video
from emoweb.video.ranges import file_response
from emoweb.video.refusals import sentence
from emoweb.video.results import result_of
from emoweb.visitors import private


@private
@require_safe
def video(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """The page of a video: the progress of its analysis, then the results."""
    row = own_video(request, video_id)
    done = row.state == Video.State.DONE
    context = {
        "video": row,
        "status": status_fields(row),
        "result": result_of(row) if done else None,
        "why": sentence(row.code) if row.code else "",
        "texts": texts.script_texts(),
    }
    return render(request, "video/video.html", context)


@private
@require_safe
def status(request: HttpRequest, video_id: UUID) -> JsonResponse:
    """The progress: `{state, state_name, progress, position_s, duration_s, time_left_s, code, message}`."""
    # A server without a worker beside it still queues the video of a dead worker again.
    jobs.requeue_orphans()
    return JsonResponse(status_fields(own_video(request, video_id)))


def status_fields(row: Video) -> dict[str, object]:
    """Return the fields that the page's script reads."""
    progress = min(row.position_s / row.duration_s, 1.0) if row.duration_s else 0.0
    return {
        "state": row.state,
        "state_name": texts.state_names()[row.state],
        "progress": progress,
        "position_s": row.position_s,
        "duration_s": row.duration_s,
        "time_left_s": row.time_left_s,
        "code": row.code,
        "message": sentence(row.code) if row.code else "",
    }


def _moving(move: Callable[[Video], None]) -> Callable[[HttpRequest, UUID], HttpResponse]:
    """Return the view that changes the visitor's video and redirects to its page."""

    @require_POST
    def view(request: HttpRequest, video_id: UUID) -> HttpResponse:
        row = own_video(request, video_id)
        move(row)
        return redirect(row)

    return view


pause = _moving(jobs.pause)
resume = _moving(jobs.resume)
cancel = _moving(jobs.cancel)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """Ask for confirmation, and delete the video with its results."""
    row = own_video(request, video_id)
    if request.method != "POST":
        return render(request, "video/delete.html", {"video": row})
    jobs.delete(row)
    messages.success(request, _("Video and results deleted."))
    return redirect("video:list")


@private
@require_safe
def annotated(request: HttpRequest, video_id: UUID) -> HttpResponseBase:
    """The annotated video; a player requests the parts that it needs."""
    row = _done(request, video_id)
    try:
        response = file_response(request, row.annotated, "video/webm")
    except FileNotFoundError as error:
        raise Http404 from error
    if "download" in request.GET:
        response.headers["Content-Disposition"] = f'attachment; filename="video-{row.pk}.webm"'
    return response


@private
@require_safe
def export_csv(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """The samples as CSV."""
    return _attachment(exports.csv_text(_done(request, video_id)), "text/csv; charset=utf-8", video_id, "csv")


@private
@require_safe
def export_json(request: HttpRequest, video_id: UUID) -> HttpResponse:
    """The video's fields and samples as JSON."""
    return _attachment(exports.json_text(_done(request, video_id)), "application/json", video_id, "json")


def _done(request: HttpRequest, video_id: UUID) -> Video:
    row = own_video(request, video_id)
    if row.state != Video.State.DONE:
        raise Http404
    return row


def _attachment(text: str, content_type: str, video_id: UUID, suffix: str) -> HttpResponse:
    disposition = f'attachment; filename="video-{video_id}.{suffix}"'
    return HttpResponse(text, content_type=content_type, headers={"Content-Disposition": disposition})
